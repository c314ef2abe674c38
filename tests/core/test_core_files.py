"""Files are whole or not there, and what the disk refuses is said in words."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lorewright.core.errors import NotFoundError, StorageError
from lorewright.core.files import refusal, storage_errors, write_atomic


@pytest.mark.parametrize(
    ("number", "words", "hint"),
    [
        (errno.ENOSPC, "The disk is full", "lore gc"),
        (errno.EDQUOT, "The disk quota is used up", "lore gc"),
        (errno.EROFS, "The disk is read-only", "choose a folder"),
        (errno.EACCES, "Permission was denied", "who owns"),
    ],
)
def test_a_refusal_is_known_by_its_number(number: int, words: str, hint: str) -> None:
    error = refusal(OSError(number, "words of the system", "/data/big"), "training")
    assert isinstance(error, StorageError)
    assert error.message == f"{words} while training (/data/big). What was finished is kept."
    assert hint in error.hint


@pytest.mark.parametrize(
    "text",
    [
        "IO error: No space left on device",
        "lance error: LanceError(IO): ... (os error 28)",
        "write failed: disk quota exceeded",
    ],
)
def test_a_refusal_is_known_by_the_words_of_a_library(text: str) -> None:
    error = refusal(RuntimeError(text), "indexing")
    assert isinstance(error, StorageError)
    assert error.message == "The disk is full while indexing. What was finished is kept."


@pytest.mark.parametrize(
    "error",
    [
        ValueError("28"),
        FileNotFoundError(errno.ENOENT, "No such file", "a"),
        RuntimeError("os error 2"),
        OSError("no number, no words"),
    ],
)
def test_other_errors_are_nobody_elses_fault(error: Exception) -> None:
    assert refusal(error, "training") is None
    with pytest.raises(type(error)) as caught, storage_errors("training"):
        raise error
    assert caught.value is error


def test_a_refusal_inside_the_block_is_raised_as_a_storage_error_with_its_cause() -> None:
    cause = OSError(errno.ENOSPC, "No space left on device")
    words = r"^The disk is full while indexing\. "
    with pytest.raises(StorageError, match=words) as caught, storage_errors("indexing"):
        raise cause
    assert caught.value.__cause__ is cause


def test_an_error_that_is_in_words_already_passes_as_it_is() -> None:
    said = refusal(OSError(errno.ENOSPC, ""), "indexing")
    assert said is not None
    for error in (said, NotFoundError("there is no space here")):
        with pytest.raises(type(error)) as caught, storage_errors("training"):
            raise error
        assert caught.value is error


def test_a_write_replaces_the_content_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomic(path, b"old and longer")
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_keeps_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    write_atomic(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


LIMITED_WRITER = """
import resource, signal, sys
from pathlib import Path
from lorewright.core.files import write_atomic
from lorewright.core.records import Score
from lorewright.core.tables import write_table

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
folder = Path(sys.argv[1])
rows = [Score(example_id=str(n), system=str(n * 7919), metric="f1", value=n) for n in range(3000)]
for write in (
    lambda: write_atomic(folder / "a.json", b"new" * 4096),
    lambda: write_table(folder / "scores.parquet", rows, Score),
):
    try:
        write()
    except OSError as error:
        print("refused")
"""


def test_a_file_the_system_cuts_short_never_takes_the_name(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.json", b"old")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED_WRITER, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused", "refused"]
    assert (tmp_path / "a.json").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from lorewright.core.files import write_atomic

os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
write_atomic(Path(sys.argv[1]), b"new")
"""


def test_a_write_that_is_killed_keeps_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomic(path, b"old")
    killed = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
