"""What goes wrong: one clear message, the next command, a non-zero exit, and the workspace as it was."""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow.parquet as pq
import pytest

Lore = Callable[..., CompletedProcess[str]]


def refused(done: "CompletedProcess[str]", said: str, next_step: str, *, code: int = 1) -> None:
    """Check that a command failed with one message and one next step."""
    assert done.returncode == code, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert lines[0].startswith("error: "), done.stderr
    assert said in lines[0]
    assert lines[1].startswith(" next: ")
    assert next_step in lines[1]
    assert len(lines) <= 3
    if len(lines) == 3:
        assert lines[2].startswith(" more: docs/troubleshooting.md#")


def still_works(lore: Lore, project: Path) -> None:
    done = lore("run", cwd=project)
    assert done.returncode == 0, done.stderr
    found = lore("search", "purge", "--json", cwd=project)
    assert json.loads(found.stdout)[0]["path"] == "install.md"


def tree(project: Path) -> set[str]:
    return {
        path.relative_to(project).as_posix()
        for path in (project / ".lore").rglob("*")
        if "locks" not in path.parts
    }


def append(project: Path, text: str) -> None:
    settings = project / "lore.toml"
    settings.write_text(settings.read_text() + text)


@pytest.mark.parametrize(
    ("added", "said", "near"),
    [
        ('[chunk]\nstrategy = "auto"\n', "unknown key 'chunk'", "did you mean 'chunking'?"),
        ("[curation]\nmin_answer_char = 3\n", "unknown key 'curation.min_answer_char'", "'min_answer_chars'"),
        ('[[sources]]\npath = "x"\nincludes = ["*.md"]\n', "unknown key 'sources.2.includes'", "'include'"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest(
    lore: Lore, prepared: Path, added: str, said: str, near: str
) -> None:
    whole = (prepared / "lore.toml").read_text()
    before = tree(prepared)
    append(prepared, added)
    refused(lore("run", cwd=prepared), said, near, code=2)
    refused(lore("status", cwd=prepared), said, near, code=2)
    assert tree(prepared) == before
    (prepared / "lore.toml").write_text(whole)
    still_works(lore, prepared)


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("training.epoch=1", "unknown key 'training.epoch'"),
        ("training.epochs=-1", "training.epochs"),
        ("training.method=magic", "'magic'"),
        ("dataset.ratios=[1, 2]", "dataset.ratios"),
        ("training", "is not KEY=VALUE"),
        ("project.name.x=1", "is not a section"),
    ],
)
def test_a_wrong_assignment_names_its_key_and_value(
    lore: Lore, project: Path, assignment: str, said: str
) -> None:
    refused(lore("status", "--set", assignment, cwd=project), said, "", code=2)


def test_a_file_that_is_no_toml_names_the_line(lore: Lore, project: Path) -> None:
    append(project, "[ingest\n")
    refused(lore("run", cwd=project), "line", "mend that line in lore.toml", code=2)


@pytest.mark.parametrize(
    "arguments", [("run",), ("status",), ("ask", "why"), ("trace", "abcd1234"), ("cat", "chunk"), ("gc",)]
)
def test_without_a_project_the_next_command_is_init(
    lore: Lore, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    refused(lore(*arguments, cwd=tmp_path), "There is no lore.toml in", "lore init PATH")
    assert not list(tmp_path.iterdir())


def test_a_project_is_found_from_a_folder_inside_it_and_from_afar(
    lore: Lore, prepared: Path, tmp_path: Path
) -> None:
    assert lore("status", cwd=prepared / "docs" / "reference").returncode == 0
    assert lore("-C", str(prepared), "status", cwd=tmp_path).returncode == 0


def test_a_missing_source_is_named_and_nothing_is_lost(lore: Lore, prepared: Path, tmp_path: Path) -> None:
    before = tree(prepared)
    away = shutil.move(prepared / "docs", tmp_path / "away")
    refused(lore("run", cwd=prepared), "docs", "lore.toml")
    assert tree(prepared) == before
    assert lore("ask", "purge", cwd=prepared).returncode == 0
    shutil.move(away, prepared / "docs")
    still_works(lore, prepared)


def test_sources_without_any_document_say_which_kinds_are_read(lore: Lore, prepared: Path) -> None:
    before = tree(prepared)
    (prepared / "empty").mkdir()
    (prepared / "empty" / "logo.svg").write_text("<svg/>")
    whole = (prepared / "lore.toml").read_text()
    (prepared / "lore.toml").write_text(
        whole.replace('[[sources]]\npath = "logs"', "").replace('path = "docs"', 'path = "empty"')
    )
    refused(lore("run", cwd=prepared), "No documents were found in 'empty'", "known kinds: ")
    assert {name for name in tree(prepared) - before if ".partial" not in name} == set()
    (prepared / "lore.toml").write_text(whole)
    still_works(lore, prepared)


def test_sources_of_nothing_but_broken_documents_are_refused_in_words(lore: Lore, prepared: Path) -> None:
    (prepared / "broken").mkdir()
    (prepared / "broken" / "a.pdf").write_bytes(b"%PDF-1.4 and no more")
    (prepared / "broken" / "b.md").write_bytes(b"\x00\x01")
    whole = (prepared / "lore.toml").read_text()
    (prepared / "lore.toml").write_text(
        whole.replace('[[sources]]\npath = "logs"', "").replace('path = "docs"', 'path = "broken"')
    )
    done = lore("run", cwd=prepared)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "should not happen" not in done.stderr
    assert " next: " in done.stderr
    assert "None of 2 files could be read" in done.stderr


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("./models/none", "'./models/none' is neither a folder nor a Hub name"),
        ("docs", "holds no model: it has no config.json"),
    ],
)
def test_a_model_that_does_not_exist_is_named(lore: Lore, prepared: Path, base: str, said: str) -> None:
    before = tree(prepared)
    done = lore("train", "--set", f"training.base={base}", cwd=prepared)
    refused(done, said, "tiny")
    assert tree(prepared) == before
    still_works(lore, prepared)


def test_a_hub_model_that_cannot_be_fetched_is_named(
    lore: Lore, prepared: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    before = tree(prepared)
    done = lore("train", "--set", "training.base=nobody/no-such-model", cwd=prepared)
    refused(done, "'nobody/no-such-model'", "check the name and the network")
    assert tree(prepared) == before
    still_works(lore, prepared)


def test_a_costly_stage_that_nobody_asked_for_says_how_to_ask(lore: Lore, prepared: Path) -> None:
    refused(lore("evaluate", cwd=prepared), "base is due", "lore train")
    done = lore("run", cwd=prepared)
    assert done.returncode == 0
    assert "it runs only when asked for" in done.stdout
    assert "lore run --train" in done.stdout


def test_too_few_examples_are_refused_with_what_to_do(lore: Lore, prepared: Path) -> None:
    done = lore("dataset", "--set", "dataset.min_examples=10000", cwd=prepared)
    refused(done, "fewer than 10,000", "lower dataset.min_examples")
    still_works(lore, prepared)


def test_settings_with_which_nothing_can_be_cut_are_refused(lore: Lore, prepared: Path) -> None:
    done = lore("chunk", "--set", "chunking.min_chars=5000", cwd=prepared)
    refused(done, "min_chars 5000 is not less than max_chars 1500", "`lore schema`", code=2)
    assert "5000" in done.stderr
    still_works(lore, prepared)


def test_a_missing_or_broken_label_file_is_named_with_its_line(lore: Lore, prepared: Path) -> None:
    missing = ("--set", 'generation.labels=["nowhere.jsonl"]')
    refused(lore("generate", *missing, cwd=prepared), "'nowhere.jsonl'", "generation.labels")
    labels = prepared / "labels.jsonl"
    whole = labels.read_text()
    labels.write_text(whole + '{"analysis": {}}\n')
    refused(lore("generate", cwd=prepared), "labels.jsonl:41", "a label is one JSON object")
    labels.write_text(whole)
    still_works(lore, prepared)


def test_a_full_disk_is_said_and_what_was_finished_is_kept(
    lore: Lore, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table = pq.ParquetWriter.write_table

    def full(self: pq.ParquetWriter, *arguments: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = tree(prepared)
    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    change = ("--set", "chunking.max_chars=900")
    refused(lore("run", *change, cwd=prepared), "The disk is full while running chunk", "lore gc --dry-run")
    assert before <= tree(prepared)
    assert lore("ask", "What is a slot?", cwd=prepared).returncode == 0
    monkeypatch.setattr(pq.ParquetWriter, "write_table", write_table)
    assert lore("run", *change, cwd=prepared).returncode == 0
    assert not list((prepared / ".lore" / "runs").glob("*/*.partial"))
    still_works(lore, prepared)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes, where the system lets us have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    if (
        not mounted
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no small file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_on_a_disk_that_is_really_full_every_command_ends_in_words_and_goes_on_later(
    lore: Lore, project: Path, prepared_once: Path, small_disk: Path
) -> None:
    at_home = Path(shutil.move(project, small_disk / "project"))
    ballast = small_disk / "ballast"
    free = [0, 4, 16, 40, 80, 120, 180, 260, 400, 600, 900, 2000]
    ends = []
    for kilobytes in free:
        ballast.unlink(missing_ok=True)
        room = shutil.disk_usage(small_disk).free
        ballast.write_bytes(b"\0" * max(room - kilobytes * 1024, 0))
        done = lore("run", cwd=at_home)
        ends.append(done.returncode)
        if done.returncode:
            refused(done, "The disk is full", "lore gc --dry-run")
        assert lore("status", cwd=at_home).returncode == 0
    assert ends[0] == 1
    assert ends[-1] == 0, done.stderr
    manifests = [
        json.loads(lore("show", "dataset", "--json", cwd=at).stdout) for at in (at_home, prepared_once)
    ]
    assert manifests[0]["outputs"] == manifests[1]["outputs"]
