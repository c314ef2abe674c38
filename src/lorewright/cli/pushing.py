"""What the commands that push to the Hub share: their options, and who sees what was pushed."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from lorewright.cli.session import dry_run_option

F = TypeVar("F", bound=Callable[..., Any])


def push_options(function: F) -> F:
    """Add `--repo-id`, `--private`, `--force` and `--dry-run`."""
    for option in (
        dry_run_option,
        click.option("--force", is_flag=True, help="Replace a dataset that lore did not push."),
        click.option(
            "--private", is_flag=True, help="Make it private; push nothing if it exists and is public."
        ),
        click.option("--repo-id", required=True, metavar="OWNER/NAME", help="The dataset on the Hub."),
    ):
        function = option(function)
    return function


def seen_by(*, private: bool) -> str:
    """Return who can read a dataset on the Hub."""
    return "private" if private else "public: everybody can read it"
