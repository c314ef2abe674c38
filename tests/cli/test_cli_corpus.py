"""lore corpus: what stands in the folder it writes, and what it says."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]


def pdf(line: str) -> bytes:
    """Return a PDF of one page with one line."""
    shown = b"BT /F1 12 Tf 50 700 Td (%s) Tj ET" % line.encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R /Resources 6 0 R >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Font << /F1 4 0 R >> >>",
    ]
    file, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(file)
    file += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % one for one in offsets)
    return file + b"trailer << /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project of a page and a paper."""
    folder = tmp_path / "small"
    (folder / "docs").mkdir(parents=True)
    (folder / "lore.toml").write_text('[project]\nname = "Small"\n[[sources]]\npath = "docs"\n')
    page = "# Pumps\n\nA pump moves water from one place to another place.\n"
    (folder / "docs" / "pumps.md").write_text(page)
    (folder / "docs" / "paper.pdf").write_bytes(pdf("A paper about the pressure of pumps and valves."))
    return folder


def rows_of(folder: Path) -> dict[str, list[dict[str, Any]]]:
    datasets = pytest.importorskip("datasets")
    return {name: split.to_list() for name, split in datasets.load_from_disk(str(folder)).items()}


def chunks_of(lore: Lore, project: Path) -> list[dict[str, Any]]:
    done = lore("cat", "chunk", cwd=project)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_export_holds_every_chunk_and_brings_them_up_to_date_first(lore: Lore, small: Path) -> None:
    done = lore("corpus", "export", cwd=small)
    assert done.returncode == 0, done.stderr
    assert "docs 1 passage of 1 document, papers 1 passage of 1 document" in done.stdout
    assert str(small / "corpus") in done.stdout
    assert "load_from_disk" in done.stdout
    rows = rows_of(small / "corpus")
    assert {name: [row["path"] for row in its] for name, its in rows.items()} == {
        "docs": ["pumps.md"],
        "papers": ["paper.pdf"],
    }
    (paper,) = rows["papers"]
    assert (paper["source"], paper["unit"], paper["first"], paper["commit"]) == ("paper", "page", 1, "")
    assert "pressure of pumps" in paper["text"]
    made = rows["docs"] + rows["papers"]
    chunks = chunks_of(lore, small)
    assert sorted((row["text"], row["chunk_id"]) for row in made) == sorted(
        (one["text"], one["id"]) for one in chunks
    )
    (small / "docs" / "more.md").write_text("# Valves\n\nA valve lets water through or keeps it back.\n")
    assert lore("corpus", "export", cwd=small).returncode == 0
    assert [row["path"] for row in rows_of(small / "corpus")["docs"]] == ["more.md", "pumps.md"]


def test_without_a_pdf_the_papers_are_an_empty_split(lore: Lore, prepared: Path) -> None:
    done = lore("corpus", "export", "--json", cwd=prepared)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    rows = rows_of(prepared / "corpus")
    assert rows["papers"] == []
    assert told["splits"]["docs"]["rows"] == len(rows["docs"]) == len(chunks_of(lore, prepared))
    assert told["splits"]["papers"] == {"rows": 0, "documents": 0}
    assert told["folder"] == str(prepared / "corpus")
    mark = json.loads((prepared / "corpus" / "lorewright.json").read_text())
    assert mark["runs"] == told["runs"]
    for stage, run in mark["runs"].items():
        assert lore("show", f"{stage}/{run}", cwd=prepared).returncode == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_of_a_repository_stands_in_each_row(lore: Lore, small: Path) -> None:
    docs = small / "docs"
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", str(docs), *identity, *command], check=True)
    head = subprocess.run(
        ["git", "-C", str(docs), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    done = lore("corpus", "export", cwd=small)
    assert done.returncode == 0, done.stderr
    assert f"at {head[:12]}: 2 passages of 2 documents" in done.stdout
    rows = rows_of(small / "corpus")
    assert {row["commit"] for its in rows.values() for row in its} == {head}


def test_an_export_inside_a_source_is_no_document(lore: Lore, small: Path) -> None:
    settings = small / "lore.toml"
    settings.write_text(settings.read_text().replace('path = "docs"', 'path = "."'))
    assert lore("corpus", "export", cwd=small).returncode == 0
    before = chunks_of(lore, small)
    done = lore("corpus", "export", cwd=small)
    assert done.returncode == 0
    assert "up to date" in done.stdout
    assert chunks_of(lore, small) == before


def test_out_is_seen_from_where_one_stands(lore: Lore, small: Path, tmp_path: Path) -> None:
    done = lore("-C", str(small), "corpus", "export", "--out", "elsewhere/data", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(rows_of(tmp_path / "elsewhere" / "data")["docs"]) == 1


def test_a_folder_of_other_things_is_refused_before_any_work(lore: Lore, small: Path) -> None:
    (small / "corpus").mkdir()
    (small / "corpus" / "thesis.txt").write_text("years of work")
    done = lore("corpus", "export", cwd=small)
    assert done.returncode == 2
    assert "holds thesis.txt" in done.stderr
    assert "--force" in done.stderr
    assert not (small / ".lore" / "runs").exists()
    assert lore("corpus", "export", "--force", cwd=small).returncode == 0
    assert not (small / "corpus" / "thesis.txt").exists()


def test_a_dry_run_says_what_would_be_and_writes_nothing(lore: Lore, small: Path) -> None:
    done = lore("corpus", "export", "--dry-run", cwd=small)
    assert done.returncode == 0, done.stderr
    assert "never run" in done.stdout
    assert f"would make {small / 'corpus'}" in done.stdout
    assert not (small / "corpus").exists()
    pushed = lore("corpus", "push", "--repo-id", "acme/pumps", "--dry-run", "--json", cwd=small)
    assert [row["stage"] for row in json.loads(pushed.stdout)] == ["ingest", "chunk"]
    assert not (small / ".lore" / "runs").exists()


def test_settings_of_the_command_line_reach_the_chunks(lore: Lore, small: Path) -> None:
    (small / "docs" / "pumps.md").write_text(
        "# Pumps\n\n" + "A pump moves water somewhere else. " * 60 + "\n"
    )
    counts = []
    for size in (2000, 300):
        sizes = ("--set", f"chunking.max_chars={size}", "--set", "chunking.min_chars=50")
        done = lore("corpus", "export", "--json", *sizes, cwd=small)
        assert done.returncode == 0, done.stderr
        counts.append(json.loads(done.stdout)["splits"]["docs"]["rows"])
    assert counts[0] < counts[1]


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("export",), "There is no lore.toml in", 1),
        (("push", "--repo-id", "acme/pumps"), "There is no lore.toml in", 1),
        (("push", "--repo-id", "pumps"), "'pumps' is not OWNER/NAME", 2),
        (("push",), "Missing option '--repo-id'", 2),
        ((), "lore corpus [OPTIONS] COMMAND", 2),
    ],
)
def test_what_is_missing_is_said_with_what_to_type(
    lore: Lore, tmp_path: Path, arguments: tuple[str, ...], said: str, code: int
) -> None:
    done = lore("corpus", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["export", "push"])
def test_both_commands_have_examples(lore: Lore, tmp_path: Path, name: str) -> None:
    done = lore("corpus", name, "--help", cwd=tmp_path)
    assert f"lore corpus {name}" in done.stdout.partition("Examples:")[2]
