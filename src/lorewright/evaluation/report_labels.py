"""What a report shows of the labels of structured answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.decisive import is_tuned
from lorewright.evaluation.labels import category_table, confusion, label_fields, labels
from lorewright.evaluation.reliability import calibration
from lorewright.evaluation.report_parts import Calibration, CategoryTable, Confusion
from lorewright.evaluation.verdict import Verdict


@dataclass(frozen=True)
class LabelParts:
    """The parts of a `TaskReport` that are about labels, of one test set."""

    confusions: tuple[Confusion, ...] = ()
    categories: tuple[CategoryTable, ...] = ()
    calibrations: tuple[Calibration, ...] = ()


def label_parts(
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    scores: Sequence[Score],
    verdict: Verdict,
    *,
    order: Sequence[str] = (),
) -> LabelParts:
    """Return what is shown of a test set's labels; all of it empty where references have none.

    Confusions are those of the tuned systems and of the best alternative, field by field; means are of all systems;
    confidence is measured on the first field.

    Args:
        examples: What was asked.
        predictions: What came.
        scores: Of these.
        verdict: On this test set.
        order: Labels that have an order, such as severities.
    """
    fields = label_fields(examples)
    found = {field: labels(examples, predictions, field=field) for field in fields}
    shown = [row.system for row in verdict.rows if is_tuned(row.system) or row.gap is None]
    return LabelParts(
        confusions=tuple(
            confusion(
                found[field][system], test_set=verdict.test_set, system=system, field=field, order=order
            )
            for field in fields
            for system in sorted(shown, key=lambda name: not is_tuned(name))
            if system in found[field]
        ),
        categories=tuple(
            category_table(
                examples, scores, test_set=verdict.test_set, field=field, metric=verdict.metric, order=order
            )
            for field in fields
        ),
        calibrations=tuple(
            view
            for field in fields[:1]
            for system, given in found[field].items()
            if (view := calibration(given, test_set=verdict.test_set, system=system))
        ),
    )
