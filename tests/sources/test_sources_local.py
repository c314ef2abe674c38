import os
import subprocess
from pathlib import Path

import pytest

from lorewright.core.errors import SourceError
from lorewright.core.records import Rejection
from lorewright.parsing.dispatch import kind_of
from lorewright.sources.local import SourceFile, walk


def _write(root: Path, *names: str) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"text of {name}\n")


def _walk(
    root: Path,
    *,
    include: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    max_bytes: int = 1000,
    max_depth: int | None = None,
) -> list[SourceFile | Rejection]:
    return list(
        walk(
            root,
            source="docs",
            include=include,
            exclude=exclude,
            max_bytes=max_bytes,
            max_depth=max_depth,
            kind_of=kind_of,
        )
    )


def _paths(found: list[SourceFile | Rejection]) -> list[str]:
    return [entry.path for entry in found if isinstance(entry, SourceFile)]


def _reasons(found: list[SourceFile | Rejection]) -> dict[str, str]:
    return {entry.name: entry.reason for entry in found if isinstance(entry, Rejection)}


def test_documents_come_sorted_with_posix_paths_and_sizes(tmp_path: Path) -> None:
    _write(tmp_path, "b.md", "a.md", "a/z.rst", "a/b/c.txt", "logo.svg")
    found = _walk(tmp_path)
    assert _paths(found) == ["a.md", "a/b/c.txt", "a/z.rst", "b.md"]
    last = found[-1]
    assert isinstance(last, SourceFile)
    assert (last.source, last.size, last.file.read_text()) == ("docs", 13, "text of b.md\n")


def test_hidden_files_and_folders_are_skipped(tmp_path: Path) -> None:
    _write(tmp_path, ".git/a.md", ".lore/b.md", "c/.venv/d.md", ".e.md", "f.md")
    assert _paths(_walk(tmp_path)) == ["f.md"]


def test_a_hidden_root_is_walked(tmp_path: Path) -> None:
    _write(tmp_path, ".venv/lib/a.md")
    assert _paths(_walk(tmp_path / ".venv")) == ["lib/a.md"]


def test_include_and_exclude_are_gitignore_patterns(tmp_path: Path) -> None:
    _write(tmp_path, "docs/a.md", "docs/old/b.md", "src/c.py", "src/test_c.py", "d.md")
    assert _paths(_walk(tmp_path, include=("docs/", "**/*.py"), exclude=("old/", "test_*.py"))) == [
        "docs/a.md",
        "src/c.py",
    ]


def test_gitignore_files_count_below_their_folder_and_the_deepest_decides(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", "build/b.md", "sub/c.md", "sub/keep.md", "sub/build/d.md", "x.md")
    (tmp_path / ".gitignore").write_text("build/\n/a.md\n*.md\n!x.md\n")
    (tmp_path / "sub/.gitignore").write_text("!keep.md\n")
    assert _paths(_walk(tmp_path)) == ["sub/keep.md", "x.md"]


def test_a_gitignore_above_the_root_counts_unless_it_ignores_the_root(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("drafts/\n/out/\n")
    _write(tmp_path, "docs/a.md", "docs/drafts/b.md", "out/c.md")
    assert _paths(_walk(tmp_path / "docs")) == ["a.md"]
    assert _paths(_walk(tmp_path / "out")) == ["c.md"]


def test_a_gitignore_above_the_repository_does_not_count(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.md\n")
    (tmp_path / "repo/.git").mkdir(parents=True)
    _write(tmp_path, "repo/docs/a.md")
    assert _paths(_walk(tmp_path / "repo/docs")) == ["a.md"]


def test_a_file_over_the_limit_is_rejected_with_both_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"x" * 1001)
    (tmp_path / "b.md").write_bytes(b"x" * 1000)
    found = _walk(tmp_path)
    assert _paths(found) == ["b.md"]
    assert _reasons(found) == {"docs/a.md": "1,001 bytes, more than the limit of 1,000"}
    rejection = found[0]
    assert isinstance(rejection, Rejection)
    assert (rejection.record, rejection.filter) == ("document", "source")


def test_a_single_file_is_its_own_source(tmp_path: Path) -> None:
    _write(tmp_path, "guide.md")
    assert _paths(_walk(tmp_path / "guide.md")) == ["guide.md"]


def test_a_single_file_that_no_parser_reads_is_rejected_aloud(tmp_path: Path) -> None:
    _write(tmp_path, "a.docx")
    assert _reasons(_walk(tmp_path / "a.docx")) == {"docs/a.docx": "no parser reads files named like a.docx"}


def test_a_missing_root_is_an_error_at_once_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere: No such file") as caught:
        walk(tmp_path / "nowhere", source="docs", include=(), exclude=(), max_bytes=1, kind_of=kind_of)
    assert "lore.toml" in caught.value.hint


def test_links_are_read_only_inside_the_root(tmp_path: Path) -> None:
    _write(tmp_path, "outside/secret.md", "root/a.md", "root/sub/b.md")
    root = tmp_path / "root"
    (root / "inside.md").symlink_to("a.md")
    (root / "out.md").symlink_to("../outside/secret.md")
    (root / "away").symlink_to("../outside")
    (root / "loop").symlink_to(".")
    (root / "broken.md").symlink_to("gone.md")
    (root / "self.md").symlink_to("self.md")
    found = _walk(root)
    assert _paths(found) == ["a.md", "inside.md", "sub/b.md"]
    assert _reasons(found) == {
        "docs/away": "a link to a folder outside the source is not followed",
        "docs/broken.md": "a link that leads to no file",
        "docs/out.md": "a link to a file outside the source is not followed",
        "docs/self.md": "a link that leads to no file",
    }


def test_a_name_that_is_not_utf8_is_rejected_with_a_readable_spelling(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("text")
    assert _reasons(_walk(tmp_path)) == {"docs/caf\\udce9.md": "its name is not UTF-8"}


def test_a_pipe_named_like_a_document_is_rejected_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    assert _reasons(_walk(tmp_path)) == {"docs/a.md": "is no regular file"}


def test_an_unreadable_folder_is_rejected_and_the_rest_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "a/x.md", "b.md")
    real = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("lorewright.sources.local.os.scandir", refusing)
    found = _walk(tmp_path)
    assert _paths(found) == ["b.md"]
    assert _reasons(found) == {"docs/a": "the folder cannot be read: Permission denied"}


def test_folders_below_the_depth_limit_are_one_rejection_each_if_they_hold_documents(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", "b/c.md", "b/d/e.md", "b/d/f.md", "b/d/g/h.md", "b/i/j/k/l.md", "b/empty/x.svg")
    _write(tmp_path, "b/drafts/m.md", "b/old/n.md")
    (tmp_path / ".gitignore").write_text("drafts/\n")
    found = _walk(tmp_path, max_depth=1, exclude=("**/old/",))
    assert _paths(found) == ["a.md", "b/c.md"]
    reason = "its documents lie deeper than the limit of 1 folders"
    assert _reasons(found) == {"docs/b/d": reason, "docs/b/i": reason}
    assert _paths(_walk(tmp_path, max_depth=0)) == ["a.md"]
    assert len(_paths(_walk(tmp_path, max_depth=4))) == 7


def test_a_tree_deeper_than_the_stack_is_walked(tmp_path: Path) -> None:
    folders = [tmp_path]
    for _ in range(1100):
        folders.append(folders[-1] / "a")
        folders[-1].mkdir()
    _write(folders[-1], "x.md")
    try:
        assert _paths(_walk(tmp_path)) == ["a/" * 1100 + "x.md"]
        assert list(_reasons(_walk(tmp_path, max_depth=2))) == ["docs/a/a/a"]
    finally:
        (folders[-1] / "x.md").unlink()
        for folder in reversed(folders[1:]):
            folder.rmdir()


def test_a_path_that_the_system_finds_too_long_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "n" * 255
    monkeypatch.chdir(tmp_path)
    try:
        for _ in range(16):
            Path(name).mkdir()
            os.chdir(name)
        Path("x.md").write_text("text")
        found = _walk(tmp_path)
        assert _paths(found) == []
        assert list(_reasons(found).values()) == ["the folder cannot be read: File name too long"]
    finally:
        os.chdir(tmp_path)
        subprocess.run(["rm", "-r", name], check=True)


def test_links_through_a_parent_out_of_the_root_and_loops_of_folders_are_not_followed(tmp_path: Path) -> None:
    _write(tmp_path, "outside/secret.md", "root/a/x.md", "root/b/y.md")
    root = tmp_path / "root"
    (root / "a/to_b").symlink_to("../b")
    (root / "b/to_a").symlink_to("../a")
    (root / "up").symlink_to("..")
    (root / "through.md").symlink_to("up/outside/secret.md")
    (root / "around.md").symlink_to("a/to_b/to_a/x.md")
    (tmp_path / "door").symlink_to("root")
    found = _walk(tmp_path / "door")
    assert _paths(found) == ["a/x.md", "around.md", "b/y.md"]
    assert _reasons(found) == {
        "docs/through.md": "a link to a file outside the source is not followed",
        "docs/up": "a link to a folder outside the source is not followed",
    }


def test_gitignore_files_with_a_mark_windows_lines_and_broken_patterns_count_as_for_git(
    tmp_path: Path,
) -> None:
    _write(tmp_path, "a.md", "b.md", "c.md")
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbfa.md\r\n!\r\n[z-a]\r\nb.md\r\n")
    assert _paths(_walk(tmp_path)) == ["c.md"]


def test_a_gitignore_that_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    _write(tmp_path, "a.md", "b/c.md", "patterns")
    os.mkfifo(tmp_path / ".gitignore")
    (tmp_path / "b/.gitignore").symlink_to("../patterns")
    assert _paths(_walk(tmp_path)) == ["a.md", "b/c.md"]


def test_a_broken_pattern_of_the_user_is_an_error_that_shows_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="source docs: '!' is no pattern"):
        _walk(tmp_path, exclude=("*.md", "!"))


def test_folders_that_lore_wrote_are_no_documents_unless_named(tmp_path: Path) -> None:
    for folder in ("docs", "datasets/acme/v1", "corpus"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "README.md").write_text("# Read me\n\nSome words.\n")
    for marked in ("datasets/acme", "datasets/acme/v1", "corpus"):
        (tmp_path / marked / "lorewright.json").write_text("{}")
    assert _paths(_walk(tmp_path)) == ["docs/README.md"]
    assert _paths(_walk(tmp_path / "corpus")) == ["README.md"]
