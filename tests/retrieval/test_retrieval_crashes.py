"""An index killed at any moment still answers at its old version, and the next update finishes the work."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lorewright.core.records import Place
from lorewright.retrieval import store
from lorewright.retrieval.index import IndexRow, open_index, update

# Kills itself just before or just after the named step of an update.
KILLED_UPDATE = """
import os, signal, sys
from pathlib import Path
from test_retrieval_crashes import NEW_ROWS
from lorewright.retrieval import index, store

when, step, folder = sys.argv[1:]
owner, name = {
    "create": (store, "create_table"), "delete": (index, "_delete"),
    "add": (index, "_add"), "words": (store, "index_words"),
}[step]
original = getattr(owner, name)

def killed(*args):
    if when == "after":
        original(*args)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, killed)
index.update(Path(folder), NEW_ROWS)
"""


def row(number: int, text: str) -> IndexRow:
    return IndexRow(
        chunk_id=text,
        document_id=f"d{number}",
        start=0,
        text=text,
        source="docs",
        path=f"{number}.md",
        kind="markdown",
        title="",
        place=Place(unit="line", first=1, last=1),
    )


OLD_ROWS = [row(number, f"old retry {number}") for number in range(20)]
NEW_ROWS = [*OLD_ROWS[5:], *(row(number, f"new retry {number}") for number in range(30))]


def kill(when: str, step: str, folder: Path) -> None:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", KILLED_UPDATE, when, step, str(folder)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")


@pytest.mark.parametrize(("when", "step"), [("after", "delete"), ("before", "words"), ("after", "words")])
def test_after_a_kill_the_old_version_answers_and_the_next_update_equals_a_fresh_index(
    tmp_path: Path, when: str, step: str
) -> None:
    folder = tmp_path / "index"
    old = update(folder, OLD_ROWS)
    before = open_index(folder, old.version).search("retry", k=50)
    kill(when, step, folder)
    assert open_index(folder, old.version).search("retry", k=50) == before
    new = update(folder, NEW_ROWS)
    fresh = update(tmp_path / "fresh", NEW_ROWS)
    assert new.digest == fresh.digest
    found = open_index(folder, new.version).search("new retry", k=50)
    assert found == open_index(tmp_path / "fresh", fresh.version).search("new retry", k=50)
    assert len(found) == 45


@pytest.mark.parametrize("step", ["create", "add"])
def test_a_first_build_that_was_killed_is_built_again(tmp_path: Path, step: str) -> None:
    kill("after", step, tmp_path)
    assert len(open_index(tmp_path, update(tmp_path, NEW_ROWS).version)) == 45


def test_data_without_a_table_left_by_a_kill_is_taken_over(tmp_path: Path) -> None:
    torn = tmp_path / f"{store.TABLE}.lance" / "data" / "torn.lance"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"")
    assert len(open_index(tmp_path, update(tmp_path, OLD_ROWS).version)) == 20
