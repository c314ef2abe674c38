"""Whether two examples may ask and say the same: by the words that they share, and by names and numbers."""

import re
from functools import lru_cache, partial

from lorewright.core.records import Example
from lorewright.text.names import names, tokens
from lorewright.text.numbers import Number, is_stated, known_numbers, numbers
from lorewright.text.tokens import words

_KNOWN = 8192
# What begins with a digit; digits inside of names are no numbers.
_DIGITS = re.compile(r"(?<![\w.])\d[\w.,]*")
_SIGN = re.compile(r"(?<!`)`(-\w{1,2}|[^\w\s`]{1,3})`(?!`)")
_NOT = "not"
_NOT_SHORT = re.compile(r"\wn['\u2019]t\b", re.IGNORECASE)
_NEGATIONS = (
    "not no never none without cannot nicht kein keine keinen keiner keinem ohne nie pas jamais aucun aucune sans nunca"
    " sin ningún ninguna non senza mai sem não не нет без никогда"
)
_OTHERS = (
    "before after until more less most least above below under off only between vor nach bevor nachdem mehr weniger"
    " über unter nur zwischen avant après plus moins seulement entre antes después más menos sólo до после больше"
    " меньше только"
)
# Words without a subject that turn what is asked into something else, negations alike.
_TURNING = dict.fromkeys(_NEGATIONS.split(), _NOT) | {word: word for word in _OTHERS.split()}


def answered(example: Example) -> str:
    """Return what all turns of the assistant say."""
    return "\n".join(turn.content for turn in example.messages if turn.role == "assistant")


def said(example: Example) -> str:
    """Return what is asked and answered, without shown passages."""
    return f"{example.prompt}\n{answered(example)}"


def is_shown(example: Example) -> bool:
    """Whether the prompt shows passages beside the question."""
    return bool(example.metadata.get("question"))


def similarity(one: frozenset[int], other: frozenset[int]) -> float:
    """Return what two sets share of all that they hold (Jaccard), 0 to 1; 1 where both are empty."""
    return len(one & other) / len(one | other) if one or other else 1.0


def overlap(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the share of the smaller set that the other one holds, 0 to 1; 0 where one is empty."""
    return len(one & other) / (min(len(one), len(other)) or 1)


def same_passage(one: Example, other: Example) -> bool:
    """Whether two examples rest on the same chunk."""
    return not {piece.chunk_id for piece in one.evidence}.isdisjoint(
        piece.chunk_id for piece in other.evidence
    )


def contradict(one: str, other: str, *, plain: bool = True) -> bool:
    """Whether each of two texts gives a name, or a sign, or a number, that the other lacks: they are about two things.

    Args:
        one: A text.
        other: Another one.
        plain: Whether an ordinary word that is marked as code counts as a name.
    """
    return one != other and any(
        lacks(other, one) and lacks(one, other)
        for lacks in (partial(lacks_name, plain=plain), _lacks_sign, _lacks_number)
    )


def differ(one: str, other: str) -> bool:
    """Whether one of two texts gives a name, a sign, a number or a `not` that the other lacks."""
    return one != other and (
        _turns(one) != _turns(other)
        or any(lacks(other, one) or lacks(one, other) for lacks in (lacks_name, _lacks_sign, _lacks_number))
    )


def lacks_name(text: str, other: str, *, plain: bool = True) -> bool:
    """Whether a text lacks a name that another one gives."""
    asked = {part for parts, ordinary in _parts(other) if plain or not ordinary for part in parts}
    if not asked:
        return False
    folded = text.casefold().replace("-", "_")
    return any(part not in folded for part in asked) or not tokens(text).issuperset(asked)


def _lacks_sign(text: str, other: str) -> bool:
    held = _signs(text)
    return any(one not in held and (held or one not in text) for one in _signs(other))


def _lacks_number(text: str, other: str) -> bool:
    if set(_DIGITS.findall(text)).issuperset(_DIGITS.findall(other)):
        return False
    known = known_numbers(text)
    return any(not is_stated(one, known) for one in _digits(other))


def negates(text: str) -> bool:
    """Whether a text says `not` or the like."""
    return _NOT in _turns(text)


def _turns(text: str) -> set[str]:
    found = {_TURNING[word] for word in words(text) if word in _TURNING}
    return found | {_NOT} if _NOT_SHORT.search(text) else found


@lru_cache(maxsize=_KNOWN)
def _digits(text: str) -> tuple[Number, ...]:
    """Return a text's numbers, without those in words: `one` is seldom a number."""
    return tuple(one for one in numbers(text) if not one.in_words)


@lru_cache(maxsize=_KNOWN)
def _parts(text: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Return the parts of a text's names, and whether each is an ordinary word."""
    return tuple((one.parts, one.plain) for one in names(text))


@lru_cache(maxsize=_KNOWN)
def _signs(text: str) -> tuple[str, ...]:
    """Return the code of a text that is no name: operators, and options of one letter, whose case counts."""
    return tuple(_SIGN.findall(text))
