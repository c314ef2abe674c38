"""Scores of a finished run by task and test set, with the examples that they are of."""

from collections.abc import Iterator

from lorewright.core.records import Example, Run, Score
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.evaluation.means import by_metric_and_system
from lorewright.stages import dataset
from lorewright.stages.evaluate_suites import Suite, suites
from lorewright.stages.evaluation_settings import EvaluationSettings

ByMetric = dict[str, dict[str, dict[str, float]]]


def suite_scores(
    workspace: Workspace, run: Run, artefact: str, evaluation: EvaluationSettings
) -> Iterator[tuple[Suite, ByMetric]]:
    """Yield each suite of a run with its values by metric, system and example id.

    Args:
        workspace: Where the run stands.
        run: That asked the test examples of the dataset among its inputs.
        artefact: Its scores.
        evaluation: The settings by which it chose them.
    """
    folder = workspace.run_dir("dataset", run.inputs["dataset"])
    scores = list(read_table(workspace.run_dir(run.stage, run.id) / artefact, Score))

    def read(name: str) -> Iterator[Example]:
        return iter(()) if name == dataset.TRAIN else read_table(folder / name, Example)

    for suite in suites(evaluation, read):
        ids = {example.id for example in suite.examples}
        yield suite, by_metric_and_system(row for row in scores if row.example_id in ids)
