"""Finds secrets in a text: tokens by their form, private keys by their first and last lines, values by their labels.

Nothing is asked of any network, and nothing found is kept: a `Found` is a kind and a place.
"""

from collections.abc import Iterable, Iterator

from lorewright.text.masking import PERSONAL_KINDS, Found, merge
from lorewright.text.private_keys import private_keys
from lorewright.text.secret_kinds import known_tokens
from lorewright.text.secret_labels import labelled_secrets
from lorewright.text.unseen import find_past_unseen

_MIN_REPEATED_CHARS = 8


def find_secrets(text: str) -> list[Found]:
    """Return the secrets in a text, in order of place, none touching another's characters.

    A value of eight characters or more that is a secret in one place counts as one wherever else the text has it.
    Placeholders (`<token>`, `${TOKEN}`, `changeme`) do not, nor do passwords that are plain words (`airflow`).
    Characters that nobody sees, such as a soft hyphen or a space without width, hide nothing.
    """
    return find_past_unseen(text, _find)


def _find(text: str) -> list[Found]:
    found = merge((*known_tokens(text), *private_keys(text), *labelled_secrets(text)))
    return merge((*found, *_again(text, found, text)))


def find_again(text: str, found: Iterable[Found], other: str) -> list[Found]:
    """Return where another text, such as a title, says a secret that was found in this one, in order of place."""
    return merge(_again(text, found, other))


def _again(text: str, found: Iterable[Found], other: str) -> Iterator[Found]:
    values: dict[str, str] = {}
    for one in found:
        if one.kind not in PERSONAL_KINDS and one.end - one.start >= _MIN_REPEATED_CHARS:
            values.setdefault(text[one.start : one.end], one.kind)
    for value, kind in values.items():
        at = other.find(value)
        while at >= 0:
            yield Found(kind, at, at + len(value))
            at = other.find(value, at + len(value))
