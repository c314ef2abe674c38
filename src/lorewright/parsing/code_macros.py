"""Macros of C and C++, which a grammar without a preprocessor takes for something else."""

import re

_LONGEST_LINE = 400
_NAME = rb"[A-Z][A-Z0-9_]{2,}"
_ARGUMENTS = rb"(?:[ \t]*\([^()\n]*\))?"
_OF_TYPE = rb"(?P<macro>" + _NAME + _ARGUMENTS + rb")(?=[ \t]+\w[\w:<>]*[ \t]*(?:[:{]|final\b|$))"
_ENDINGS = (
    rb"API",
    rb"EXPORT",
    rb"EXPORTS",
    rb"CALL",
    rb"DECL",
    rb"PUBLIC",
    rb"INLINE",
    rb"NODISCARD",
    rb"NOEXCEPT",
)
_OF_FUNCTION = (
    rb"(?P<macro>[A-Z][A-Z0-9_]{2,}+(?:"
    + b"|".join(b"(?<=" + ending + b")" for ending in _ENDINGS)
    + rb")(?!\w)(?:[ \t]*\([^()\n]*\))?)(?=[ \t]*\n?[ \t]*[\w~*&])"
)
_OF_COMPILER = (
    rb"(?P<macro>__(?:THROW(?:NL)?|wur|nonnull|REDIRECT\w*|restrict(?:_arr)?|extension__|fortified?_\w+"
    rb"|attr(?:ibute)?_\w+)\b(?:[ \t]*\((?:[^()\n]|\([^()\n]*\))*\))?)"
)
# Each begins with plain letters where it can: those are searched for fastest.
_MACROS = tuple(
    re.compile(expression, re.MULTILINE)
    for expression in (
        rb"\n(?P<macro>_*" + _NAME + _ARGUMENTS + rb"[ \t]*;?[ \t]*)(?=\n)",
        rb"class[ \t]+" + _OF_TYPE,
        rb"struct[ \t]+" + _OF_TYPE,
        _OF_FUNCTION,
        _OF_COMPILER,
        rb"(?P<macro>_(?:GLIBCXX|LIBCPP)\w*" + _ARGUMENTS + rb")",
    )
)


def without_macros(source: bytes) -> bytes:
    """Return code of the same length with spaces in place of macros; directives stay."""
    for pattern in _MACROS:
        source = pattern.sub(_blanked, source)
    return source


def _blanked(match: re.Match[bytes]) -> bytes:
    source, (start, end) = match.string, match.span("macro")
    line = source.rfind(b"\n", max(0, start - _LONGEST_LINE), start) + 1
    before = source[line:start]
    if before[-1:].isalnum() or before.endswith(b"_") or before.lstrip().startswith(b"#"):
        return match[0]
    return source[match.start() : start] + b" " * (end - start) + source[end : match.end()]
