"""The programming language that markup around code names."""

import re
from collections.abc import Mapping

_PREFIXED = re.compile(
    r"(?:^|\s)(?:(?:language|lang|highlight-source|highlight-text|highlight|src|brush)-|brush:\s*)([\w+#.-]+)"
)
_AFTER = re.compile(r"(?:^|\s)(?:code|sourcecode)\s+([a-z][\w+#.-]*)")
_NOT_LANGUAGES = frozenset(
    [
        "default",
        "none",
        "notranslate",
        "nohighlight",
        "no-highlight",
        "plain",
        "block",
        "literal-block",
        "literal",
        "highlight",
        "wrapper",
        "wrap",
        "line",
        "lines",
        "inline",
        "example",
        "guess",
        "container",
        "sourcecode",
        "number-lines",
        "numberlines",
        "copy",
        "language-none",
    ]
)
_SAME = {"plaintext": "text", "txt": "text"}
_MAY_NAME = frozenset({"pre", "code", "div", "figure", "table", "td", "tr", "tbody", "span", "samp"})


def language_of(tag: str, attributes: Mapping[str, str | None], around: str) -> str:
    """Return the language that an element names by class or data attribute, else the one named around it."""
    if tag not in _MAY_NAME:
        return ""
    if not attributes:
        return around
    for key in ("data-lang", "data-language"):
        value = attributes.get(key)
        if value:
            return _cleaned(value)
    classes = (attributes.get("class") or "").lower()
    if not classes:
        return around
    found = [_cleaned(name) for name in _PREFIXED.findall(classes)]
    if tag in {"pre", "code"}:
        found += [_cleaned(name) for name in _AFTER.findall(classes)]
        found += ["rust"] if "rust" in classes.split() else []
    return next((name for name in found if name), around)


def _cleaned(name: str) -> str:
    lowered = name.strip().lower()
    return "" if lowered in _NOT_LANGUAGES or len(lowered) > 30 else _SAME.get(lowered, lowered)
