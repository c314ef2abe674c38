"""The file behind a passage is opened at its line by the user's own program, and by no shell."""

import sys
from pathlib import Path

import pytest

from lorewright.cli.open_file import local_file, show, viewer
from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.records import Passage, Place
from lorewright.stages.source_settings import SourceSettings

FILE = Path("/docs/a b; rm -rf.md")


def passage(path: str, source: str = "docs") -> Passage:
    return Passage(
        chunk_id="c",
        document_id="d",
        text="t",
        score=1.0,
        source=source,
        path=path,
        kind="markdown",
        title="",
        place=Place(unit="line", first=7, last=9),
        start=0,
        end=1,
    )


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({"PAGER": "less -R"}, ["less", "-R", "+7", str(FILE)]),
        ({"PAGER": "/usr/bin/most", "EDITOR": "vi"}, ["/usr/bin/most", "+7", str(FILE)]),
        ({"PAGER": " ", "EDITOR": "vim"}, ["vim", "+7", str(FILE)]),
        ({"VISUAL": "code --wait", "EDITOR": "vi"}, ["code", "--wait", "--goto", f"{FILE}:7"]),
        ({"EDITOR": "hx"}, ["hx", f"{FILE}:7"]),
        ({"EDITOR": "'my editor' -x"}, ["my editor", "-x", str(FILE)]),
    ],
)
def test_each_program_is_told_the_line_as_it_wants_it(environ: dict[str, str], command: list[str]) -> None:
    assert viewer(FILE, 7, environ) == command


def test_without_a_variable_it_is_less_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert viewer(FILE, 7, {}) is None
    less = tmp_path / "less"
    less.touch(0o755)
    assert viewer(FILE, 7, {}) == [str(less), "+7", str(FILE)]


def test_a_variable_that_is_no_command_is_named() -> None:
    with pytest.raises(ConfigError, match="PAGER is no command"):
        viewer(FILE, 7, {"PAGER": "'less"})


def test_a_program_is_run_with_its_arguments_as_they_are_and_a_missing_one_is_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    show([sys.executable, "-c", code, str(out), "$(id) ; `id`"])
    assert out.read_text() == "$(id) ; `id`"
    with pytest.raises(NotFoundError, match="no-such-pager cannot be started: No such file"):
        show(["no-such-pager", "x"])


def test_only_files_inside_a_local_source_are_found(tmp_path: Path) -> None:
    for name in ("docs/a.md", "secret.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "docs" / "link.md").symlink_to(tmp_path / "secret.md")
    sources = (SourceSettings(path="docs"), SourceSettings(git="https://x.example/r", name="far"))
    assert local_file(passage("a.md"), sources, tmp_path) == tmp_path / "docs" / "a.md"
    for path, source in (
        ("gone.md", "docs"),
        ("../secret.md", "docs"),
        (str(tmp_path / "secret.md"), "docs"),
        ("link.md", "docs"),
        ("a.md", "far"),
        ("a.md", "unknown"),
    ):
        assert local_file(passage(path, source), sources, tmp_path) is None
    single = (SourceSettings(path="secret.md"),)
    assert local_file(passage("secret.md", "secret.md"), single, tmp_path) == tmp_path / "secret.md"
