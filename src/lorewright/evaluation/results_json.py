"""`evaluation_results.json`: the mean loss of a model on its test examples, for programs that watch trainings.

The format is one JSON object; `FIELDS` are its names. Where a value cannot be known it is null and `notes`, a list of
sentences, says why.
"""

import math
from typing import Any

from lorewright.evaluation.comparing import TUNED
from lorewright.evaluation.report_data import ReportData
from lorewright.evaluation.scoring import ANSWER_NLL

FIELDS = ("average_loss", "perplexity", "num_test_examples", "model_path", "evaluated_at")
NOTES = "notes"


def evaluation_results(report: ReportData, *, model_path: str | None, evaluated_at: str) -> dict[str, Any]:
    """Return the results of the tuned model on all tests of a report.

    `average_loss` is the mean of `answer_nll` over the `num_test_examples` examples, in nats a token of the reference
    answer; `perplexity` is its exponential.

    Args:
        report: The tests.
        model_path: Where the model lies; None where none was trained here.
        evaluated_at: In ISO 8601.
    """
    measured = [
        row.means[ANSWER_NLL]
        for task in report.tasks
        for verdict in task.verdicts
        for row in verdict.rows
        if row.system == TUNED and ANSWER_NLL in row.means
    ]
    count = sum(one.n for one in measured)
    loss = sum(one.mean * one.n for one in measured) / count if count else None
    perplexity = _exponential(loss)
    values = (loss, perplexity, count, model_path, evaluated_at)
    notes = [
        why
        for value, why in (
            (
                loss,
                "average_loss and perplexity are null: no tuned model told how likely the reference answers are.",
            ),
            (perplexity if loss is not None else 0.0, "perplexity is null: it is beyond the largest number."),
            (model_path, "model_path is null: no model was trained here."),
        )
        if value is None
    ]
    return dict(zip(FIELDS, values, strict=True)) | ({NOTES: notes} if notes else {})


def _exponential(loss: float | None) -> float | None:
    if loss is None:
        return None
    try:
        return math.exp(loss)
    except OverflowError:
        return None
