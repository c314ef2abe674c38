"""The language of an answer beside that of its question and evidence: by script, then by words."""

import re
import unicodedata
from collections import Counter

from lorewright.core.records import Example
from lorewright.curation.turns import STRUCTURED_TASKS, answers, is_data, questions, quotes
from lorewright.text.languages import NAMES, foreign_language, languages
from lorewright.text.prose import sentences, without_code
from lorewright.text.tokens import words

_LEAST_LETTERS = 6
_LEAST_WORDS = 4
_FOREIGN_SHARE, _OWN_SHARE = 0.3, 0.25
_SCRIPTS = {
    "CJK": "Han", "HIRAGANA": "kana", "KATAKANA": "kana", "HANGUL": "Hangul", "LATIN": "Latin", "CYRILLIC": "Cyrillic",
    "GREEK": "Greek", "ARABIC": "Arabic", "HEBREW": "Hebrew", "DEVANAGARI": "Devanagari", "THAI": "Thai",
}  # fmt: skip
# A sign of these is a word or a syllable.
_DENSE = {"Han": 3, "kana": 2, "Hangul": 2}
_NO_WORD = re.compile(r"[!-~]*[/\\_=@][!-~]*|[!-~]+\.[A-Za-z]\w*|[A-Za-z-]*\d[A-Za-z\d-]*", re.ASCII)


def wrong_language(example: Example) -> str | None:
    """Want answers in the language of the question or the evidence, wholly: by script, then by words.

    Code, addresses and paths are left out; names that question or evidence have are of no language. Where a text is too
    short to tell, nothing is said against it.
    """
    if example.task in STRUCTURED_TASKS or is_data(example):
        return None
    asked, quoted = _prose("\n".join(questions(example))), _prose(quotes(example))
    scripts = _main_scripts(asked) | _main_scripts(quoted)
    expected = languages(words(asked)) | languages(words(quoted))
    known = set(words("\n".join([*questions(example), quotes(example)])))
    for text in answers(example):
        prose = _prose(text)
        for part in (prose, *sentences(prose)):
            reason = _foreign_script(part, known, scripts) or _foreign_words(part, expected)
            if reason:
                return f"{reason}: {' '.join(part.split())[:60]!r}"
    return None


def _prose(text: str) -> str:
    return _NO_WORD.sub(" ", without_code(text))


def _foreign_words(text: str, expected: set[str]) -> str:
    found = words(text)
    code = foreign_language(found, expected) if len(found) >= _LEAST_WORDS else ""
    if not code:
        return ""
    known = ", ".join(sorted(NAMES[one] for one in expected))
    return f"the answer is in {NAMES[code]}, question and evidence are in {known}"


def _foreign_script(text: str, known: set[str], expected: set[str]) -> str:
    """Return that much of a text is of a script that neither question nor evidence is in."""
    whole = _scripts(text).total()
    new = _scripts(" ".join(word for word in words(text) if word not in known))
    for script in sorted(new.keys() - expected):
        prose = script != "Latin" or languages(words(text))
        if prose and expected and new[script] >= max(_LEAST_LETTERS, _FOREIGN_SHARE * whole):
            own = ", ".join(sorted(expected))
            return f"the answer is in {script} script, question and evidence are in {own}"
    return ""


def _main_scripts(text: str) -> set[str]:
    weights = _scripts(text)
    return {script for script, weight in weights.items() if weight >= _OWN_SHARE * weights.total()}


def _scripts(text: str) -> Counter[str]:
    """Return how much of a text is of each script, in letters."""
    weights: Counter[str] = Counter()
    for sign, count in Counter(sign for sign in text if sign.isalpha()).items():
        script = _SCRIPTS.get(unicodedata.name(sign, "").partition(" ")[0], "")
        if script:
            weights[script] += count * _DENSE.get(script, 1)
    return weights
