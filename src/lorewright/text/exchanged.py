"""Names or numbers of an answer that took each other's place."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import combinations

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
_MARGIN, _RATIO = 1.0, 1.5
_MOST_ANCHORS, _MOST_CHARS = 12, 40


def exchanged(text: str, source: Source) -> str:
    """Return that two names, or two numbers, of an answer have each other's role; empty where none have.

    What a name is, its context tells: the words of its sentence up to the next name. Two names are exchanged where each
    one's context in the answer is like the other's in the chunk, and unlike its own.
    """
    for spans in (_named, _numbered):
        said = _contexts(text, spans)
        if not 2 <= len(said) <= _MOST_ANCHORS:
            continue
        known = _known_contexts(source.around.text or source.quoted.text, spans)
        weights = _weights(known)
        for one, other in combinations([name for name in said if name in known], 2):
            if _shape(one) == _shape(other) and _crossed(said, known, weights, one, other):
                return f"the answer exchanges {one!r} and {other!r}"
    return ""


def _crossed(
    said: Mapping[str, list[Context]],
    known: Mapping[str, list[Context]],
    weights: Mapping[str, float],
    one: str,
    other: str,
) -> bool:
    def like(own: str, there: str) -> float:
        return max(
            sum(weights[word] for word in context.keys() & place.keys())
            for context in said[own]
            for place in known[there]
        )

    ahead, back = like(one, other), like(other, one)
    straight = like(one, one) + like(other, other)
    return min(ahead, back) > 0 and ahead + back >= max(straight + _MARGIN, _RATIO * straight)


def _shape(key: str) -> tuple[int, bool, bool, bool]:
    return len(key.split()), key.startswith("-"), "." in key, "/" in key


def _weights(known: Mapping[str, list[Context]]) -> dict[str, float]:
    """Return what a word tells: one over the number of names whose contexts have it."""
    counts: Counter[str] = Counter()
    for places in known.values():
        counts.update(set().union(*places))
    return {word: 1 / count for word, count in counts.items()}


@lru_cache(maxsize=1024)
def _known_contexts(text: str, spans: Callable[[str], list[Span]]) -> dict[str, list[Context]]:
    return _contexts(text, spans)


def _contexts(text: str, spans: Callable[[str], list[Span]]) -> dict[str, list[Context]]:
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
    return Counter(stem(word) for word in words(text) if word not in _EMPTY)


def _named(text: str) -> list[Span]:
    """Return what is marked as code and what else looks like a name, in order."""
    marked = [match for match in _MARKED.finditer(text) if match[2].strip()]
    spans = [(match[2].strip(), *match.span()) for match in marked if len(match[2]) <= _MOST_CHARS]
    for one in names(text):
        at = text.find(one.said)
        if not one.plain and at >= 0 and not any(mark.start() <= at < mark.end() for mark in marked):
            spans.append((one.said, at, at + len(one.said)))
    return sorted(((_key(said), start, end) for said, start, end in spans), key=lambda span: span[1])


def _key(said: str) -> str:
    head = re.match(r"[\w.:-]+(?=\()", said)
    return (head[0] if head else said).rstrip(":").casefold()


def _numbered(text: str) -> list[Span]:
    return [
        (f"{sorted(one.worth) or one.version}{one.unit}", one.start, one.start + len(one.said))
        for one in numbers(text)
        if not one.values <= {0.0, 0.5, 1.0}
    ]
