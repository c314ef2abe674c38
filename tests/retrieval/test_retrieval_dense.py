"""Search by meaning and by both: exact or through the ANN index, each text embedded once, equal to a fresh index."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors_by_words import WordCounts  # type: ignore[import-not-found]

from lorewright.core.errors import NotFoundError, ProviderError
from lorewright.core.records import Place
from lorewright.llm.embedders import Embedder
from lorewright.retrieval import store
from lorewright.retrieval.filters import Filters
from lorewright.retrieval.index import IndexState, update
from lorewright.retrieval.ranking import Hit, best_hits, fused
from lorewright.retrieval.rows import IndexRow
from lorewright.retrieval.search import Index, Mode, open_index


def row(text: str, *, path: str = "a.md", kind: str = "markdown", first: int = 1) -> IndexRow:
    return IndexRow(
        chunk_id=f"chunk of {text}",
        document_id=f"document {path}",
        start=first,
        end=first + len(text),
        text=text,
        source="docs",
        path=path,
        kind=kind,
        title="",
        place=Place(unit="line", first=first, last=first),
    )


def write(folder: Path, rows: Sequence[IndexRow], embedder: Embedder) -> IndexState:
    return update(folder, lambda: rows, embedder=embedder)


def reopen(folder: Path, state: IndexState, embedder: Embedder) -> Index:
    return open_index(folder, state.table, state.version, stemming="english", embedder=embedder)


def build(folder: Path, rows: Sequence[IndexRow], embedder: Embedder) -> Index:
    return reopen(folder, write(folder, rows, embedder), embedder)


ROWS = [row(f"words of number {number}", path=f"{number:02}.md") for number in range(30)]


def test_a_passage_without_a_word_of_the_question_is_found_by_meaning(tmp_path: Path) -> None:
    words = WordCounts({"automobile": "car", "halts": "stops"})
    rows = [row("the automobile halts", path="car.md"), row("a question of stops", path="other.md")]
    index = build(tmp_path, rows, words.embedder())
    assert index.modes == ("hybrid", "dense", "full-text")
    assert [one.path for one in index.search("car stops", k=5, mode="full-text")] == ["other.md"]
    assert index.search("car stops", k=5, mode="dense")[0].path == "car.md"
    assert {one.path for one in index.search("car stops", k=5)} == {"car.md", "other.md"}


def test_scores_by_meaning_are_cosines(tmp_path: Path) -> None:
    index = build(tmp_path, [row("retry the task"), row("else", path="b.md")], WordCounts().embedder())
    best = index.search("retry the task", k=1, mode="dense")[0]
    assert best.score == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
def test_filters_hold_in_every_mode(tmp_path: Path, mode: Mode) -> None:
    rows = [row("retry one", path="core/a.md"), row("retry two", path="b.rst", kind="rest")]
    index = build(tmp_path, rows, WordCounts().embedder())
    for filters in (Filters(kinds=("rest",)), Filters(path="*.rst")):
        assert [one.path for one in index.search("retry", k=5, filters=filters, mode=mode)] == ["b.rst"]


def test_each_text_is_embedded_once_and_a_rename_embeds_nothing(tmp_path: Path) -> None:
    words = WordCounts()
    rows = [row("one text"), row("one text", path="copy.md"), row("another", path="b.md")]
    first = write(tmp_path, rows, words.embedder())
    assert first.embedded == 2
    words.shown.clear()
    renamed = write(tmp_path, [*rows[:2], row("another", path="renamed.md")], words.embedder())
    assert (renamed.added, renamed.removed, renamed.embedded, words.shown) == (1, 1, 0, [])
    edited = write(tmp_path, [*rows[:2], row("edited", path="renamed.md")], words.embedder())
    assert (edited.added, edited.embedded, words.shown) == (1, 1, ["edited"])


def test_each_embedder_has_a_table_of_its_own_and_the_versions_of_all_stay(tmp_path: Path) -> None:
    first, second = WordCounts().embedder("first"), WordCounts().embedder("second")
    states = [write(tmp_path, ROWS, one) for one in (first, second)]
    plain = update(tmp_path, lambda: ROWS)
    assert len({state.table for state in (*states, plain)}) == 3
    assert len({state.digest for state in (*states, plain)}) == 3
    for state, embedder in zip(states, (first, second), strict=True):
        assert reopen(tmp_path, state, embedder).search("number 7", k=1, mode="dense")[0].path == "07.md"


def test_vectors_that_were_made_before_a_failure_are_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lorewright.retrieval.index.BATCH", 10)
    words = WordCounts()

    def failing(texts: Sequence[str]) -> Any:
        if len(words.shown) >= 20:
            raise ProviderError("The server is gone.", "start it")
        return words.passages(texts)

    broken = Embedder(
        "word counts", {"model": "word counts"}, failing, words.embedder().queries, lambda: None
    )
    with pytest.raises(ProviderError):
        write(tmp_path, ROWS, broken)
    words.shown.clear()
    state = write(tmp_path, ROWS, words.embedder())
    assert len(words.shown) <= 11
    fresh = build(tmp_path / "fresh", ROWS, WordCounts().embedder())
    for query in ("number 3", "words", "27"):
        assert reopen(tmp_path, state, words.embedder()).search(query, k=9) == fresh.search(query, k=9)


def test_a_search_that_needs_vectors_of_an_index_without_any_says_what_to_set(tmp_path: Path) -> None:
    state = update(tmp_path, lambda: ROWS)
    index = open_index(tmp_path, state.table, state.version, stemming="english")
    with pytest.raises(NotFoundError, match="no vectors") as caught:
        index.search("number", k=1, mode="dense")
    assert "index.embedder" in caught.value.hint


def test_an_empty_index_with_an_embedder_answers_nothing_and_can_be_filled(tmp_path: Path) -> None:
    embedder = WordCounts().embedder()
    assert build(tmp_path, [], embedder).search("words", k=3) == []
    assert len(build(tmp_path, ROWS, embedder).search("words", k=3)) == 3


def test_through_the_ann_index_the_nearest_are_found_with_filters_and_after_an_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "EXACT_BYTES", 0)
    embedder = WordCounts().embedder()
    rows = [row(f"alpha{number} beta{number % 7}", path=f"{number:03}.md") for number in range(600)]
    index = build(tmp_path, rows, embedder)
    monkeypatch.setattr(store, "EXACT_BYTES", 1 << 30)
    exact = build(tmp_path, rows, embedder)
    for number in (0, 17, 599):
        found = index.search(f"alpha{number} beta{number % 7}", k=5, mode="dense")
        assert found[0].score == pytest.approx(1.0, abs=1e-5)
        wanted = exact.search(f"alpha{number} beta{number % 7}", k=5, mode="dense")
        assert len({one.chunk_id for one in found} & {one.chunk_id for one in wanted}) >= 4
    one = index.search("alpha17 beta3", k=3, mode="dense", filters=Filters(path="017.md"))
    assert [passage.path for passage in one] == ["017.md"]
    monkeypatch.setattr(store, "EXACT_BYTES", 0)
    changed = build(tmp_path, [*rows[1:], row("gamma delta", path="new.md")], embedder)
    assert changed.search("gamma delta", k=1, mode="dense")[0].path == "new.md"
    assert all(one.path != "000.md" for one in changed.search("alpha0 beta0", k=50, mode="dense"))


hits = st.lists(
    st.builds(
        Hit,
        chunk_id=st.sampled_from("abcdefgh"),
        score=st.sampled_from([0.5, 1.0, 2.0]),
        source=st.just("s"),
        path=st.sampled_from(["1", "2"]),
        first=st.integers(1, 3),
        rowid=st.integers(0, 99),
    ),
    max_size=40,
)


@given(hits, st.integers(1, 9))
def test_the_best_hits_are_those_of_the_whole_list_whatever_is_fetched_at_a_time(
    rows: list[Hit], k: int
) -> None:
    ordered = sorted(rows, key=lambda hit: -hit.score)
    found = best_hits(lambda limit: ordered[:limit], k)
    everything = best_hits(lambda _limit: ordered, len(rows) + 1)
    assert found == everything[:k]
    assert len({hit.chunk_id for hit in found}) == len(found) == min(k, len({hit.chunk_id for hit in rows}))


def ranked(found: list[Hit]) -> list[Hit]:
    return best_hits(lambda _limit: sorted(found, key=lambda hit: -hit.score), 9)


@given(hits, hits, st.integers(1, 9))
def test_fused_ranks_are_of_both_and_favour_what_both_found(one: list[Hit], two: list[Hit], k: int) -> None:
    rankings = [ranked(one), ranked(two)]
    both = fused([(1.0, rankings[0]), (1.0, rankings[1])], k)
    assert {hit.chunk_id for hit in both} <= {hit.chunk_id for ranking in rankings for hit in ranking}
    scores = [hit.score for hit in both]
    assert scores == sorted(scores, reverse=True)
    tops = [ranking[0].chunk_id for ranking in rankings if ranking]
    if len(tops) == 2 and tops[0] == tops[1]:
        assert both[0].chunk_id == tops[0]


def test_the_vectors_are_those_of_the_embedder(tmp_path: Path) -> None:
    words = WordCounts()
    index = build(tmp_path, ROWS, words.embedder())
    best = index.search("words of number 7", k=30, mode="dense")
    vectors = words.embedder().passages([one.text for one in best])
    cosines = vectors @ words.embedder().queries(["words of number 7"])[0]
    assert np.allclose([one.score for one in best], cosines, atol=1e-5)


def test_equal_vectors_get_equal_scores_wherever_they_stand(tmp_path: Path) -> None:
    rows = [row(f"{number}", path=f"{number:03}.md") for number in range(101)]
    vector = np.linspace(1, 2, 384, dtype=np.float32)
    vector /= np.linalg.norm(vector)

    def same(texts: Sequence[str]) -> Any:
        return np.tile(vector, (len(texts), 1))

    question = np.sin(np.arange(384, dtype=np.float32))
    embedder = Embedder("same", {"model": "same"}, same, lambda _: question[None], lambda: None)
    found = build(tmp_path, rows, embedder).search("any", k=101, mode="dense")
    assert len({one.score for one in found}) == 1
    assert [one.path for one in found] == [one.path for one in rows]
