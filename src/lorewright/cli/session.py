"""What commands share: the project they work on, their options, and progress on the terminal."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.cli.progress import TerminalReporter
    from lorewright.core.workspace import Workspace
    from lorewright.stages.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


class Session:
    """One command's view of the project."""

    def __init__(self, start: str, log_level: str) -> None:
        from lorewright.core.logs import configure

        self.start = Path(start)
        configure(log_level)

    @cached_property
    def workspace(self) -> "Workspace":
        """The workspace of the project in or above the start folder."""
        from lorewright.core.workspace import Workspace, find_project

        return Workspace(find_project(self.start))

    def settings(self, assignments: tuple[str, ...] = ()) -> "Settings":
        """The checked settings, `--set` laid over the file."""
        from lorewright.stages.settings import load

        return load(self.workspace.project_dir, assignments)

    @cached_property
    def console(self) -> "Console":
        """Standard output."""
        from rich.console import Console

        return Console(highlight=False, emoji=False)

    @cached_property
    def reporter(self) -> "TerminalReporter":
        """Progress, on standard error."""
        from lorewright.cli.progress import TerminalReporter

        return TerminalReporter()


def with_session(function: F) -> F:
    """Give a command its session as the first argument."""

    @click.pass_context
    def wrapper(context: click.Context, /, *args: Any, **values: Any) -> Any:
        start, log_level = context.obj
        return function(Session(start, log_level), *args, **values)

    wrapper.__doc__ = function.__doc__
    wrapper.__name__ = function.__name__
    return wrapper  # type: ignore[return-value]


def set_option(function: F) -> F:
    """Add `--set KEY=VALUE`."""
    return click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override a setting of lore.toml, e.g. --set training.epochs=1. Repeatable.",
    )(function)


def json_option(function: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(function)


def dry_run_option(function: F) -> F:
    """Add `--dry-run`."""
    return click.option("--dry-run", is_flag=True, help="Show what would happen, and write nothing.")(
        function
    )
