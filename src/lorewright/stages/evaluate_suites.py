"""What is asked: the test examples by task and test set, and the systems that answer them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example
from lorewright.core.registry import Registry
from lorewright.evaluation.metrics import is_structured
from lorewright.evaluation.systems import STRUCTURED_ONLY, models_of
from lorewright.stages import dataset
from lorewright.stages.evaluation_settings import EvaluationSettings

RULES = Registry("rules", {"log_analysis": "lorewright.loganalysis.rules:analyze"})
"""Rules that answer a structured task without a model: the system `pattern`."""


@dataclass(frozen=True)
class Suite:
    """The test examples of one task and test set, with its training examples for the baselines.

    Attributes:
        systems: Who answers it, in the order of the settings.
    """

    task: str
    test_set: str
    examples: tuple[Example, ...]
    train: tuple[Example, ...]
    systems: tuple[str, ...]

    @property
    def key(self) -> str:
        """A name for files."""
        return f"{self.task}-{self.test_set}"

    @property
    def models(self) -> tuple[str, ...]:
        """The models among its systems."""
        return models_of(self.systems)


def suites(evaluation: EvaluationSettings, read: Callable[[str], Iterable[Example]]) -> list[Suite]:
    """Return the suites, unseen documents first: they are the headline.

    Args:
        evaluation: Which systems, and how many examples.
        read: Gives the examples of one of the dataset's artefacts.

    Raises:
        EvaluationError: There are no test examples.
    """
    train = _by_task(read(dataset.TRAIN))
    found = []
    for test_set, artefact in sorted(dataset.TESTS.items(), reverse=True):
        for task, examples in sorted(_by_task(read(artefact)).items()):
            chosen = tuple(spread(examples, evaluation.max_examples))
            systems = _systems(evaluation, task, chosen)
            found.append(Suite(task, test_set, chosen, tuple(train.get(task, ())), systems))
    if not found:
        raise EvaluationError(
            "The dataset has no test examples.",
            "add documents, or raise the third of dataset.ratios in lore.toml",
        )
    return found


def spread(examples: Iterable[Example], count: int) -> list[Example]:
    """Return at most so many examples, sorted by id, of as many groups as there are, and as evenly as they allow.

    Intervals are over groups: sixty examples of one document tell little more than a few. Ids are hashes, so the first
    of each group by id are a stable sample of it.
    """
    turns: list[tuple[int, str, Example]] = []
    taken: Counter[str] = Counter()
    for example in sorted(examples, key=lambda one: one.id):
        group = example.group or example.id
        turns.append((taken[group], example.id, example))
        taken[group] += 1
    chosen = sorted(turns, key=lambda turn: turn[:2])[:count]
    return sorted((example for _, _, example in chosen), key=lambda one: one.id)


def _by_task(examples: Iterable[Example]) -> dict[str, list[Example]]:
    by_task: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_task[example.task].append(example)
    return by_task


def _systems(evaluation: EvaluationSettings, task: str, examples: tuple[Example, ...]) -> tuple[str, ...]:
    """Return who answers a suite: some are only for structured tasks, rules only where there are any."""
    structured = all(is_structured(example) for example in examples)
    chosen = [name for name in evaluation.systems if structured or name not in STRUCTURED_ONLY]
    return tuple(name for name in chosen if name != "pattern" or task in RULES.names())
