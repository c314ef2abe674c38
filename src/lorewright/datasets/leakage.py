"""What training text and test text share: word runs, questions, evidence spans and groups."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lorewright.core.records import Example
from lorewright.datasets.asked import nearly_asked
from lorewright.datasets.evidence import ChunkPlaces, meeting, own_spans
from lorewright.datasets.fields import field_value
from lorewright.datasets.taught import Taught

NGRAM_WORDS = 10
COMMON_GROUPS = 5
SAME_QUESTION = 0.8
_LISTED = 20
# What must be nothing, by test: documents are seen by design, and two documents may ask the same of other things.
_FORBIDDEN = {
    "seen-docs": ("leaking_examples", "shared_spans"),
    "unseen-docs": ("leaking_examples", "same_value_examples", "shared_spans", "shared_groups"),
    "questions": ("leaking_examples", "same_questions"),
}


def leaking(
    train: Sequence[Example],
    tests: Sequence[Example],
    *,
    split_by: str,
    ngram_words: int = NGRAM_WORDS,
    common_groups: int = COMMON_GROUPS,
) -> dict[int, tuple[str, str]]:
    """Return the positions in `train` to leave out so that no uncommon word run is shared with a test.

    The value is the shared run and the id of the test example. Runs are counted again after each removal, since
    one that stood in many groups may then stand in few. Draws of one field value are alike by design: a training
    example is not compared with tests of its own value.
    """
    every = [*train, *tests]
    taught = Taught(every, split_by=split_by, ngram_words=ngram_words)
    holders = taught.shared(len(train))
    removed: dict[int, tuple[str, str]] = {}
    while True:
        left = {run: [one for one in own if one not in removed] for run, own in holders.items()}
        uncommon = _uncommon(left, every, common_groups)
        found = _sharing(uncommon, every, len(train), split_by, tests=False)
        if not found:
            return removed
        for position, runs in found.items():
            removed[position] = _first_shared(taught, uncommon, position, runs, every, len(train), split_by)


def _uncommon(
    holders: Mapping[int, Sequence[int]], every: Sequence[Example], common_groups: int
) -> dict[int, Sequence[int]]:
    """Return the runs that stand in few groups."""
    return {
        run: own
        for run, own in holders.items()
        if len(own) <= common_groups or len({every[one].group for one in own}) <= common_groups
    }


def _sharing(
    holders: Mapping[int, Sequence[int]], every: Sequence[Example], divide: int, split_by: str, *, tests: bool
) -> dict[int, set[int]]:
    """Return the positions of one side with the runs that they share with the other, their own value left out.

    Args:
        holders: Runs to the positions that hold them.
        every: Training examples, then tests.
        divide: Position of the first test.
        split_by: Field of the values.
        tests: Whether positions of tests are wanted, else those of training.
    """
    found: dict[int, set[int]] = {}
    for run, own in holders.items():
        others = [every[one] for one in own if (one >= divide) != tests]
        for one in own:
            wanted = (one >= divide) == tests
            if wanted and any(not _same_value(every[one], other, split_by) for other in others):
                found.setdefault(one, set()).add(run)
    return found


def _first_shared(
    taught: Taught,
    holders: Mapping[int, Sequence[int]],
    position: int,
    runs: Collection[int],
    every: Sequence[Example],
    divide: int,
    split_by: str,
) -> tuple[str, str]:
    """Return the first shared run in alphabetical order, and the id of the first test example that holds it."""
    text, run = next(iter(taught.texts(position, runs).items()))
    tests = (every[one] for one in holders[run] if one >= divide)
    return text, next(test.id for test in tests if not _same_value(every[position], test, split_by))


def _same_value(one: Example, other: Example, split_by: str) -> bool:
    return field_value(one, split_by) == field_value(other, split_by) != ""


def measure(
    train: Sequence[Example],
    tests: Mapping[str, Sequence[Example]],
    chunk_places: ChunkPlaces,
    *,
    split_by: str = "",
    ngram_words: int = NGRAM_WORDS,
    common_groups: int = COMMON_GROUPS,
    same_question: float = SAME_QUESTION,
) -> dict[str, Any]:
    """Return what each test shares with `train` (give it the validation examples too, they choose the model).

    Returns:
        `ngram_words`; `common_ngrams`: the number of word runs left out because they stand in more than
        `common_groups` groups, and the most frequent as `[words, groups]`; `tests`: by name `examples`, `groups`,
        `leaking_examples` and `shared_ngrams` (uncommon runs also in `train`, other field values only),
        `same_value_examples` (whose field value is trained on: draws of one template), `same_questions` (examples
        without such a value that ask nearly what one of `train` asks, of similarity `same_question`), `shared_spans`
        (examples whose evidence overlaps a training example's) and `shared_groups`. `leaks` says what of it may not be.
    """
    every = [*train, *(example for examples in tests.values() for example in examples)]
    taught = Taught(every, split_by=split_by, ngram_words=ngram_words)
    common, most = taught.common([one.group for one in every], more_than=common_groups, listed=_LISTED)
    uncommon = _uncommon(taught.shared(len(train)), every, common_groups)
    shared = _sharing(uncommon, every, len(train), split_by, tests=True)
    figures = {}
    first = len(train)
    for name, examples in tests.items():
        own = [shared.get(position, set()) for position in range(first, first + len(examples))]
        first += len(examples)
        figures[name] = {
            **_figures(train, examples, own, chunk_places, split_by),
            "same_questions": _same_questions(train, examples, split_by, same_question),
        }
    return {
        "ngram_words": ngram_words,
        "common_ngrams": {
            "more_than_groups": common_groups,
            "count": common,
            "most": [[text, count] for text, count in most],
        },
        "tests": figures,
    }


def leaks(measured: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return by test what it shares with training and must not, of what `measure` returned; empty for a clean one.

    `seen-docs` may share no word runs and no evidence, `unseen-docs` no group and no field value either, and what
    `questions` ask and answer may not be trained on, in nearly the same words either.
    """
    found = {
        name: {key: figures[key] for key in _FORBIDDEN.get(name, ("leaking_examples",)) if figures.get(key)}
        for name, figures in measured["tests"].items()
    }
    return {name: own for name, own in found.items() if own}


def _same_questions(
    train: Sequence[Example], examples: Sequence[Example], split_by: str, threshold: float
) -> int:
    asked, questions = (
        [example for example in members if not field_value(example, split_by)]
        for members in (examples, train)
    )
    return len(nearly_asked(asked, questions, threshold=threshold))


def _figures(
    train: Sequence[Example],
    examples: Sequence[Example],
    shared: Sequence[Collection[int]],
    chunk_places: ChunkPlaces,
    split_by: str,
) -> dict[str, int]:
    owned = own_spans([*train, *examples], chunk_places)
    groups = {example.group for example in examples}
    values = {field_value(example, split_by) for example in train} - {""}
    return {
        "examples": len(examples),
        "groups": len(groups),
        "leaking_examples": sum(1 for own in shared if own),
        "shared_ngrams": len({run for own in shared for run in own}),
        "same_value_examples": sum(field_value(example, split_by) in values for example in examples),
        "shared_spans": len(
            meeting(owned[len(train) :], [span for own in owned[: len(train)] for span in own])
        ),
        "shared_groups": len(groups & {example.group for example in train}),
    }
