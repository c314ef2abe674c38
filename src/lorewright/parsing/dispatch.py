"""Which parser reads which file."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed
from lorewright.parsing.encoding import declared_in_code, decode

_SUFFIXES_OF = {
    "markdown": ".md .markdown .mdx",
    "rest": ".rst",
    "html": ".html .htm .xhtml",
    "notebook": ".ipynb",
    "text": ".txt",
    "log": ".log",
    "pdf": ".pdf",
    "pdf-text": "",
    "python": ".py .pyi",
    "javascript": ".js .mjs .cjs .jsx",
    "typescript": ".ts .mts .cts",
    "tsx": ".tsx",
    "rust": ".rs",
    "go": ".go",
    "java": ".java",
    "c": ".c .h",
    "cpp": ".cpp .cc .cxx .hpp .hh .hxx .cuh",
    "bash": ".sh .bash",
    "php": ".php",
    "csharp": ".cs",
    "ruby": ".rb",
    "kotlin": ".kt .kts",
    "code": ".yaml .yml .toml .sql .proto .swift .scala .lua .dart .zig .tf .graphql",
}
_SUFFIXES = {suffix: kind for kind, suffixes in _SUFFIXES_OF.items() for suffix in suffixes.split()}
_NAMES = {"readme": "text"}
_PARSERS = {
    "markdown": "markdown:parse_markdown",
    "rest": "rest:parse_rest",
    "html": "html:parse_html",
    "notebook": "notebook:parse_notebook",
    "text": "plain:parse_plain",
    "log": "log:parse_log",
    "code": "code_generic:parse_code_generic",
}
_BYTE_PARSERS = {"pdf": "pdf:parse_pdf", "pdf-text": "pdf_text:parse_pdf_text"}
KINDS = tuple(sorted(_SUFFIXES_OF))
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


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
        ParseError: The file is empty, binary, encrypted, broken, holds only images, stands for one that Git LFS has,
            or no parser knows the kind.
    """
    if not data.strip():
        raise ParseError("the file is empty")
    if data.startswith(_LFS_POINTER) and b"\noid sha256:" in data[:200]:
        raise ParseError("the file is a pointer to its content in Git LFS, which `git lfs pull` fetches")
    try:
        parsed = _parse_bytes(data, kind) if kind in _BYTE_PARSERS else _parse_text(data, kind)
    except RecursionError as error:
        raise ParseError("the file is nested too deeply") from error
    if not parsed.text.strip():
        raise ParseError("the file holds no text")
    return parsed


def _parse_bytes(data: bytes, kind: str) -> Parsed:
    parser: Callable[[bytes], Parsed] = _load(_BYTE_PARSERS[kind])
    return parser(data)


def _load(target: str) -> Any:
    module, _, function = target.partition(":")
    return getattr(import_module(f"lorewright.parsing.{module}"), function)


def _parse_text(data: bytes, kind: str) -> Parsed:
    if kind not in KINDS:
        raise ParseError(f"no parser reads documents of kind {kind!r}")
    text, encoding = decode(data, declared=_declared(data, kind))
    if kind in _PARSERS:
        parser: Callable[[str], Parsed] = _load(_PARSERS[kind])
        parsed = parser(text)
    else:
        from lorewright.parsing.code import parse_code

        parsed = parse_code(text, language=kind)
    if encoding not in {"utf-8", "utf-8-sig"}:
        parsed = parsed.model_copy(update={"metadata": {**parsed.metadata, "encoding": encoding}})
    return parsed


def _declared(data: bytes, kind: str) -> str | None:
    """Return the encoding that the file itself names."""
    if kind == "python":
        return declared_in_code(data)
    if kind == "html":
        from lorewright.parsing.html_source import declared_in_html

        return declared_in_html(data)
    return None
