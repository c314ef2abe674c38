"""What training text and test text share: word runs, questions, evidence spans and groups."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lorewright.core.records import Example
from lorewright.datasets.asked import nearly_asked
from lorewright.datasets.evidence import ChunkPlaces, meeting, own_spans
from lorewright.datasets.fields import field_value
from lorewright.text.tokens import ngrams, words

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

Grams = frozenset[tuple[str, ...]]


def supervised_grams(example: Example, *, split_by: str, ngram_words: int) -> Grams:
    """Return the runs of `ngram_words` words of what an example teaches; a shorter text is one run.

    That is questions and answers, without the passages that a prompt shows; where the data has a `split_by` field the
    prompt is given data (a log, say) and only the answer counts.
    """
    taught = [turn.content for turn in example.messages if turn.role == "assistant"]
    if field_value(example, split_by):
        taught = taught[-1:]
    else:
        taught.insert(0, example.prompt)
    found = words("\n".join(taught))
    return frozenset(ngrams(found, ngram_words) or ([tuple(found)] if found else []))


def common_grams(
    grams: Sequence[Grams], groups: Sequence[str], *, common_groups: int
) -> Counter[tuple[str, ...]]:
    """Return the runs that stand in more than `common_groups` groups, with the number of groups."""
    standing = Counter(
        gram for gram, _ in {(gram, group) for own, group in zip(grams, groups, strict=True) for gram in own}
    )
    return Counter({gram: count for gram, count in standing.items() if count > common_groups})


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
    grams = [supervised_grams(example, split_by=split_by, ngram_words=ngram_words) for example in every]
    removed: dict[int, tuple[str, str]] = {}
    while True:
        left = [position for position in range(len(every)) if position not in removed]
        common = common_grams(
            [grams[position] for position in left],
            [every[position].group for position in left],
            common_groups=common_groups,
        )
        tested = _holders(tests, grams[len(train) :], common)
        found = {
            position: shared
            for position in left
            if position < len(train)
            for shared in _first_shared(every[position], grams[position], tested, split_by)
        }
        if not found:
            return removed
        removed |= found


def _holders(
    tests: Sequence[Example], grams: Sequence[Grams], common: Mapping[tuple[str, ...], int]
) -> dict[tuple[str, ...], list[Example]]:
    holders: dict[tuple[str, ...], list[Example]] = {}
    for example, own in zip(tests, grams, strict=True):
        for gram in own:
            if gram not in common:
                holders.setdefault(gram, []).append(example)
    return holders


def _first_shared(
    example: Example, own: Grams, tested: Mapping[tuple[str, ...], Sequence[Example]], split_by: str
) -> Iterator[tuple[str, str]]:
    """Yield the first shared run in alphabetical order and who holds it, or nothing."""
    for gram in sorted(own & tested.keys()):
        for holder in tested[gram]:
            if not _same_value(example, holder, split_by):
                yield " ".join(gram), holder.id
                return


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
    grams = {
        id(example): supervised_grams(example, split_by=split_by, ngram_words=ngram_words)
        for example in every
    }
    common = common_grams(
        [grams[id(example)] for example in every],
        [example.group for example in every],
        common_groups=common_groups,
    )
    trained = _holders(train, [grams[id(example)] for example in train], common)
    return {
        "ngram_words": ngram_words,
        "common_ngrams": {
            "more_than_groups": common_groups,
            "count": len(common),
            "most": [
                [" ".join(gram), count]
                for gram, count in sorted(common.items(), key=lambda item: (-item[1], item[0]))[:_LISTED]
            ],
        },
        "tests": {
            name: {
                **_figures(
                    train,
                    examples,
                    [grams[id(example)] for example in examples],
                    trained,
                    chunk_places,
                    split_by,
                ),
                "same_questions": _same_questions(train, examples, split_by, same_question),
            }
            for name, examples in tests.items()
        },
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
    grams: Sequence[Grams],
    trained: Mapping[tuple[str, ...], Sequence[Example]],
    chunk_places: ChunkPlaces,
    split_by: str,
) -> dict[str, int]:
    shared = [
        {
            gram
            for gram in own & trained.keys()
            if any(not _same_value(example, holder, split_by) for holder in trained[gram])
        }
        for example, own in zip(examples, grams, strict=True)
    ]
    owned = own_spans([*train, *examples], chunk_places)
    groups = {example.group for example in examples}
    values = {field_value(example, split_by) for example in train} - {""}
    return {
        "examples": len(examples),
        "groups": len(groups),
        "leaking_examples": sum(1 for own in shared if own),
        "shared_ngrams": len({gram for own in shared for gram in own}),
        "same_value_examples": sum(field_value(example, split_by) in values for example in examples),
        "shared_spans": len(
            meeting(owned[len(train) :], [span for own in owned[: len(train)] for span in own])
        ),
        "shared_groups": len(groups & {example.group for example in train}),
    }
