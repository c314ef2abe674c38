"""Which side each document is on, and the training and test sets that follow from it.

A document's side is a draw by its own content or by its field value, never by what else is in the corpus: adding
documents moves none from one side to another. What would stand on two sides is left out, with the reason.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lorewright.core.errors import DatasetError
from lorewright.core.records import Assignment, Example, Rejection
from lorewright.datasets.asked import nearly_asked
from lorewright.datasets.draws import Ratios
from lorewright.datasets.evidence import ChunkPlaces, spans
from lorewright.datasets.fields import field_value
from lorewright.datasets.leakage import COMMON_GROUPS, NGRAM_WORDS, SAME_QUESTION, leaking
from lorewright.datasets.seen import HeldOut, hold_out
from lorewright.datasets.sides import LEFT_OUT, Dealt, by_content, by_field, field_values

MAX_TEST_CHARS = 50_000


@dataclass(frozen=True)
class Division:
    """The sets of one dataset; every example given is in exactly one of them or rejected.

    Attributes:
        train: Trained on.
        validation: Groups held out to watch the training.
        test_seen_docs: Held-out questions about documents of `train`, with other evidence.
        test_unseen_docs: Examples of documents, or of field values, that are nowhere in `train`.
        test_yours: The user's questions.
        rejections: Why the others were left out.
        seen_filled: Whether an example was held out only because `test_seen_docs` would be empty without it.
    """

    train: list[Example]
    validation: list[Example]
    test_seen_docs: list[Example]
    test_unseen_docs: list[Example]
    test_yours: list[Example]
    rejections: list[Rejection]
    seen_filled: bool = False


def assign_documents(
    documents: Iterable[tuple[str, str]],
    examples: Iterable[Example],
    chunk_places: ChunkPlaces,
    *,
    ratios: Ratios = (0.8, 0.1, 0.1),
    split_by: str = "",
    near_duplicate_threshold: float,
    max_test_chars: int = MAX_TEST_CHARS,
    seed: int,
) -> Dealt:
    """Return the side and the group of every document, sorted by id, and which groups fill a side.

    Args:
        documents: Ids and texts.
        examples: All curated examples; only their evidence and their `split_by` field are read.
        chunk_places: Chunk id to every (document id, first character) where it stands.
        ratios: Shares of (train, validation, test) of the groups.
        split_by: Metadata field whose values stay whole, "template" for instance. Documents quoted by examples
            that carry it follow their value; the others follow their content, near duplicates together.
        near_duplicate_threshold: Jaccard similarity of three-word shingles from which documents stay together.
        max_test_chars: Longer documents are never held out.
        seed: Of the draws.

    Raises:
        DatasetError: When the ratios are no shares.
    """
    if min(ratios) < 0 or abs(sum(ratios) - 1) > 1e-9:
        raise DatasetError(
            f"ratios {ratios} are no shares of (train, validation, test)", hint="make them add up to 1"
        )
    texts = dict(documents)
    values = field_values(examples, chunk_places, split_by)
    prose = {key: text for key, text in texts.items() if key not in values}
    known = {key: own for key, own in values.items() if key in texts}
    valued = by_field(known, ratios=ratios, split_by=split_by, seed=seed)
    read = by_content(
        prose,
        ratios=ratios,
        near_duplicate_threshold=near_duplicate_threshold,
        max_test_chars=max_test_chars,
        seed=seed,
    )
    assignments = sorted([*valued.assignments, *read.assignments], key=lambda one: one.document_id)
    return Dealt(assignments, {**valued.filled, **read.filled})


def divide(
    examples: Sequence[Example],
    assignments: Iterable[Assignment],
    chunk_places: ChunkPlaces,
    *,
    seen_ratio: float,
    near_duplicate_threshold: float,
    seed: int,
    split_by: str = "",
    min_examples: int = 1,
    questions: Sequence[Example] = (),
    same_question: float = SAME_QUESTION,
    ngram_words: int = NGRAM_WORDS,
    common_groups: int = COMMON_GROUPS,
) -> Division:
    """Return the training and test sets, each example with its group set, in the order given.

    Args:
        examples: Curated examples.
        assignments: From `assign_documents` on the same corpus.
        chunk_places: Chunk id to every (document id, first character) where it stands.
        seen_ratio: Share of the train side's question clusters that becomes the `seen-docs` test.
        near_duplicate_threshold: Similarity from which two questions are one cluster.
        seed: Of the draws.
        split_by: As given to `assign_documents`.
        min_examples: Fewest training examples worth going on with.
        questions: The user's own, as examples; nothing like them is trained on.
        same_question: Similarity from which an example asks what one of `questions` asks.
        ngram_words: Length of the word runs that training and tests must not share.
        common_groups: Runs in more groups than this are common speech and may be shared.

    Raises:
        DatasetError: When fewer than `min_examples` are left to train on.
    """
    placed, rejections = _place_all(examples, assignments, chunk_places)
    held = _held_out(
        placed,
        chunk_places,
        split_by=split_by,
        ratio=seen_ratio,
        near_duplicate_threshold=near_duplicate_threshold,
        seed=seed,
    )
    sets = _sets(placed, held.positions)
    fitted = [*sets["train"], *sets["validation"]]
    leaks = _leaks(
        fitted,
        [*sets["seen"], *sets["test"]],
        questions,
        split_by=split_by,
        same_question=same_question,
        ngram_words=ngram_words,
        common_groups=common_groups,
    )
    rejections += [leaks[position] for position in sorted(leaks)]
    division = _divided(sets, questions, leaks, rejections, seen_filled=held.filled)
    _want_enough(division, min_examples, given=len(examples))
    return division


def _divided(
    sets: Mapping[str, Sequence[Example]],
    questions: Sequence[Example],
    leaks: Collection[int],
    rejections: Sequence[Rejection],
    *,
    seen_filled: bool,
) -> Division:
    """Return the division without what leaks, and without held-out examples of groups that nothing is left of.

    Args:
        sets: As `_sets` returns them.
        questions: The user's.
        leaks: Positions in `train` and then `validation` to leave out.
        rejections: So far.
        seen_filled: As in `Division`.
    """
    border = len(sets["train"])
    train = [one for position, one in enumerate(sets["train"]) if position not in leaks]
    validation = [one for position, one in enumerate(sets["validation"], border) if position not in leaks]
    trained = {one.group for one in train}
    untrained = [_untrained(one) for one in sets["seen"] if one.group not in trained]
    return Division(
        train=train,
        validation=validation,
        test_seen_docs=[one for one in sets["seen"] if one.group in trained],
        test_unseen_docs=list(sets["test"]),
        test_yours=list(questions),
        rejections=[*rejections, *untrained],
        seen_filled=seen_filled,
    )


def _place_all(
    examples: Sequence[Example], assignments: Iterable[Assignment], chunk_places: ChunkPlaces
) -> tuple[list[tuple[str, Example]], list[Rejection]]:
    """Return (side, example with its group) of what has one side, and the rejections of the rest."""
    by_document = {assignment.document_id: assignment for assignment in assignments}
    placed: list[tuple[str, Example]] = []
    rejections: list[Rejection] = []
    for example in examples:
        found = _find_side(example, by_document, chunk_places)
        if isinstance(found, str):
            rejections.append(_rejection(example, filter_name="split", reason=found))
        else:
            placed.append((found.split, example.model_copy(update={"group": found.group})))
    return placed, rejections


def _sets(placed: Sequence[tuple[str, Example]], held: Collection[int]) -> dict[str, list[Example]]:
    """Return the examples of each side, those that are held out of training as `seen`."""
    sets: dict[str, list[Example]] = {"train": [], "validation": [], "test": [], "seen": []}
    for position, (split, example) in enumerate(placed):
        sets["seen" if position in held else split].append(example)
    return sets


def _held_out(
    placed: Sequence[tuple[str, Example]],
    chunk_places: ChunkPlaces,
    *,
    split_by: str,
    ratio: float,
    near_duplicate_threshold: float,
    seed: int,
) -> HeldOut:
    """Return the positions of the `seen-docs` test, with and without a field value drawn apart."""
    held: set[int] = set()
    filled = False
    for has_value in (False, True):
        pool = [
            position
            for position, (split, example) in enumerate(placed)
            if split == "train" and bool(field_value(example, split_by)) == has_value
        ]
        chosen = hold_out(
            [placed[position][1] for position in pool],
            chunk_places,
            ratio=ratio,
            near_duplicate_threshold=near_duplicate_threshold,
            seed=seed,
        )
        held |= {pool[position] for position in chosen.positions}
        filled = filled or chosen.filled
    return HeldOut(held, filled)


def _find_side(
    example: Example, by_document: Mapping[str, Assignment], chunk_places: ChunkPlaces
) -> Assignment | str:
    """Return the assignment of the first group that holds the evidence, or why the example has no side."""
    quoted = sorted({span.document_id for span in spans(example, chunk_places)})
    if not quoted:
        return "no evidence ties it to a document, so it has no side"
    unknown = [document_id for document_id in quoted if document_id not in by_document]
    if unknown:
        return f"document {unknown[0]} of its evidence has no side"
    found = sorted((by_document[document_id] for document_id in quoted), key=lambda one: one.group)
    bridging = [one.document_id for one in found if one.split == LEFT_OUT]
    if bridging:
        return f"its document {bridging[0]} would bridge two sides of the split"
    sides = sorted({one.split for one in found})
    if len(sides) > 1:
        return f"its evidence stands in documents of {' and '.join(sides)}"
    return found[0]


def _leaks(
    fitted: Sequence[Example],
    tests: Sequence[Example],
    questions: Sequence[Example],
    *,
    split_by: str,
    same_question: float,
    ngram_words: int,
    common_groups: int,
) -> dict[int, Rejection]:
    """Return the rejections of what may not be fitted to, by position: the user's questions first, then word runs."""
    asked = nearly_asked(fitted, questions, threshold=same_question)
    found = {
        position: _leaking(fitted[position], "asks nearly the same as", questions[number])
        for position, number in asked.items()
    }
    rest = [position for position in range(len(fitted)) if position not in found]
    yours = {example.id: example for example in questions}
    shared = leaking(
        [fitted[position] for position in rest],
        [*tests, *questions],
        split_by=split_by,
        ngram_words=ngram_words,
        common_groups=common_groups,
    )
    for number, (gram, test_id) in shared.items():
        example = fitted[rest[number]]
        found[rest[number]] = _leaking(example, f"shares {gram!r} with", yours.get(test_id), test_id)
    return found


def _leaking(example: Example, does: str, question: Example | None, test_id: str = "") -> Rejection:
    whose = f"your question {question.prompt!r}" if question else "a test example"
    twin = question.id if question else test_id
    return _rejection(example, filter_name="leakage", reason=f"{does} {whose}", twin=twin)


def _untrained(example: Example) -> Rejection:
    return _rejection(
        example, filter_name="split", reason="nothing of its document is left to train on, so it is not seen"
    )


def _rejection(example: Example, *, filter_name: str, reason: str, twin: str = "") -> Rejection:
    name = next((turn.content for turn in reversed(example.messages) if turn.role == "user"), "")
    return Rejection(
        record="example",
        record_id=example.id,
        filter=filter_name,
        reason=reason,
        twin=twin,
        name=name[:200],
    )


def _want_enough(division: Division, min_examples: int, *, given: int) -> None:
    left = len(division.train)
    if left >= min_examples:
        return
    parts = {
        "held out for validation": len(division.validation),
        "held out for tests": len(division.test_seen_docs) + len(division.test_unseen_docs),
    }
    parts |= Counter(f"left out by {one.filter}" for one in division.rejections)
    told = ", ".join(f"{count:,} {what}" for what, count in parts.items() if count)
    raise DatasetError(
        f"{left:,} of {given:,} examples are left to train on, fewer than {min_examples:,}"
        + (f": {told}." if told else "."),
        "add sources to lore.toml, or lower dataset.min_examples, then: lore dataset; "
        "lore curate --report shows what was left out before",
    )
