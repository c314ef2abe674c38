"""The systems that ask no model: what retrieval finds, and what is right most often."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from lorewright.core.records import Example, Passage, Prediction
from lorewright.evaluation.baselines import majority, nearest_neighbour
from lorewright.evaluation.systems import RETRIEVAL, computed, model_of
from lorewright.retrieval.answer import best_text
from lorewright.stages.evaluate_prepare import Prepared
from lorewright.stages.evaluate_suites import RULES, Suite


def computed_answers(suite: Suite, prepared: Prepared) -> Iterator[Prediction]:
    """Yield the answers of a suite's systems that ask no model.

    Raises:
        EvaluationError: One answers from an index, and there is none.
    """
    common, answers = majority(suite.train), partial(best_text, stemming=prepared.opened.stemming)
    ways: dict[str, Callable[[Example, Sequence[Passage]], str]] = {
        RETRIEVAL: lambda example, passages: answers(example.prompt, passages),
        "majority": lambda _example, _passages: common,
    }
    if "neighbour" in suite.systems:
        nearest = nearest_neighbour(suite.train)
        ways["neighbour"] = lambda example, _passages: nearest(example)
    if "pattern" in suite.systems:
        rules = RULES.load(suite.task)
        ways["pattern"] = lambda example, _passages: json.dumps(rules(example.prompt), ensure_ascii=False)
    for system in suite.systems:
        if not model_of(system):
            yield from computed(
                system, suite.examples, ways[system], found=prepared.found, clock=time.perf_counter
            )
