"""What is searched in place of a text, so that parts of names and scripts without spaces are found."""

import re
import unicodedata

from lorewright.retrieval.engine import lancedb

MAX_QUERY_WORDS = 256

# Ideographs and kana, which are written without spaces between words.
_UNSPACED = re.compile(
    "([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)
_NAME = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def searchable(text: str) -> str:
    """Return a text as it is searched: NFKC, a space around each ideograph, and names in camel case also in parts.

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


def terms(text: str) -> list[str]:
    """Return the stems that a text is found by, in order of first occurrence: as the index cuts and stems it.

    Raises:
        MissingDependencyError: LanceDB is not installed.
    """
    return list(dict.fromkeys(token.text for token in lancedb().tokenize(searchable(text))))
