"""What was parsed, at its place."""

import pytest

from lorewright.core.records import Parsed
from lorewright.parsing.placing import placed


@pytest.mark.parametrize(
    ("kind", "path", "title"),
    [
        ("markdown", "docs/retries.md", "retries"),
        ("python", "src/pkg/store.py", "pkg.store"),
        ("rust", "core/session.rs", "session.rs"),
        ("log", "dag/1.log", "dag/1.log"),
        ("text", "docs/NOTES", "NOTES"),
    ],
)
def test_a_file_without_a_title_is_called_by_its_path(kind: str, path: str, title: str) -> None:
    language = {"language": kind} if kind in {"python", "rust"} else {}
    document = placed(Parsed(kind=kind, text="x", metadata=language), source="s", path=path)
    assert (document.title, document.titled) == (title, False)


def test_the_file_s_own_title_and_licence_go_before_path_and_repository() -> None:
    parsed = Parsed(kind="markdown", title="Retries", licence="MIT", text="x")
    document = placed(parsed, source="s", path="a.md", licence="Apache-2.0")
    assert (document.title, document.titled, document.licence) == ("Retries", True, "MIT")
    bare = placed(parsed.model_copy(update={"licence": ""}), source="s", path="a.md", licence="Apache-2.0")
    assert bare.licence == "Apache-2.0"
