"""A file that takes too long is stopped and rejected; the rest goes on, and nothing is lost."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Lore = Callable[..., CompletedProcess[str]]


def test_a_file_that_hangs_its_parser_is_stopped_and_rejected(lore: Lore, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "good.md").write_text("# Good\n\nWords.\n")
    # Many times what docutils reads in two seconds anywhere.
    (docs / "slow.rst").write_text("A *word* of ``code`` and `more`, again.\n\n" * 150_000)
    (tmp_path / "lore.toml").write_text('[project]\nname = "p"\n[[sources]]\npath = "docs"\n')
    limits = ("--set", "ingest.timeout_s=2", "--set", "ingest.workers=1")
    done = lore("ingest", *limits, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 files: 1 read (1 markdown), 1 rejected" in done.stdout
    (rejection,) = [
        json.loads(line)
        for line in lore("cat", "ingest", "--file", "rejections", cwd=tmp_path).stdout.splitlines()
    ]
    assert rejection["name"] == "docs/slow.rst"
    assert rejection["reason"] == "took longer than 2 s and was stopped"
