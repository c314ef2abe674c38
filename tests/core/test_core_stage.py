"""A stage's run: its id says what it depends on; it is whole or not there."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.context import Context
from lorewright.core.errors import BusyError, NotFoundError, ParseError, StorageError
from lorewright.core.locks import exclusive
from lorewright.core.progress import Silent
from lorewright.core.records import Metadata, Run, Score
from lorewright.core.settings import Section, no_effect
from lorewright.core.stage import Stage, execute, identify
from lorewright.core.workspace import MANIFEST, Workspace


class Source(Section):
    values: tuple[float, ...] = (1.0, 2.0)
    comment: str = ""
    threads: int = no_effect(1, "Threads.")


class Average(Section):
    digits: int = 2


def write_scores(source: Source, context: Context) -> Metadata:
    rows = [Score(example_id="e", system="base", metric="f1", value=value) for value in source.values]
    context.write("scores.parquet", rows, Score)
    context.write_text("notes.txt", source.comment)
    return {"rows": len(rows)}


def write_average(average: Average, context: Context) -> Metadata:
    values = [row.value for row in context.read("score", "scores.parquet", Score)]
    context.write_json("average.json", {"average": round(sum(values) / len(values), average.digits)})
    return {"values": len(values)}


def needs_scores(_: Average) -> dict[str, tuple[str, ...]]:
    return {"score": ("scores.parquet",)}


SCORE = Stage("score", 1, Source, write_scores, lambda _: {})
AVERAGE = Stage("average", 1, Average, write_average, needs_scores)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def score(workspace: Workspace, *, stage: Stage[Source] = SCORE, **source: Any) -> Run:
    return execute(stage, Source(**source), {}, workspace, Silent())


def average(workspace: Workspace, scores: Run, **settings: Any) -> Run:
    return execute(AVERAGE, Average(**settings), {"score": scores}, workspace, Silent())


def doing(run: Callable[[Source, Context], Metadata]) -> Stage[Source]:
    return Stage("score", 1, Source, run, lambda _: {})


def test_a_run_is_what_its_manifest_says(workspace: Workspace) -> None:
    scores = score(workspace, values=(1.0, 2.0, 4.0), threads=8)
    run = average(workspace, scores)
    assert workspace.find("average", run.id) == run
    assert run.inputs == {"score": scores.id}
    assert run.consumed == {"score/scores.parquet": scores.outputs["scores.parquet"]}
    assert (scores.metrics, run.metrics) == ({"rows": 3}, {"values": 3})
    assert scores.settings == {"values": [1.0, 2.0, 4.0], "comment": ""}
    assert run.started_at <= run.finished_at
    assert run.environment["seconds"] >= 0
    written = json.loads((workspace.run_dir("average", run.id) / "average.json").read_bytes())
    assert written == {"average": 2.33}


def test_a_finished_run_is_not_made_again(workspace: Workspace) -> None:
    made: list[str] = []

    def counted(source: Source, context: Context) -> Metadata:
        made.append(source.comment)
        return write_scores(source, context)

    first = score(workspace, stage=doing(counted))
    assert score(workspace, stage=doing(counted), threads=4) == first
    assert score(workspace, stage=doing(counted), comment="b") != first
    assert score(workspace, stage=doing(counted)) == first
    assert made == ["", "b"]


def test_a_ref_names_the_run_made_or_found_last(workspace: Workspace) -> None:
    first = score(workspace)
    second = score(workspace, comment="b")
    assert workspace.newest("score") == second
    score(workspace)
    assert workspace.newest("score") == first
    assert workspace.refs.current() == {"latest/score": f"score/{first.id}"}
    assert [entry.why for entry in workspace.refs.entries()] == ["lore score"] * 3


def test_the_same_artefact_from_another_run_ends_the_chain(workspace: Workspace) -> None:
    first = score(workspace)
    anew = score(workspace, comment="another run, the same scores in another order", values=(2.0, 1.0))
    assert anew.id != first.id
    assert average(workspace, anew) == average(workspace, first)
    other = score(workspace, values=(2.0, 2.0, 1.0))
    assert average(workspace, other).id != average(workspace, first).id


@pytest.mark.parametrize(
    ("stage", "settings"),
    [
        (SCORE, Source(comment="b")),
        (Stage("score", 2, Source, write_scores, lambda _: {}), Source()),
        (Stage("marks", 1, Source, write_scores, lambda _: {}), Source()),
        (Stage("score", 1, Source, write_scores, lambda _: {}, lambda _s, _w: {"model": "abc"}), Source()),
    ],
    ids=["settings", "version", "name", "fingerprint"],
)
def test_an_id_holds_all_that_the_result_depends_on(
    workspace: Workspace, stage: Stage[Source], settings: Source
) -> None:
    assert identify(stage, settings, {}, workspace).id != identify(SCORE, Source(), {}, workspace).id


def test_an_id_is_free_of_settings_without_effect_and_of_the_folder(
    workspace: Workspace, tmp_path: Path
) -> None:
    elsewhere = Workspace(tmp_path / "elsewhere")
    assert identify(SCORE, Source(threads=9), {}, elsewhere) == identify(SCORE, Source(), {}, workspace)


def test_an_input_without_the_artefact_is_refused_with_the_command_that_makes_it(
    workspace: Workspace,
) -> None:
    scores = score(workspace).model_copy(update={"outputs": {}})
    with pytest.raises(NotFoundError, match=r"has no scores\.parquet, which average needs") as caught:
        average(workspace, scores)
    assert caught.value.hint == "lore score"


def test_an_artefact_that_was_removed_is_named(workspace: Workspace) -> None:
    scores = score(workspace)
    (workspace.run_dir("score", scores.id) / "scores.parquet").unlink()
    with pytest.raises(NotFoundError, match=r"scores\.parquet is gone") as caught:
        average(workspace, scores)
    assert "lore score" in caught.value.hint


def test_a_failed_run_leaves_its_partial_and_moves_no_ref(workspace: Workspace) -> None:
    before = score(workspace)

    def fails(_: Source, context: Context) -> Metadata:
        (context.checkpoint_dir / "step-1").write_text("1")
        context.write_text("half.txt", "half")
        raise ParseError("the third document is torn")

    with pytest.raises(ParseError):
        score(workspace, stage=doing(fails), comment="b")
    (partial,) = workspace.partials()
    assert (partial / "checkpoints" / "step-1").exists()
    assert not (partial / MANIFEST).exists()
    assert list(workspace.runs()) == [before]
    assert workspace.newest("score") == before


def test_the_next_try_finds_what_was_kept_and_clears_it_when_done(workspace: Workspace) -> None:
    tries: list[bool] = []

    def second_time(source: Source, context: Context) -> Metadata:
        step = context.checkpoint_dir / "step-1"
        tries.append(step.exists())
        if not step.exists():
            step.write_text("1")
            raise KeyboardInterrupt
        return write_scores(source, context)

    with pytest.raises(KeyboardInterrupt):
        score(workspace, stage=doing(second_time))
    run = score(workspace, stage=doing(second_time))
    assert tries == [False, True]
    assert workspace.partials() == []
    found = {path.name for path in workspace.run_dir("score", run.id).iterdir()}
    assert found == {"scores.parquet", "notes.txt", "log.txt", MANIFEST}


def test_the_manifest_is_written_last(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[set[str]] = []
    rename = Path.replace

    def watched(self: Path, target: Path) -> Path:
        if target.name == MANIFEST:
            there.append({path.name for path in target.parent.iterdir() if not path.name.startswith(".")})
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    score(workspace)
    assert there == [{"scores.parquet", "notes.txt", "log.txt"}]


KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from lorewright.core import stage
from lorewright.core.workspace import Workspace
from test_core_stage import score

step = sys.argv[2]
if step == "manifest":
    original = stage.write_atomic
    def write_and_die(path, content):
        original(path, content)
        os.kill(os.getpid(), signal.SIGKILL)
    stage.write_atomic = write_and_die
if step == "rename":
    def die(folder):
        os.kill(os.getpid(), signal.SIGKILL)
    stage.sync_folder = die
score(Workspace(Path(sys.argv[1])))
"""


@pytest.mark.parametrize(("step", "finished"), [("manifest", False), ("rename", True)])
def test_a_run_killed_at_its_end_is_whole_or_made_by_the_next_try(
    workspace: Workspace, step: str, finished: bool
) -> None:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_RUN, str(workspace.project_dir), step],
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(list(workspace.runs())) == finished
    assert (workspace.newest("score") is not None) is finished
    run = score(workspace)
    assert list(workspace.runs()) == [run]
    assert workspace.partials() == []
    assert workspace.newest("score") == run


def test_a_run_that_is_being_made_is_not_made_twice(workspace: Workspace) -> None:
    run_id = identify(SCORE, Source(), {}, workspace).id
    with exclusive(workspace.lock_path("score", run_id), what="a test"):
        with pytest.raises(
            BusyError, match=rf"lore score \({run_id}\) is already at work: process {os.getpid()}"
        ):
            score(workspace)
        assert score(workspace, comment="another run meanwhile").metrics == {"rows": 2}


def test_a_full_disk_is_said_and_the_next_try_succeeds(workspace: Workspace) -> None:
    def full(_: Source, context: Context) -> Metadata:
        raise OSError(errno.ENOSPC, "No space left on device", str(context.folder / "big"))

    with pytest.raises(StorageError, match=r"The disk is full while running score \(.+big\)") as caught:
        score(workspace, stage=doing(full))
    assert "lore gc" in caught.value.hint
    assert score(workspace).metrics == {"rows": 2}


def test_remains_of_a_run_without_manifest_are_replaced(workspace: Workspace) -> None:
    run_id = identify(SCORE, Source(), {}, workspace).id
    remains = workspace.run_dir("score", run_id)
    remains.mkdir(parents=True)
    (remains / "old").touch()
    assert score(workspace).id == run_id
    assert not (remains / "old").exists()


def test_a_run_has_its_log(workspace: Workspace) -> None:
    run = score(workspace, comment="said in the log")
    log = (workspace.run_dir("score", run.id) / "log.txt").read_text(encoding="utf-8")
    assert f"score {run.id} begins" in log
    assert "said in the log" in log
    assert "is finished: {'rows': 2}" in log


def test_digests_are_of_content(workspace: Workspace) -> None:
    def write(source: Source, context: Context) -> Metadata:
        context.write_json("plain.json", {"a": 1, "seconds": len(source.comment)})
        context.write_json("timed.json", {"a": 1, "seconds": len(source.comment)}, content={"a": 1})
        context.add("model", {"weights": "abc"})
        return {}

    slow = score(workspace, stage=doing(write), comment="slow").outputs
    quick = score(workspace, stage=doing(write), comment="!").outputs
    assert slow["timed.json"] == quick["timed.json"]
    assert slow["model"] == quick["model"]
    assert slow["plain.json"] != quick["plain.json"]


def test_the_cache_is_shared_and_progress_goes_to_the_reporter(workspace: Workspace) -> None:
    said: list[str] = []

    class Listening(Silent):
        def say(self, line: str) -> None:
            said.append(line)

    def work(_: Source, context: Context) -> Metadata:
        (context.cache_dir / "model").touch()
        context.say("loading")
        with context.task("work", total=1, unit="steps") as tick:
            tick(1)
        return {}

    execute(doing(work), Source(), {}, workspace, Listening())
    assert said == ["loading"]
    assert (workspace.root / "cache" / "model").exists()
    assert "*" in (workspace.root / ".gitignore").read_text().splitlines()
