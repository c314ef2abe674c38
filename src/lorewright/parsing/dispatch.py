"""Which parser reads which file."""

from pathlib import PurePosixPath

from lorewright.core.errors import ParseError
from lorewright.core.records import Document
from lorewright.parsing.encoding import declared_in_code, decode

_KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".rst": "rest",
    ".txt": "text",
    ".log": "log",
    ".py": "python",
    ".pdf": "pdf",
}


def kind_of(path: str) -> str | None:
    """Return the kind of document that a path's name promises; None when no parser reads it."""
    name = PurePosixPath(path)
    if name.name.casefold() == "readme":
        return "text"
    return _KINDS.get(name.suffix.casefold())


def parse(data: bytes, *, kind: str, source: str, path: str) -> Document:
    """Return a file as a document.

    Args:
        data: The file's bytes.
        kind: What `kind_of` said.
        source: Name of its source.
        path: Its path in that source.

    Raises:
        ParseError: The file is empty, binary, encrypted, broken, holds only images, or no parser knows the kind.
    """
    name = f"{source}/{path}"
    if not data.strip():
        raise ParseError(f"{name} is empty")
    if kind == "pdf":
        from lorewright.parsing.pdf import parse_pdf

        document = parse_pdf(data, source=source, path=path)
    else:
        text, encoding = decode(
            data, name=name, declared=declared_in_code(data) if kind == "python" else None
        )
        try:
            document = _parse_text(text, kind=kind, source=source, path=path)
        except RecursionError as error:
            raise ParseError(f"{name} is nested too deeply") from error
        if encoding not in {"utf-8", "utf-8-sig"}:
            document = document.model_copy(update={"metadata": {**document.metadata, "encoding": encoding}})
    if not document.text.strip():
        raise ParseError(f"{name} holds no text")
    return document


def _parse_text(text: str, *, kind: str, source: str, path: str) -> Document:
    if kind == "markdown":
        from lorewright.parsing.markdown import parse_markdown

        return parse_markdown(text, source=source, path=path)
    if kind == "rest":
        from lorewright.parsing.rest import parse_rest

        return parse_rest(text, source=source, path=path)
    if kind == "python":
        from lorewright.parsing.python_code import parse_python

        return parse_python(text, source=source, path=path)
    if kind in {"text", "log"}:
        from lorewright.parsing.plain import parse_plain

        return parse_plain(text, kind=kind, source=source, path=path)
    raise ParseError(f"{source}/{path}: no parser reads documents of kind {kind!r}")
