"""The index finds passages by words, stays equal to a fresh one, and pins its versions."""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lorewright.core.errors import NotFoundError
from lorewright.core.records import Chunk, Passage, Place
from lorewright.retrieval.filters import Filters
from lorewright.retrieval.index import IndexState, prune, update
from lorewright.retrieval.rows import IndexRow, index_row
from lorewright.retrieval.search import Index, open_index


def row(
    text: str,
    *,
    path: str = "a.md",
    headings: tuple[str, ...] = (),
    title: str = "",
    source: str = "docs",
    kind: str = "markdown",
    start: int = 0,
    first: int = 1,
) -> IndexRow:
    return IndexRow(
        chunk_id=f"chunk of {kind} {headings} {text}",
        document_id=f"document {source}/{path}",
        start=start,
        end=start + len(text),
        text=text,
        source=source,
        path=path,
        kind=kind,
        title=title,
        headings=headings,
        place=Place(unit="line", first=first, last=first + 3),
    )


def write(folder: Path, rows: Iterable[IndexRow]) -> IndexState:
    kept = list(rows)
    return update(folder, lambda: kept)


def reopen(folder: Path, state: IndexState, commits: dict[str, str] | None = None) -> Index:
    return open_index(folder, state.table, state.version, stemming="english", commits=commits)


def build(folder: Path, rows: Iterable[IndexRow], commits: dict[str, str] | None = None) -> Index:
    return reopen(folder, write(folder, rows), commits)


def texts(passages: Sequence[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def test_a_chunk_becomes_a_row_and_comes_back_as_a_passage_with_all_it_takes_to_cite_it(
    tmp_path: Path,
) -> None:
    chunk = Chunk(
        id="c1",
        document_id="d1",
        kind="rest",
        text="Set `retries` on the operator.",
        start=7,
        end=37,
        place=Place(unit="line", first=88, last=104),
        headings=("Tasks", "Retries"),
        strategy="headings",
    )
    rows = [index_row(chunk, source="airflow", path="core/tasks.rst", title="Tasks")]
    (found,) = build(tmp_path, rows, {"airflow": "abc123"}).search("retry", k=5)
    assert found == Passage(
        chunk_id="c1",
        document_id="d1",
        text=chunk.text,
        score=found.score,
        source="airflow",
        path="core/tasks.rst",
        kind="rest",
        title="Tasks",
        headings=("Tasks", "Retries"),
        place=chunk.place,
        start=7,
        end=37,
        commit="abc123",
    )
    assert found.score > 0


def test_words_are_found_in_other_forms_in_headings_and_in_the_title(tmp_path: Path) -> None:
    rows = [
        row("He retries the task.", path="1"),
        row("Nothing here.", path="2", headings=("Retrying",)),
        row("Nor here.", path="3", title="On retry"),
        row("Else.", path="4"),
    ]
    assert {passage.path for passage in build(tmp_path, rows).search("RETRIED", k=9)} == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("任务", "zh"),
        ("重试", "zh"),
        ("カタカナ", "ja"),
        ("повторить задачу", "ru"),
        ("cafe", "fr"),
        ("CAFÉ", "fr"),
        ("job description", "camel"),
        ("JobDescription", "camel"),
        ("max_retries", "snake"),
        ("retries max", "snake"),
        ("http server", "acronym"),
        ("full", "wide"),
    ],
)
def test_parts_of_names_and_scripts_without_spaces_are_found(tmp_path: Path, query: str, path: str) -> None:
    rows = [
        row("如何重试失败的任务", path="zh"),
        row("これはカタカナです", path="ja"),
        row("Как повторить задачу", path="ru"),
        row("un café naïf", path="fr"),
        row("class JobDescription", path="camel"),
        row("set max_retries = 3", path="snake"),
        row("HTTPServer", path="acronym"),
        row("ｆｕｌｌ width", path="wide"),
    ]
    assert build(tmp_path, rows).search(query, k=1)[0].path == path


HOSTILE = [
    '"retry',
    "retry AND OR NOT",
    "(retry",
    "title:retry^3~2",
    "retry* ?",
    "retry'; DROP TABLE passages; --",
    "retry \\ %_",
    "retry \x00 \x1b[31m",
    "retry 🎉👩\u200d👩\u200d👧",
    "retry \ud800",
    "\u202eretry",
    "retry " + "x" * 100_000,
    "retry " + "word " * 5_000,
    "\n\n retry \t",
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Index:
    rows = [row("how to retry"), row("something else", path="b.md")]
    return build(tmp_path_factory.mktemp("small"), rows)


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_a_query_has_no_syntax(small: Index, query: str) -> None:
    assert texts(small.search(query, k=1)) == ["how to retry"]


@pytest.mark.parametrize("query", ["", "   ", "???", "🎉", "the of a", "\x00", "absent", "\u200b"])
def test_a_query_without_a_word_to_find_yields_nothing(small: Index, query: str) -> None:
    assert small.search(query, k=3) == []
    assert small.search("retry", k=0) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text())
def test_no_query_and_no_filter_raises(small: Index, query: str, name: str) -> None:
    assert len(small.search(query, k=3)) <= 2
    if name:
        with pytest.raises(NotFoundError):
            small.search("retry", k=3, filters=Filters(sources=(name,)))


def test_filters_narrow_what_is_searched(tmp_path: Path) -> None:
    rows = [
        row("retry one", path="core/tasks.rst", kind="rest", source="o'hara"),
        row("retry two", path="core/deep/tasks.md"),
        row("retry three", path="other.md"),
    ]
    index = build(tmp_path, rows)

    def found(filters: Filters) -> set[str]:
        return {passage.path for passage in index.search("retry", k=9, filters=filters)}

    assert found(Filters()) == {"core/tasks.rst", "core/deep/tasks.md", "other.md"}
    assert found(Filters(kinds=("rest",))) == {"core/tasks.rst"}
    assert found(Filters(sources=("o'hara",))) == {"core/tasks.rst"}
    assert found(Filters(sources=("o'hara", "docs"), kinds=("markdown",))) == {
        "core/deep/tasks.md",
        "other.md",
    }
    assert found(Filters(path="core/**")) == {"core/tasks.rst", "core/deep/tasks.md"}
    assert found(Filters(path="*.md")) == {"core/deep/tasks.md", "other.md"}


@pytest.mark.parametrize(
    ("filters", "told", "hint"),
    [
        (Filters(kinds=("markdwn",)), "documents of kind 'markdwn'", "--kind markdown"),
        (Filters(sources=("wiki",)), "source 'wiki'", "known are: docs"),
        (Filters(path="none/*"), "No path in the index fits 'none/*'", "such as a.md"),
    ],
)
def test_a_filter_that_names_what_is_not_there_is_an_error_that_says_what_is(
    small: Index, filters: Filters, told: str, hint: str
) -> None:
    with pytest.raises(NotFoundError, match=re.escape(told)) as caught:
        small.search("retry", k=3, filters=filters)
    assert hint in caught.value.hint


def test_a_chunk_at_many_places_counts_once_and_hides_nobody(tmp_path: Path) -> None:
    copies = [row("retry retry", path=f"{number:03}.md") for number in range(200)]
    found = build(tmp_path, [*copies, row("a weaker retry of other text", path="z.md")]).search("retry", k=2)
    assert [passage.path for passage in found] == ["000.md", "z.md"]


def test_equal_scores_are_ordered_by_place_whatever_the_order_of_arrival(tmp_path: Path) -> None:
    rows = [row(f"retry {number}x", path=f"{number:02}.md") for number in range(40)]
    there = build(tmp_path / "1", rows).search("retry", k=3)
    assert [passage.path for passage in there] == ["00.md", "01.md", "02.md"]
    assert build(tmp_path / "2", rows[::-1]).search("retry", k=3) == there


def test_an_update_writes_only_what_changed(tmp_path: Path) -> None:
    rows = [row(f"text {number}", path=f"{number}.md") for number in range(10)]
    first = write(tmp_path, rows)
    assert (first.added, first.removed, first.kept) == (10, 0, 0)
    again = write(tmp_path, reversed(rows))
    assert (again.added, again.removed, again.kept) == (0, 0, 10)
    assert (again.version, again.digest) == (first.version, first.digest)
    changed = write(tmp_path, [*rows[1:], row("new"), rows[2]])
    assert (changed.added, changed.removed, changed.kept) == (1, 1, 9)
    moved = write(tmp_path, [*rows[:9], row("text 9", path="9.md", first=9)])
    assert (moved.added, moved.removed, moved.kept) == (2, 2, 8)
    back = write(tmp_path, rows)
    assert (back.version, back.added, back.removed, back.kept) == (first.version, 0, 0, 10)
    assert len({first.version, changed.version, moved.version}) == 3


def test_an_old_version_answers_as_before_whatever_came_after(tmp_path: Path) -> None:
    old = write(tmp_path, [row("retry the old way")])
    before = reopen(tmp_path, old)
    new = write(tmp_path, [row("retry the new way"), row("retry anyhow", path="b.md")])
    assert texts(before.search("retry", k=5)) == ["retry the old way"]
    assert texts(reopen(tmp_path, old).search("retry", k=5)) == ["retry the old way"]
    assert set(texts(reopen(tmp_path, new).search("retry", k=5))) == {
        "retry the new way",
        "retry anyhow",
    }


def test_an_empty_index_answers_nothing_and_can_be_filled_and_emptied(tmp_path: Path) -> None:
    empty = write(tmp_path, [])
    assert len(reopen(tmp_path, empty)) == 0
    assert reopen(tmp_path, empty).search("retry", k=3) == []
    assert len(build(tmp_path, [row("retry")]).search("retry", k=3)) == 1
    assert write(tmp_path, []).version == empty.version


words = st.sampled_from(["retry", "task", "pool", "queue", "slot", "Task-Pool", "任务"])
bags = st.lists(st.tuples(st.lists(words, min_size=1, max_size=6), words), max_size=8, unique_by=str)


@settings(max_examples=12, deadline=None)
@given(st.lists(bags, min_size=2, max_size=3))
def test_after_any_updates_search_equals_that_of_a_fresh_index(
    tmp_path_factory: pytest.TempPathFactory, generations: list[list[tuple[list[str], str]]]
) -> None:
    def rows(bags: list[tuple[list[str], str]]) -> list[IndexRow]:
        return [row(" ".join(text), headings=(head,), path=" ".join(text) + head) for text, head in bags]

    folder = tmp_path_factory.mktemp("index")
    for generation in generations:
        state = write(folder / "grown", rows(generation))
    fresh = write(folder / "fresh", rows(generations[-1]))
    assert state.digest == fresh.digest
    grown, new = reopen(folder / "grown", state), reopen(folder / "fresh", fresh)
    for query in ("retry", "task pool", "任务", "slot queue retry"):
        assert grown.search(query, k=4) == new.search(query, k=4)


def test_pruning_frees_old_versions_and_keeps_the_pinned_ones(tmp_path: Path) -> None:
    prune(tmp_path / "absent", keep=[])
    prune(tmp_path, keep=[])
    states = [write(tmp_path, [row(f"retry {number}")]) for number in range(4)]
    prune(tmp_path, keep=[(states[number].table, states[number].version) for number in (1, 3)])
    for number in (1, 3):
        assert texts(reopen(tmp_path, states[number]).search("retry", k=2)) == [f"retry {number}"]
    for number in (0, 2):
        with pytest.raises(NotFoundError, match=f"no version {states[number].version}"):
            reopen(tmp_path, states[number])
    after = build(tmp_path, [row("retry 9")])
    assert texts(after.search("retry", k=2)) == ["retry 9"]
    assert write(tmp_path, [row("retry 3")]).version == states[3].version


def test_a_missing_index_or_version_is_named_with_the_next_command(tmp_path: Path) -> None:
    for folder in (tmp_path / "absent", tmp_path):
        with pytest.raises(NotFoundError, match="no index in") as caught:
            open_index(folder, "passages", 1, stemming="english")
        assert caught.value.hint == "lore index"
    table = write(tmp_path, [row("retry")]).table
    with pytest.raises(NotFoundError, match="no version 77"):
        open_index(tmp_path, table, 77, stemming="english")


def test_words_count_as_one_by_the_language_that_is_set(tmp_path: Path) -> None:
    rows = [row("повторите задачи", path="ru"), row("the tasks", path="en")]

    def found(stemming: str, query: str) -> list[str]:
        state = update(tmp_path, lambda: rows, stemming=stemming)
        index = open_index(tmp_path, state.table, state.version, stemming=stemming)
        return [passage.path for passage in index.search(query, k=5)]

    assert found("russian", "задача") == ["ru"]
    assert found("english", "задача") == []
    assert found("english", "task") == ["en"]
    assert found("none", "task") == []
    assert found("none", "the") == ["en"]


def test_another_language_writes_no_row_and_pins_a_version_of_its_own(tmp_path: Path) -> None:
    english = write(tmp_path, [row("the tasks")])
    plain = update(tmp_path, lambda: [row("the tasks")], stemming="none")
    assert (plain.added, plain.kept) == (0, 1)
    assert (plain.version, plain.digest) != (english.version, english.digest)
    assert len(reopen(tmp_path, english).search("task", k=1)) == 1


def test_updates_at_once_wait_for_each_other_and_each_gets_its_own_version(tmp_path: Path) -> None:
    def build_one(number: int) -> IndexState:
        return write(tmp_path, [row(f"retry {number} {other}", path=f"{other}.md") for other in range(50)])

    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(build_one, range(4)))
    for number, state in enumerate(states):
        found = reopen(tmp_path, state).search("retry", k=99)
        assert {passage.text.split()[1] for passage in found} == {str(number)}
        assert len(found) == 50
