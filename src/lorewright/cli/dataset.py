"""dataset: examples as versions with a card, what differs between them, and the commands that bring them in and out."""

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from lorewright.cli.session import Session, json_option, set_option, with_session
from lorewright.cli.stages import NEXT, bring_and_tell

if TYPE_CHECKING:
    from lorewright.core.records import Run
    from lorewright.stages.dataset_diff import Side

_ELSEWHERE = {
    "export": "lorewright.cli.dataset_files:export_command",
    "import": "lorewright.cli.dataset_files:import_command",
    "inspect": "lorewright.cli.dataset_files:inspect_command",
    "push": "lorewright.cli.dataset_files:push_command",
}


class DatasetGroup(click.Group):
    """The commands of this module, and those of `dataset_files`, which are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names in the order of their use."""
        return [*super().list_commands(ctx), *_ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = _ELSEWHERE[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found


@click.group(cls=DatasetGroup, invoke_without_command=True)
@click.option("--dry-run", is_flag=True, help="Show what would run, and run nothing.")
@set_option
@json_option
@click.pass_context
def dataset(context: click.Context, dry_run: bool, assignments: tuple[str, ...], as_json: bool) -> None:
    """Deal the examples out to train, validation and tests that share nothing with training, as a version.

    A version is a folder datasets/NAME/vN beside lore.toml, with a card. The same content makes no second one.

    \b
    Examples:
      lore dataset
      lore dataset --set dataset.split_by=template
      lore dataset diff v1 v2
      lore dataset export --format alpaca --format sharegpt
      lore dataset import faq.csv
      lore cat dataset --file test_unseen_docs | head -3
    """
    if context.invoked_subcommand is not None:
        return
    start, log_level = context.obj
    session = Session(start, log_level)
    settings = session.settings(assignments)
    if dry_run:
        from lorewright.cli.road import print_status

        print_status(session, settings, as_json=as_json, only="dataset")
        return
    from lorewright.cli.dataset_view import print_made
    from lorewright.stages.dataset_card import publish_run

    runs = bring_and_tell(session, settings, "dataset", quiet=as_json)
    version = publish_run(session.workspace, settings, runs, session.reporter)
    if as_json:
        published = {"version": version.label, "folder": str(version.folder), "fresh": version.fresh}
        made = runs["dataset"].model_dump(mode="json")
        click.echo(json.dumps({"published": published, **made}, indent=2, ensure_ascii=False))
        return
    print_made(session.console, runs["dataset"], version)
    session.console.print(f"[cyan]next:[/cyan] {NEXT['dataset']}", highlight=False)


@dataset.command("list")
@json_option
@with_session
def list_command(session: Session, as_json: bool) -> None:
    """List the versions of all datasets here.

    \b
    Examples:
      lore dataset list
      lore dataset list --json | jq -r '.[-1].folder'
    """
    from lorewright.cli.dataset_files import where
    from lorewright.cli.dataset_view import print_versions
    from lorewright.stages.dataset_versions import edited, versions

    found = [(one, edited(one)) for one in versions(where(session, ()).root)]
    if as_json:
        rows = [
            {
                "version": one.label,
                "folder": str(one.folder),
                "sets": one.counts,
                "made_at": one.facts.get("made_at"),
                "changed": changed,
            }
            for one, changed in found
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    print_versions(session.console, found)


@dataset.command("show")
@click.argument("version", default="")
@json_option
@with_session
def show_command(session: Session, version: str, as_json: bool) -> None:
    """Show a version: its card, or with --json its facts. The newest one if none is named.

    \b
    Examples:
      lore dataset show
      lore dataset show v2 --json | jq .leakage
    """
    from lorewright.cli.dataset_files import where
    from lorewright.cli.dataset_view import print_card
    from lorewright.stages.dataset_sets import named_version
    from lorewright.stages.dataset_versions import edited

    place = where(session, ())
    found = named_version(place.root, version, name=place.name)
    if as_json:
        click.echo(json.dumps(found.facts, indent=2, ensure_ascii=False))
        return
    print_card(session.console, found, edited(found))


@dataset.command("diff")
@click.argument("before")
@click.argument("after", default="run")
@set_option
@json_option
@with_session
def diff_command(
    session: Session, before: str, after: str, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Show which examples were added, removed, moved to another set, or changed, with ten of each.

    AFTER is a version too, or `run` for what the project would give now, which is the default.

    \b
    Examples:
      lore dataset diff v1 v2
      lore dataset diff v2
      lore dataset diff v1 v2 --json | jq '.moved[].question'
    """
    from lorewright.cli.dataset_diff_view import print_differences
    from lorewright.stages.dataset_diff import diff_sides

    sides = [_side(session, text, assignments, quiet=as_json) for text in (before, after)]
    found = diff_sides(*sides)
    if as_json:
        labels = {"before": sides[0].sets.label, "after": sides[1].sets.label}
        click.echo(json.dumps({**labels, **found.model_dump(mode="json")}, indent=2, ensure_ascii=False))
        return
    print_differences(session.console, sides[0].sets.label, sides[1].sets.label, found)


def _side(session: Session, text: str, assignments: tuple[str, ...], *, quiet: bool) -> "Side":
    from lorewright.cli.dataset_files import where
    from lorewright.stages.dataset_card import run_facts
    from lorewright.stages.dataset_diff import Side, taken_of
    from lorewright.stages.dataset_sets import RUN, named_version, run_sets, version_sets

    if text != RUN:
        place = where(session, assignments)
        version = named_version(place.root, text, name=place.name)
        facts = version.facts
        sets = version_sets(version, place.workspace)
        return Side(sets, facts.get("settings", {}), taken_of(facts.get("steps", ())))
    settings = session.settings(assignments)
    runs: dict[str, Run] = bring_and_tell(session, settings, "dataset", quiet=quiet)
    made = run_facts(session.workspace, runs, title=settings.project.name)
    steps: list[dict[str, Any]] = [{"name": one.name, "taken": one.taken} for one in made.steps]
    return Side(run_sets(session.workspace, runs["dataset"]), made.settings, taken_of(steps))
