"""Where a model's quotation stands in a passage: word for word, or as nearly as a slip of the pen."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import product

from lorewright.text.tokens import words

MIN_RATIO = 0.9
MIN_FUZZY_CHARS = 20
MIN_PART_CHARS = 12
_SLACK = 2
_COMPARED = 3
_WORD = re.compile(r"\S+")
_ELISION = re.compile(r"\s*(?:\[?\.\.\.\]?|\[?…\]?)\s*")
# One character for one, so that places stay: typographic signs that models write as plain ones, and `‹`, which marks
# of prompts are shown as.
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("‹[", "<"),
    }
)
_AROUND = " \t\r\n\"'`“”‘’«»"
_NEGATIONS = frozenset(
    {"not", "no", "never", "none", "without", "cannot", "nicht", "kein", "keine", "ne", "pas"}
)


def locate(text: str, quote: str) -> tuple[tuple[int, int], ...]:
    """Return the stretches of a text that a quotation is, or nothing where the text does not say it.

    Looked for exactly, then with any whitespace and with plain quotation marks and dashes, then by likeness: at least
    nine tenths of the characters (Ratcliff/Obershelp) with the same figures and negations. A quotation with "..."
    in it is looked for part by part.

    Args:
        text: The passage.
        quote: What a model says stands in it.
    """
    whole = _locate_one(text, quote)
    if whole is not None:
        return (whole,)
    parts = [part for part in _ELISION.split(quote.strip(_AROUND)) if part.strip(_AROUND)]
    if len(parts) < 2 and _ELISION.search(quote) is None:
        return ()
    found: list[tuple[int, int]] = []
    reached = 0
    for part in parts:
        place = _locate_one(text[reached:], part) if len(part) >= MIN_PART_CHARS else None
        if place is None:
            return ()
        found.append((reached + place[0], reached + place[1]))
        reached += place[1]
    return tuple(found)


def stands_in(text: str, line: str) -> bool:
    """Whether whole words of a text are a line's, whitespace apart."""
    parts = line.translate(_FOLDED).split()
    spaced = r"\s+".join(map(re.escape, parts))
    return bool(parts) and re.search(rf"(?<!\w){spaced}(?!\w)", text.translate(_FOLDED)) is not None


def _locate_one(text: str, quote: str) -> tuple[int, int] | None:
    exact = text.find(quote) if quote.strip() else -1
    if exact >= 0:
        return exact, exact + len(quote)
    folded, wanted = text.translate(_FOLDED), quote.translate(_FOLDED)
    bare = wanted.strip(_AROUND)
    return _find(folded, wanted) or _find(folded, bare) or _find_alike(folded, bare)


def _find(text: str, quote: str) -> tuple[int, int] | None:
    parts = quote.split()
    if not parts:
        return None
    match = re.search(r"\s+".join(map(re.escape, parts)), text)
    return match.span() if match else None


def _find_alike(text: str, quote: str) -> tuple[int, int] | None:
    """Return the stretch around the longest run of shared words that is most like a quotation, if like enough."""
    if len(quote) < MIN_FUZZY_CHARS:
        return None
    spans = [match.span() for match in _WORD.finditer(text)]
    there = [text[start:end].casefold() for start, end in spans]
    asked = quote.casefold().split()
    shared = SequenceMatcher(None, there, asked, autojunk=False).find_longest_match()
    first, last = shared.a - shared.b, shared.a - shared.b + len(asked)
    windows = [
        (low, high)
        for low, high in product(_near(first, len(there)), _near(last, len(there)))
        if low < high and shared.size
    ]
    windows.sort(key=lambda one: -SequenceMatcher(None, there[slice(*one)], asked, autojunk=False).ratio())
    stretches = [(spans[low][0], spans[high - 1][1]) for low, high in windows[:_COMPARED]]
    best = max(stretches, key=lambda one: _ratio(text[slice(*one)], quote), default=(0, 0))
    found = text[slice(*best)]
    return best if _ratio(found, quote) >= MIN_RATIO and _telling(found) == _telling(quote) else None


def _near(place: int, count: int) -> Sequence[int]:
    return range(max(0, place - _SLACK), min(count, place + _SLACK) + 1)


def _ratio(one: str, other: str) -> float:
    compared = SequenceMatcher(None, " ".join(one.split()), " ".join(other.split()), autojunk=False)
    return compared.ratio() if compared.quick_ratio() >= MIN_RATIO else 0.0


def _telling(text: str) -> list[str]:
    """Return what must not differ: figures and negations."""
    told = (word for word in words(text) if word in _NEGATIONS or any(sign.isdigit() for sign in word))
    return sorted(told)
