"""Python code: the source as it is, with its classes, functions and docstrings."""

import ast
import re
import warnings
from collections.abc import Iterator

from lorewright.core.records import Block, Parsed, SourceMap

_LICENCE_WORDS = re.compile(r"copyright|licen[sc]ed? |SPDX-License", re.IGNORECASE)
_SPDX = re.compile(r"SPDX-License-Identifier:[ \t]*([\w.+() -]*[\w.+)])")
_APACHE = re.compile(r"Apache(?: Software)? (?:Licen[sc]e|Foundation)", re.IGNORECASE)
_QUOTES = re.compile(r"[rRuUbBfF]{0,2}(\"\"\"|'''|\"|')")

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def parse_python(text: str) -> Parsed:
    """Return a Python file's code with its structure.

    The text is the source without a licence comment at its top. Titles of blocks are qualified names below the
    module (`Class.method`). Code of another Python version has no blocks; `metadata["syntax_error"]` says why.
    """
    body, first_line, licence = _without_licence(text)
    metadata: dict[str, object] = {"language": "python"}
    if first_line > 1:
        metadata["dropped"] = [{"what": "licence", "first": 1, "last": first_line - 1}]
    blocks: tuple[Block, ...] = ()
    try:
        tree = _tree(body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        metadata["syntax_error"] = str(error) or type(error).__name__
    else:
        blocks = tuple(sorted(_blocks(tree, _Offsets(body)), key=lambda block: (block.start, -block.end)))
    return Parsed(
        kind="python",
        text=body,
        source_map=SourceMap(numbers=(first_line,)),
        blocks=blocks,
        licence=licence,
        metadata=metadata,
    )


class _Offsets:
    """From a syntax tree's lines and UTF-8 columns to characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def at(self, line: int, column: int) -> int:
        content = self._lines[line - 1]
        if not content.isascii():
            column = len(content.encode()[:column].decode())
        return self._starts[line - 1] + column


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _blocks(tree: ast.Module, offsets: _Offsets) -> Iterator[Block]:
    docstring = _docstring(tree, offsets, "", 0)
    if docstring:
        yield docstring
    pending: list[tuple[ast.AST, str, int]] = [(node, "", 0) for node in tree.body]
    while pending:
        node, parent, level = pending.pop()
        if isinstance(node, _Definition):
            name = f"{parent}.{node.name}" if parent else node.name
            yield _definition(node, offsets, name, level)
            docstring = _docstring(node, offsets, name, level + 1)
            if docstring:
                yield docstring
            pending += [(child, name, level + 1) for child in node.body]
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            pending += [(child, parent, level) for child in ast.iter_child_nodes(node)]


def _definition(node: _Definition, offsets: _Offsets, name: str, level: int) -> Block:
    first = min([node, *node.decorator_list], key=lambda part: part.lineno)
    start = offsets.at(first.lineno, first.col_offset)
    if first is not node:
        start = offsets.text.rindex("@", 0, start)
    inner = node.body[0]
    return Block(
        kind="class" if isinstance(node, ast.ClassDef) else "function",
        start=start,
        end=offsets.at(node.end_lineno or node.lineno, node.end_col_offset or 0),
        level=level,
        title=name,
        body=offsets.at(inner.lineno, inner.col_offset),
    )


def _docstring(node: _Definition | ast.Module, offsets: _Offsets, name: str, level: int) -> Block | None:
    first = node.body[0] if node.body else None
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
        return None
    if not isinstance(first.value.value, str) or not first.value.value.strip():
        return None
    value = first.value
    start = offsets.at(value.lineno, value.col_offset)
    end = offsets.at(value.end_lineno or value.lineno, value.end_col_offset or 0)
    quotes = _QUOTES.match(offsets.text, start)
    if quotes is None:
        return None
    inside = offsets.text[quotes.end() : end - len(quotes[1])]
    start = quotes.end() + len(inside) - len(inside.lstrip())
    return Block(
        kind="docstring", start=start, end=start + len(inside.strip()), level=level, title=name, body=start
    )


def _without_licence(text: str) -> tuple[str, int, str]:
    """Return the text after a licence comment at its top, its first line there, and the licence's name."""
    lines = text.split("\n")
    top = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    header = "\n".join(lines[:top])
    if not _LICENCE_WORDS.search(header):
        return text, 1, ""
    spdx = _SPDX.search(header)
    licence = spdx[1] if spdx else "Apache-2.0" if _APACHE.search(header) else ""
    return "\n".join(lines[top:]), top + 1, licence
