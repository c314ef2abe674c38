"""What a name or a number is in a text: the words that stand around it, up to the next one."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache

from lorewright.text.function_words import FUNCTION_WORDS
from lorewright.text.names import names
from lorewright.text.numbers import numbers
from lorewright.text.prose import sentences
from lorewright.text.source import Source
from lorewright.text.stems import stem
from lorewright.text.tokens import words

Span = tuple[str, int, int]
Context = Counter[str]
_MARKED = re.compile(r"(`+)([^`\n]+)\1")
_BOUNDARY = re.compile(
    r"[,;:.|(]|\b(?:and|but|while|whereas|or|und|aber|während|et|mais|tandis|y|pero|а|и|но)\b", re.IGNORECASE
)
_EMPTY = frozenset(
    {
        "a",
        "an",
        "the",
        "is",
        "are",
        "was",
        "were",
        "be",
        "it",
        "its",
        "of",
        "to",
        "in",
        "for",
        "with",
        "by",
        "as",
        "at",
    }
    | {"that", "this", "and", "or"}
    | {word for code in ("de", "fr", "es", "ru") for word in FUNCTION_WORDS[code] if len(word) < 4}
)
_MOST_CHARS = 40


@lru_cache(maxsize=1024)
def known_contexts(text: str, spans: Callable[[str], list[Span]]) -> dict[str, list[Context]]:
    """Return `contexts` of a text that many answers are compared with."""
    return contexts(text, spans)


def contexts(text: str, spans: Callable[[str], list[Span]]) -> dict[str, list[Context]]:
    """Return the contexts of each name or number of a text, one for each place."""
    found: dict[str, list[Context]] = {}
    for sentence in sentences(text):
        placed = spans(sentence)
        for number, (key, start, end) in enumerate(placed):
            before = placed[number - 1][2] if number else 0
            after = placed[number + 1][1] if number + 1 < len(placed) else len(sentence)
            left, right = sentence[before:start], sentence[end:after]
            if number:
                left = _behind(left)
            if number + 1 < len(placed):
                right = _ahead(right)
            found.setdefault(key, []).append(_context(f"{left} {right}"))
    return found


def _ahead(text: str) -> str:
    """Return what stands before the last boundary between two names; all of it where there is none."""
    bounds = [match.start() for match in _BOUNDARY.finditer(text)]
    return text[: bounds[-1]] if bounds else text


def _behind(text: str) -> str:
    """Return what stands behind the last boundary between two names; nothing where there is none."""
    bounds = [match.end() for match in _BOUNDARY.finditer(text)]
    return text[bounds[-1] :] if bounds else ""


def _context(text: str) -> Context:
    return Counter(stem(word) for word in words(text) if word not in _EMPTY and not word.isdecimal())


def named(text: str) -> list[Span]:
    """Return what is marked as code and what else looks like a name, in order."""
    marked = [match for match in _MARKED.finditer(text) if match[2].strip()]
    spans = [(match[2].strip(), *match.span()) for match in marked if len(match[2]) <= _MOST_CHARS]
    for one in names(text):
        at = text.find(one.said)
        if not one.plain and at >= 0 and not any(mark.start() <= at < mark.end() for mark in marked):
            spans.append((one.said, at, at + len(one.said)))
    return sorted(((key_of(said), start, end) for said, start, end in spans), key=lambda span: span[1])


def key_of(said: str) -> str:
    """Return a name without case, arguments and colons at its end: what contexts are kept by."""
    head = re.match(r"[\w.:-]+(?=\()", said)
    return (head[0] if head else said).rstrip(":").casefold()


def numbered(text: str) -> list[Span]:
    """Return the numbers of a text in order, but 0, 1 and a half, by what they are worth."""
    return [
        (f"{sorted(one.worth) or one.version}{one.unit}", one.start, one.start + len(one.said))
        for one in numbers(text)
        if not one.values <= {0.0, 0.5, 1.0}
    ]


def weights_of(known: Mapping[str, list[Context]]) -> dict[str, float]:
    """Return what a word tells: one over the number of names whose contexts have it."""
    counts: Counter[str] = Counter()
    for places in known.values():
        counts.update(set().union(*places))
    return {word: 1 / count for word, count in counts.items()}


def likeness(said: str, text: str, source: Source) -> Callable[[str], float]:
    """Return what tells of a name how far its role in the chunk is that of a name in an answer to its question.

    Args:
        said: The name in the answer.
        text: The answer.
        source: What it rests on.
    """
    known = known_contexts(source.around.text or source.quoted.text, named)
    weights = weights_of(known)
    own = set(_context(source.asked.text)).union(*contexts(text, named).get(key_of(said), ()))

    def like(name: str) -> float:
        places = known.get(key_of(name), ())
        return max((sum(weights[word] for word in own & place.keys()) for place in places), default=0.0)

    return like
