"""Test questions in batches through the reply cache, as `lore evaluate` asks them, beside one at a time.

    python benchmarks/evaluate.py [--model FOLDER] [--questions 192] [--new-tokens 96] [--rounds 3] [--threads 2]

Without `--model`, a tiny base is made of this repository's documentation. In interleaved rounds the same model answers
the same questions: as an evaluation does (every reply committed to disk), one at a time by transformers' `generate`,
and, the same work without an evaluation's bookkeeping, in batches in the order given. Then an evaluation that finds
every reply kept. Prints Markdown for docs/benchmarks.md; exits 1 when it is not 5 times as fast as one at a time, or an
answer differs.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
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
BATCH = 32
STEPS = 80
ROOT = Path(__file__).resolve().parent.parent
Conversation = tuple[Message, ...]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path)
    parser.add_argument("--questions", type=int, default=192)
    parser.add_argument("--new-tokens", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        model = asked.model or _tiny(Path(folder), asked.threads)
        sys.exit(0 if _compare(model, Path(folder), asked) else 1)


def _compare(path: Path, folder: Path, asked: argparse.Namespace) -> bool:
    conversations, limit = _questions(asked.questions), asked.new_tokens
    model = load(path, device="cpu", threads=asked.threads)
    ways: dict[str, Callable[[], list[str]]] = {
        "as `lore evaluate` asks": lambda: _evaluated(path, folder, conversations, limit, asked.threads),
        "one at a time": lambda: model.generate(conversations, max_new_tokens=limit, batch_size=1),
        "batches in the order given": lambda: _in_order(model, conversations, limit),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    answers: dict[str, list[str]] = {}
    for _ in range(asked.rounds):
        for name, ask in ways.items():
            _forget(folder)
            started = time.perf_counter()
            answers[name] = ask()
            seconds[name].append(time.perf_counter() - started)
    _evaluated(path, folder, conversations, limit, asked.threads)
    started = time.perf_counter()
    kept = _evaluated(path, folder, conversations, limit, asked.threads)
    seconds["as `lore evaluate` asks, all kept from before"] = [time.perf_counter() - started]
    ours, alone, _ = ways
    _print(seconds, alone, len(conversations))
    same = sum(a == b for a, b in zip(answers[ours], answers[alone], strict=True))
    again = kept == answers[ours]
    print(
        f"\n{same} of {len(conversations)} answers are those of one at a time; kept replies the same: {again}."
    )
    ratio = statistics.median(seconds[alone]) / statistics.median(seconds[ours])
    return ratio >= BAR and again and same >= 0.97 * len(conversations)


def _print(seconds: dict[str, list[float]], alone: str, questions: int) -> None:
    slowest = statistics.median(seconds[alone])
    print("| way | s, median | answers a second | as fast as one at a time |")
    print("| --- | --- | --- | --- |")
    for name, rounds in seconds.items():
        took = statistics.median(rounds)
        print(f"| {name} | {took:.2f} | {questions / took:,.1f} | {slowest / took:.1f}× |")


def _evaluated(
    path: Path, folder: Path, conversations: Sequence[Conversation], limit: int, threads: int
) -> list[str]:
    """Return the answers as the stage gets them: the longest first, all at once, each reply committed."""
    order = sorted(
        range(len(conversations)), key=lambda n: -sum(len(turn.content) for turn in conversations[n])
    )
    provider = open_transformers_provider("bench", path=path, device="cpu", threads=threads, slots=BATCH)
    provider.loaded()
    with Replies(folder / "replies.sqlite") as replies:
        answered = ask_all(
            [_prompt(number, conversations[number], limit) for number in order],
            Model(_ASKED, provider, {"provider": "bench"}, replies),
            Silent(),
            left_out=_failed,
        )
    texts = {int(row.example_id): row.text for (row,) in answered.records}
    return [texts[number] for number in range(len(conversations))]


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


def _questions(count: int) -> list[Conversation]:
    """Return prompts as an evaluation has them: half bare questions, half with 700 to 1,500 characters of passages."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md")))
    starts = [(number * 104729) % (len(text) - 2000) for number in range(count)]
    lengths = [
        700 + (number * 7919) % 800 if number % 2 else 30 + (number * 7919) % 90 for number in range(count)
    ]
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
