"""Inline parts of a docutils tree as Markdown text. Needs docutils; imported only while reST is parsed."""

from collections.abc import Callable
from typing import Any

from docutils import nodes


def markdown(node: Any) -> str:
    """Return the Markdown of an element's inline children, or of one inline node; line breaks are kept."""
    if isinstance(node, nodes.Text):
        return str(node.astext())
    render = _RENDERERS.get(type(node))
    return render(node) if render else _children(node)


def plain(node: Any) -> str:
    """Return the words of a node on one line, without markup."""
    return " ".join("".join(_words(node)).split())


def _words(node: Any) -> list[str]:
    if isinstance(node, nodes.Text):
        return [str(node.astext())]
    if isinstance(node, nodes.image):
        return [node.get("alt", "")]
    if isinstance(node, nodes.system_message):
        return []
    return [word for child in node.children for word in _words(child)]


def _children(node: Any) -> str:
    return "".join(markdown(child) for child in node.children)


def _wrapped(mark: str) -> Callable[[Any], str]:
    def render(node: Any) -> str:
        inside = _children(node)
        return f"{mark}{inside}{mark}" if inside.strip() else inside

    return render


def _literal(node: Any) -> str:
    text = node.astext()
    if "`" not in text:
        return f"`{text}`"
    return f"``{text}``" if not (text.startswith("`") or text.endswith("`")) else f"`` {text} ``"


def _reference(node: Any) -> str:
    text, uri = _children(node), node.get("refuri", "")
    if "://" not in uri or uri.rstrip("/") == text.rstrip("/") or "![" in text:
        return text
    return f"[{text}]({uri})"


def image(node: Any) -> str:
    """Return an image as Markdown."""
    return f"![{node.get('alt', '')}]({node.get('uri', '')})"


def _note(node: Any) -> str:
    return f"[{node.astext()}]"


def _substitution(node: Any) -> str:
    return f"|{node.astext()}|"


def _math(node: Any) -> str:
    return f"${node.astext()}$"


def _nothing(_: Any) -> str:
    return ""


_RENDERERS: dict[type, Callable[[Any], str]] = {
    nodes.emphasis: _wrapped("*"),
    nodes.strong: _wrapped("**"),
    nodes.literal: _literal,
    nodes.title_reference: _literal,
    nodes.reference: _reference,
    nodes.image: image,
    nodes.footnote_reference: _note,
    nodes.citation_reference: _note,
    nodes.substitution_reference: _substitution,
    nodes.math: _math,
    nodes.system_message: _nothing,
    nodes.comment: _nothing,
    nodes.pending: _nothing,
}
