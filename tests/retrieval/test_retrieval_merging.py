"""Passages that repeat or overlap each other become one, and grow by their neighbours as far as there is room."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.records import Passage, Place
from lorewright.retrieval.filters import Filters
from lorewright.retrieval.index import update
from lorewright.retrieval.merging import best_passages, merge, widen
from lorewright.retrieval.rows import IndexRow
from lorewright.retrieval.search import Index, open_index


def passage(
    text: str, *, document: str = "d", start: int = 0, first: int = 1, last: int = 2, score: float = 1.0
) -> Passage:
    return Passage(
        chunk_id=f"id of {text}",
        document_id=document,
        text=text,
        score=score,
        source="s",
        path=document,
        kind="text",
        title="",
        place=Place(unit="line", first=first, last=last),
        start=start,
        end=start + len(text),
    )


def row(text: str, *, start: int = 0, number: int = 1, document: str = "d") -> IndexRow:
    return IndexRow(
        chunk_id=text,
        document_id=document,
        start=start,
        end=start + len(text),
        text=text,
        source="s",
        path=document,
        kind="text",
        title="",
        place=Place(unit="line", first=number, last=number),
    )


def build(folder: Path, rows: list[IndexRow]) -> Index:
    state = update(folder, lambda: rows)
    return open_index(folder, state.table, state.version, stemming="english")


def test_overlapping_windows_of_a_document_are_joined_in_reading_order() -> None:
    shared = "the words that both windows hold"
    early, late = f"Early on. {shared}", f"{shared} and later ones."
    begins = early.index(shared)
    one = passage(early, first=1, last=3)
    two = passage(late, start=begins, first=3, last=5)
    for pair in ([one, two], [two, one]):
        (joined,) = merge(pair)
        assert joined.text == f"Early on. {shared} and later ones."
        assert joined.place == Place(unit="line", first=1, last=5)
        assert joined.chunk_id == pair[0].chunk_id
        assert (joined.start, joined.end) == (0, begins + len(late))


def test_a_text_that_another_passage_holds_is_left_out_and_the_fuller_one_kept() -> None:
    assert merge([passage("one two three"), passage("two", document="other")]) == [passage("one two three")]
    (kept,) = merge([passage("two", start=4, first=4, last=4), passage("one two three", first=1, last=9)])
    assert (kept.text, kept.place.first, kept.place.last) == ("one two three", 1, 9)


def test_passages_of_different_documents_are_never_joined() -> None:
    shared = "the words that both windows hold"
    pair = [passage(f"a {shared}"), passage(f"{shared} b", document="other")]
    assert merge(pair) == pair


@given(
    st.text("abc ", min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), st.integers(1, 20), st.sampled_from("de")), max_size=6),
)
def test_nothing_said_is_lost_nothing_kept_repeats_and_texts_stay_slices(
    text: str, spans: list[tuple[int, int, str]]
) -> None:
    passages = [
        passage(text[start : start + size], start=start, document=document)
        for start, size, document in spans
        if text[start : start + size].strip()
    ]
    kept = merge(passages)
    for one in passages:
        assert any(one.text.strip() in other.text for other in kept)
    for number, one in enumerate(kept):
        assert all(one.text.strip() not in other.text for other in kept[:number])


def test_the_best_passages_are_as_many_as_asked_for_after_merging(tmp_path: Path) -> None:
    rows = [
        row("retry retry", start=7),
        row("please retry retry"),
        row("retry the task", document="e"),
        row("a pool", document="e", start=20),
    ]
    index = build(tmp_path, rows)
    found = best_passages(index, "retry", k=2, filters=Filters(kinds=("text",), sources=("s",), path="*"))
    assert [passage.text for passage in found] == ["please retry retry", "retry the task"]


BEFORE, FOUND, AFTER = "Ahead of it.", "Set retries here.", "Afterwards wait."


def neighbourhood(folder: Path) -> Index:
    return build(
        folder,
        [
            row(BEFORE, start=0, number=1),
            row(FOUND, start=len(BEFORE) + 2, number=3),
            row(AFTER, start=len(BEFORE) + len(FOUND) + 4, number=5),
            row("Of another document.", document="other"),
        ],
    )


def test_room_that_is_left_goes_to_what_follows_then_to_what_stands_before(tmp_path: Path) -> None:
    index = neighbourhood(tmp_path)
    found = best_passages(index, "retries", k=1)
    for max_chars, text, first, last in (
        (len(FOUND), FOUND, 3, 3),
        (len(FOUND) + len(AFTER) + 2, f"{FOUND}\n\n{AFTER}", 3, 5),
        (1000, f"{BEFORE}\n\n{FOUND}\n\n{AFTER}", 1, 5),
    ):
        (wide,) = widen(index, found, max_chars=max_chars)
        assert wide.text == text
        assert (wide.place.first, wide.place.last) == (first, last)
        assert wide.chunk_id == FOUND


def test_passages_never_grow_into_each_other_and_too_long_ones_stay(tmp_path: Path) -> None:
    index = neighbourhood(tmp_path)
    found = index.search("retries afterwards", k=2)
    assert {one.text for one in found} == {FOUND, AFTER}
    wide = widen(index, found, max_chars=1000)
    assert sorted(one.text for one in wide) == [AFTER, f"{BEFORE}\n\n{FOUND}"]
    assert widen(index, found, max_chars=1) == found
