"""Which libraries read a kind of document."""

from functools import cache

from lorewright.core.releases import release

_LIBRARIES = {
    "markdown": ("pyromark",),
    "notebook": ("pyromark",),
    "rest": ("docutils",),
    "html": ("selectolax",),
    "pdf": ("pypdfium2",),
    "pdf-text": ("pypdfium2",),
}
_OF_BYTES = frozenset({"pdf", "pdf-text"})
# Files that turn out to be of another language are read by its grammar.
_ALSO = {"c": ("cpp",), "javascript": ("tsx",)}


@cache
def libraries(kind: str) -> str:
    """Return the libraries that read documents of a kind, with their releases; another one may read them otherwise."""
    decoders = () if kind in _OF_BYTES else ("charset-normalizer",)
    return " ".join(map(release, (*_LIBRARIES.get(kind, ()), *_grammars(kind), *decoders)))


def _grammars(kind: str) -> tuple[str, ...]:
    from lorewright.parsing.code_languages import LANGUAGES

    languages = [LANGUAGES[name] for name in (kind, *_ALSO.get(kind, ())) if name in LANGUAGES]
    modules = dict.fromkeys(language.grammar.partition(":")[0] for language in languages)
    return ("tree-sitter", *(module.replace("_", "-") for module in modules)) if modules else ()
