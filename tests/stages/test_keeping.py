"""gc keeps what is needed and traces go on; forget leaves no word of a document behind."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow.parquet as pq

Lore = Callable[..., CompletedProcess[str]]
SECRET = "quicksilver"
SALARIES = f"""\
# Salaries

## The keeper's salary

The keeper of the {SECRET} pump is paid ninety gold coins a year, which nobody else may know.

## The bonus

A bonus of five {SECRET} coins is paid to every keeper whose pump has run for a whole year.
"""


def content(path: Path) -> Iterator[str]:
    """Yield a file as it lies there and, for a table, with its columns unpacked."""
    yield path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".parquet":
        yield json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False)


def holding(folder: Path, text: str) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and any(text in found for found in content(path))
    }


def run_ids(project: Path) -> set[str]:
    return {path.parent.name for path in (project / ".lore" / "runs").glob("*/*/run.json")}


def ran(lore: Lore, project: Path, *arguments: str) -> str:
    done = lore(*arguments, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def first_example(lore: Lore, project: Path, task: str) -> str:
    lines = ran(lore, project, "cat", "dataset", "--file", "train").splitlines()
    return next(str(row["id"]) for row in map(json.loads, lines) if row["task"] == task)


def test_gc_of_a_project_without_leftovers_removes_nothing(lore: Lore, trained: Path) -> None:
    before = run_ids(trained)
    assert "Nothing can go." in ran(lore, trained, "gc")
    assert run_ids(trained) == before


def test_gc_removes_old_runs_keeps_their_manifests_and_the_road_goes_on(lore: Lore, prepared: Path) -> None:
    before = run_ids(prepared)
    ran(lore, prepared, "run", "--set", "chunking.max_chars=700", "--set", "curation.min_answer_chars=60")
    planned = json.loads(ran(lore, prepared, "gc", "--dry-run", "--json"))
    assert planned["runs"]
    assert planned["bytes"] > 0
    assert before < run_ids(prepared)
    removed = json.loads(ran(lore, prepared, "gc", "--json"))
    assert removed["runs"] == planned["runs"]
    assert {name.partition("/")[2] for name in removed["runs"]} <= before
    for name in removed["runs"]:
        stage, _, run_id = name.partition("/")
        assert not (prepared / ".lore" / "runs" / stage / run_id).exists()
        assert (prepared / ".lore" / "manifests" / stage / f"{run_id}.json").exists()
    traced = json.loads(ran(lore, prepared, "trace", first_example(lore, prepared, "qa"), "--json"))
    assert traced["origins"]
    ran(lore, prepared, "run")


def test_gc_keeps_the_documents_that_the_newest_dataset_was_made_of(lore: Lore, prepared: Path) -> None:
    example = first_example(lore, prepared, "qa")
    document = prepared / "docs" / "alarms.md"
    document.write_text(document.read_text().replace("twelve hours", "ten hours"))
    ran(lore, prepared, "index")
    ran(lore, prepared, "gc")
    traced = json.loads(ran(lore, prepared, "trace", example, "--json"))
    assert traced["origins"]


def test_gc_keeps_what_a_trained_model_needs(lore: Lore, trained: Path) -> None:
    document = trained / "docs" / "alarms.md"
    document.write_text(document.read_text().replace("twelve hours", "ten hours"))
    ran(lore, trained, "run")
    ran(lore, trained, "gc")
    said = lore("chat", cwd=trained, stdin="What is a slot?\n/quit\n")
    assert said.returncode == 0, said.stderr
    assert "q8_0" in said.stdout


def test_gc_removes_what_was_begun_and_left(lore: Lore, prepared: Path) -> None:
    begun = prepared / ".lore" / "runs" / "chunk" / "0123456789abcdef.partial"
    begun.mkdir()
    (begun / "log.txt").write_text("begun")
    assert "begun, not finished" in ran(lore, prepared, "gc")
    assert not begun.exists()


def test_a_removed_run_can_be_made_again_with_the_same_id(lore: Lore, prepared: Path) -> None:
    before = run_ids(prepared)
    ran(lore, prepared, "run", "--set", "chunking.max_chars=700")
    ran(lore, prepared, "gc")
    assert not before <= run_ids(prepared)
    ran(lore, prepared, "run")
    assert before <= run_ids(prepared)


def test_forget_leaves_no_word_of_a_document_and_voids_the_models(lore: Lore, trained: Path) -> None:
    unaware = run_ids(trained)
    (trained / "docs" / "salaries.md").write_text(SALARIES)
    ran(lore, trained, "run", "--train")
    aware = run_ids(trained) - unaware
    held = holding(trained / ".lore", SECRET)
    assert {name.split("/")[1] for name in held if name.startswith("runs/")} >= {
        "ingest",
        "chunk",
        "generate",
    }
    assert any(name.startswith("index/") for name in held)

    listed = ran(lore, trained, "forget", "docs/salaries.md", "--dry-run")
    assert run_ids(trained) >= aware
    for stage in ("train", "evaluate", "export"):
        assert f"{stage}/" in listed
    done = ran(lore, trained, "forget", "docs/salaries.md", "--yes")
    assert "Forgotten." in done
    assert holding(trained / ".lore", SECRET) == set()
    index = {path.name for path in (trained / ".lore" / "runs" / "index").iterdir()}
    assert index == set()
    assert run_ids(trained) < unaware
    refs = [json.loads(line) for line in (trained / ".lore" / "refs.jsonl").read_text().splitlines()]
    assert refs[-1]["why"].startswith("forget ")

    (trained / "docs" / "salaries.md").unlink()
    ran(lore, trained, "run", "--train")
    assert run_ids(trained) == unaware
    found = json.loads(ran(lore, trained, "search", SECRET, "keeper", "--json"))
    assert all(SECRET not in passage["text"] for passage in found)


def test_forget_asks_first_and_a_no_changes_nothing(lore: Lore, prepared: Path) -> None:
    before = run_ids(prepared)
    done = lore("forget", "glossary.txt", cwd=prepared, stdin="n\n")
    assert done.returncode == 130
    assert run_ids(prepared) == before


def test_forget_of_an_unknown_or_ambiguous_name_removes_nothing(lore: Lore, prepared: Path) -> None:
    (prepared / "more").mkdir()
    shutil.copy(prepared / "docs" / "glossary.txt", prepared / "more")
    settings = prepared / "lore.toml"
    settings.write_text(settings.read_text() + '[[sources]]\npath = "more"\n')
    ran(lore, prepared, "ingest")
    before = run_ids(prepared)
    for name, said in (
        ("none.md", "No run holds a document named 'none.md'"),
        ("glossary.txt", "fits more than one"),
    ):
        done = lore("forget", name, "--yes", cwd=prepared)
        assert done.returncode == 1
        assert said in done.stderr
    assert run_ids(prepared) == before


def test_forget_after_gc_still_finds_the_models_made_from_a_document(lore: Lore, trained: Path) -> None:
    (trained / "docs" / "glossary.txt").unlink()
    ran(lore, trained, "run")
    ran(lore, trained, "gc")
    ran(lore, trained, "forget", "docs/glossary.txt", "--yes")
    assert holding(trained / ".lore", "smallest time for which") == set()
    for stage in ("base", "train", "evaluate", "export"):
        assert not list((trained / ".lore" / "runs" / stage).iterdir()), stage
    assert not list((trained / ".lore" / "manifests").glob("train/*"))


def test_forget_also_empties_the_copy_of_a_repository(lore: Lore, tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.mkdir()
    (origin / "salaries.md").write_text(SALARIES)
    (origin / "open.md").write_text("# Open\n\nEverybody may know that the pump house is painted blue.\n")
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *author, *arguments], cwd=origin, check=True, capture_output=True)
    project = tmp_path / "project"
    project.mkdir()
    ran(lore, project, "init", origin.as_uri())
    assert holding(project / ".lore", SECRET)
    ran(lore, project, "forget", "salaries.md", "--yes")
    assert holding(project / ".lore", SECRET) == set()
