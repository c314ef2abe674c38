"""Questions that lean on the one before: `and how do I disable it?`."""

import re

SHORT_WORDS = 3
_WORD = re.compile(r"\w+(?:'\w+)?")
_PRONOUNS = frozenset(
    {"it", "its", "it's", "they", "them", "their", "these", "those", "this", "one", "ones", "he", "she"}
)
_CONNECTIVES = frozenset({"and", "but", "or", "then", "also", "so", "otherwise", "instead"})


def stands_alone(question: str) -> bool:
    """Whether a question says by itself what it is about.

    One does not if it has at most three words, begins with a connective (`and`, `but`, `then`), has a pronoun
    (`it`, `them`, `this`), or ends in `that`. The rule is for English; where no word is written in its letters, a
    question stands alone.
    """
    words = [word.lower() for word in _WORD.findall(question.replace("’", "'"))]
    if words and not any(word.isascii() for word in words):
        return True
    return (
        len(words) > SHORT_WORDS
        and words[0] not in _CONNECTIVES
        and words[-1] != "that"
        and _PRONOUNS.isdisjoint(words)
    )
