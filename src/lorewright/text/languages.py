"""The language of prose: function words vote, and a model of letter sequences (py3langid) is the second witness."""

from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from lorewright.text.function_words import FUNCTION_WORDS

NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "pl": "Polish", "ru": "Russian", "uk": "Ukrainian",
}  # fmt: skip
"""Languages that are told apart, by ISO 639-1 code."""
_LEAST_VOTES, _NEAR = 2, 0.75
_SURE_LEAD, _LEAST_LEAD = 3, 1
_LEAST_MARGIN = 12.0


def votes(words: Iterable[str]) -> Counter[str]:
    """Return how many words of a text are function words of each language.

    A word of several languages counts for each of them.
    """
    found: Counter[str] = Counter()
    for word in words:
        found.update(code for code, known in FUNCTION_WORDS.items() if word in known)
    return found


def languages(words: Iterable[str]) -> set[str]:
    """Return the languages that a text may be in: none where it has too few function words."""
    found = votes(words)
    most = max(found.values(), default=0)
    return {code for code, count in found.items() if most >= _LEAST_VOTES and count >= _NEAR * most}


def foreign_language(words: list[str], expected: set[str]) -> str:
    """Return the language that a text is in instead of the expected ones; empty where it may be in one of them.

    Function words decide where one language is three ahead; where it is one or two ahead, the model must agree.

    Args:
        words: Of the text, as `text.tokens.words` returns them.
        expected: Codes of languages; where there is none, nothing is foreign.
    """
    found = votes(words)
    code, most = max(found.items(), key=lambda pair: pair[1], default=("", 0))
    lead = most - max((found[one] for one in expected), default=most)
    if code in expected or lead < _LEAST_LEAD:
        return ""
    if lead >= _SURE_LEAD or _margin(" ".join(words), code, frozenset(expected)) >= _LEAST_MARGIN:
        return code
    return ""


@lru_cache(maxsize=4096)
def _margin(text: str, code: str, expected: frozenset[str]) -> float:
    """Return how much likelier a text is in a language than in the best of others, in units of log probability."""
    likelihood = dict(_model().rank(text))
    return float(likelihood[code] - max(likelihood[one] for one in expected))


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    model.set_languages(list(NAMES))
    return model
