"""Numbers that an answer need not find in its evidence: what counts things there, and what follows from others."""

import re
from collections.abc import Iterable, Sequence
from itertools import permutations, product

from lorewright.text.numbers import Number, is_stated, numbers
from lorewright.text.source import Source

_DERIVED = re.compile(
    r"\b(?:that is|i\.e|in total|total|altogether|up to|hence|so|thus|makes|equals|roughly|about|sum|together|insgesamt"
    r"|also|soit|das sind|итого|всего)\b|=|共",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:the|other|these|those|all|both|of|in|into|any|between|first|last|die|beiden?|les|los|le|другие|эти)\s+$",
    re.IGNORECASE,
)
_FREQUENCY = re.compile(
    r"\w*(?:mal|twice|thrice|doubl\w*|tripl\w*|дважды|трижды)\b|[^\n,.;]{0,9}?(?:times?\b|fois\b|veces\b|раза?\b|次)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,2}[.)])[ \t]", re.MULTILINE)
_CLAUSE = re.compile(r"[.:;](?=\s)|[()\n|。；：（）]")
_COMMA = r",(?=\s)|、|，"
_BETWEEN = re.compile(rf"(?:{_COMMA})?\s{{1,4}}(?:and|or|und|oder|et|ou|y|o|и|или)\s|[和或及]|{_COMMA}")
_COMMA_ONLY = re.compile(r"^[,、，]$")
_BEYOND = re.compile(
    r"(?:\b(?:than|above|over|below|under|beyond|als|über|unter|que|свыше|больше|более|меньше)|exceed\w*|[<>]|超过)\s*$",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"\b(?:or (?:more|less|fewer)|at (?:least|most)|oder (?:mehr|weniger)|mindestens|höchstens|ou (?:plus|moins)"
    r"|au (?:moins|plus)|и более|не (?:менее|более)|from|ab)\b|至少|以上|至多",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"\d(?:st|nd|rd|th)$|^(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b", re.IGNORECASE
)
_OF = re.compile(r"\s+of\b", re.IGNORECASE)
_FACTOR = re.compile(r"\b(?:doubl|tripl|halv|verdoppel|halbier|удв|удва)\w*", re.IGNORECASE)
_COMPARED = re.compile(
    r"[\w \u00a0]{0,16}?\b(?:(?:more|less|fewer|longer|shorter|higher|lower|larger|smaller) than|mehr als|weniger als"
    r"|de (?:plus|moins) que|больше|меньше)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？]|\n\s*\n")
_MOST_COUNTED = 4
_MOST_LISTED = 12
_MOST_KNOWN = 12
_NEAR = 40
_SPANS = (60.0, 3600.0, 86400.0, 604800.0)
"""A minute, an hour, a day and a week, in seconds: how often something happens in one follows from its interval."""


def is_idle(one: Number, text: str, source: Source) -> bool:
    """Whether a number only counts what is named: `one`, `the other two`, `three modes: a, b and c`.

    What it counts stands in the answer behind a colon, or is a list of the evidence, which then must not have a number
    of its own that the answer leaves out.
    """
    if one.unit or one.version:
        return False
    if not one.in_words:
        return _counts_a_list(one, text, source)
    if any(value < 1 for value in one.values):
        return one.values == {0.5} or not _OF.match(text, one.start + len(one.said))
    if one.values == {1.0}:
        return True
    most = max(one.values, default=0)
    if most <= _MOST_COUNTED and _COUNTED.search(text[: one.start]):
        return True
    named = text[one.start + len(one.said) :].partition(":")[2]
    items = max(named.count("`") // 2, len(re.findall(r",|\band\b|\bor\b|\n", named)) + 1 if named else 0)
    listed = len(_ITEM.findall(source.quoted.text))
    return most <= max(items, 0) or most == listed or _counts_a_list(one, text, source)


def _counts_a_list(one: Number, text: str, source: Source) -> bool:
    most = max(one.values, default=0)
    if not 2 <= most <= _MOST_LISTED or _FREQUENCY.match(text, one.start):
        return False
    others = [
        other for other in numbers(source.quoted.text) if not other.unit and not other.values <= {0.0, 1.0}
    ]
    stated = [*numbers(text), *source.asked.numbers]
    return most in _list_lengths(source.quoted.text) and all(is_stated(other, stated) for other in others)


def _list_lengths(text: str) -> set[int]:
    """Return how many items the lists of a text have: those in a clause, and rows of tables."""
    found = {len(_ITEM.findall(text)), len(re.findall(r"^\|", text, re.MULTILINE)) - 2}
    for clause in _CLAUSE.split(text):
        breaks = list(_BETWEEN.finditer(clause))
        commas = [place for place, match in enumerate(breaks) if _COMMA_ONLY.match(match[0])]
        last = commas[-1] if commas else -1
        found |= {len(breaks) + 1, len(commas) + 1, len(commas) + 1 + (0 < last + 1 < len(breaks))}
    return found


def follows(one: Number, found: Sequence[Number], text: str, source: Source, *, replaces: str) -> bool:
    """Whether a number follows from others that the answer or its question states.

    It is their sum, difference, product or quotient, where the answer says that it reckons, or where it stands in no
    other's place; one more or less, where it is the first behind a bound.

    Args:
        one: The number.
        found: All of the answer.
        text: The answer.
        source: What it rests on.
        replaces: A number of the evidence that it may stand in the place of; empty where there is none.
    """
    others = [other for other in found if other is not one]
    around = text[max(0, one.start - _NEAR) : one.start + len(one.said) + _NEAR // 2]
    if len(others) >= 2 and _DERIVED.search(around) and _is_among(one, _reckoned(others)):
        return True
    if _is_next(one, around, source):
        return True
    if _FACTOR.search(source.quoted.text) and _is_among(
        one, _combined(one, numbers(source.quoted.text)[:_MOST_KNOWN])
    ):
        return True
    if _COMPARED.match(text, one.start + len(one.said)) and _is_among(
        one, _differences(others, numbers(source.quoted.text))
    ):
        return True
    near = [other for other in others if _in_one_sentence(one, other, text)]
    known = [_with_its_unit(other, source) for other in (*near, *source.asked.numbers)[:_MOST_KNOWN]]
    return not replaces and _is_among(one, [*_combined(one, known), *_neighbours(one, others)])


def _is_next(one: Number, around: str, source: Source) -> bool:
    """Whether an answer says `two or more` where the evidence says `more than one`."""
    return (
        not one.unit
        and _BOUND.search(around) is not None
        and any(
            value + step in one.values
            for other in numbers(source.quoted.text)
            if not other.unit and _BEYOND.search(source.quoted.text[: other.start])
            for value in other.values
            for step in (-1, 1)
        )
    )


def _neighbours(one: Number, others: Iterable[Number]) -> list[float]:
    """Return what is one more or less than a number of the answer: `a 41st` beside 40, `the first and three more`."""
    ordinal = _ORDINAL.search(one.said) is not None
    if one.unit or not (one.in_words or ordinal):
        return []
    return [
        value + step
        for other in others
        if ordinal or not other.unit
        for value in other.values
        for step in (-1, 1)
    ]


def _reckoned(those: Iterable[Number]) -> list[float]:
    worth = {value for one in those for value in one.worth | one.values}
    return [
        result
        for a in worth
        for b in worth
        for result in (a + b, a - b, a * b, *((a / b, a - a / b, 2 * a / b) if b else ()))
    ]


def _combined(one: Number, those: Sequence[Number]) -> list[float]:
    """Return what numbers make in the unit of another: sums, products with a count, shares, the rule of three."""
    found = (
        []
        if one.unit
        else [x / y for other in those if other.unit == "time" for x in _SPANS for y in other.worth if y]
    )
    found += _differences([other for other in those if other.unit == one.unit], those)
    for first, second in permutations(those, 2):
        for a, b in product(first.worth, second.worth):
            if first.unit == one.unit and second.unit in ("", "share"):
                found += [a * b, a / b if b else a]
            if first.unit == second.unit != "" and not one.unit and b:
                found.append(a / b)
    for first, second, third in permutations(those, 3):
        if first.unit == one.unit and second.unit == third.unit != one.unit:
            found += [a * b / c for a, b, c in product(first.worth, second.worth, third.worth) if c]
    return found


def _differences(some: Iterable[Number], others: Sequence[Number]) -> list[float]:
    return [
        result
        for one in some
        for other in others
        if one is not other and one.unit == other.unit
        for a, b in product(one.worth, other.worth)
        for result in (a + b, a - b, b - a)
    ]


def _with_its_unit(one: Number, source: Source) -> Number:
    """Return what the evidence has of a number whose unit the answer leaves out: `ten minutes, then fifteen`."""
    if one.unit:
        return one
    return next(
        (other for other in numbers(source.quoted.text) if other.unit and one.values & other.values), one
    )


def _in_one_sentence(one: Number, other: Number, text: str) -> bool:
    start, end = sorted((one.start, other.start))
    return _SENTENCE_END.search(text, start, end) is None


def _is_among(one: Number, results: Iterable[float]) -> bool:
    return any(abs(result - value) < 1e-9 * max(1, abs(value)) for result in results for value in one.worth)
