"""Context.map computes what is new, copies what is not, and keeps what a killed run had finished."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lorewright.core import reuse
from lorewright.core.context import Context, Mapped
from lorewright.core.errors import ParseError
from lorewright.core.files import write_atomic
from lorewright.core.progress import Silent
from lorewright.core.records import Metadata, Prediction, Record, Rejection, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Stage, execute
from lorewright.core.workspace import Workspace


class Words(Section):
    words: tuple[str, ...]
    suffix: str = ""


def shout(word: str, suffix: str = "") -> list[Record]:
    if word == "torn":
        raise ParseError("the word is torn")
    return [Prediction(example_id=word, system="shout", text=word.upper() + suffix)]


def nothing(word: str) -> list[Record]:
    return []


def both(word: str) -> list[Record]:
    return [*shout(word), Rejection(record="document", record_id=word, filter="both", reason="again")]


def kill_at(word: str, folder: str) -> list[Record]:
    done = Path(folder) / "done"
    with done.open("a") as stream:
        stream.write(word + "\n")
    if word == "kill" and not (Path(folder) / "killed").exists():
        (Path(folder) / "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return shout(word)


def stage(
    function: Callable[..., Sequence[Record]] = shout,
    *,
    args: Callable[[Words], tuple[Any, ...]] = lambda words: (words.suffix,),
    version: int = 1,
    seen: list[Mapped] | None = None,
    workers: int = 0,
) -> Stage[Words]:
    def run(words: Words, context: Context) -> Metadata:
        mapped = context.map(
            words.words, function, name="words", key=str, args=args(words), workers=workers, timeout_s=60
        )
        if seen is not None:
            seen[:] = mapped
        rows = [row for entry in mapped for row in entry.outputs if isinstance(row, Prediction)]
        context.write("shouts.parquet", rows, Prediction)
        return dict(context.counts)

    return Stage("shout", version, Words, run, lambda _: {})


def made(of: Stage[Words], words: Words, folder: Path) -> Run:
    return execute(of, words, {}, Workspace(folder), Silent())


def test_only_records_with_a_new_key_are_computed(tmp_path: Path) -> None:
    first = made(stage(), Words(words=("a", "b", "c")), tmp_path)
    second = made(stage(), Words(words=("c", "x", "a")), tmp_path)
    assert first.metrics == {"computed": 3, "reused": 0}
    assert second.metrics == {"computed": 1, "reused": 2}


def test_results_come_in_the_order_of_the_records_copied_or_not(tmp_path: Path) -> None:
    seen: list[Mapped] = []
    made(stage(), Words(words=("b", "c")), tmp_path)
    made(stage(seen=seen), Words(words=("a", "b", "torn", "c")), tmp_path)
    assert [(entry.source, [row.model_dump()["text"] for row in entry.outputs]) for entry in seen] == [
        ("a", ["A"]),
        ("b", ["B"]),
        ("torn", []),
        ("c", ["C"]),
    ]
    assert [entry.error for entry in seen] == ["", "", "the word is torn", ""]


def test_a_copied_run_has_the_digest_of_one_made_afresh(tmp_path: Path) -> None:
    made(stage(), Words(words=("a", "b")), tmp_path / "copied")
    copied = made(stage(), Words(words=("b", "c", "a")), tmp_path / "copied")
    fresh = made(stage(), Words(words=("b", "c", "a")), tmp_path / "fresh")
    assert (copied.id, copied.outputs) == (fresh.id, fresh.outputs)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (stage(), Words(words=("a",), suffix="!")),
        (stage(version=2), Words(words=("a",))),
    ],
    ids=["args", "version"],
)
def test_other_arguments_or_another_version_compute_again(
    tmp_path: Path, changed: Stage[Words], words: Words
) -> None:
    made(stage(), Words(words=("a",)), tmp_path)
    assert made(changed, words, tmp_path).metrics == {"computed": 1, "reused": 0}


def test_a_setting_that_the_function_does_not_get_computes_nothing(tmp_path: Path) -> None:
    blind = stage(args=lambda _: ("",))
    first = made(blind, Words(words=("a",)), tmp_path)
    second = made(blind, Words(words=("a",), suffix="!"), tmp_path)
    assert second.id != first.id
    assert second.metrics == {"computed": 0, "reused": 1}


def test_a_failure_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    made(stage(), Words(words=("a", "torn")), tmp_path)
    again = made(stage(), Words(words=("a", "torn", "b")), tmp_path)
    assert again.metrics == {"computed": 2, "reused": 1}


def test_a_record_without_outputs_is_finished_work_too(tmp_path: Path) -> None:
    def no_args(_: Words) -> tuple[Any, ...]:
        return ()

    made(stage(nothing, args=no_args), Words(words=("a",)), tmp_path)
    second = made(stage(nothing, args=no_args), Words(words=("a", "b")), tmp_path)
    assert second.metrics == {"computed": 1, "reused": 1}


def test_records_of_several_types_come_back_as_they_were(tmp_path: Path) -> None:
    seen: list[Mapped] = []
    kinds = stage(both, args=lambda _: (), seen=seen)
    made(kinds, Words(words=("a",)), tmp_path)
    made(kinds, Words(words=("a", "b")), tmp_path)
    assert seen[0].outputs == tuple(both("a"))


def test_the_same_record_twice_has_its_result_twice(tmp_path: Path) -> None:
    seen: list[Mapped] = []
    made(stage(seen=seen), Words(words=("a", "a")), tmp_path)
    assert [entry.outputs for entry in seen] == [tuple(shout("a"))] * 2


def test_worker_processes_give_the_same_run(tmp_path: Path) -> None:
    words = Words(words=("a", "torn", "b", "c"))
    alone = made(stage(), words, tmp_path / "alone")
    together = made(stage(workers=2), words, tmp_path / "together")
    assert (alone.outputs, alone.metrics) == (together.outputs, together.metrics)


KILLED_RUN = """
import sys
from pathlib import Path
from lorewright.core import reuse
from test_core_map import Words, kill_at, made, stage

reuse._PART_ROWS = 2
folder = sys.argv[1]
words = Words(words=("a", "b", "c", "d", "e", "kill", "f"))
made(stage(kill_at, args=lambda _: (folder,)), words, Path(folder))
"""


def test_finished_rows_survive_kill_9_and_are_not_computed_again(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    for expected in (-signal.SIGKILL, 0):
        run = subprocess.run(
            [sys.executable, "-c", KILLED_RUN, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": paths},
            check=False,
        )
        assert run.returncode == expected
    (finished,) = Workspace(tmp_path).runs("shout")
    assert finished.metrics == {"computed": 3, "reused": 4}
    assert (tmp_path / "done").read_text().split() == [*"abcde", "kill", "e", "kill", "f"]
    whole = made(stage(args=lambda _: ("",)), Words(words=(*"abcde", "kill", "f")), tmp_path / "whole")
    assert whole.outputs == finished.outputs


def test_part_files_go_when_the_run_is_finished_torn_ones_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reuse, "_PART_ROWS", 1)
    words = Words(words=("a", "b"))

    def interrupted(settings: Words, context: Context) -> Metadata:
        context.map(settings.words, shout, name="words", key=str, args=("",))
        (context.folder / "parts" / ".words-000002.parquet.123.tmp").write_bytes(b"torn by kill -9")
        write_atomic(context.folder / ".shouts.parquet.123.tmp", b"torn by kill -9")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(Stage("shout", 1, Words, interrupted, lambda _: {}), words, tmp_path)
    run = made(stage(), words, tmp_path)
    assert run.metrics == {"computed": 0, "reused": 2}
    folder = Workspace(tmp_path).run_dir("shout", run.id)
    assert sorted(path.name for path in folder.iterdir()) == [
        "log.txt",
        "reuse-words.parquet",
        "run.json",
        "shouts.parquet",
    ]


def test_a_map_that_was_finished_is_not_computed_again_after_a_crash_in_the_next(tmp_path: Path) -> None:
    crash = [True]

    def two_maps(words: Words, context: Context) -> Metadata:
        context.map(words.words, shout, name="words", key=str, args=("",))
        if crash:
            raise KeyboardInterrupt
        context.map(words.words, shout, name="others", key=str, args=("?",))
        return dict(context.counts)

    two = Stage("shout", 1, Words, two_maps, lambda _: {})
    with pytest.raises(KeyboardInterrupt):
        made(two, Words(words=("a", "b")), tmp_path)
    crash.clear()
    assert made(two, Words(words=("a", "b")), tmp_path).metrics == {"computed": 2, "reused": 2}
