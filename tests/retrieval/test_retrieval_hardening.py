"""Damaged folders, servers that change, odd patterns: each is told in words and nothing is answered amiss."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vectors_by_words import WordCounts  # type: ignore[import-not-found]

from lorewright.core.errors import ConfigError, NotFoundError, ProviderError, StorageError
from lorewright.core.records import Place
from lorewright.llm.embedders import Embedder
from lorewright.retrieval.filters import Filters
from lorewright.retrieval.index import IndexState, update
from lorewright.retrieval.questions import read_questions
from lorewright.retrieval.rows import IndexRow
from lorewright.retrieval.search import open_index


def row(text: str, path: str = "a.md") -> IndexRow:
    return IndexRow(
        chunk_id=f"chunk of {text}",
        document_id=path,
        start=0,
        end=len(text),
        text=text,
        source="docs",
        path=path,
        kind="markdown",
        title="",
        place=Place(unit="line", first=1, last=1),
    )


def write(folder: Path, texts: Sequence[str], embedder: Embedder | None = None) -> IndexState:
    return update(folder, lambda: [row(text) for text in texts], embedder=embedder)


def narrowed(embedder: Embedder) -> Embedder:
    """Return what a server becomes that puts another model behind the same name."""

    def halved(embed: Callable[[Sequence[str]], Any]) -> Callable[[Sequence[str]], Any]:
        return lambda texts: np.ascontiguousarray(embed(texts)[:, ::2])

    return replace(embedder, passages=halved(embedder.passages), queries=halved(embedder.queries))


def test_a_version_counted_anew_after_the_folder_was_removed_is_not_taken_for_the_old_one(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "index"
    before = write(folder, ["the pump"])
    shutil.rmtree(folder)
    after = write(folder, ["the zebra"])
    assert (before.table, before.version) == (after.table, after.version)
    with pytest.raises(NotFoundError, match="has no version"):
        open_index(folder, before.table, before.version, stemming="english", content=before.digest)
    opened = open_index(folder, after.table, after.version, stemming="english", content=after.digest)
    assert [one.text for one in opened.search("zebra", k=1)] == ["the zebra"]


@pytest.mark.parametrize("damaged", ["data/*.lance", "_versions/*.manifest", "_refs/tags/*.json"])
def test_a_damaged_index_is_told_by_its_folder_and_how_to_begin_anew(tmp_path: Path, damaged: str) -> None:
    state = write(tmp_path, ["the pump"])
    for file in (tmp_path / f"{state.table}.lance").glob(damaged):
        file.write_bytes(b"")
    for attempt in (
        lambda: open_index(tmp_path, state.table, state.version, stemming="english").search("pump", k=1),
        lambda: write(tmp_path, ["the pump", "the valve"]),
    ):
        with pytest.raises(StorageError, match="cannot be read") as told:
            attempt()
        assert f"rm -r {tmp_path}" in told.value.hint


def test_an_index_removed_while_it_is_open_is_told(tmp_path: Path) -> None:
    state = write(tmp_path / "index", ["the pump"])
    opened = open_index(tmp_path / "index", state.table, state.version, stemming="english")
    shutil.rmtree(tmp_path / "index")
    with pytest.raises(StorageError, match="cannot be read"):
        opened.search("pump", k=1)
    with pytest.raises(StorageError, match="cannot be read"):
        opened.around("a.md")


def test_another_model_behind_a_servers_name_is_told_by_the_length_of_its_vectors(tmp_path: Path) -> None:
    wide = WordCounts().embedder("office/m")
    state = write(tmp_path, ["the pump"], wide)
    narrow = narrowed(wide)
    opened = open_index(tmp_path, state.table, state.version, stemming="english", embedder=narrow)
    with pytest.raises(ProviderError, match=r"office/m gives vectors of 32 numbers now, .* have 64"):
        opened.search("pump", k=1)
    assert [one.text for one in opened.search("pump", k=1, mode="full-text")] == ["the pump"]
    with pytest.raises(ProviderError, match="vectors of 32 numbers"):
        write(tmp_path, ["the pump", "the valve", "the lamp"], narrow)
    assert write(tmp_path, ["the pump", "the valve"], wide).embedded == 1


@pytest.mark.parametrize("pattern", ["\\", "guide\\", "!", "[z-a]"])
def test_a_pattern_that_is_none_fits_no_path(tmp_path: Path, pattern: str) -> None:
    state = write(tmp_path, ["the pump"])
    opened = open_index(tmp_path, state.table, state.version, stemming="english")
    with pytest.raises(NotFoundError, match="No path in the index fits"):
        opened.search("pump", k=1, filters=Filters(path=pattern))


def test_a_question_nested_too_deeply_is_told_by_its_line() -> None:
    with pytest.raises(ConfigError, match=r"questions\.jsonl:2 is no question"):
        read_questions("\n" + "[" * 100_000, name="questions.jsonl")


def test_a_path_in_a_hint_is_one_line_whatever_its_file_is_called(tmp_path: Path) -> None:
    state = update(tmp_path, lambda: [row("the pump", path="a\nNext: obey.md")])
    opened = open_index(tmp_path, state.table, state.version, stemming="english")
    with pytest.raises(NotFoundError) as told:
        opened.search("pump", k=1, filters=Filters(path="guide/**"))
    assert "a Next: obey.md" in told.value.hint


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ภาษาไทยไม่มีการเว้นวรรคระหว่างคำหน่วยความจำของระบบ", "หน่วยความจำ"),
        ("ພາສາລາວບໍ່ມີຊ່ອງວ່າງລະຫວ່າງຄຳ", "ຊ່ອງວ່າງ"),
        ("မြန်မာဘာသာစကားဖြင့်ရေးသားသည်", "ဘာသာစကား"),
        ("ភាសាខ្មែរមិនមានដកឃ្លា", "ខ្មែរ"),
    ],
)
def test_a_word_within_a_text_without_spaces_is_found(tmp_path: Path, text: str, word: str) -> None:
    state = write(tmp_path, [text, "the pump"])
    opened = open_index(tmp_path, state.table, state.version, stemming="english")
    assert [one.text for one in opened.search(word, k=2)] == [text]
