"""What a report shows beside its verdicts, as plain data: labels, confidence, learning, the gate."""

from collections.abc import Mapping
from dataclasses import dataclass

from lorewright.evaluation.intervals import Interval


@dataclass(frozen=True)
class Confusion:
    """How often one system gave each label of a field, by the label that was right.

    Attributes:
        field: Of the JSON answer, such as `category`.
        expected: Labels that were right somewhere; a row of `counts` each.
        given: What was answered, a column of `counts` each: the labels of `expected`, then others with `unknown` as
            the last of them, and at the end what stands for no label: no JSON object, or one without the field.
        counts: Examples by right label, then by what was answered.
    """

    test_set: str
    system: str
    field: str
    expected: tuple[str, ...]
    given: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class CategoryRow:
    """The examples with one label: how many, and the mean of the table's metric by system, from 0 to 1."""

    label: str
    n: int
    means: Mapping[str, float]


@dataclass(frozen=True)
class CategoryTable:
    """Means by the right label of a field, such as `category`."""

    test_set: str
    field: str
    metric: str
    rows: tuple[CategoryRow, ...]


@dataclass(frozen=True)
class CalibrationBin:
    """Answers whose confidence lies in a range: how many, their mean confidence, and the share that is right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How far a system's stated confidence is the share of its answers that are right.

    Attributes:
        bins: Those that hold answers, in order.
        error: Expected calibration error: the mean gap between confidence and accuracy, weighted by answers.
        mean_confidence: Over all answers that state one.
        n: Answers that state one.
    """

    test_set: str
    system: str
    bins: tuple[CalibrationBin, ...]
    error: float
    mean_confidence: float
    n: int


@dataclass(frozen=True)
class LearningPoint:
    """What a model scores that was trained on a fraction of the examples."""

    fraction: float
    examples: int
    score: Interval


@dataclass(frozen=True)
class LearningCurve:
    """A metric by how much of the data was trained on; points in order of their fraction.

    Attributes:
        words: What the last step says of more data.
    """

    task: str
    test_set: str
    system: str
    metric: str
    points: tuple[LearningPoint, ...]
    words: str = ""


@dataclass(frozen=True)
class GateCheck:
    """One condition of the gate, in words with its figures, and whether it holds.

    Attributes:
        name: The setting that asks for it, such as `min_gain`.
        task: What it is about; empty where it is about no task.
        value: What was found, in units of the metric or in nats a token; None where nothing could be.
        limit: What was asked for.
    """

    words: str
    passed: bool
    name: str = ""
    task: str = ""
    test_set: str = ""
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Gate:
    """What was asked of the model before it may be used."""

    checks: tuple[GateCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether every check holds."""
        return all(check.passed for check in self.checks)
