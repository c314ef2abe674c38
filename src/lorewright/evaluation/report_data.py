"""What a report shows, as plain data; the same goes to the page and to JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lorewright.evaluation.forgetting import Forgetting
from lorewright.evaluation.ratings import Agreement
from lorewright.evaluation.report_examples import ExampleView
from lorewright.evaluation.report_parts import Calibration, CategoryTable, Confusion, Gate, LearningCurve
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
class TaskReport:
    """One task.

    Attributes:
        verdicts: By test set.
        examples: Some, side by side.
        leakage: What the leakage count found (`datasets.leakage.measure`).
        confusions: Which labels were taken for which; for structured tasks.
        categories: Means by label; for structured tasks.
        calibrations: Of systems that state a confidence.
    """

    task: str
    description: str
    verdicts: tuple[Verdict, ...]
    examples: tuple[ExampleView, ...] = ()
    leakage: Mapping[str, Any] = field(default_factory=dict)
    confusions: tuple[Confusion, ...] = ()
    categories: tuple[CategoryTable, ...] = ()
    calibrations: tuple[Calibration, ...] = ()


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
        curves: Losses while models were trained.
        learning: What fractions of the data make; only where that was asked for.
        gate: What was asked of the model, and whether it holds; None where nothing was.
        agreements: How far metrics and the judge agree with people; empty where nobody rated an answer.
        forgetting: What the tuned model makes of general text; None where it was not measured.
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
    learning: tuple[LearningCurve, ...] = ()
    gate: Gate | None = None
    agreements: tuple[Agreement, ...] = ()
    forgetting: Forgetting | None = None
    funnel: tuple[FunnelStep, ...] = ()
    retrieval: RetrievalView | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def figures(data: ReportData) -> dict[str, Any]:
    """Return all of a report as a JSON object."""
    return {
        **asdict(data),
        "funnel": [step.model_dump() for step in data.funnel],
        "agreements": [one.model_dump() for one in data.agreements],
    }


def curve(name: str, history: Iterable[Mapping[str, Any]]) -> Curve:
    """Return the curve of a training history: rows with `step`, `loss` and sometimes a held-out loss."""
    rows = list(history)
    return Curve(name, _points(rows, LOSS_KEYS), _points(rows, HELD_OUT_KEYS))


def _points(rows: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> tuple[tuple[float, float], ...]:
    return tuple(
        (float(row["step"]), float(row[key]))
        for row in rows
        for key in keys
        if row.get(key) is not None and "step" in row
    )
