"""Examples of one passage that say the same in changed words: compared more loosely than those of two passages."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lorewright.core.records import Example, Rejection
from lorewright.curation.rejecting import rejection
from lorewright.curation.sameness import answered, contradict, is_shown, lacks_name, negates, overlap, said
from lorewright.curation.turns import STRUCTURED_TASKS, refuses
from lorewright.text.function_words import EVERY_FUNCTION_WORD
from lorewright.text.names import names
from lorewright.text.number_words import ONES, SCALES, WORTH
from lorewright.text.numbers import is_stated, known_numbers, numbers
from lorewright.text.opposites import oppose
from lorewright.text.stems import stem
from lorewright.text.tokens import words
from lorewright.text.wordings import Wordings

_KNOWN = 4096
_SOME_OF_THE_ANSWER = 0.4
_LIKE_QUESTION, _LIKE_ANSWER, _LIKE_BOTH = 0.4, 0.4, 1.15
_SAME_ANSWER, _SAME_WORDS = 0.75, 0.8
_LEAST_ANSWER = 3
_MOST_BESIDE = 64
_LEAST_BEGINNING = 4
_ACRONYM = re.compile(r"\b[A-Z]{2,}\w*\b")
_LEFT_OUT = EVERY_FUNCTION_WORD.union(WORTH, SCALES)


def drop_reworded(examples: Sequence[Example], *, wordings: Wordings) -> list[Example | Rejection]:
    """Leave out examples that say what a kept one of the same passage says, with words changed here and there.

    Two are one when three quarters of the answer are the same, whatever the question's words; or when question and
    answer are alike, by 0.4 each and 1.15 together. Likeness is the share of all content words, counted as often as
    they stand (Jaccard of bags), where one word may begin another. And nothing may speak against it: a name, a number
    or an abbreviation that each gives and the other lacks, a `not` in one of them, or opposites. Numbers count for
    that alone, so that "two" and "2" are no change. In a passage with many examples the 64 before each are looked at.
    """
    found: dict[int, dict[int, tuple[float, float]]] = defaultdict(dict)
    for later, earlier in _of_one_passage(examples, wordings):
        likeness = _likeness(examples[later], examples[earlier])
        if likeness is not None:
            found[later][earlier] = likeness
    results: list[Example | Rejection] = list(examples)
    for later in sorted(found):
        kept = [earlier for earlier in found[later] if isinstance(results[earlier], Example)]
        if kept:
            twin = max(kept, key=lambda earlier: (sum(found[later][earlier]), -earlier))
            asked, said = found[later][twin]
            results[later] = rejection(
                examples[later],
                filter_name="near_duplicate",
                reason=f"of one passage with its twin: the answer is {said:.2f} alike, the question {asked:.2f}",
                twin=examples[twin].id,
            )
    return results


def _of_one_passage(examples: Sequence[Example], wordings: Wordings) -> Iterator[tuple[int, int]]:
    """Yield the places of pairs (later, earlier) that rest on one chunk and share some words of their answers."""
    of_chunk: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for place, one in enumerate(examples):
        if one.task not in STRUCTURED_TASKS and not refuses(one):
            for chunk_id in {piece.chunk_id for piece in one.evidence}:
                of_chunk[chunk_id, is_shown(one)].append(place)
    for places in of_chunk.values():
        if len(places) > 1:
            said = [wordings.content(answered(examples[place])) for place in places]
            for later in range(1, len(places)):
                for earlier in range(max(0, later - _MOST_BESIDE), later):
                    if overlap(said[later], said[earlier]) >= _SOME_OF_THE_ANSWER:
                        yield places[later], places[earlier]


def _likeness(one: Example, other: Example) -> tuple[float, float] | None:
    """Return how alike questions and answers are, where two examples of one passage are one."""
    answers = answered(one), answered(other)
    in_answer = alike(*answers)
    if in_answer < _LIKE_ANSWER or not _agree(*answers) or negates(answers[0]) != negates(answers[1]):
        return None
    in_question = alike(one.prompt, other.prompt)
    ask_alike = in_question >= _LIKE_QUESTION
    if ask_alike and not _agree(one.prompt, other.prompt):
        return None
    is_one = (in_answer >= _SAME_ANSWER and _one_answer(one, other, ask_alike=ask_alike)) or (
        ask_alike
        and in_question + in_answer >= _LIKE_BOTH
        and not _named_apart(one.prompt, other.prompt)
        and negates(one.prompt) == negates(other.prompt)
    )
    return (in_question, in_answer) if is_one else None


def _agree(one: str, other: str) -> bool:
    """Whether nothing in two questions, or answers, that are alike speaks against their being one."""
    return not (
        contradict(one, other)
        or any(
            lacks(one, other) and lacks(other, one)
            for lacks in (_lacks_name_whole, _lacks_number, _lacks_acronym)
        )
        or oppose(one, other)
    )


def _one_answer(one: Example, other: Example, *, ask_alike: bool) -> bool:
    """Whether two answers, alike as they are, answer one question.

    Where the questions are not alike, each may give names and numbers that the answer has.
    """
    answers = answered(one), answered(other)
    if min(sum(bag(text).values()) for text in answers) < _LEAST_ANSWER:
        return False
    if not ask_alike and any(
        lacks(said(other), one.prompt) and lacks(said(one), other.prompt)
        for lacks in (lacks_name, _lacks_number, _lacks_acronym)
    ):
        return False
    return (
        not _named_apart(one.prompt, other.prompt)
        or _share(Counter(words(answers[0])), Counter(words(answers[1]))) >= _SAME_WORDS
    )


def _named_apart(one: str, other: str) -> bool:
    """Whether one of two questions gives a name that the other lacks."""
    return lacks_name(one, other) or lacks_name(other, one)


def alike(one: str, other: str) -> float:
    """Return the share of content words that two texts have in common (Jaccard of bags), 0 to 1.

    A word may begin another: "deep" and "deeply". Numbers are no content here, whether in digits or in words.
    """
    mine, theirs = bag(one), bag(other)
    left = theirs - mine
    shared = sum((mine & theirs).values())
    for word, times in sorted((mine - theirs).items()):
        for candidate in sorted(left):
            least = min(len(word), len(candidate))
            if least >= _LEAST_BEGINNING and word[:least] == candidate[:least]:
                both = min(times, left[candidate])
                shared += both
                left[candidate] -= both
                break
    together = sum(mine.values()) + sum(theirs.values()) - shared
    return shared / together if together else 1.0


@lru_cache(maxsize=_KNOWN)
def bag(text: str) -> "Counter[str]":
    """Return how often a text has each stem, without words like `the` and without numbers."""
    return Counter(stem(word) for word in words(text) if word not in _LEFT_OUT and not word.isdecimal())


def _share(one: "Counter[str]", other: "Counter[str]") -> float:
    return sum((one & other).values()) / sum((one | other).values())


def _lacks_number(text: str, other: str) -> bool:
    known = known_numbers(text)
    return any(
        not is_stated(one, known)
        for one in numbers(other)
        if not (one.in_words and one.said.casefold() in ONES)
    )


def _lacks_name_whole(text: str, other: str) -> bool:
    """Whether a text lacks a name that another one gives, though it may have its parts: `pool.idle` in "idle pool"."""
    folded = text.casefold()
    return any(one.said.casefold() not in folded for one in names(other) if not one.plain)


def _lacks_acronym(text: str, other: str) -> bool:
    return not {found.casefold() for found in _ACRONYM.findall(other)}.issubset(words(text))
