"""The words that metrics compare, in any script: emoji count, and signs that stand for words stand alone."""

import re

from lorewright.text.tokens import words

# Pictures that people write in place of words. Lines of drawn boxes, arrows and the like are none.
_PICTURE = "\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001f0ff\U0001f300-\U0001faff"
_TONE = "\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
_TAGS = "\U000e0020-\U000e007f"
# A flag is two letters; a family or a profession is several pictures joined by U+200D (UTS #51).
_EMOJI = re.compile(
    rf"([\U0001f1e6-\U0001f1ff]{{2}}|[{_PICTURE}][{_TONE}{_TAGS}]*(?:\u200d[\u2190-\u21ff{_PICTURE}][{_TONE}]*)*)"
)
_STYLE = re.compile("[\ufe0e\ufe0f]")
# Signs that are words of their own, and punctuation that scripts other than Latin write without a space.
_APART = re.compile(
    "[\u3001-\u3003\u3005-\u3020\u3030-\u303d\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U00020000-\U0003ffff"
    "\u060c\u061b\u061f\u066a-\u066d\u06d4\u0589\u05be\u05c0\u05c3\u0964\u0965\u104a\u104b\u1362-\u1368\u17d4-\u17d6]"
)


def tokens(text: str) -> list[str]:
    """Return the words of a text and its emoji, in order; how a picture is to be drawn makes no difference."""
    if text.isascii():
        return words(text)
    found: list[str] = []
    for number, part in enumerate(_EMOJI.split(text)):
        found += [_STYLE.sub("", part)] if number % 2 else words(part)
    return found


def spaced(text: str) -> str:
    """Return a text with spaces around what stands for a word but is written without any; Latin text stays as it is.

    These are Han and kana, emoji, and the punctuation of scripts that are not Latin.
    """
    if text.isascii():
        return text
    return _APART.sub(r" \g<0> ", _EMOJI.sub(lambda found: f" {_STYLE.sub('', found[0])} ", text))
