"""What can be told of an evaluation before any model is asked: the suites, and what retrieval finds for them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lorewright.core.progress import Reporter
from lorewright.core.records import Example, Passage, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.evaluation.systems import Found, uses_passages
from lorewright.retrieval.merging import best_passages, widen
from lorewright.retrieval.search import Index
from lorewright.stages import index
from lorewright.stages.ask import prompt
from lorewright.stages.evaluate_part import Part
from lorewright.stages.evaluate_suites import Suite, suites


@dataclass(frozen=True)
class Prepared:
    """What is asked.

    Attributes:
        found: What retrieval found, by example id, where a system of its suite uses passages.
        opened: The index.
        context_chars: Characters of passages in a prompt.
    """

    suites: tuple[Suite, ...]
    found: Mapping[str, Found]
    opened: Index
    context_chars: int

    def widened(self, example_id: str) -> list[Passage]:
        """Return what was found for an example as its prompt shows it, with what stands around each passage."""
        return widen(self.opened, self.found[example_id].passages, max_chars=self.context_chars)

    def with_passages(self, question: str, passages: Sequence[Passage]) -> str:
        """Return the prompt that shows passages and asks a question, as serving makes it."""
        return prompt(self.opened, question, passages, context_chars=self.context_chars).content


def prepare(part: Part, workspace: Workspace, inputs: Mapping[str, Run], reporter: Reporter) -> Prepared:
    """Return what an evaluation of these inputs asks.

    Raises:
        EvaluationError: There are no test examples.
    """
    folder = workspace.run_dir("dataset", inputs["dataset"].id)
    asked = suites(part.evaluation, lambda artefact: read_table(folder / artefact, Example))
    opened = index.open_run(workspace, inputs["index"], part.providers)
    examples = [one for suite in asked if any(map(uses_passages, suite.systems)) for one in suite.examples]
    found = {}
    with reporter.task("retrieval", total=len(examples), unit="questions") as tick:
        for example in examples:
            started = time.perf_counter()
            passages = tuple(best_passages(opened, example.prompt, k=part.evaluation.passages))
            found[example.id] = Found(passages, time.perf_counter() - started)
            tick(1)
    return Prepared(tuple(asked), found, opened, part.evaluation.context_chars)
