"""One indexed project and one server of it, shared by the tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from served_project import Served, make_project, served  # type: ignore[import-not-found]

Lore = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="session")
def documentation(tmp_path_factory: pytest.TempPathFactory, lore: Lore) -> Path:
    """The project, indexed."""
    project: Path = make_project(tmp_path_factory.mktemp("documentation"), lore)
    return project


@pytest.fixture(scope="session")
def mcp(documentation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the project that the tests share, and its client; nothing was said on standard error."""
    errors = tmp_path_factory.mktemp("errors") / "stderr.txt"
    with served(documentation, errors) as shared:
        yield shared
    assert errors.read_text() == ""
