"""What is searched in place of a text, so that parts of names and scripts without spaces are found."""

import re
import unicodedata
from typing import Any

from lorewright.retrieval.engine import lancedb

MAX_QUERY_WORDS = 256
NO_STEMMING = "none"

# Ideographs, kana, and the letters of Thai, Lao, Burmese and Khmer, which are written without spaces between words.
_UNSPACED = re.compile(
    "([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u103f\u1050-\u108f\u1780-\u17d3])"
)
_NAME = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def searchable(text: str) -> str:
    """Return a text as it is searched: NFKC, signs of scripts without spaces apart, names in camel case also in parts.

    `JobDescription` becomes `JobDescription Job Description`, so that it answers to the name and to the words.
    """
    normal = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode("utf-8"))
    return _UNSPACED.sub(r" \1 ", _NAME.sub(_with_parts, normal))


def query_words(query: str) -> str:
    """Return a query as it is searched: like `searchable`, at most `MAX_QUERY_WORDS` words."""
    return " ".join(searchable(query).split()[:MAX_QUERY_WORDS])


def _with_parts(match: re.Match[str]) -> str:
    name = match.group()
    parts = _HUMP.split(name)
    return name if len(parts) == 1 else " ".join([name, *parts])


def tokenizer(stemming: str) -> dict[str, Any]:
    """Return LanceDB's options for a language's stems and stop words; `none` keeps each word as it is written."""
    known = stemming != NO_STEMMING
    return {
        "base_tokenizer": "simple",
        "language": stemming.capitalize() if known else "English",
        "stem": known,
        "remove_stop_words": known,
    }


def terms(text: str, stemming: str) -> list[str]:
    """Return the stems that a text is found by, in order of first occurrence: as the index cuts and stems it.

    Args:
        text: Any text.
        stemming: A language such as `english`, or `none`.

    Raises:
        MissingDependencyError: LanceDB is not installed.
    """
    tokens = lancedb().tokenize(searchable(text), **tokenizer(stemming))
    return list(dict.fromkeys(token.text for token in tokens))
