"""What a question points back to: pronouns, bare definite nouns and ellipses that nothing in it explains.

"The function" names one only where a text before it did; "the function of `x`", "the licence server" and "a function"
stand alone. English has no endings that tell, so words are looked up: verbs and adverbs that tell of no subject, nouns
that name nothing alone. Any other word is taken for a subject, and a question with one of its own may point as it will.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from lorewright.text.function_words import FUNCTION_WORDS
from lorewright.text.phrases import listed, phrases
from lorewright.text.stems import stem
from lorewright.text.vocabulary import ASKING, GENERIC

_TOKEN = re.compile(r"[^\W\d_][\w'’-]*|\d[\w.,]*|[^\w\s]")
_AUXILIARY = frozenset(
    {"do", "does", "did", "can", "could", "should", "must", "may", "might", "will", "would", "shall"}
)
_ARTICLES = frozenset({"a", "an", "each", "every", "any", "no", "another", "some", "my", "our", "your"})
_VERB_LAST = re.compile(r"\b(?:i|you|we|one|to)\s+\w+\s*$", re.IGNORECASE)
_EXPLETIVE = r"(?! (?:\w+ (?:to|that)\b(?!\s*\?)|take|takes|mean|means|possible|necessary|safe|worth|better|allowed)\b)"
_COUNTS = frozenset(
    {"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "former", "latter", "other"}
)
_BACK = frozenset(
    {"the", "this", "that", "these", "those", "it", "its", "them", "their", "all", "each", "both"}
)
_COMMAND_LINE = re.compile(r"\bcommand line\b", re.IGNORECASE)
_PRONOUN = re.compile(rf"\b(?:it{_EXPLETIVE}|its|they|their|them|he|him|she|his)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[,;:]|\b(?:and|or|but|when|if|where|because|so|then|before|after|while)\b", re.IGNORECASE
)
_ASKED_FIRST = re.compile(
    r"\W*(?:\w+ )?(?:what|which|how \w+) (?:\w+ ){0,2}"
    r"(?:do|does|did|is|are|was|were|can|could|should|must|may|will|would|has|have) (?:it|they|he|she)\b",
    re.IGNORECASE,
)
_ASKING_NOUN = frozenset({"which", "what", "whose"})
_ASKED_WITHIN = 3
_INTO = frozenset({"of", "between", "from", "to", "in", "for", "with", "on", "into", "about"})
_POINTING = re.compile(r"\b(?:this|these|those)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Noun:
    """A noun with its article.

    Attributes:
        start: Place of its article among the words.
        end: Place of what comes after it.
        words: It without plain words in front: none of "the next year".
        counted: Whether it says how many, or which of two.
    """

    start: int
    end: int
    words: tuple[str, ...]
    counted: bool


def dangling_pronoun(question: str) -> str:
    """Return the pronoun of an English question that nothing before it explains; empty where there is none."""
    found = _PRONOUN.search(question)
    if found is None:
        return ""
    if _ASKED_FIRST.match(question):
        return found[0]
    before = _words(_VERB_LAST.sub("", question[: found.start()]))
    explained = any(_is_subject(word) or (_is_bare(word) and word not in GENERIC) for word in before) or any(
        article in _ARTICLES and not _is_plain(noun) for article, noun in pairwise(before)
    )
    return "" if explained else found[0]


def dangling_this(question: str) -> str:
    """Return the `this` of an English question that no clause before it explains; empty where there is none."""
    found = _POINTING.search(question)
    if found is None:
        return ""
    borders = list(_CLAUSE.finditer(question, 0, found.start()))
    before = question[: borders[-1].start()] if borders else ""
    return "" if any(map(_is_subject, _words(before))) else found[0]


def unexplained(question: str, *, known: str = "") -> str:
    """Return what an English question points back with, where it has no subject of its own; empty where it does not.

    Args:
        question: One that has no name in it.
        known: The evidence: a noun that it calls by a longer name ("the bypass switch Q7") is too short alone.
    """
    said = _words(question)
    nouns = _definite(said)
    inside = {place for noun in nouns for place in range(noun.start, noun.end)}
    marks = list(phrases("ellipses").finditer(question))
    marked = {word for found in marks for word in _words(found[0])}
    own = [
        word
        for place, word in enumerate(said)
        if place not in inside and word not in marked and _is_subject(word)
    ]
    if own or _has_indefinite(said):
        return ""
    if any(_explains(noun, known) for noun in nouns):
        return ""
    pointing = [noun for noun in nouns if noun.words or noun.counted]
    if pointing:
        return "the " + " ".join(said[pointing[0].start + 1 : pointing[0].end])
    if marks:
        return marks[0][0].strip()
    return "" if nouns else _no_topic(said)


def _has_indefinite(said: list[str]) -> bool:
    """Whether a preposition leads to something with "a", which needs no text before it: "a view and a table"."""
    return any(
        first in _INTO and article in _ARTICLES and noun[:1].isalpha() and not _is_plain(noun)
        for first, article, noun in zip(said, said[1:], said[2:], strict=False)
    )


def _no_topic(said: list[str]) -> str:
    """Return what is asked for where that is the only noun: "which version"; empty where there is another."""
    nouns = [place for place, word in enumerate(said) if _is_bare(word) and not _is_plain(word)]
    asked = said[0] in _ASKING_NOUN or said[:2] in (["how", "many"], ["how", "much"])
    if not nouns:
        return " ".join(said)
    return " ".join(said[: nouns[0] + 1]) if asked and len(nouns) == 1 and nouns[0] <= _ASKED_WITHIN else ""


def _definite(said: list[str]) -> list[_Noun]:
    """Return the nouns with "the", without the verb behind them."""
    found = []
    for place, word in enumerate(said):
        if word != "the":
            continue
        start = place + 1
        while start < len(said) and _is_plain(said[start]) and not _is_bare(said[start]):
            start += 1
        end = start
        while end < len(said) and said[end][0].isalpha() and said[end] not in FUNCTION_WORDS["en"]:
            if end > start and _is_verb(said[end]):
                break
            end += 1
        stopped = end == len(said) or said[end] in "?.,;:"
        if place and said[place - 1] in _AUXILIARY and stopped and end - start > 1:
            end -= 1
        counted = any(one in _COUNTS or one[0].isdigit() for one in said[place + 1 : start])
        if end + 1 < len(said) and said[end] == "of" and said[end + 1] not in _BACK:
            continue
        found.append(_Noun(place, end, tuple(said[start:end]), counted))
    return found


def _explains(noun: _Noun, known: str) -> bool:
    """Whether a noun with "the" tells by itself what is meant."""
    if all(_is_bare(word) or _is_plain(word) for word in noun.words):
        return False
    return len(noun.words) > 1 or noun.words[0] in GENERIC or not _is_longer(noun.words[0], known)


def _is_longer(noun: str, known: str) -> bool:
    """Whether a text first calls a noun by more than its one word: `bypass switch`, `duty of confidence`."""
    said = _words(known)
    place = next((at for at, word in enumerate(said) if stem(word) == stem(noun)), None)
    if place is None:
        return False
    before = said[place - 1] if place else ""
    after = said[place + 1] if place + 1 < len(said) else ""
    return after == "of" or _is_subject(before) or (_is_bare(before) and before != noun)


def _is_subject(word: str) -> bool:
    return (
        word[:1].isalpha()
        and word not in FUNCTION_WORDS["en"]
        and word not in ASKING
        and word not in GENERIC
        and not _is_plain(word)
        and not _is_bare(word)
    )


def _is_plain(word: str) -> bool:
    return word in listed("plain_words") or word[:1].isdigit() or _is_verb(word)


def _is_verb(word: str) -> bool:
    return word in _verbs()


def _is_bare(word: str) -> bool:
    nouns = listed("bare_nouns")
    return word in nouns or word.removesuffix("s") in nouns or word.removesuffix("es") in nouns


@cache
def _verbs() -> frozenset[str]:
    return frozenset(form for verb in listed("plain_verbs") for form in _forms(verb))


def _forms(verb: str) -> list[str]:
    stemmed = verb[:-1] if verb.endswith("e") else verb
    if verb.endswith("y"):
        return [verb, f"{verb}s", f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ed", f"{verb}ing"]
    double = verb + verb[-1]
    return [verb, f"{verb}s", f"{verb}es", f"{stemmed}ed", f"{stemmed}ing", f"{double}ed", f"{double}ing"]


def _words(text: str) -> list[str]:
    return [found.casefold() for found in _TOKEN.findall(_COMMAND_LINE.sub("command-line", text))]
