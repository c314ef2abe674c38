"""Numbers and names of an answer that stand nowhere, or in the place of what the evidence says."""

import re

from lorewright.curation.source import Source
from lorewright.text.names import Name, names
from lorewright.text.numbers import Number, is_stated, numbers
from lorewright.text.prose import code_of

_DERIVED = re.compile(
    r"\b(?:that is|i\.e|in total|total|altogether|up to|hence|so|thus|makes|equals|roughly|about|sum|together|insgesamt"
    r"|also|soit|das sind|итого|всего)\b|=|共",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:the|other|these|those|all|both|of|in|into|any|between|first|last|die|beiden?|les|los|le|другие|эти)\s+$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"^(?:[A-Z][A-Z0-9_]*|<.*>|\{.*\}|\$.*|x+|\.\.\.|…)$")
_WORD = re.compile(r"[\w.-]*\w[\w.-]*|->>?|\S")
_LEAST_SAME = 2
_MOST_COUNTED = 4
_DECIMAL = 2
_LITERALS = frozenset(
    {"some", "none", "null", "nil", "ok", "err", "undefined", "true", "false", "self", "this", "void"}
)


def unknown_number(text: str, source: Source) -> str:
    """Return that a number of an answer is not that of the evidence; empty where all are.

    A number may be written in another way or unit, stand in the question, or follow from two others of the answer. One
    that only the rest of the chunk has must not stand where the evidence has another that the answer leaves out.
    """
    found = numbers(text)
    for one in found:
        if (
            is_stated(one, source.quoted.numbers)
            or is_stated(one, source.asked.numbers)
            or _is_idle(one, text)
        ):
            continue
        if not is_stated(one, source.around.numbers):
            if not _follows(one, found, text):
                return f"the answer's {one.said!r} stands neither in the evidence nor in the question"
        elif other := _left_out(one, found, source):
            return f"the answer says {one.said!r} where the evidence says {other!r}"
    return ""


def _is_idle(one: Number, text: str) -> bool:
    """Whether a number word only counts what is named: `one`, `the other two`."""
    if not one.in_words or one.unit:
        return False
    if any(value < 1 for value in one.values) or one.values == {1.0}:
        return True
    listed = text[one.start + len(one.said) :].lstrip().startswith(":")
    return max(one.values, default=0) <= _MOST_COUNTED and (
        listed or _COUNTED.search(text[: one.start]) is not None
    )


def _follows(one: Number, found: list[Number], text: str) -> bool:
    """Whether a number is the sum, difference, product or quotient of two others that the answer states."""
    others = [other for other in found if other is not one]
    around = text[max(0, one.start - 40) : one.start]
    if len(others) < 2 or not _DERIVED.search(around):
        return False
    worth = {value for other in others for value in other.worth | other.values}
    results = {
        result
        for a in worth
        for b in worth
        for result in (a + b, a - b, a * b, *((a / b, a - a / b, 2 * a / b) if b else ()))
    }
    return any(abs(result - value) < 1e-9 * max(1, abs(value)) for result in results for value in one.worth)


def _left_out(one: Number, found: list[Number], source: Source) -> str:
    """Return a number of the evidence, of the same unit, that an answer does not state; empty where there is none."""
    for other in numbers(source.quoted.text):
        alike = other.unit == one.unit and (len(other.version) > _DECIMAL) == (len(one.version) > _DECIMAL)
        if (
            alike
            and not is_stated(other, found)
            and not is_stated(other, source.asked.numbers)
            and not other.values <= {1.0}
        ):
            return other.said
    return ""


def unknown_name(text: str, source: Source, *, free: bool = False) -> str:
    """Return that a name of an answer is not one of the evidence; empty where all are.

    Args:
        text: The answer.
        source: What it may rest on.
        free: Whether all of the chunk counts alike, for the answer speaks of all of it.
    """
    found = names(text)
    for one in found:
        if not _is_known(one, source, free=free):
            return f"the answer's {one.said!r} stands neither in the evidence nor in the question"
        if not free and not one.plain and (other := _other_name(one, found, source)):
            return f"the answer says {one.said!r} where the evidence says {other!r}"
    return ""


def _is_known(one: Name, source: Source, *, free: bool) -> bool:
    if one.plain and (source.all.families.hold(one.parts[0]) or (free and one.parts[0] in _LITERALS)):
        return True
    if one.path:
        return one.path_in(source.all.text)
    if source.all.tokens.issuperset(one.parts):
        return True
    return one.said.isupper() and _is_composed(one.said.casefold(), source)


def _is_composed(name: str, source: Source) -> bool:
    """Whether a variable's name is made of two that the source has: `QUILL_` and `cache_size`."""
    return any(
        name[:cut] in source.all.tokens | {part.strip("_") for part in source.all.tokens}
        and name[cut + 1 :] in source.all.tokens
        for cut in range(1, len(name) - 1)
        if name[cut] == "_"
    )


def _other_name(one: Name, found: list[Name], source: Source) -> str:
    """Return a name of the evidence that an answer leaves out for one that stands elsewhere in the chunk."""
    if source.quoted.tokens.issuperset(one.parts) or source.asked.tokens.issuperset(one.parts):
        return ""
    said = {part for other in found for part in other.parts}
    for other in names(source.quoted.text):
        if not other.plain and other.path == one.path and _form(other) == _form(one):
            missing = [part for part in other.parts if part not in said and part not in source.asked.tokens]
            if missing:
                return other.said
    return ""


def _form(one: Name) -> str:
    """Return what kind of thing a name looks like: an option, a constant, a class, a variable."""
    if one.said.startswith("-"):
        return "option"
    last = one.parts[-1]
    said = one.said.rstrip("()")
    if said.isupper():
        return "constant"
    return "class" if said[:1].isupper() or last == last.title() else "variable"


def altered_code(text: str, source: Source) -> str:
    """Return that a line of code is nearly one of the evidence's, with a word changed that nobody asked for."""
    known = [_words_of(line) for line in _code_lines(source.quoted.text) + _code_lines(source.around.text)]
    for line in _code_lines(text):
        said = _words_of(line)
        if len(said) <= _LEAST_SAME or said in known or any(_holds(other, said) for other in known):
            continue
        for other in known:
            changed = [(own, there) for own, there in zip(said, other, strict=False) if own != there]
            if len(said) == len(other) and len(changed) == 1 and len(said) - 1 >= _LEAST_SAME:
                own, there = changed[0]
                if not _may_differ(own, there, source):
                    return f"the answer's code says {own!r} where the evidence says {there!r}"
    return ""


def _may_differ(own: str, there: str, source: Source) -> bool:
    if _PLACEHOLDER.match(own) or _PLACEHOLDER.match(there) or not re.search(r"\w", own):
        return True
    folded = own.replace("-", "_").casefold()
    figures = numbers(own)
    if figures:
        return own in source.asked.text or (own.isdigit() and is_stated(figures[0], source.asked.numbers))
    return any(folded in one.parts for one in names(source.asked.text)) or f'"{own}"' in source.asked.text


def _code_lines(text: str) -> list[str]:
    pieces = [line.strip() for piece in code_of(text) for line in piece.splitlines()]
    indented = [line.strip() for line in text.splitlines() if line.startswith(("    ", "\t", "   "))]
    return [line for line in [*pieces, *indented] if line]


def _words_of(line: str) -> list[str]:
    return _WORD.findall(line)


def _holds(known: list[str], said: list[str]) -> bool:
    size = len(said)
    return any(known[start : start + size] == said for start in range(len(known) - size + 1))
