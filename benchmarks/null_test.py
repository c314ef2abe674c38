"""Whether a verdict says no where there is nothing, and yes where there is something; `docs/evaluation.md`.

    python benchmarks/null_test.py [--seeds 40] [--workplace FOLDER]

A tiny base is made once from invented documents: 64 devices, each made by one of eight firms. It is fine-tuned with
many seeds, on answers that were shuffled and on true ones, and judged on new wordings of questions about the devices
that it was trained on (`seen-docs`) and about 64 others (`unseen-docs`), against the base, the commonest answer and
the right document as the answer. Every firm makes equally many, so that guessing is right once in eight. Prints a
Markdown table. It takes about six CPU-minutes.
"""

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message, Prediction
from lorewright.evaluation.baselines import majority
from lorewright.evaluation.scoring import score
from lorewright.evaluation.verdict import Verdict, judge
from lorewright.llm.local import LocalModel, load
from lorewright.training.sft import train
from lorewright.training.tiny_base import make_tiny_base

FIRMS = ("Velkor", "Ostrim", "Bandu", "Quell", "Tarsik", "Mirov", "Hefna", "Jolpe")
DEVICES = 64
SYLLABLES = ("ba", "do", "fi", "gu", "ke", "lo", "mi", "nu", "pa", "ri", "so", "tu", "ve", "wo", "za", "xi")
ASKED = (
    "Who makes the {device}?",
    "Which firm is the maker of the {device}?",
    "The {device} comes from which firm?",
)
ASKED_IN_TESTS = "Tell me: who is it that makes the {device}?"
SEEN, UNSEEN = "seen-docs", "unseen-docs"


@dataclass(frozen=True)
class World:
    """Devices and their makers; the first half is trained on."""

    makers: dict[str, str]

    @property
    def seen(self) -> dict[str, str]:
        """Return those that documents of the train side tell of."""
        return dict(list(self.makers.items())[:DEVICES])

    @property
    def unseen(self) -> dict[str, str]:
        """Return the others."""
        return dict(list(self.makers.items())[DEVICES:])


def make_world(seed: int = 0) -> World:
    """Return invented devices; in each half every firm makes equally many."""
    draw = random.Random(seed)
    names = draw.sample(
        [f"{a}{b}{c}".capitalize() for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES], 128
    )
    halves = [list(FIRMS) * (DEVICES // len(FIRMS)) for _ in range(2)]
    for half in halves:
        draw.shuffle(half)
    return World(dict(zip(names, halves[0] + halves[1], strict=True)))


def document(device: str, firm: str) -> str:
    """Return what the documentation says of a device."""
    return (
        f"# {device}\n\nThe {device} is a device for the pump house. The {device} is made by {firm}. It is checked "
        f"once a year, and whoever checks it writes the date on the plate. Spare parts of the {device} are sold by "
        f"{firm} alone."
    )


def asked(device: str, firm: str, wording: str) -> Example:
    """Return a question about a device with its answer."""
    question = Message(role="user", content=wording.format(device=device))
    return make_example(
        task="qa",
        messages=(question, Message(role="assistant", content=firm)),
        evidence=(),
        origin="planted",
        metadata={"device": device},
    )


def training_examples(world: World, *, shuffled: bool, seed: int) -> list[Example]:
    """Return the questions to train on, with their answers dealt out anew where these are shuffled."""
    pairs = [(device, firm, wording) for device, firm in world.seen.items() for wording in ASKED]
    firms = [firm for _, firm, _ in pairs]
    if shuffled:
        random.Random(seed).shuffle(firms)
    return [asked(device, firm, wording) for (device, _, wording), firm in zip(pairs, firms, strict=True)]


def make_base(world: World, folder: Path, *, steps: int = 200) -> Path:
    """Make the base from the documents of the train side, and return its folder."""
    make_tiny_base(
        [document(*pair) for pair in world.seen.items()],
        folder / "base",
        vocabulary_size=500,
        hidden_size=64,
        layers=2,
        heads=4,
        kv_heads=2,
        intermediate_size=128,
        steps=steps,
        sequence_length=64,
        max_length=128,
        threads=1,
        checkpoint_dir=folder / "base-checkpoints",
    )
    return folder / "base"


def tuned_on(base: Path, examples: Sequence[Example], folder: Path, *, seed: int, epochs: int) -> LocalModel:
    """Fine-tune the base and return the model; the folder is emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    train(
        base=base,
        train_rows=[
            {
                "prompt": [{"role": "user", "content": one.prompt}],
                "completion": [{"role": "assistant", "content": one.messages[-1].content}],
            }
            for one in examples
        ],
        out_dir=folder / "model",
        checkpoint_dir=folder / "checkpoints",
        method="full",
        learning_rate=4e-3,
        epochs=epochs,
        batch_size=32,
        max_length=64,
        seed=seed,
        device="cpu",
        precision="float32",
        threads=1,
        save_steps=100_000,
    )
    return load(folder / "model", device="cpu", dtype="float32", threads=1)


def verdict_on(
    test_set: str, world: World, models: dict[str, LocalModel], trained_on: Sequence[Example]
) -> Verdict:
    """Ask all systems about a test set, score, and judge; a cluster is a document."""
    facts = world.seen if test_set == SEEN else world.unseen
    examples = [asked(device, firm, ASKED_IN_TESTS) for device, firm in facts.items()]
    answers = {
        name: model.generate([one.messages[:-1] for one in examples], max_new_tokens=8, batch_size=64)
        for name, model in models.items()
    }
    answers["retrieval"] = [document(*pair) for pair in facts.items()]
    answers["majority"] = [majority(trained_on)] * len(examples)
    predictions = [
        Prediction(example_id=example.id, system=system, text=text)
        for system, texts in answers.items()
        for example, text in zip(examples, texts, strict=True)
    ]
    return judge(
        score(examples, predictions, metrics=("token_f1",)),
        task="qa",
        test_set=test_set,
        metric="token_f1",
        clusters={one.id: str(one.metadata["device"]) for one in examples},
    )


@dataclass(frozen=True)
class Trial:
    """One fine-tuning: what it was trained on, and its verdict by test set."""

    shuffled: bool
    seed: int
    verdicts: dict[str, Verdict]


def trial(world: World, base: Path, folder: Path, *, shuffled: bool, seed: int, epochs: int = 25) -> Trial:
    """Fine-tune with one seed and judge on both test sets."""
    examples = training_examples(world, shuffled=shuffled, seed=seed)
    models = {
        "base": load(base, device="cpu", dtype="float32", threads=1),
        "tuned": tuned_on(base, examples, folder, seed=seed, epochs=epochs),
    }
    return Trial(shuffled, seed, {name: verdict_on(name, world, models, examples) for name in (SEEN, UNSEEN)})


def table(trials: Sequence[Trial]) -> list[str]:
    """Return how often each test set's verdict claimed a gain, with mean scores, as Markdown."""
    lines = [
        "| trained on | test set | called better | verdicts | tuned | best alternative |",
        "|---|---|---|---|---|---|",
    ]
    for shuffled in (True, False):
        for test_set in (SEEN, UNSEEN):
            found = [one.verdicts[test_set] for one in trials if one.shuffled == shuffled]
            if not found:
                continue
            choices = Counter(one.choice for one in found)
            tuned = [row.means["token_f1"].mean for one in found for row in one.rows if row.system == "tuned"]
            others = [
                max(row.means["token_f1"].mean for row in one.rows if row.system != "tuned") for one in found
            ]
            lines.append(
                f"| {'shuffled answers' if shuffled else 'true answers'} | {test_set} | "
                f"{sum(one.better for one in found)} of {len(found)} | "
                f"{', '.join(f'{name} {count}' for name, count in sorted(choices.items()))} | "
                f"{sum(tuned) / len(tuned):.2f} ({min(tuned):.2f}–{max(tuned):.2f}) | "
                f"{sum(others) / len(others):.2f} |"
            )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--workplace", type=Path, default=None)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.workplace or Path(temporary)
        world = make_world()
        base = make_base(world, folder)
        trials: list[Trial] = []
        for seed in range(chosen.seeds):
            trials += [
                trial(world, base, folder / "tuned", shuffled=shuffled, seed=seed)
                for shuffled in (True, False)
            ]
            said = ", ".join(
                f"{name} {verdict.choice}" for one in trials[-2:] for name, verdict in one.verdicts.items()
            )
            print(f"seed {seed}: {said}  {time.process_time():.0f} CPU-s", flush=True)
    print("\n".join(table(trials)))
    print(f"\n{time.process_time():.0f} CPU-seconds")


if __name__ == "__main__":
    main()
