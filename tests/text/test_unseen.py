"""What is parted by characters that nobody sees is found whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.printable import printable
from lorewright.text.masking import Found, mask
from lorewright.text.personal import find_personal
from lorewright.text.secrets import find_secrets

TOKEN = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
UNSEEN = "\u200b\u2060\ufeff\u00ad\u200c\u200d\ufe0f\x00\x0c\u202e\ud800\U000e0041"


@given(st.lists(st.tuples(st.integers(1, len(TOKEN) - 1), st.sampled_from(UNSEEN)), max_size=6))
def test_a_token_is_found_whole_whatever_nobody_sees_in_it(parted: list[tuple[int, str]]) -> None:
    written = TOKEN
    for place, sign in sorted(parted, reverse=True):
        written = written[:place] + sign + written[place:]
    text = f"Use {written} to\u200b log in."
    assert find_secrets(text) == [Found("github token", 4, 4 + len(written))]
    assert printable(mask(text, find_secrets(text)).text) == "Use [secret: github token] to log in."


@pytest.mark.parametrize("sign", UNSEEN)
def test_an_address_is_found_whole(sign: str) -> None:
    text = f"Ask ann{sign}a@pump{sign}house.org."
    assert [text[one.start : one.end] for one in find_personal(text)] == [text[4:-1]]


@given(st.text(alphabet=UNSEEN + "ab: ", max_size=30))
def test_what_nobody_sees_is_no_find(text: str) -> None:
    assert find_secrets(text) == find_personal(text) == []


def test_an_escaped_token_is_found_whole() -> None:
    text = r"Use sk\_live\_A1b2C3d4E5f6G7h8I9j0K1l2 at C:\_pumps\_all."
    assert [(one.kind, text[one.start : one.end]) for one in find_secrets(text)] == [
        ("stripe key", r"sk\_live\_A1b2C3d4E5f6G7h8I9j0K1l2")
    ]
