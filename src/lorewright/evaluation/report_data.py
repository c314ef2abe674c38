"""What a report shows, as plain data; the same goes to the page and to JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lorewright.core.records import Evidence, Example, Place, Prediction, Score
from lorewright.evaluation.verdict import Verdict
from lorewright.pages.funnel import FunnelStep

LOSS_KEYS = ("loss",)
HELD_OUT_KEYS = ("held_out_loss", "validation_loss", "eval_loss")


@dataclass(frozen=True)
class Curve:
    """Loss while a model was trained, as (step, nats a token) points."""

    name: str
    training: tuple[tuple[float, float], ...]
    held_out: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class EvidenceView:
    """Where the text stands that supports a reference answer."""

    path: str
    place: str
    quote: str
    heading: str = ""


@dataclass(frozen=True)
class AnswerView:
    """What one system answered and how it scored; `explanation` says why it failed."""

    system: str
    text: str
    value: float
    explanation: str = ""


@dataclass(frozen=True)
class ExampleView:
    """One test example with every system's answer, in the order of the table."""

    id: str
    test_set: str
    prompt: str
    reference: str
    answers: tuple[AnswerView, ...]
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True)
class TaskReport:
    """One task: its verdicts by test set, examples, and what the leakage count found (`datasets.leakage.measure`)."""

    task: str
    description: str
    verdicts: tuple[Verdict, ...]
    examples: tuple[ExampleView, ...] = ()
    leakage: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RecallRow:
    """How often one way of searching, or one group of questions, found the answer among the first k passages."""

    name: str
    questions: int
    recall: Mapping[int, float]
    mrr: float


@dataclass(frozen=True)
class RecallTable:
    """Rows that may be compared; `name` heads their names."""

    caption: str
    name: str
    rows: tuple[RecallRow, ...]


@dataclass(frozen=True)
class MissView:
    """A question whose answer did not come first: what became of it, where the answer stands, what came first."""

    question: str
    fate: str
    where: str
    found: str


@dataclass(frozen=True)
class TradeLine:
    """What rising thresholds refuse, as (share of answered questions, share of the others) points."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class RetrievalView:
    """How well the index finds what it is asked for.

    Attributes:
        run: Of probe.
        notes: What the reader must know of the questions.
        threshold: Evidence below which a question is refused; None where that was not learned.
        chosen: The point of the threshold on the first line.
        trades: Of sections and, where they have some without an answer, of the user's questions.
        refusals: What the threshold does, in words.
    """

    run: str
    notes: tuple[str, ...]
    tables: tuple[RecallTable, ...]
    misses: tuple[MissView, ...]
    threshold: float | None
    chosen: tuple[float, float] | None
    trades: tuple[TradeLine, ...]
    refusals: tuple[str, ...]


@dataclass(frozen=True)
class ReportData:
    """Everything a report shows.

    Attributes:
        retrieval: What the index was asked about itself; None where it was not.
        facts: What was evaluated, such as the base model, by name; shown under the title in this order.
        settings: Nested as in `lore.toml`.
        runs: Run id by stage.
        notes: What the reader must know, such as why a demo is small.
    """

    project: str
    created_at: str
    tasks: tuple[TaskReport, ...]
    curves: tuple[Curve, ...] = ()
    funnel: tuple[FunnelStep, ...] = ()
    retrieval: RetrievalView | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def figures(data: ReportData) -> dict[str, Any]:
    """Return all of a report as a JSON object."""
    return {**asdict(data), "funnel": [step.model_dump() for step in data.funnel]}


def curve(name: str, history: Iterable[Mapping[str, Any]]) -> Curve:
    """Return the curve of a training history: rows with `step`, `loss` and sometimes a held-out loss."""
    rows = list(history)
    return Curve(name, _points(rows, LOSS_KEYS), _points(rows, HELD_OUT_KEYS))


def example_view(
    example: Example,
    *,
    test_set: str,
    predictions: Sequence[Prediction],
    scores: Sequence[Score],
    metric: str,
    locate: Mapping[str, tuple[str, Place]],
) -> ExampleView:
    """Return an example side by side with its answers.

    Args:
        example: One of the test set.
        test_set: Its test set.
        predictions: Any that include this example's, in the order in which systems are shown.
        scores: Any that include those of this example's predictions.
        metric: Whose values to show.
        locate: Path and place of evidence, by chunk id.
    """
    values = {
        score.system: score for score in scores if score.example_id == example.id and score.metric == metric
    }
    return ExampleView(
        id=example.id,
        test_set=test_set,
        prompt="\n\n".join(turn.content for turn in example.messages[:-1] if turn.role != "system"),
        reference=example.messages[-1].content,
        answers=tuple(
            AnswerView(
                prediction.system,
                prediction.text,
                values[prediction.system].value,
                values[prediction.system].explanation,
            )
            for prediction in predictions
            if prediction.example_id == example.id
        ),
        evidence=tuple(_evidence_view(piece, locate) for piece in example.evidence),
    )


def choose_examples(
    scores: Iterable[Score], *, metric: str, system: str, against: str, count: int
) -> tuple[str, ...]:
    """Return ids of examples that show a difference: by turns the largest gain, the largest loss, the median.

    Args:
        scores: Of one test set.
        metric: Whose values decide.
        system: The one whose gains count.
        against: The other one.
        count: How many at most.
    """
    values: dict[str, dict[str, float]] = {}
    for score in scores:
        if score.metric == metric and score.system in {system, against}:
            values.setdefault(score.example_id, {})[score.system] = score.value
    ordered = sorted(
        (row for row in values if len(values[row]) == len({system, against})),
        key=lambda row: (values[row][against] - values[row][system], row),
    )
    chosen: list[str] = []
    while ordered and len(chosen) < count:
        chosen.append(ordered.pop((0, -1, len(ordered) // 2)[len(chosen) % 3]))
    return tuple(chosen)


def _evidence_view(piece: Evidence, locate: Mapping[str, tuple[str, Place]]) -> EvidenceView:
    found = locate.get(piece.chunk_id)
    path, place = (found[0], str(found[1])) if found else ("", "")
    return EvidenceView(path=path, place=place, quote=piece.quote)


def _points(rows: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> tuple[tuple[float, float], ...]:
    return tuple(
        (float(row["step"]), float(row[key]))
        for row in rows
        for key in keys
        if row.get(key) is not None and "step" in row
    )
