"""A project and the server that it asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from generated_project import PUMPS, VALVES, Lore, Project, page  # type: ignore[import-not-found]
from scripted_http import ScriptedServer  # type: ignore[import-not-found]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server whose every answer satisfies the schema that is asked for."""
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def pumps(tmp_path: Path, lore: Lore) -> Project:
    """The project, without its lore.toml."""
    project = Project(tmp_path / "project", lore)
    for pump in PUMPS:
        project.write(f"docs/{pump.lower()}.md", page(pump))
    project.write("docs/valves.py", VALVES)
    return project


@pytest.fixture
def served(pumps: Project, server: ScriptedServer) -> Project:
    """The project, which asks the server."""
    pumps.configure(server.base_url)
    return pumps
