"""The labels that structured answers give, such as `category`: how many are right, and which are mistaken for which."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import eq

from lorewright.core.ids import canonical
from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.failures import Shown, failed, paired
from lorewright.evaluation.json_answers import CONFIDENCE, confidence, json_answer, same_value
from lorewright.evaluation.report_parts import CategoryRow, CategoryTable, Confusion
from lorewright.text.tokens import squash

UNKNOWN = "unknown"
"""What an answer says that does not know."""
INVALID = "invalid"
"""What counts as given where an answer has no label: it is no JSON object, lacks the field, or is no answer."""
_MOST_LABELS = 30


@dataclass(frozen=True)
class Labels:
    """What was right and what one system gave in its place, example by example; None for no label.

    Attributes:
        confidences: How sure each answer says it is; None where it does not.
    """

    expected: tuple[str, ...]
    given: tuple[str | None, ...]
    confidences: tuple[float | None, ...]


@dataclass(frozen=True)
class LabelFigures:
    """How well one system gives the labels of a field. Shares are of all examples, from 0 to 1.

    Attributes:
        n: Examples.
        accuracy: Share of right labels.
        macro_f1: See `macro_f1`.
        unknown: Share that says `unknown`, rightly or not.
        invalid: Share without a label.
        mean_confidence: Of the answers that state one; None where none does.
    """

    n: int
    accuracy: float
    macro_f1: float
    unknown: float
    invalid: float
    mean_confidence: float | None


@dataclass(frozen=True)
class LabelRow:
    """One label: how many examples have it, how often it was given, and precision, recall and F1, from 0 to 1."""

    label: str
    n: int
    given: int
    precision: float
    recall: float
    f1: float


def label_fields(examples: Iterable[Example]) -> tuple[str, ...]:
    """Return the fields of references that hold labels, in their order.

    They are texts, at most 30 different ones, and on average each stands in two references or more.
    """
    values: dict[str, list[object]] = {}
    for example in examples:
        for name, value in (json_answer(example.messages[-1].content) or {}).items():
            values.setdefault(name, []).append(value)
    return tuple(
        name
        for name, found in values.items()
        if name != CONFIDENCE
        and all(isinstance(value, str) for value in found)
        and len({squash(str(value)) for value in found}) <= min(_MOST_LABELS, len(found) / 2)
    )


def labels(
    examples: Sequence[Example],
    predictions: Iterable[Prediction],
    *,
    field: str,
    shown: Shown | None = None,
) -> dict[str, Labels]:
    """Return the labels of a field that each system gave, by system; examples without the field are left out.

    Args:
        examples: What was asked.
        predictions: What came, of any systems.
        field: Of the JSON answers.
        shown: As in `failures.failed`.

    Raises:
        EvaluationError: A prediction belongs to none of the examples.
    """
    rows: dict[str, list[tuple[str, str | None, float | None]]] = {}
    for example, prediction in paired(examples, predictions):
        value = (json_answer(example.messages[-1].content) or {}).get(field)
        expected = _label(value)
        if expected is not None:
            fields = ({} if failed(example, prediction, shown) else json_answer(prediction.text)) or {}
            row = expected, _given(fields.get(field), value, expected), confidence(fields)
            rows.setdefault(prediction.system, []).append(row)
    return {system: Labels(*zip(*found, strict=True)) for system, found in rows.items()}


def label_figures(found: Labels) -> LabelFigures:
    """Return how well one system gives its labels."""
    n = len(found.expected)
    stated = [one for one in found.confidences if one is not None]
    return LabelFigures(
        n=n,
        accuracy=sum(map(eq, found.expected, found.given)) / n,
        macro_f1=macro_f1(found),
        unknown=found.given.count(UNKNOWN) / n,
        invalid=found.given.count(None) / n,
        mean_confidence=sum(stated) / len(stated) if stated else None,
    )


def label_rows(found: Labels) -> tuple[LabelRow, ...]:
    """Return a row for each label that is right somewhere, the commonest first; without support a share is 0."""
    counts, given = Counter(found.expected), Counter(found.given)
    right = Counter(one for one, other in zip(found.expected, found.given, strict=True) if one == other)
    return tuple(
        LabelRow(
            label=label,
            n=n,
            given=given[label],
            precision=right[label] / given[label] if given[label] else 0.0,
            recall=right[label] / n,
            f1=2 * right[label] / (n + given[label]),
        )
        for label, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )


def macro_f1(found: Labels) -> float:
    """Return the mean F1 over the labels that are right somewhere: rare ones count as much as common ones.

    It is scikit-learn's `f1_score(..., labels=those, average="macro", zero_division=0)`. A label that no reference
    has makes answers wrong but no mean smaller; were it counted, each new word that a model invents would.
    """
    rows = label_rows(found)
    return sum(row.f1 for row in rows) / len(rows)


def confusion(
    found: Labels, *, test_set: str, system: str, field: str, order: Sequence[str] = ()
) -> Confusion:
    """Return how often one system gave each label, by the label that was right.

    Args:
        found: Its labels.
        test_set: Where it was asked.
        system: Its name.
        field: Whose labels they are.
        order: Labels that have an order, such as severities; others follow, the commonest first.
    """
    counts = Counter(found.expected)
    expected = sorted(counts, key=lambda label: (_place(label, order), -counts[label], label))
    others = sorted({one for one in found.given if one is not None} - {*expected, UNKNOWN}, key=str)
    names = [*expected, *others]
    if UNKNOWN not in names:
        names.append(UNKNOWN)
    # A label of the same name stays another thing than having none.
    names.append(INVALID if INVALID not in names else "no label")
    columns: list[str | None] = [*names[:-1], None]
    pairs = Counter(zip(found.expected, found.given, strict=True))
    return Confusion(
        test_set=test_set,
        system=system,
        field=field,
        expected=tuple(expected),
        given=tuple(names),
        counts=tuple(tuple(pairs[row, column] for column in columns) for row in expected),
    )


def category_table(
    examples: Iterable[Example],
    scores: Iterable[Score],
    *,
    test_set: str,
    field: str,
    metric: str,
    order: Sequence[str] = (),
) -> CategoryTable:
    """Return the mean of a metric by the right label of a field, the commonest label first.

    Args:
        examples: What was asked.
        scores: Of these examples, of any systems and metrics.
        test_set: Where it was asked.
        field: Of the references.
        metric: Whose means are wanted.
        order: As in `confusion`.
    """
    right = {one.id: _label((json_answer(one.messages[-1].content) or {}).get(field)) for one in examples}
    counts = Counter(label for label in right.values() if label is not None)
    values: dict[str, dict[str, list[float]]] = {label: {} for label in counts}
    for one in scores:
        label = right.get(one.example_id)
        if one.metric == metric and label is not None:
            values[label].setdefault(one.system, []).append(one.value)
    return CategoryTable(
        test_set=test_set,
        field=field,
        metric=metric,
        rows=tuple(
            CategoryRow(
                label=label,
                n=counts[label],
                means={system: sum(found) / len(found) for system, found in values[label].items()},
            )
            for label in sorted(counts, key=lambda label: (_place(label, order), -counts[label], label))
        ),
    )


def _label(value: object) -> str | None:
    """Return a value as a label, texts with white space evened out; None where there is none."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return squash(value) if isinstance(value, str) else canonical(value).decode()


def _given(value: object, right: object, expected: str) -> str | None:
    if same_value(value, right):
        return expected
    label = _label(value)
    # The number 1 is not the label "1", though it is written so.
    return None if label == expected else label


def _place(label: str, order: Sequence[str]) -> int:
    return order.index(label) if label in order else len(order)
