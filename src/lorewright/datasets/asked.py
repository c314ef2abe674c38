"""Examples that ask nearly what others ask: the same runs of three words, or the same words that carry content."""

from collections import Counter
from collections.abc import Sequence
from math import ceil

from lorewright.core.records import Example
from lorewright.text.function_words import EVERY_FUNCTION_WORD
from lorewright.text.shingles import runs
from lorewright.text.stems import stem
from lorewright.text.tokens import words

_FEWEST_WORDS = 2

Tokens = frozenset[str]


def nearly_asked(
    examples: Sequence[Example], questions: Sequence[Example], *, threshold: float
) -> dict[int, int]:
    """Return the position of each example that asks nearly what a question asks, with the position of that question.

    Two ask nearly the same when the Jaccard similarity of their runs of three words, or of the stems of their words
    other than function words (two at least, or a name with digits or underscores), is `threshold` or more. A
    conversation asks in each turn of the user.
    """
    own = [(position, text) for position, one in enumerate(examples) for text in _asked(one)]
    theirs = [(position, text) for position, one in enumerate(questions) for text in _asked(one)]
    found: dict[int, int] = {}
    for sets in (_run_set, _content_set):
        pairs = _alike(
            [sets(text) for _, text in own], [sets(text) for _, text in theirs], threshold=threshold
        )
        for one, other in pairs.items():
            found.setdefault(own[one][0], theirs[other][0])
    return found


def _asked(example: Example) -> list[str]:
    question = example.metadata.get("question")
    if question:
        return [str(question)]
    return [turn.content for turn in example.messages[:-1] if turn.role == "user"]


def _run_set(text: str) -> Tokens:
    return frozenset(runs(text))


def _content_set(text: str) -> Tokens:
    found = frozenset(stem(word) for word in words(text) if word not in EVERY_FUNCTION_WORD)
    # One plain word is a topic; a name such as `max_pressure` is what is asked about.
    return found if len(found) >= _FEWEST_WORDS or any(not word.isalpha() for word in found) else frozenset()


def _alike(ones: Sequence[Tokens], others: Sequence[Tokens], *, threshold: float) -> dict[int, int]:
    """Return the position of each set that is alike one of the others, with the first of those.

    Two sets of a Jaccard similarity of at least `threshold` share one of their rarest members, as many of each as
    are not needed for it (prefix filtering, Chaudhuri et al. 2006), so only those are compared.
    """
    frequency = Counter(token for tokens in (*ones, *others) for token in tokens)
    holders: dict[str, list[int]] = {}
    for position, tokens in enumerate(others):
        for token in _rarest(tokens, frequency, threshold):
            holders.setdefault(token, []).append(position)
    found: dict[int, int] = {}
    for position, tokens in enumerate(ones):
        near = {other for token in _rarest(tokens, frequency, threshold) for other in holders.get(token, ())}
        alike = [other for other in near if _similarity(tokens, others[other]) >= threshold]
        if alike:
            found[position] = min(alike)
    return found


def _rarest(tokens: Tokens, frequency: Counter[str], threshold: float) -> list[str]:
    needed = ceil(threshold * len(tokens) - 1e-9)
    ordered = sorted(tokens, key=lambda token: (frequency[token], token))
    return ordered[: len(tokens) - max(needed, 1) + 1] if tokens else []


def _similarity(one: Tokens, other: Tokens) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
