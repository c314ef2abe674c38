"""why: what each system saw and answered of a test question, and why an answer is wrong."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import ValidationError

from lorewright.core.assessments import Review
from lorewright.core.errors import EvaluationError, NotFoundError
from lorewright.core.making import review_key
from lorewright.core.records import Chunk, Example, Passage, Prediction, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.grounding import ungrounded
from lorewright.evaluation.metrics import headline_metric
from lorewright.evaluation.scoring import score
from lorewright.evaluation.systems import RETRIEVAL, uses_passages
from lorewright.evaluation.why import Seen, ShownPassage, Why, explain
from lorewright.evaluation.why_evidence import source_of
from lorewright.llm.retrieval_template import CLOSING, OPENING
from lorewright.retrieval.merging import best_passages
from lorewright.retrieval.search import Index
from lorewright.stages import chunk, dataset, evaluate, index
from lorewright.stages.ask import prompt
from lorewright.stages.dataset_questions import ORIGIN
from lorewright.stages.evaluate_suites import Suite, suites
from lorewright.stages.evaluation_settings import EvaluationSettings
from lorewright.stages.reviews import current_reviews
from lorewright.stages.settings import Settings
from lorewright.text.grounding import unsupported

DEEP = 20
"""Passages of the deeper search that tells how far down the evidence is."""
_PASSAGE = re.compile(rf"^\[(\d+)\]\n{OPENING}\n[^\n]*\n\n(.*?)\n{CLOSING}", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Evaluated:
    """A finished evaluation, with what is needed to say why its answers are what they are.

    Attributes:
        chosen: Its settings.
        predictions: By example id, in the order of systems.
        reviews: What people decided, by the key of an example's words.
        min_support: Of the check of references, as curation sets it.
    """

    workspace: Workspace
    run: Run
    chosen: EvaluationSettings
    suites: tuple[Suite, ...]
    predictions: Mapping[str, Sequence[Prediction]]
    reviews: Mapping[str, Review]
    opened: Index
    min_support: float

    @cached_property
    def chunks(self) -> dict[str, Chunk]:
        """The passages of the corpus by id, the first place of each."""
        path = self.workspace.run_dir("chunk", self.run.inputs["chunk"]) / chunk.CHUNKS
        found: dict[str, Chunk] = {}
        for piece in read_table(path, Chunk):
            found.setdefault(piece.id, piece)
        return found


def open_evaluation(workspace: Workspace, settings: Settings) -> Evaluated:
    """Return the newest evaluation.

    Raises:
        NotFoundError: Nothing is evaluated yet, or what it was made of is gone, or another release made it.
    """
    run = workspace.newest("evaluate")
    if run is None:
        raise NotFoundError("Nothing is evaluated yet, so there is no answer to explain.", "lore evaluate")
    inputs = {name: workspace.find(name, run.inputs[name]) for name in ("dataset", "index", "chunk")}
    gone = [name for name, found in inputs.items() if found is None]
    indexed, made = inputs["index"], inputs["dataset"]
    if gone or indexed is None or made is None:
        raise NotFoundError(
            f"evaluate/{run.id} was made of a run of {gone[0]} that is gone (lore gc).", "lore evaluate"
        )
    chosen = _settings_of(run)
    tables = workspace.run_dir("dataset", made.id)
    predictions: dict[str, list[Prediction]] = defaultdict(list)
    for row in read_table(workspace.run_dir("evaluate", run.id) / evaluate.PREDICTIONS, Prediction):
        predictions[row.example_id].append(row)
    return Evaluated(
        workspace=workspace,
        run=run,
        chosen=chosen,
        suites=tuple(suites(chosen, lambda artefact: read_table(tables / artefact, Example))),
        predictions=predictions,
        reviews=current_reviews(workspace),
        opened=index.open_run(workspace, indexed, settings.providers),
        min_support=settings.curation.min_support,
    )


def _settings_of(run: Run) -> EvaluationSettings:
    other = NotFoundError(f"evaluate/{run.id} was made by another release of lore.", "lore evaluate")
    if run.version != evaluate.STAGE.version:
        raise other
    try:
        return EvaluationSettings.model_validate(run.settings["evaluation"])
    except ValidationError as error:
        raise other from error


def explain_example(evaluated: Evaluated, example: Example) -> list[Why]:
    """Return why each answer to an example is what it is, in the order of systems.

    Raises:
        EvaluationError: The index finds other passages now than the systems were shown.
    """
    rows = evaluated.predictions[example.id]
    nearby = tuple(best_passages(evaluated.opened, example.prompt, k=DEEP)) if example.evidence else ()
    fault = reference_fault(evaluated, example)
    found = found_for(evaluated, example) if any(uses_passages(row.system) for row in rows) else []
    prompted = prompted_with(evaluated, example, found)
    values, causes = _values(example, rows, found), []
    for row in rows:
        _require_same(example, row, found)
        shown = {RETRIEVAL: tuple(ShownPassage(one, one.text) for one in found)}.get(row.system, prompted)
        seen = Seen(shown if uses_passages(row.system) else None, nearby, fault)
        causes.append(explain(example, row, seen, value=values[row.system]))
    return causes


def _values(example: Example, rows: Sequence[Prediction], found: Sequence[Passage]) -> dict[str, float]:
    """Return the score of each system's answer by the metric that `explain` looks at."""
    metric, shown = headline_metric([example]), {example.id: [one.text for one in found]}
    return {
        one.system: one.value
        for one in score([example], rows, metrics=[metric], shown=shown)
        if one.metric == metric
    }


def found_for(evaluated: Evaluated, example: Example) -> list[Passage]:
    """Return what retrieval finds for a test question, as the evaluation asked it."""
    return best_passages(evaluated.opened, example.prompt, k=evaluated.chosen.passages)


def prompted_with(
    evaluated: Evaluated, example: Example, found: Sequence[Passage]
) -> tuple[ShownPassage, ...]:
    """Return passages as they stood in the prompt of a model."""
    chars, question = evaluated.chosen.context_chars, example.messages[-2].content
    asked = prompt(evaluated.opened, question, found, context_chars=chars).content
    texts = {int(number): text for number, text in _PASSAGE.findall(asked.removesuffix(question))}
    return tuple(ShownPassage(one, texts.get(place, "")) for place, one in enumerate(found, start=1))


def _require_same(example: Example, row: Prediction, found: Sequence[Passage]) -> None:
    if row.passages and row.passages != tuple(one.chunk_id for one in found):
        raise EvaluationError(
            f"The index finds other passages for {example.id} than {row.system} was shown: it was made anew.",
            "lore evaluate",
        )


def is_own_question(example: Example) -> bool:
    """Whether a test example is one of the user's own questions."""
    return example.origin == ORIGIN


def reference_fault(evaluated: Evaluated, example: Example) -> str:
    """Return why the reference of an example is wrong: a person says so, or its evidence does not carry it.

    A person's own answer to a question of theirs may say it in other words; only its numbers and names are compared.
    """
    review = evaluated.reviews.get(review_key(example.messages))
    if review and review.decision == "reject":
        return "a person rejected the example" + (f": {review.note}" if review.note else "")
    if review and review.decision == "edit":
        return f"a person has changed the example: {review.messages[-1].content[:200]!r}"
    accepted = review is not None and review.decision == "accept"
    if accepted or not example.evidence:
        return ""
    if is_own_question(example):
        source = source_of("\n".join(piece.quote for piece in example.evidence), example)
        return unsupported(example.messages[-1].content, source, min_support=evaluated.min_support, free=True)
    pieces = [evaluated.chunks[one.chunk_id] for one in example.evidence if one.chunk_id in evaluated.chunks]
    return (
        ungrounded(
            example,
            chunk_texts={piece.id: piece.text for piece in pieces},
            chunk_headings={piece.id: piece.headings for piece in pieces},
            min_support=evaluated.min_support,
        )
        or ""
    )


def find_asked(evaluated: Evaluated, name: str) -> tuple[Suite, Example]:
    """Return the test example whose id begins so, or whose question has these words.

    Raises:
        NotFoundError: There is none, or several fit; the message lists some.
    """
    asked = [(suite, one) for suite in evaluated.suites for one in suite.examples]
    wanted = " ".join(name.split()).casefold()
    by_id = [pair for pair in asked if len(name) >= 4 and pair[1].id.startswith(name)]
    exact = [pair for pair in asked if " ".join(pair[1].prompt.split()).casefold() == wanted]
    words = [pair for pair in asked if wanted and _has_words(pair[1].prompt, wanted)]
    found = by_id or exact or words
    if len(found) == 1:
        return found[0]
    if found:
        listed = "; ".join(f"{one.id[:8]} {one.prompt[:60]!r}" for _, one in found[:5])
        raise NotFoundError(
            f"{name!r} fits {len(found):,} test examples: {listed}.", "write an id, or more words"
        )
    raise NotFoundError(
        f"No test example of evaluate/{evaluated.run.id} has such an id, or such words in its question: {name!r}.",
        _instead(evaluated, name),
    )


def _has_words(question: str, wanted: str) -> bool:
    there = " ".join(question.split()).casefold()
    return wanted in there or all(word in there for word in wanted.split())


def _instead(evaluated: Evaluated, name: str) -> str:
    """Return what to type where an example was not asked: it may be one that is trained on, or beyond the limit."""
    folder = evaluated.workspace.run_dir("dataset", evaluated.run.inputs["dataset"])
    for artefact in dataset.SPLIT_FILES:
        known = len(name) >= 4 and any(
            one.id.startswith(name) for one in read_table(folder / artefact, Example)
        )
        if known and artefact in dataset.TESTS.values():
            most = evaluated.chosen.max_examples
            return f"it was not asked, for evaluation.max_examples is {most}: raise it"
        if known:
            return f"it is an example of {artefact.removesuffix('.parquet')}, which nobody is asked: lore trace {name}"
    return "`lore why` lists the worst answers, `lore why --all` counts causes"
