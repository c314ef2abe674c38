"""An index killed at any moment still answers at its old version, and the next update finishes the work."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from vectors_by_words import WordCounts  # type: ignore[import-not-found]

from lorewright.core.records import Place
from lorewright.retrieval import store
from lorewright.retrieval.index import IndexState, update
from lorewright.retrieval.rows import IndexRow
from lorewright.retrieval.search import MODES, Index, open_index

# Kills itself just before or after one of the calls by which an update changes the table.
KILLED_UPDATE = """
import os, signal, sys
from pathlib import Path
from test_retrieval_crashes import EMBEDDER, NEW_ROWS
from lorewright.retrieval import index, store

moment, folder = int(sys.argv[1]), Path(sys.argv[2])
index.BATCH = 5
calls = 0

def counted(function):
    def call(*args, **values):
        global calls
        for when in ("before", "after"):
            if when == "after":
                result = function(*args, **values)
            if calls == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            calls += 1
        return result
    return call

for name in ("create_table", "index_words", "index_vectors", "pin"):
    setattr(store, name, counted(getattr(store, name)))
index._delete = counted(index._delete)
from lancedb.table import LanceTable
LanceTable.add = counted(LanceTable.add)
index.update(folder, lambda: NEW_ROWS, embedder=EMBEDDER)
"""


def row(number: int, text: str) -> IndexRow:
    return IndexRow(
        chunk_id=text,
        document_id=f"d{number}",
        start=0,
        end=len(text),
        text=text,
        source="docs",
        path=f"{number}.md",
        kind="markdown",
        title="",
        place=Place(unit="line", first=1, last=1),
    )


EMBEDDER = WordCounts().embedder()
OLD_ROWS = [row(number, f"old retry {number}") for number in range(20)]
NEW_ROWS = [*OLD_ROWS[5:], *(row(number, f"new retry {number}") for number in range(30))]
# Six batches, then the deletions, two indexes and the pin: each before and after.
UPDATE_MOMENTS = range(20)


def kill(moment: int, folder: Path) -> None:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", KILLED_UPDATE, str(moment), str(folder)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")


def write(folder: Path, rows: list[IndexRow]) -> IndexState:
    return update(folder, lambda: rows, embedder=EMBEDDER)


def reopen(folder: Path, state: IndexState) -> Index:
    return open_index(folder, state.table, state.version, stemming="english", embedder=EMBEDDER)


@pytest.mark.parametrize("moment", UPDATE_MOMENTS)
def test_after_a_kill_the_old_version_answers_and_the_next_update_equals_a_fresh_index(
    tmp_path: Path, moment: int
) -> None:
    folder = tmp_path / "index"
    old = write(folder, OLD_ROWS)
    before = {mode: reopen(folder, old).search("retry", k=50, mode=mode) for mode in MODES}
    kill(moment, folder)
    for mode, found in before.items():
        assert reopen(folder, old).search("retry", k=50, mode=mode) == found
    new, fresh = write(folder, NEW_ROWS), write(tmp_path / "fresh", NEW_ROWS)
    assert new.digest == fresh.digest
    for mode in before:
        found = reopen(folder, new).search("new retry", k=50, mode=mode)
        assert found == reopen(tmp_path / "fresh", fresh).search("new retry", k=50, mode=mode)
        assert len(found) == 45


@pytest.mark.parametrize("moment", [0, 1, 2, 3])
def test_a_first_build_that_was_killed_is_built_again(tmp_path: Path, moment: int) -> None:
    kill(moment, tmp_path)
    assert len(reopen(tmp_path, write(tmp_path, NEW_ROWS))) == 45


def test_data_without_a_table_left_by_a_kill_is_taken_over(tmp_path: Path) -> None:
    torn = tmp_path / f"{store.table_name(EMBEDDER)}.lance" / "data" / "torn.lance"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"")
    assert len(reopen(tmp_path, write(tmp_path, OLD_ROWS))) == 20
