"""What documents and their names hold never controls the terminal and is never taken for markup."""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Lore = Callable[..., CompletedProcess[str]]
EVIL = "\x1b[31m\x1b]0;title\x07"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "evil.md").write_text(
        f"# Evil{EVIL} title\n\nSee foo.py:100: and [bold]this[/bold] [/dim] \\\\\n\n## Part{EVIL}\n\n\u202eEnd \\\n"
    )
    (docs / f"two{EVIL.replace('/', '')}\nlines.md").write_text("# Two\n\nlines\n")
    (docs / f"broken{EVIL}.pdf").write_bytes(b"none")
    (tmp_path / "lore.toml").write_text(
        '[project]\nname = "Evil"\n[[sources]]\npath = "docs"\n[ingest]\nworkers = 0\n'
    )
    return tmp_path


@pytest.mark.parametrize("options", [(), ("--report",)])
def test_names_of_files_reach_the_terminal_as_plain_text_on_one_line(
    lore: Lore, project: Path, options: tuple[str, ...]
) -> None:
    done = lore("ingest", *options, cwd=project)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", done.stdout)
    assert "docs/broken[31m]0;title.pdf" in done.stdout
    assert not any(line.startswith("lines.md") for line in done.stdout.splitlines())


def test_a_document_is_shown_as_it_is_but_for_terminal_control(lore: Lore, project: Path) -> None:
    assert lore("chunk", cwd=project).returncode == 0
    shown = lore("show", "evil.md", cwd=project).stdout
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", shown)
    assert "See foo.py:100: and [bold]this[/bold] [/dim] \\\\" in shown
    assert "## Part[31m]0;title" in shown
    assert "End \\\n" in shown


def test_answers_searches_and_conversations_show_it_as_plain_text(lore: Lore, project: Path) -> None:
    assert lore("index", cwd=project).returncode == 0
    asked = (
        lore("search", "this", "part", "lines", cwd=project),
        lore("ask", "See this bold part", "--sources", "--min-evidence", "0", cwd=project),
        lore("ask", "See this bold part", "--min-evidence", "1", cwd=project),
        lore(
            "chat", cwd=project, stdin="See this bold part\n/sources 1\n/open 1\n/model \x1b[2J/x\n/\x1b[2J\n"
        ),
    )
    for done in asked:
        assert done.returncode == 0, done.stderr
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", done.stdout + done.stderr)
        assert "[bold]this[/bold] [/dim]" in done.stdout
        assert "evil.md:" in done.stdout
