"""How well the index finds what is asked for, and refuses what the documents do not answer.

Questions made from headings (the heading removed from what is searched) and questions written by hand; full text, dense
and hybrid; what each threshold of refusal does to the hand-written ones.

With `--constants`, other weights of the dense ranking and other repeats of headings as well.

Usage: python benchmarks/retrieval_quality.py [--constants] EMBEDDER FOLDER=QUESTIONS[,QUESTIONS...]...
"""

import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lorewright.core.progress import Silent
from lorewright.core.workspace import Workspace
from lorewright.llm.embedders import Embedder
from lorewright.retrieval import rows, search
from lorewright.retrieval.evidence import Evidence, trades
from lorewright.retrieval.quality import Outcome, figures
from lorewright.retrieval.questions import UserQuestion, read_questions
from lorewright.stages import probe
from lorewright.stages.probe import Quality, evidence_of, quality_of
from lorewright.stages.road import bring
from lorewright.stages.settings import load

SECTIONS = 400
REPEATS = (0, 1, 3)
WEIGHTS = (0.25, 0.5, 1.0, 2.0)
RESAMPLES = 2000


class Asked(NamedTuple):
    """One corpus in one setting."""

    quality: Quality
    evidence: Evidence | None
    sets: dict[str, list[UserQuestion]]

    def by_set(self, mode: str) -> dict[str, list[Outcome]]:
        """Return the outcomes of the questions made from headings and of each file of questions by hand."""
        found = {"headings": self.quality.of("heading", mode)}
        for name, questions in self.sets.items():
            asked = {one.question for one in questions}
            found[name] = [one for one in self.quality.of("yours", mode) if one.question in asked]
        return found

    def likely(self, *, answerable: bool) -> dict[str, list[float]]:
        """Return the likelihoods of the questions by hand that have an answer, or have none, by file."""
        return {
            name: [self.quality.support[one.question] for one in questions if one.answerable == answerable]
            for name, questions in self.sets.items()
        }


def main(embedder: str, corpora: Sequence[str], *, constants: bool) -> None:
    remember_vectors()
    for corpus in corpora:
        folder, _, names = corpus.partition("=")
        questions = [Path(name) for name in names.split(",")]
        with tempfile.TemporaryDirectory() as place:
            project = Path(place)
            write_project(project, Path(folder), questions, embedder)
            print(f"\n## {Path(folder).name}", flush=True)
            both = ask(project, questions)
            print_found(both)
            print_refused(both, "hybrid")
            if constants:
                print_weights(project, questions)
            write_project(project, Path(folder), questions, "")
            print_refused(ask(project, questions), "full text alone")
            if constants:
                print_repeats(project, questions)


def remember_vectors() -> None:
    """Keep the vectors of passages without their headings, which are made anew each time the index is asked."""
    made: dict[str, Any] = {}
    original = probe.index_embedder

    def opened(*arguments: Any) -> Embedder | None:
        embedder = original(*arguments)
        if embedder is None:
            return None

        def passages(texts: Sequence[str]) -> Any:
            missing = [text for text in dict.fromkeys(texts) if text not in made]
            if missing:
                made.update(zip(missing, embedder.passages(missing), strict=True))
            return np.stack([made[text] for text in texts])

        return replace(embedder, passages=passages)

    probe.index_embedder = opened


def write_project(project: Path, folder: Path, questions: Sequence[Path], embedder: str) -> None:
    (project / "questions.jsonl").write_text("".join(path.read_text(encoding="utf-8") for path in questions))
    (project / "lore.toml").write_text(
        f'[project]\nname = "{folder.name}"\n[[sources]]\npath = "{folder.resolve()}"\n'
        f'[probe]\nsections = {SECTIONS}\n[index]\nembedder = "{embedder}"\n'
    )


def ask(project: Path, questions: Sequence[Path]) -> Asked:
    workspace, settings = Workspace(project), load(project)
    runs = bring(workspace, settings, Silent(), upto="probe")
    sets = {path.stem: read_questions(path.read_text(encoding="utf-8"), name=path.name) for path in questions}
    return Asked(quality_of(workspace, runs["probe"]), evidence_of(workspace, runs["index"]), sets)


def print_found(asked: Asked) -> None:
    """Print recall@5 and MRR by mode, and how hybrid differs from the better of its parts."""
    print(f"{asked.quality.passages} passages; recall@5 / MRR@10")
    by_mode = {mode: asked.by_set(mode) for mode in search.MODES}
    for name in by_mode["hybrid"]:
        told = {mode: figures(by_mode[mode][name]) for mode in search.MODES}
        cells = "  ".join(f"{mode} {one.recall[5]:.3f} / {one.mrr:.3f}" for mode, one in told.items())
        print(f"{name} ({told['hybrid'].questions}): {cells}")
        for label, value in (("recall@5", found_in_five), ("MRR", reciprocal)):
            parts = {mode: mean(list(map(value, by_mode[mode][name]))) for mode in ("full-text", "dense")}
            better = max(parts, key=lambda mode: parts[mode])
            pairs = zip(by_mode["hybrid"][name], by_mode[better][name], strict=True)
            low, middle, high = interval([value(one) - value(other) for one, other in pairs])
            print(f"  {label}: hybrid - {better} = {middle:+.3f} [{low:+.3f}, {high:+.3f}]")


def found_in_five(outcome: Outcome) -> float:
    return float(outcome.rank is not None and outcome.rank <= 5)


def reciprocal(outcome: Outcome) -> float:
    return 1 / outcome.rank if outcome.rank else 0.0


def mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


def interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Return the 95% bootstrap interval of a mean and the mean between its ends."""
    draw = random.Random(7)
    means = sorted(mean(draw.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
    return means[RESAMPLES // 40], mean(differences), means[-RESAMPLES // 40]


def print_refused(asked: Asked, name: str) -> None:
    """Print what thresholds do to the questions by hand; each is the one learned for a share of the sections."""
    if asked.evidence is None:
        return
    answered, others = asked.likely(answerable=True), asked.likely(answerable=False)
    no = [one for found in others.values() for one in found]
    print(f"refusal, {name}: {len(no)} questions by hand without an answer")
    for own in asked.evidence.trades:
        mark = "  (default)" if own.threshold == asked.evidence.threshold else ""
        wrongly = ", ".join(
            f"{trades(yes, no, [own.threshold])[0].false_refusals:.1%} of {len(yes)} ({file})"
            for file, yes in answered.items()
        )
        refused = trades([], no, [own.threshold])[0].refusals
        print(
            f"  below {own.threshold:.3f}: sections {own.false_refusals:.0%}, left-out ones {own.refusals:.0%}; "
            f"by hand {refused:.0%}, wrongly {wrongly}{mark}"
        )


def print_weights(project: Path, questions: Sequence[Path]) -> None:
    """Print hybrid search by the weight of the dense ranking."""
    chosen = search.DENSE_WEIGHT
    for weight in WEIGHTS:
        search.DENSE_WEIGHT = weight
        print(f"dense weight {weight:g}: {told(ask_again(project, questions), 'hybrid')}")
    search.DENSE_WEIGHT = chosen


def print_repeats(project: Path, questions: Sequence[Path]) -> None:
    """Print full text by how often title and headings stand before the text."""
    chosen = rows.TRAIL_REPEATS
    for repeats in REPEATS:
        rows.TRAIL_REPEATS = repeats
        print(f"headings repeated {repeats}: {told(ask_again(project, questions, 'index'), 'full-text')}")
    rows.TRAIL_REPEATS = chosen


def ask_again(project: Path, questions: Sequence[Path], *stages: str) -> Asked:
    """Ask with changed constants, which are in no run's id."""
    for stage in (*stages, "probe"):
        shutil.rmtree(project / ".lore" / "runs" / stage)
    return ask(project, questions)


def told(asked: Asked, mode: str) -> str:
    by_set = {name: figures(outcomes) for name, outcomes in asked.by_set(mode).items()}
    return ", ".join(f"{name} {one.recall[5]:.3f} / {one.mrr:.3f}" for name, one in by_set.items())


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--constants"]
    main(words[0], words[1:], constants=len(words) < len(sys.argv) - 1)
