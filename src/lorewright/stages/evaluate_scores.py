"""Everything that is measured of the answers to a suite."""

from collections.abc import Iterator, Sequence

from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.failures import Shown
from lorewright.evaluation.grounded_metrics import citation_scores, refusal_scores
from lorewright.evaluation.metrics import metrics_for
from lorewright.evaluation.retrieval_metrics import RECALL_AT, retrieval_scores
from lorewright.evaluation.scoring import nll_scores, score
from lorewright.evaluation.semantic import Embed, semantic_scores
from lorewright.evaluation.systems import RETRIEVAL, uses_passages
from lorewright.stages.evaluate_models import ModelAnswers
from lorewright.stages.evaluate_part import Part
from lorewright.stages.evaluate_prepare import Prepared
from lorewright.stages.evaluate_suites import Suite


def scores_of(
    suite: Suite,
    predictions: Sequence[Prediction],
    answered: ModelAnswers,
    part: Part,
    *,
    shown: Shown,
    embed: Embed | None,
) -> Iterator[Score]:
    """Yield the scores of a suite's answers: by metrics, by what retrieval found, and by what is cited and refused.

    Args:
        suite: What was asked.
        predictions: What every system answered.
        answered: How likely models find the references.
        part: What evaluate takes from the settings.
        shown: The texts of the passages that systems saw, by example id.
        embed: Turns texts into vectors; None where no embedder is set.
    """
    examples = suite.examples
    names = metrics_for(examples, also=part.evaluation.metrics)
    yield from score(examples, predictions, metrics=names, shown=shown)
    most = part.evaluation.passages
    depths = sorted({k for k in RECALL_AT if k < most} | {most})
    yield from retrieval_scores(examples, predictions, shown=shown, recall_at_k=depths)
    yield from refusal_scores(examples, predictions, shown=shown)
    yield from citation_scores(
        examples,
        predictions,
        numbered=lambda example, prediction: _numbered(example, prediction, shown),
        min_support=part.min_support,
        shown=shown,
    )
    if embed is not None:
        yield from semantic_scores(examples, predictions, embed=embed, shown=shown)
    for name, found in answered.likelihoods.items():
        if suite.key in found:
            yield from nll_scores(examples, system=name, likelihoods=found[suite.key])


def shown_texts(suite: Suite, prepared: Prepared) -> Shown:
    """Return the texts of the passages that systems saw, with what stands around them, by example id."""
    if not any(map(uses_passages, suite.systems)):
        return {}
    return {
        example.id: tuple(passage.text for passage in prepared.widened(example.id))
        for example in suite.examples
    }


def _numbered(example: Example, prediction: Prediction, shown: Shown) -> Sequence[str]:
    if prediction.system == RETRIEVAL or not uses_passages(prediction.system):
        return ()
    return shown.get(example.id, ())
