"""Word families: inflected and derived forms of a word, told alike by a light stemmer of our own.

No linguistics: an irregular form is looked up, accents go, and the longest known ending is cut where enough is left.
It cuts too much rather than too little, for it says which words may mean the same, never which do. (The Snowball
stemmers of NLTK were tried: they take a second to import and treat `config` and `configuration` as two.)
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_LEAST = 3
_SHARED = 4
_HAN = re.compile(
    r"[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_LATIN = re.compile(r"[a-z]")
_LATIN_ENDINGS = (
    "ization isation ational ations ation itions ition ically ability ibility ements ement ments ment ances ance"
    " ences ence ingly edly ings ing ions ion ities ity ives ive ables able ibles ible iest ness less fully ful"
    " ally als al ers er ors or ies ied ied ed es ly s y e ants ant ents ent ous ic ical ize ise izes ises ized"
    " ungen ung keiten keit heiten heit lichen liche lich ischen ische isch enden ende end en em ern st te ten"
    " tet euses euse eurs eur trices trice ees ee aient ait ons ez iques ique ciones cion mente amos ando iendo"
    " ados ado idos ido adas ada idas ida ar er ir os as zione zioni"
)
_CYRILLIC_ENDINGS = (
    "иями ениями ением ения ению ение ений иях ии ию ия ями ами ого его ому ему ыми ими ыми ая яя ое ее ые ие ый ий"
    " ой ей ую юю ов ев ам ям ах ях ом ем ться тся ются утся ется ится ать ять ить еть ть ла ло ли л ет ют ут ит ат"
    " ят ают яют ает яет ешь ишь ным ных ный ная ное ные нный нная нное нные нного енный ость ости у ю а я ы и е о ь"
    " й м х"
)
_IRREGULAR = {
    form: base
    for base, forms in {
        "begin": "began begun", "break": "broke broken", "bring": "brought", "build": "built", "buy": "bought",
        "catch": "caught", "choose": "chose chosen", "come": "came", "do": "did done", "draw": "drew drawn",
        "fall": "fell fallen", "find": "found", "forget": "forgot forgotten", "get": "got gotten", "give": "gave given",
        "go": "went gone", "grow": "grew grown", "hang": "hung", "hide": "hid hidden", "hold": "held",
        "keep": "kept", "know": "knew known", "lead": "led", "leave": "left", "lose": "lost loss", "make": "made",
        "mean": "meant", "rise": "rose risen", "run": "ran", "see": "saw seen", "send": "sent", "shut": "shuts",
        "spend": "spent", "stand": "stood", "take": "took taken", "tell": "told", "think": "thought",
        "throw": "threw thrown", "understand": "understood", "win": "won", "write": "wrote written",
        "maximum": "max", "minimum": "min", "configuration": "config", "parameter": "param", "argument": "arg",
        "directory": "dir", "database": "db", "repository": "repo", "environment": "env", "authentication": "auth",
        "specification": "spec", "synchronise": "sync", "number": "num", "second": "sec", "message": "msg",
    }.items()
    for form in forms.split()
}  # fmt: skip


# By script: whether it is Latin.
_ENDINGS = {True: frozenset(_LATIN_ENDINGS.split()), False: frozenset(_CYRILLIC_ENDINGS.split())}
_LONGEST = max(map(len, _ENDINGS[True] | _ENDINGS[False]))


@lru_cache(maxsize=1 << 17)
def stem(word: str) -> str:
    """Return what forms of a word share; words of scripts without endings known here are returned as they are.

    Args:
        word: One of `text.tokens.words`.
    """
    bare = word if word.isascii() else _without_accents(word)
    bare = _IRREGULAR.get(bare, bare)
    if not bare.isalpha() and any(sign.isdigit() or sign == "_" for sign in bare):
        return bare
    for least in (_LEAST, _SHARED):
        endings = _ENDINGS[_LATIN.search(bare) is not None]
        for cut in range(max(least, len(bare) - _LONGEST), len(bare)):
            if bare[cut:] in endings:
                bare = bare[:cut]
                break
    if len(bare) > _LEAST and bare[-1] == bare[-2]:
        return bare[:-1]
    return bare


def _without_accents(word: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))
    return plain.strip() or word


class Families:
    """The word families of a text.

    Args:
        words: Of the text.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._stems = {stem(word) for word in words}
        self._beginnings = {
            one[:length]
            for one in self._stems
            if not one[0].isdigit()
            for length in range(_least(one), len(one))
        }

    def hold(self, word: str) -> bool:
        """Whether a text has a word of the same family.

        One stem begins the other, with four letters at least, or with three of four.
        """
        asked = stem(word)
        if asked in self._stems or (len(asked) >= _LEAST and asked in self._beginnings):
            return True
        return any(asked[:length] in self._stems for length in range(_least(asked), len(asked)))


def _least(stemmed: str) -> int:
    return _LEAST if len(stemmed) == _SHARED else _SHARED


def is_lone(word: str) -> bool:
    """Whether a word is a single character of Chinese or Japanese, which tells little alone."""
    return len(word) == 1 and _HAN.match(word) is not None
