"""lore dataset export, import, inspect and push, as they are typed."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from lorewright.datasets.formats import FORMATS

Lore = Callable[..., CompletedProcess[str]]
HARMLESS = ["--set", "dataset.min_examples=1"]


def faq(folder: Path, rows: int = 60, heading: str = "question,answer,hall") -> Path:
    things = ("pump", "valve", "filter", "sieve", "meter", "gauge", "clutch")
    lines = [
        f"Which lever of hall {n} moves the {things[n % 7]} {n * 7}?,It is lever {n} by the {things[n % 5]}.,H{n % 9}"
        for n in range(rows)
    ]
    path = folder / "faq.csv"
    path.write_text("\n".join([heading, *lines]) + "\n")
    return path


def imported(lore: Lore, folder: Path) -> Path:
    faq(folder)
    done = lore("dataset", "import", "faq.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "datasets" / "faq" / "v1"


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_a_file_becomes_a_version_without_a_project(lore: Lore, tmp_path: Path) -> None:
    version = imported(lore, tmp_path)
    assert {path.name for path in version.iterdir()} >= {"train.jsonl", "train.parquet", "README.md"}
    done = lore("dataset", "import", "faq.csv", cwd=tmp_path)
    assert "question ← 'question', answer ← 'answer'; metadata: 'hall'" in done.stdout
    assert "faq/v1 (nothing changed since)" in done.stdout
    assert "next: lore dataset inspect faq/v1" in done.stdout
    assert not (tmp_path / ".lore").exists()


def test_a_dry_run_of_an_import_shows_rows_as_they_would_be_and_writes_nothing(
    lore: Lore, tmp_path: Path
) -> None:
    path = faq(tmp_path)
    path.write_text(path.read_text() + "Empty?,,H1\n[bold]Which?[/bold],Red \x1b[31m text.,H1\n")
    done = lore("dataset", "import", "faq.csv", "--dry-run", "--split-by", "hall", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Which lever of hall" in done.stdout
    assert "62 rows:" in done.stdout
    assert "faq.csv:62: Empty?: the assistant's turn is empty" in done.stdout
    assert "\x1b" not in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["faq.csv"]
    told = json.loads(lore("dataset", "import", "faq.csv", "--dry-run", "--json", cwd=tmp_path).stdout)
    assert told["made"] is None
    assert told["rows"] == 62 == sum(told["sets"].values()) + told["rejected"]


def test_columns_that_cannot_be_placed_are_said_by_options(lore: Lore, tmp_path: Path) -> None:
    faq(tmp_path, heading="Spalte 1,Spalte 2,Halle")
    done = lore("dataset", "import", "faq.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "faq.csv: No column is known to hold the question or the answer" in done.stderr
    hint = re.search(r"--map question='(.*?)' --map answer='(.*?)'", done.stderr)
    assert hint is not None
    options = [
        part
        for what, column in zip(("question", "answer"), hint.groups(), strict=True)
        for part in ("--map", f"{what}={column}")
    ]
    done = lore("dataset", "import", "faq.csv", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("import",), "Missing argument 'FILE...'", 2),
        (("import", "none.csv"), "There is no file none.csv", 1),
        (("import", "faq.csv", "--map", "question"), "is not WHAT=COLUMN", 2),
        (("import", "faq.csv", "--map", "question=Frage"), "there is no column 'Frage'", 2),
        (("import", "faq.csv", "--ratios", "1,1"), "is not three shares", 2),
        (("import", "faq.csv", "--ratios", "0.9,0.9,0.1"), "they add up to 1", 2),
        (("import", "faq.csv", "--split-by", "floor"), "no row has such a column", 2),
        (("export",), "No format is named", 2),
        (("export", "--format", "alpacka"), "There is no format 'alpacka'", 2),
        (("export", "--format", "alpaca"), "There is no version of a dataset", 1),
        (("export", "--format", "alpaca", "--version", "v7"), "There is no version 'v7'", 1),
        (("inspect", "none.csv"), "There is no version", 1),
        (("inspect",), "The base `tiny` has no tokenizer yet", 2),
        (("push", "--repo-id", "x"), "'x' is not OWNER/NAME", 2),
        (("push", "--repo-id", "acme/x"), "There is no version of a dataset", 1),
    ],
)
def test_what_is_missing_is_said_with_what_to_type(
    lore: Lore, tmp_path: Path, arguments: tuple[str, ...], said: str, code: int
) -> None:
    faq(tmp_path)
    done = lore("dataset", *arguments, cwd=tmp_path)
    assert said in done.stderr
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["faq.csv"]


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "(it is empty)."), ("{broken", "(row 1: it is no JSON"), ("[1, 2]", "(row 1: it is no")],
)
def test_a_file_without_a_row_says_what_is_wrong_with_its_first(
    lore: Lore, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "rows.jsonl").write_text(content)
    done = lore("dataset", "import", "rows.jsonl", cwd=tmp_path)
    assert f"rows.jsonl holds no row that can be read {said}" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("name", ["export", "import", "inspect", "push"])
def test_every_command_has_examples(lore: Lore, tmp_path: Path, name: str) -> None:
    done = lore("dataset", name, "--help", cwd=tmp_path)
    assert f"lore dataset {name}" in done.stdout.partition("Examples:")[2]


def test_all_formats_are_listed_with_what_they_cannot_hold(lore: Lore, tmp_path: Path) -> None:
    done = lore("dataset", "export", "--list", cwd=tmp_path)
    assert done.returncode == 0
    told = json.loads(lore("dataset", "export", "--list", "--json", cwd=tmp_path).stdout)
    assert [one["name"] for one in told] == FORMATS.names()
    for one in told:
        assert one["name"] in done.stdout
    lost = {one["name"]: one["cannot_hold"] for one in told}
    assert lost["alpaca"] == []
    assert "evidence" in lost["messages"]


def test_one_format_goes_into_the_folder_and_several_below_it(lore: Lore, tmp_path: Path) -> None:
    imported(lore, tmp_path)
    assert lore("dataset", "export", "--format", "csv", "--out", "one", cwd=tmp_path).returncode == 0
    assert (tmp_path / "one" / "train.csv").is_file()
    several = ["--format", "csv", "--format", "messages", "--out", "both"]
    done = lore("dataset", "export", *several, "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert [one["format"] for one in told["exports"]] == ["csv", "messages"]
    assert (tmp_path / "both" / "messages" / "train.jsonl").is_file()
    for one in told["exports"]:
        assert one["given"] == 60 == one["written"] + sum(one["left_out"].values())
        for file in one["files"]:
            assert (Path(one["folder"]) / file["name"]).stat().st_size == file["bytes"]
    assert not list(tmp_path.glob(".*"))


def test_a_dry_run_of_an_export_counts_and_writes_nothing(lore: Lore, tmp_path: Path) -> None:
    imported(lore, tmp_path)
    done = lore("dataset", "export", "--format", "sft", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "sft would hold" in done.stdout
    assert "this format holds training examples only" in done.stdout
    assert "cannot hold group (" in done.stdout
    assert not (tmp_path / "exports").exists()


def test_a_format_that_can_hold_nothing_fails_and_leaves_the_others(lore: Lore, tmp_path: Path) -> None:
    imported(lore, tmp_path)
    done = lore("dataset", "export", "--format", "preference", "--format", "csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "preference can hold none of the 60 examples (60: no person replaced its answer)" in done.stderr
    assert (tmp_path / "exports" / "faq-v1" / "csv" / "train.csv").is_file()
    assert not (tmp_path / "exports" / "faq-v1" / "preference").exists()


def test_an_export_replaces_its_own_folder_and_no_other(lore: Lore, tmp_path: Path) -> None:
    version = imported(lore, tmp_path)
    out = tmp_path / "out"
    assert lore("dataset", "export", "--format", "csv", "--out", "out", cwd=tmp_path).returncode == 0
    (out / "stale.txt").write_text("old")
    assert lore("dataset", "export", "--format", "messages", "--out", "out", cwd=tmp_path).returncode == 0
    assert not (out / "stale.txt").exists()
    assert not (out / "train.csv").exists()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    for target in ("thesis", str(version), ".", "datasets", "faq.csv"):
        done = lore("dataset", "export", "--format", "csv", "--out", target, cwd=tmp_path)
        assert done.returncode == 2, target
    forced = lore("dataset", "export", "--format", "csv", "--out", "thesis", "--force", cwd=tmp_path)
    assert forced.returncode == 0
    assert (version / "train.jsonl").is_file()
    assert (
        lore("dataset", "export", "--format", "csv", "--out", "datasets", "--force", cwd=tmp_path).returncode
        == 2
    )


def test_a_version_that_somebody_edited_is_not_exported_in_silence(lore: Lore, tmp_path: Path) -> None:
    version = imported(lore, tmp_path)
    with (version / "train.jsonl").open("a") as stream:
        stream.write("{}\n")
    done = lore("dataset", "export", "--format", "csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "faq/v1 is not what was made: train.jsonl changed" in done.stderr


def test_a_version_is_found_by_number_name_or_path(lore: Lore, tmp_path: Path) -> None:
    version = imported(lore, tmp_path)
    for text in ("faq", "faq/v1", str(version), "datasets/faq/v1"):
        done = lore("dataset", "export", "--format", "csv", "--version", text, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["from"] == "faq/v1"


def test_the_examples_of_a_project_are_exported_with_their_repositories(lore: Lore, prepared: Path) -> None:
    done = lore("dataset", "export", "--format", "qa", "--version", "run", "--json", cwd=prepared)
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["exports"]
    folder = Path(told["folder"])
    rows = [row for path in folder.glob("*_qa.jsonl") for row in rows_of(path)]
    assert len(rows) == told["written"]
    assert {row["source_repo"] for row in rows} <= {"docs", "logs"}
    for row in rows:
        assert (prepared / row["source_repo"] / row["source_file"]).is_file()
        assert re.fullmatch(
            r"(code_)?(heading_based|paragraph_based|fixed_size_\d+_\d+)|code_based", row["source_strategy"]
        )
        assert 0 < len(row["original_chunk_preview"]) <= 200
        assert row["generated_at"]
    docs, code = (rows_of(folder / "docs" / f"{name}_qa.jsonl") for name in ("docs", "code"))
    merged = rows_of(folder / "docs" / "merged_qa.jsonl")
    assert len(merged) == len(docs) + len(code)
    assert str(prepared) not in "".join(path.read_text() for path in folder.rglob("*.jsonl"))


@pytest.mark.parametrize("name", [name for name in FORMATS.names() if name != "preference"])
def test_a_project_leaves_in_every_format_and_comes_back(lore: Lore, prepared: Path, name: str) -> None:
    done = lore(
        "dataset", "export", "--format", name, "--out", "out", "--version", "run", "--json", cwd=prepared
    )
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["exports"]
    assert told["given"] == told["written"] + sum(told["left_out"].values())
    back = lore("dataset", "import", "out", "--dry-run", "--json", *HARMLESS, cwd=prepared)
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["rows"] == told["written"]


def test_what_is_exported_inside_a_source_is_no_document(lore: Lore, prepared: Path) -> None:
    settings = prepared / "lore.toml"
    settings.write_text(settings.read_text().replace('path = "docs"', 'path = "."'))
    before = json.loads(lore("ingest", "--json", cwd=prepared).stdout)["metrics"]["documents"]
    assert lore("dataset", "export", "--format", "csv", "--version", "run", cwd=prepared).returncode == 0
    faq(prepared)
    (prepared / "faq.csv").rename(prepared.parent / "faq.csv")
    assert lore("dataset", "import", str(prepared.parent / "faq.csv"), cwd=prepared).returncode == 0
    after = json.loads(lore("ingest", "--json", cwd=prepared).stdout)["metrics"]["documents"]
    assert after == before


def test_lengths_are_shown_and_told(lore: Lore, trained: Path) -> None:
    done = lore("dataset", "inspect", "run", cwd=trained)
    assert done.returncode == 0, done.stderr
    assert "tokens of tiny" in done.stdout
    assert "█" in done.stdout
    told = json.loads(
        lore("dataset", "inspect", "run", "--json", "--set", "training.max_length=40", cwd=trained).stdout
    )
    assert told["max_length"] == 40
    train = told["outcome"]["train"]
    assert train["kept"] + train["left_out"] == told["by_set"]["train"]["examples"]
    assert train["left_out"] == train["cut"] + train["dropped"] > 0
    assert sum(bar["examples"] for bar in told["histogram"]) == told["all"]["examples"]


def test_a_file_is_inspected_by_a_named_tokenizer(lore: Lore, trained: Path, tmp_path: Path) -> None:
    base = next((trained / ".lore" / "runs" / "base").glob("*/model"))
    faq(tmp_path)
    done = lore("dataset", "inspect", "faq.csv", "--tokenizer", str(base), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "faq.csv: 60 examples" in done.stdout
    missing = lore("dataset", "inspect", "none.csv", "--tokenizer", str(base), cwd=tmp_path)
    assert missing.returncode == 1
    assert "none.csv" in missing.stderr
