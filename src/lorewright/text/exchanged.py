"""Names or numbers of an answer that took each other's place."""

from collections.abc import Mapping
from itertools import combinations

from lorewright.text.roles import Context, contexts, known_contexts, named, numbered, weights_of
from lorewright.text.source import Source

_MARGIN, _RATIO = 1.0, 1.5
_MOST_ANCHORS = 12


def exchanged(text: str, source: Source) -> str:
    """Return that two names, or two numbers, of an answer have each other's role; empty where none have.

    What a name is, its context tells: the words of its sentence up to the next name. Two names are exchanged where each
    one's context in the answer is like the other's in the chunk, and unlike its own.
    """
    for spans in (named, numbered):
        said = contexts(text, spans)
        if not 2 <= len(said) <= _MOST_ANCHORS:
            continue
        known = known_contexts(source.around.text or source.quoted.text, spans)
        weights = weights_of(known)
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
