"""Answers that deny what their evidence says, or say what it denies, in nearly the same words."""

import re
from functools import lru_cache

from lorewright.text.prose import sentences, without_code
from lorewright.text.source import Source, content
from lorewright.text.stems import Families
from lorewright.text.tokens import words

_DENYING = frozenset(
    {"not", "no", "never", "cannot", "nor", "neither", "nothing", "nobody", "nowhere"}
    | {"nicht", "kein", "keine", "keinen", "keiner", "keinem", "keines", "nie", "niemals", "nichts"}
    | {"ne", "pas", "jamais", "aucun", "aucune", "nunca", "ningún", "ninguna", "не", "нет", "никогда", "ни"}
)
# What turns the sense of a sentence in other words, so that counting denials tells nothing.
_TURNING = frozenset(
    {
        "unless",
        "until",
        "except",
        "only",
        "without",
        "instead",
        "rather",
        "but",
        "however",
        "although",
        "though",
        "yet",
    }
    | {
        "otherwise",
        "else",
        "if",
        "when",
        "while",
        "whereas",
        "fail",
        "fails",
        "lack",
        "lacks",
        "un",
        "non",
        "other",
    }
    | {
        "sondern",
        "außer",
        "nur",
        "ohne",
        "wenn",
        "falls",
        "sauf",
        "sans",
        "seulement",
        "si",
        "кроме",
        "только",
        "без",
        "если",
    }
)
# "No, it is not" denies once: the first word answers the question.
_ANSWERING = re.compile(r"^\W*(?:no|nein|non|нет)\b(?=\s*[,.:;])", re.IGNORECASE)
_ALIKE, _LEAST_WORDS = 0.8, 3


def denies(text: str, source: Source) -> str:
    """Return the sentence of an answer that turns one of the evidence into its opposite; empty where none does.

    Both say nearly the same words, one has a denial that the other has not, and no other sentence of the evidence says
    it as the answer does. Sentences with conditions and exceptions are not judged, nor those that
    need not repeat the denial of their question.
    """
    asked_denial = _denials(source.asked.text)
    for sentence in sentences(without_code(text, put=" x ")):
        said = content(sentence)
        if len(said) < _LEAST_WORDS or _is_turning(sentence):
            continue
        own = Families(words(sentence))
        denied = _denials(sentence)
        if not denied and asked_denial:
            continue
        alike = [other for other, there in _known(source.quoted.text) if _alike(said, other, there, own)]
        if alike and all(denied != _denials(other) for other in alike):
            return f"the answer says {sentence[:60]!r} where the evidence says {alike[0][:60]!r}"
    return ""


@lru_cache(maxsize=1024)
def _known(text: str) -> tuple[tuple[str, Families], ...]:
    return tuple(
        (one, Families(words(one)))
        for one in sentences(without_code(text, put=" x "))
        if not _is_turning(one) and "|" not in one
    )


def _alike(said: list[str], other: str, families: Families, own: Families) -> bool:
    there = content(other)
    return (
        len(there) >= _LEAST_WORDS
        and sum(map(families.hold, said)) >= _ALIKE * len(said)
        and sum(map(own.hold, there)) >= _ALIKE * len(there)
    )


def _denials(sentence: str) -> bool:
    bare = _ANSWERING.sub("", sentence).replace("n't", " not").replace("n’t", " not")
    return not _DENYING.isdisjoint(words(bare))


def _is_turning(sentence: str) -> bool:
    return not _TURNING.isdisjoint(words(sentence))
