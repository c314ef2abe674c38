"""Numbers and names of an answer that stand nowhere, or in the place of what the evidence says."""

import re
from collections.abc import Sequence

from lorewright.text.derived import follows, is_idle
from lorewright.text.names import Name, bare, names
from lorewright.text.numbers import Number, is_stated, numbers
from lorewright.text.prose import code_of
from lorewright.text.roles import likeness
from lorewright.text.source import Source, Text, content
from lorewright.text.support import hard_content

_PLACEHOLDER = re.compile(r"^(?:[A-Z][A-Z0-9_]*|<.*>|\{.*\}|\$.*|x+|\.\.\.|…)$")
_EXAMPLE = re.compile(
    r"^(?:https?://)?(?:[\w.-]+[.@])?example\.(?:com|org|net)\b|^[~/.]*(?:path/to|(?:my|your)[_-]\w|(?:my|your)/)",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"^[ \t]*(?:(?:let|const|var|val|auto|final)[ ]+(?:mut[ ]+)?)?([a-z_]\w*)[ ]*(?::[ ]*\w+[ ]*)?:?=(?!=)[^=\n]*\(",
    re.MULTILINE,
)
_WORD = re.compile(r"[\w.-]*\w[\w.-]*|->>?|\S")
_LEAST_SAME = 2
_DECIMAL = 2
_MARGIN = 1.5
_MOST_OWN = 2
_SHOWN_CHARS = 40
_LITERALS = frozenset(
    {"some", "none", "null", "nil", "ok", "err", "undefined", "true", "false", "self", "this", "void"}
    | {
        "int",
        "float",
        "str",
        "string",
        "bool",
        "bytes",
        "list",
        "dict",
        "tuple",
        "set",
        "array",
        "object",
        "number",
    }
    | {
        "for",
        "while",
        "if",
        "else",
        "try",
        "except",
        "catch",
        "return",
        "break",
        "continue",
        "async",
        "await",
        "with",
    }
)


def unknown_number(text: str, source: Source) -> str:
    """Return that a number of an answer is not that of the evidence; empty where all are.

    A number may be written in another way or unit, stand in the question, or follow from two others of the answer. One
    that only the rest of the chunk has, or that the answer says more often than the evidence, must not stand where the
    evidence has another that the answer leaves out.
    """
    found = numbers(text)
    for one in found:
        if is_stated(one, source.asked.numbers) or is_idle(one, text, source):
            continue
        quoted = is_stated(one, source.quoted.numbers) or _is_written(one.said, source.quoted.text)
        if not quoted and not is_stated(one, source.around.numbers):
            if not follows(one, found, text, source, replaces=_left_out(one, found, source)):
                return f"the answer's {one.said!r} stands neither in the evidence nor in the question"
        elif (not quoted or _is_doubled(one, found, source)) and (other := _left_out(one, found, source)):
            return f"the answer says {one.said!r} where the evidence says {other!r}"
    return ""


def _is_doubled(one: Number, found: list[Number], source: Source) -> bool:
    """Whether an answer says a number more often than its evidence does."""

    def count(others: Sequence[Number]) -> int:
        return sum((other.values, other.unit) == (one.values, one.unit) for other in others)

    return count(found) > max(1, count(source.quoted.numbers))


def _left_out(one: Number, found: list[Number], source: Source) -> str:
    """Return a number of the evidence that an answer does not state and might; empty where there is none."""
    for other in numbers(source.quoted.text):
        alike = one.unit == other.unit or not (one.unit and other.unit)
        versions = (len(other.version) > _DECIMAL) == (len(one.version) > _DECIMAL)
        if alike and versions and not other.values <= {1.0} and not _is_said(other, found, source):
            return other.said
    return ""


def _is_said(one: Number, found: list[Number], source: Source) -> bool:
    return is_stated(one, found) or is_stated(one, source.asked.numbers)


def unknown_name(text: str, source: Source, *, free: bool = False) -> str:
    """Return that a name of an answer is not one of the evidence; empty where all are.

    A name that only the rest of the chunk has must not stand where the evidence has another that the answer leaves out.

    Args:
        text: The answer.
        source: What it may rest on.
        free: Whether the words of a programming language (`None`) may be new, for the answer explains code.
    """
    found = names(text)
    own = _own_names(text)
    for one in found:
        if one.said in own or _EXAMPLE.match(one.said):
            continue
        if not _is_known(one, source, free=free):
            return f"the answer's {one.said!r} stands neither in the evidence nor in the question"
        if other := _other_name(one, found, text, source):
            return f"the answer says {one.said!r} where the evidence says {other!r}"
    return ""


def _own_names(text: str) -> set[str]:
    """Return the variables that an answer's code gives the results of calls: `client = Client()`."""
    return {match[1] for piece in code_of(text) for match in _ASSIGNED.finditer(piece)}


def _is_known(one: Name, source: Source, *, free: bool) -> bool:
    if one.plain and (source.all.families.hold(one.bare[0]) or (free and one.bare[0] in _LITERALS)):
        return True
    if one.path:
        return one.path_in(source.all.text)
    return _is_held(one, source.all)


def _is_written(said: str, text: str) -> bool:
    """Whether a text has letter for letter what an answer says, though it may be part of a longer name."""
    return re.search(rf"(?<![\w.]){re.escape(said)}(?!\w|[.,]\d)", text) is not None


def _is_held(one: Name, text: Text) -> bool:
    """Whether a text has all parts of a name, or what a variable's is made of: `LOG_FILE_PATH` of `log.file_path`."""
    if text.tokens.issuperset(one.bare) or _is_written(one.said, text.text):
        return True
    return (
        one.said.isupper()
        and "_" in one.said
        and _is_composed(one.said.casefold().strip("_").split("_"), text)
    )


def _is_composed(pieces: list[str], text: Text) -> bool:
    return not pieces or any(
        "".join(pieces[:count]) in text.tokens and _is_composed(pieces[count:], text)
        for count in range(1, len(pieces) + 1)
    )


def _other_name(one: Name, found: list[Name], text: str, source: Source) -> str:
    """Return a name of the evidence that an answer leaves out for one that stands elsewhere in the chunk.

    It is of the same kind, or it clearly has the role that the answer gives to the one from elsewhere; or the answer is
    short and has nothing else of the evidence.
    """
    named = {part for other in names(source.asked.text) for part in other.bare}
    asked = source.asked.tokens if one.plain else named
    there = names(source.quoted.text)
    if _is_held(one, source.quoted) or asked.issuperset(one.bare) or _is_said_in_full(one, there, source):
        return ""
    said = named.union(*(other.bare for other in found))
    like = likeness(one.said, text, source)
    for other in there:
        known = said | source.asked.tokens if other.plain else said
        if known.issuperset(other.bare if other.path else other.bare[-1:]):
            continue
        if (other.plain, other.path) == (one.plain, one.path) or like(other.said) > like(one.said) + _MARGIN:
            return other.said
    return "" if _has_any(text, source) else source.quoted.text.strip().partition("\n")[0][:_SHOWN_CHARS]


def _is_said_in_full(one: Name, there: list[Name], source: Source) -> bool:
    """Whether the evidence has a name without what it belongs to: `spec.storage` where it says `storage`."""
    last = one.bare[-1:]
    return (
        len(one.bare) > 1
        and source.quoted.tokens.issuperset(last)
        and not any(len(other.bare) > 1 and other.bare[-1:] == last for other in there)
    )


def _has_any(text: str, source: Source) -> bool:
    """Whether an answer has anything of the evidence that the question has not, or says more than a name."""
    own = [word for word in content(text) if not source.asked.with_parts.hold(word)]
    return (
        len(own) > _MOST_OWN or hard_content(text, source) > 0 or any(map(source.quoted.with_parts.hold, own))
    )


def altered_code(text: str, source: Source) -> str:
    """Return that a line of code is nearly one of the evidence's, with a word changed that nobody asked for."""
    known = [_words_of(line) for line in _code_lines(source.quoted.text) + _code_lines(source.around.text)]
    for line in _code_lines(text):
        said = _words_of(line)
        if (
            len(said) <= _LEAST_SAME
            or _words_in(said) < _LEAST_SAME
            or said in known
            or any(_holds(other, said) for other in known)
        ):
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
    folded = bare(own.replace("-", "").casefold())
    figures = numbers(own)
    if figures:
        return own in source.asked.text or (own.isdigit() and is_stated(figures[0], source.asked.numbers))
    return any(folded in one.bare for one in names(source.asked.text)) or f'"{own}"' in source.asked.text


def _code_lines(text: str) -> list[str]:
    pieces = [line.strip() for piece in code_of(text) for line in piece.splitlines()]
    indented = [line.strip() for line in text.splitlines() if line.startswith(("    ", "\t", "   "))]
    return [line for line in [*pieces, *indented] if line]


def _words_of(line: str) -> list[str]:
    return _WORD.findall(line)


def _words_in(said: list[str]) -> int:
    return sum(any(map(str.isalnum, one)) for one in said)


def _holds(known: list[str], said: list[str]) -> bool:
    size = len(said)
    return any(known[start : start + size] == said for start in range(len(known) - size + 1))
