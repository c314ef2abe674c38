import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from planted_secrets import TOKENS, letters, password  # type: ignore[import-not-found]

from lorewright.text.masking import Found, Mark, Masked, mask, mask_chunk, merge
from lorewright.text.personal import find_personal
from lorewright.text.secrets import find_secrets

_PLAIN = st.text(alphabet="abc \n", max_size=40)


def hides(masked: Masked, start: int, end: int) -> bool:
    """Whether anything of a stretch of the original is hidden."""
    return any(one.start < end and start < one.end for one in masked.marks)


def _find(text: str) -> list[Found]:
    return find_secrets(text) + find_personal(text)


@st.composite
def texts_with_secrets(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return a text of words, secrets and people, and the values of the secrets."""
    rng = random.Random(draw(st.integers(0, 10_000)))
    values = [TOKENS[name][1](rng) for name in draw(st.lists(st.sampled_from(sorted(TOKENS)), max_size=3))]
    labelled = [password(rng) for _ in range(draw(st.integers(0, 2)))]
    pieces = [f"see {value} there" for value in values] + [f'password = "{value}"' for value in labelled]
    pieces += [f"again {value}" for value in labelled if draw(st.booleans())]
    pieces += ["mail jo.doe@acme.io", "in /home/jdoe/work", "at ~mary/x"][: draw(st.integers(0, 3))]
    pieces += draw(st.lists(_PLAIN, max_size=4))
    return draw(st.sampled_from(["\n", " ", ", "])).join(draw(st.permutations(pieces))), values + labelled


@st.composite
def texts_with_finds(draw: st.DrawFn) -> tuple[str, list[Found]]:
    text = draw(st.text(alphabet="abcdefgh \n\u00e9\U0001f600", max_size=60))
    edge = st.integers(0, len(text))
    kinds = st.sampled_from(["password", "github token", "email", "user"])
    found = draw(st.lists(st.builds(Found, kinds, edge, edge), max_size=6))
    return text, [one for one in found if one.start < one.end]


@settings(deadline=None, max_examples=150)
@given(texts_with_secrets())
def test_no_secret_survives_and_masking_again_changes_nothing(case: tuple[str, list[str]]) -> None:
    text, values = case
    once = mask(text, _find(text)).text
    assert [value for value in values if value in once] == []
    assert "acme.io" not in once
    assert "jdoe" not in once
    assert mask(once, _find(once)).text == once


@settings(deadline=None)
@given(texts_with_finds())
def test_offsets_map_back_exactly(case: tuple[str, list[Found]]) -> None:
    text, found = case
    masked = mask(text, found)
    hidden = [False] * len(text)
    for one in found:
        hidden[one.start : one.end] = [True] * (one.end - one.start)
    plain = [
        at
        for at in range(len(masked.text))
        if not any(m.masked_start <= at < m.masked_end for m in masked.marks)
    ]
    assert [masked.to_original(at, at + 1) for at in plain] == [
        (at, at + 1) for at in range(len(text)) if not hidden[at]
    ]
    for at in plain:
        start, end = masked.to_original(at, at + 1)
        assert text[start:end] == masked.text[at]
        assert masked.to_masked(start, end) == (at, at + 1)
        assert not hides(masked, start, end)
    for mark in masked.marks:
        whole = (mark.start, mark.end)
        for at in range(mark.masked_start, mark.masked_end):
            assert masked.to_original(at, at + 1) == whole
        for at in range(*whole):
            assert masked.to_masked(at, at + 1) == (mark.masked_start, mark.masked_end)
            assert hides(masked, at, at + 1)
    assert masked.to_original(0, len(masked.text)) == (0, len(text))


@settings(deadline=None)
@given(texts_with_finds(), st.data())
def test_a_stretch_carried_over_and_back_holds_itself(
    case: tuple[str, list[Found]], data: st.DataObject
) -> None:
    masked = mask(*case)
    start = data.draw(st.integers(0, len(masked.text)))
    end = data.draw(st.integers(start, len(masked.text)))
    there = masked.to_original(start, end)
    back = masked.to_masked(*there)
    assert 0 <= there[0] <= there[1] <= len(case[0])
    if start < end:
        assert back[0] <= start
        assert end <= back[1]
        assert masked.to_original(*back) == there


@settings(deadline=None)
@given(texts_with_finds(), st.data())
def test_chunks_hide_what_the_document_hides(case: tuple[str, list[Found]], data: st.DataObject) -> None:
    text, found = case
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    chunk, whole = mask_chunk(text, start, end, found), mask(text, found)
    for at in range(start, end):
        assert hides(chunk, at - start, at - start + 1) == hides(whole, at, at + 1)
    assert mask_chunk(text, 0, len(text), found) == whole


@settings(deadline=None)
@given(texts_with_finds())
def test_merged_finds_never_overlap_and_cover_the_same(case: tuple[str, list[Found]]) -> None:
    _, found = case
    merged = merge(found)
    assert all(one.end <= other.start for one, other in pairwise(merged))
    covered = {at for one in found for at in range(one.start, one.end)}
    assert {at for one in merged for at in range(one.start, one.end)} == covered
    assert merge(reversed(found)) == merged


def test_what_overlaps_becomes_one_mark_of_the_kind_that_says_most() -> None:
    found = [Found("token", 0, 9), Found("github token", 2, 6), Found("email", 5, 12)]
    masked = mask("abcdefghijklmno", found)
    assert masked.text == "[secret: github token]mno"
    assert masked.marks == (Mark("github token", 0, 12, 0, 22),)


def test_a_stretch_of_the_masked_text_is_found_in_the_original() -> None:
    value = letters(random.Random(1), "abcdef0123456789", 32)
    text = f"Set api_key: {value} in the file,\nthen restart it."
    masked = mask(text, find_secrets(text))
    assert masked.text == "Set api_key: [secret: api key] in the file,\nthen restart it."
    start = masked.text.index("the file")
    plain = masked.to_original(start, start + len("the file,\nthen restart"))
    assert text[slice(*plain)] == "the file,\nthen restart"
    assert not hides(masked, *plain)
    start = masked.text.index("key] in")
    touching = masked.to_original(start, start + len("key] in the file"))
    assert text[slice(*touching)] == f"{value} in the file"
    assert hides(masked, *touching)


def test_a_text_without_finds_stays_as_it_is() -> None:
    masked = mask("nothing here", [])
    assert masked.text == "nothing here"
    assert masked.marks == ()
    assert masked.to_original(3, 7) == (3, 7)
