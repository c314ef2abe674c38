"""What an answer may rest on: its evidence, the passages around it, and what was asked."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from lorewright.text.function_words import EVERY_FUNCTION_WORD
from lorewright.text.names import bare, tokens
from lorewright.text.number_words import SCALES, WORTH
from lorewright.text.numbers import Number, known_numbers
from lorewright.text.prose import without_code
from lorewright.text.stems import Families, is_lone
from lorewright.text.tokens import words

# Han that stand for no thing: a pair of signs with one of them is no word.
_HAN_FUNCTION = frozenset(
    "的了在是和与及或可以会将把被于为则就也都这那其并且已而到从由对等能要一不它他我你您该此有没无后前中上下里内外时得地着过"
)
_NAME = re.compile(r"\b(?=\w*(?:_|[a-z][A-Z]|[A-Z][A-Z][a-z]))\w+")
_NAME_PART = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}(?![a-z])")


@dataclass(frozen=True)
class Text:
    """A text with what is looked up in it, each made when it is first asked for."""

    text: str

    @cached_property
    def families(self) -> Families:
        """Its word families; of Chinese and Japanese, pairs of neighbouring signs too."""
        found = words(self.text)
        return Families([*found, *_pairs(found)])

    @cached_property
    def with_parts(self) -> Families:
        """Its word families and those of what its names are made of: `max`, `retry` and `count` of `maxRetryCount`."""
        found = words(self.text)
        parts = [part.casefold() for name in _NAME.findall(self.text) for part in _NAME_PART.findall(name)]
        return Families([*found, *_pairs(found), *parts])

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Its words however they are spelled, as `Name.bare`."""
        return frozenset(map(bare, tokens(self.text)))

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Its numbers."""
        return known_numbers(self.text)


@dataclass(frozen=True)
class Source:
    """What an answer may rest on.

    Attributes:
        quoted: The evidence itself.
        around: The chunks that it stands in, with their headings.
        asked: The questions.
        all: All three.
    """

    quoted: Text
    around: Text
    asked: Text
    all: Text


@lru_cache(maxsize=2048)
def _text(text: str) -> Text:
    return Text(text)


def source_from(*, quoted: str, around: str, asked: str) -> Source:
    """Return what an answer may rest on, ready to be looked things up in; see `Source`."""
    return Source(*map(_text, (quoted, around, asked, f"{quoted}\n{around}\n{asked}")))


def content(text: str) -> list[str]:
    """Return the words that carry a text's content, each once, in order; of Chinese and Japanese, pairs of signs.

    Function words, numbers and code are left out.
    """
    found = words(without_code(text))
    single = [word for word in found if not is_lone(word) and _carries(word)]
    return list(dict.fromkeys([*single, *_pairs(found)]))


def _carries(word: str) -> bool:
    return (
        word not in EVERY_FUNCTION_WORD
        and word not in WORTH
        and word not in SCALES
        and not any(sign.isdigit() for sign in word)
    )


def _pairs(found: list[str]) -> list[str]:
    return [
        one + other
        for one, other in pairwise(found)
        if is_lone(one) and is_lone(other) and one not in _HAN_FUNCTION and other not in _HAN_FUNCTION
    ]
