"""Test questions in batches through the reply cache, as `lore evaluate` asks them, beside one at a time.

    python benchmarks/evaluate.py [--model FOLDER] [--questions 384] [--new-tokens 128] [--rounds 3] [--threads 2]

Without `--model`, a tiny base is made of this repository's documentation. In interleaved rounds the same loaded model
answers the same questions, half of them bare and half with passages: as an evaluation does (every reply committed to
disk), one at a time by transformers' `generate`, and in batches in the order given. Then an evaluation that finds
every reply kept. Prints Markdown for docs/benchmarks.md; exits 1 when it is not 5 times as fast as one at a time, or
an answer differs.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from lorewright.core.progress import Silent
from lorewright.core.records import Message, Prediction
from lorewright.llm.asking import Request
from lorewright.llm.local import LocalModel, load
from lorewright.llm.replies import Replies
from lorewright.llm.reply import Reply
from lorewright.llm.transformers_provider import open_transformers_provider
from lorewright.stages.asking import AskedModel, Model
from lorewright.stages.model_calls import Prompt, ask_all

BAR = 5.0
OURS, KEPT = "as `lore evaluate` asks", "the same, all kept from before"
ALONE, IN_ORDER = "one at a time", "batches in the order given"
WAYS = (OURS, ALONE, IN_ORDER, KEPT)
BATCH = 32
STEPS = 80
ROOT = Path(__file__).resolve().parent.parent
Conversation = tuple[Message, ...]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path)
    parser.add_argument("--questions", type=int, default=384)
    parser.add_argument("--new-tokens", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        model = asked.model or _tiny(Path(folder), asked.threads)
        sys.exit(0 if _compare(model, Path(folder), asked) else 1)


def _compare(path: Path, folder: Path, asked: argparse.Namespace) -> bool:
    kinds = {
        "bare": _questions(asked.questions // 2, bare=True),
        "with passages": _questions(asked.questions // 2, bare=False),
    }
    model = load(path, device="cpu", threads=asked.threads)
    limit = asked.new_tokens
    seconds: dict[str, dict[str, list[float]]] = {way: {kind: [] for kind in kinds} for way in WAYS}
    same = 0
    for _ in range(asked.rounds):
        for kind, conversations in kinds.items():
            _forget(folder)
            ours, took = _evaluated(path, folder, conversations, limit, asked.threads)
            seconds[OURS][kind].append(took)
            again, took = _evaluated(path, folder, conversations, limit, asked.threads)
            seconds[KEPT][kind].append(took)
            alone, took = _timed(partial(model.generate, conversations, max_new_tokens=limit, batch_size=1))
            seconds[ALONE][kind].append(took)
            seconds[IN_ORDER][kind].append(_timed(partial(_in_order, model, conversations, limit))[1])
            if again != ours:
                raise SystemExit("kept replies differ")
            same += sum(a == b for a, b in zip(ours, alone, strict=True))
    total = asked.rounds * sum(map(len, kinds.values()))
    ratio = _print(seconds, {kind: len(of) for kind, of in kinds.items()})
    print(f"\n{same} of {total} answers are those of one at a time.")
    return ratio >= BAR and same >= 0.97 * total


def _print(seconds: Mapping[str, Mapping[str, Sequence[float]]], counts: Mapping[str, int]) -> float:
    """Print a row a way, and return how much faster than one at a time ours is over all questions."""
    medians = {way: {kind: statistics.median(of[kind]) for kind in counts} for way, of in seconds.items()}
    both = {way: sum(of.values()) for way, of in medians.items()}
    print(
        f"| way | {' | '.join(f'{kind}: s' for kind in counts)} | both: s | answers a second | one at a time is 1 |"
    )
    print(f"| --- | {'--- | ' * len(counts)}--- | --- | --- |")
    for way, of in medians.items():
        times = " | ".join(f"{of[kind]:.2f} ({medians[ALONE][kind] / of[kind]:.1f}×)" for kind in counts)
        rate = sum(counts.values()) / both[way]
        print(f"| {way} | {times} | {both[way]:.2f} | {rate:,.1f} | {both[ALONE] / both[way]:.1f}× |")
    return both[ALONE] / both[OURS]


def _timed(ask: Callable[[], list[str]]) -> tuple[list[str], float]:
    started = time.perf_counter()
    answers = ask()
    return answers, time.perf_counter() - started


def _evaluated(
    path: Path, folder: Path, conversations: Sequence[Conversation], limit: int, threads: int
) -> tuple[list[str], float]:
    """Return the answers as the stage gets them: the longest first, all at once, each reply committed; and seconds."""
    order = sorted(
        range(len(conversations)), key=lambda n: -sum(len(turn.content) for turn in conversations[n])
    )
    provider = open_transformers_provider(
        "bench", path=path, device="cpu", threads=threads, slots=BATCH * threads, batches=threads
    )
    provider.loaded()
    asked = replace(_ASKED, concurrency=BATCH * threads)
    with Replies(folder / "replies.sqlite") as replies:
        started = time.perf_counter()
        answered = ask_all(
            [_prompt(number, conversations[number], limit) for number in order],
            Model(asked, provider, {"provider": "bench"}, replies),
            Silent(),
            left_out=_failed,
        )
        took = time.perf_counter() - started
    texts = {int(row.example_id): row.text for (row,) in answered.records}
    return [texts[number] for number in range(len(conversations))], took


def _prompt(number: int, conversation: Conversation, limit: int) -> Prompt[Prediction]:
    def read(reply: Reply) -> list[Prediction]:
        return [Prediction(example_id=str(number), system="bench", text=reply.text)]

    return Prompt(
        "bench", str(number), "bench", 0, lambda: Request(messages=conversation, max_new_tokens=limit), read
    )


def _failed(prompt: Prompt[Prediction], _filter: str, reason: str) -> Prediction:
    raise SystemExit(f"question {prompt.source} has no answer: {reason}")


def _in_order(model: LocalModel, conversations: Sequence[Conversation], limit: int) -> list[str]:
    batches = [conversations[start : start + BATCH] for start in range(0, len(conversations), BATCH)]
    return [
        text for batch in batches for text in model.generate(batch, max_new_tokens=limit, batch_size=BATCH)
    ]


def _forget(folder: Path) -> None:
    for file in folder.glob("replies.*"):
        file.unlink()


def _questions(count: int, *, bare: bool) -> list[Conversation]:
    """Return prompts as an evaluation has them: of 30 to 120 characters, or of 700 to 1,500 with passages."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md")))
    starts = [(number * 104729) % (len(text) - 2000) for number in range(count)]
    lengths = [30 + (n * 7919) % 90 if bare else 700 + (n * 7919) % 800 for n in range(count)]
    return [
        (Message(role="user", content=f"{number}: {text[start : start + length]}"),)
        for number, (start, length) in enumerate(zip(starts, lengths, strict=True))
    ]


def _tiny(folder: Path, threads: int) -> Path:
    from lorewright.training.tiny_base import make_tiny_base

    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))]
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir()
    make_tiny_base(texts, folder / "model", steps=STEPS, threads=threads, checkpoint_dir=checkpoints)
    return folder / "model"


_ASKED = AskedModel(
    name="bench/bench",
    key="evaluation",
    command="lore evaluate",
    without="",
    providers={},
    concurrency=BATCH,
    stop_at_usd=None,
    stop_at_tokens=None,
    quantization="none",
    device="cpu",
    threads=2,
)

if __name__ == "__main__":
    main()
