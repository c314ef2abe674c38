"""Which parser reads which file."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import PurePosixPath

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed
from lorewright.parsing.encoding import declared_in_code, decode

_SUFFIXES = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".rst": "rest",
    ".txt": "text",
    ".log": "log",
    ".py": "python",
    ".pdf": "pdf",
}
_NAMES = {"readme": "text"}
_PARSERS = {
    "markdown": "markdown:parse_markdown",
    "rest": "rest:parse_rest",
    "python": "python_code:parse_python",
}
KINDS = tuple(sorted({*_SUFFIXES.values()}))


def kind_of(path: str, kinds: Mapping[str, str] | None = None) -> str | None:
    """Return the kind of document that a path's name promises; None when no parser reads it.

    Args:
        path: Path or name of the file.
        kinds: More suffixes (`.res`) or whole file names, in lower case, and their kinds; these go first.
    """
    name = PurePosixPath(path)
    whole, suffix = name.name.casefold(), name.suffix.casefold()
    keys = (suffix,) if whole.startswith(".") else (whole, suffix)
    found = (table[key] for table in (kinds or {}, _NAMES, _SUFFIXES) for key in keys if key in table)
    return next(found, None)


def parse(data: bytes, *, kind: str) -> Parsed:
    """Return what a file holds.

    Args:
        data: The file's bytes.
        kind: What `kind_of` said.

    Raises:
        ParseError: The file is empty, binary, encrypted, broken, holds only images, or no parser knows the kind.
    """
    if not data.strip():
        raise ParseError("the file is empty")
    try:
        parsed = _parse_pdf(data) if kind == "pdf" else _parse_text(data, kind)
    except RecursionError as error:
        raise ParseError("the file is nested too deeply") from error
    if not parsed.text.strip():
        raise ParseError("the file holds no text")
    return parsed


def _parse_pdf(data: bytes) -> Parsed:
    from lorewright.parsing.pdf import parse_pdf

    return parse_pdf(data)


def _parse_text(data: bytes, kind: str) -> Parsed:
    text, encoding = decode(data, declared=declared_in_code(data) if kind == "python" else None)
    if kind in {"text", "log"}:
        from lorewright.parsing.plain import parse_plain

        parsed = parse_plain(text, kind=kind)
    elif kind in _PARSERS:
        module, _, function = _PARSERS[kind].partition(":")
        parser: Callable[[str], Parsed] = getattr(import_module(f"lorewright.parsing.{module}"), function)
        parsed = parser(text)
    else:
        raise ParseError(f"no parser reads documents of kind {kind!r}")
    if encoding not in {"utf-8", "utf-8-sig"}:
        parsed = parsed.model_copy(update={"metadata": {**parsed.metadata, "encoding": encoding}})
    return parsed
