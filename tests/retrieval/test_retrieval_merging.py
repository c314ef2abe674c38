"""Passages that repeat or overlap each other become one."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.records import Passage, Place
from lorewright.retrieval.index import IndexRow, open_index, update
from lorewright.retrieval.merging import best_passages, merge


def passage(text: str, *, document: str = "d", first: int = 1, last: int = 2, score: float = 1.0) -> Passage:
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
    )


def test_overlapping_windows_of_a_document_are_joined_in_reading_order() -> None:
    shared = "the words that both windows hold"
    early, late = f"Early on. {shared}", f"{shared} and later ones."
    for pair in (
        [passage(early, first=1, last=3), passage(late, first=3, last=5)],
        [passage(late, first=3, last=5), passage(early, first=1, last=3)],
    ):
        (joined,) = merge(pair)
        assert joined.text == f"Early on. {shared} and later ones."
        assert joined.place == Place(unit="line", first=1, last=5)
        assert joined.chunk_id == pair[0].chunk_id


def test_a_text_that_another_passage_holds_is_left_out_and_the_fuller_one_kept() -> None:
    assert merge([passage("one two three"), passage("two", document="other")]) == [passage("one two three")]
    (kept,) = merge([passage("two", first=4, last=4), passage("one two three", first=1, last=9)])
    assert (kept.text, kept.place.first, kept.place.last) == ("one two three", 1, 9)


def test_passages_of_different_documents_are_never_joined() -> None:
    shared = "the words that both windows hold"
    pair = [passage(f"a {shared}"), passage(f"{shared} b", document="other")]
    assert merge(pair) == pair


@given(st.lists(st.text("ab", min_size=1, max_size=30), max_size=6))
def test_nothing_said_is_lost_and_nothing_kept_repeats(texts: list[str]) -> None:
    kept = merge([passage(text) for text in texts])
    for text in texts:
        assert any(text.strip() in other.text for other in kept)


def test_the_best_passages_are_as_many_as_asked_for_after_merging(tmp_path: Path) -> None:
    rows = [
        IndexRow(
            chunk_id=text,
            document_id="d",
            start=0,
            text=text,
            source="s",
            path=f"{number}",
            kind="text",
            title="",
            place=Place(unit="line", first=1, last=1),
        )
        for number, text in enumerate(["retry retry", "please retry retry", "retry the task", "a pool"])
    ]
    index = open_index(tmp_path, update(tmp_path, rows).version)
    found = best_passages(index, "retry", k=2, sources=["s"], kinds=["text"], path_glob="*")
    assert len(found) == 2
    assert [passage.text for passage in found] != ["retry retry", "please retry retry"]
