"""Names of things in code that a text mentions: options, functions, files, error codes, addresses."""

import re
from dataclasses import dataclass
from functools import lru_cache

from lorewright.text.numbers import is_unit
from lorewright.text.prose import code_of, without_code

_TOKEN = re.compile(r"\w+(?:-\w+)*")
_PATH = re.compile(r"(?<![\w/])(?:\w+://|~?/|\.{1,2}/)[^\s`'\"<>|,;()\[\]{}]+|\b[\w.-]+/[\w./-]+")
_IN_CODE = re.compile(r"-{0,2}[^\W\d]\w*(?:-\w+)*(?:(?:\.|::|->|#|:)[^\W\d]\w*(?:-\w+)*)*|\w*\d\w*[^\W\d]\w*")
_IN_PROSE = re.compile(
    r"(?<![\w-])--[a-z][\w-]+"  # flags
    r"|\b[^\W\d]\w*_\w+\b|\b\w+(?:::\w+)+\b"  # snake_case, paths of Rust and C++
    r"|\b[a-z]+[A-Z]\w*\b|\b[A-Z][a-z0-9]+[A-Z]\w*\b"  # camelCase
    r"|\b[^\W\d][\w.]*\w\(\)"  # calls
    r"|\b[a-z_]\w+(?:\.[a-z_]\w+)+\b"  # dotted
    r"|\b[A-Za-z]+[-.]?\d[\w.-]*\w\b|\b[A-Z]+\d+\b"  # QB-1040, sha256
)
# What every name in prose has; to look for it takes a tenth of the time.
_SIGN_OF_NAME = re.compile(r"[\d_/]|::|\(\)|--|[a-z][A-Z]|\w\.[a-z]")
_PART = re.compile(r"\.|::|->|#|:|/|\(\)")
# `read/write`, `TCP/UDP`: words that a text puts beside one another.
_EITHER = re.compile(r"^[A-Za-z]{2,}(?:/[A-Za-z]{2,}){1,2}$")
_VERSION = re.compile(r"^[vV]\d+(?:\.\d+)+$")
_MEASURED = re.compile(r"^\d+([^\W\d_]+)$")
_ABBREVIATION = re.compile(r"^(?:e\.g|i\.e|a\.m|p\.m|z\.b|d\.h|u\.a)$", re.IGNORECASE)


@dataclass(frozen=True)
class Name:
    """A name as a text writes it.

    Attributes:
        said: As written.
        parts: What must be known of it, lower-cased, `-` and `_` alike: `["retry", "max_delay"]`.
        plain: Whether it looks like an ordinary word, marked as code.
        path: Whether it is a path or an address.
    """

    said: str
    parts: tuple[str, ...]
    plain: bool = False
    path: bool = False

    @property
    def bare(self) -> tuple[str, ...]:
        """Its parts however they are spelled: `["retry", "maxdelay"]` of `retry.max_delay` and of `retry.maxDelay`."""
        return tuple(map(bare, self.parts))

    def path_in(self, text: str) -> bool:
        """Whether a text has a path or an address, whole, or its folder and its file each."""
        there = _sequence(text)
        folder, _, name = self.said.rstrip("/").rpartition("/")
        apart = folder.strip("/.~") and _sequence(folder) in there and _sequence(name) in there
        return _sequence(self.said) in there or bool(apart)


def names(text: str) -> list[Name]:
    """Return the names of a text in order of kind, each once: those in code first."""
    found: dict[str, Name] = {}
    for piece in code_of(text):
        for name in _names_in(piece, _IN_CODE):
            found.setdefault(name.said, name)
    prose = without_code(text)
    if _SIGN_OF_NAME.search(prose):
        for name in _names_in(prose, _IN_PROSE):
            found.setdefault(name.said, name)
    return list(found.values())


@lru_cache(maxsize=4096)
def _sequence(text: str) -> str:
    return f"/{'/'.join(_folded(token) for token in _TOKEN.findall(text))}/"


@lru_cache(maxsize=4096)
def tokens(text: str) -> frozenset[str]:
    """Return every run of word characters of a text, whole and between its hyphens, folded as parts of names are."""
    found: set[str] = set()
    for token in set(_TOKEN.findall(text)):
        found.add(_folded(token))
        if "-" in token:
            found.update(map(_folded, token.split("-")))
    return frozenset(found)


def bare(part: str) -> str:
    """Return a folded part of a name without its underscores: what `max_delay` and `maxDelay` are both spelled as."""
    return part.replace("_", "")


def _names_in(text: str, form: re.Pattern[str]) -> list[Name]:
    made = []
    rest = text
    for match in _PATH.finditer(text) if "/" in text else ():
        said = match[0].rstrip(".:,;!?")
        if not any(sign.isalpha() for sign in said) or (form is _IN_PROSE and _EITHER.match(said)):
            continue
        made.append(Name(said, tuple(_folded(part) for part in _TOKEN.findall(said)), path=True))
        rest = rest.replace(match[0], " ")
    for match in form.finditer(rest):
        said = match[0].rstrip(".:-")
        if _ABBREVIATION.match(said) or not said.strip("-_") or _is_number(said, rest[: match.start()]):
            continue
        parts = tuple(_folded(part) for part in _PART.split(said) if part.strip("-_"))
        made.append(Name(said, parts, plain=said.isalpha() and (said.islower() or said.istitle())))
    return made


def _is_number(said: str, before: str) -> bool:
    """Whether a name is a number's unit, or the number with it, or a version: `512 KiB`, `30s`, `v2.4`."""
    if _VERSION.match(said):
        return True
    measured = _MEASURED.match(said)
    return is_unit(measured[1]) if measured else is_unit(said) and before.rstrip(" \u00a0")[-1:].isdigit()


def _folded(token: str) -> str:
    return token.replace("-", "_").strip("_").casefold()
