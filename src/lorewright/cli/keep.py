"""gc, forget, doctor, schema: housekeeping."""

import json
import sys

import click

from lorewright.cli.session import Session, json_option, with_session


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would go, and remove nothing.")
@json_option
@with_session
def gc(session: Session, dry_run: bool, as_json: bool) -> None:
    """Remove runs that no ref names and that are not the newest of their stage, and abandoned partial runs.

    Manifests stay, so `lore trace` and lineage go on working.

    \b
    Examples:
      lore gc --dry-run
      lore gc
    """
    from lorewright.stages.keep import collect, garbage

    found = garbage(session.workspace)
    if not dry_run:
        collect(session.workspace, found)
    if as_json:
        runs = [f"{run.stage}/{run.id}" for run in found.runs]
        partials = [path.name for path in found.partials]
        click.echo(
            json.dumps(
                {"runs": runs, "partials": partials, "refs": list(found.refs), "bytes": found.size}, indent=2
            )
        )
        return
    for run in found.runs:
        session.console.print(f"  {run.stage}/{run.id}  [dim]{run.finished_at:%Y-%m-%d %H:%M}[/dim]")
    for name in found.refs:
        session.console.print(f"  {name}  [dim]its folder is gone; its run is no longer kept for it[/dim]")
    for path in found.partials:
        session.console.print(f"  {path.parent.name}/{path.name}  [dim]begun, not finished[/dim]")
    verb = "would be freed: lore gc" if dry_run else "freed"
    total = len(found.runs) + len(found.partials)
    session.console.print(f"{total} runs, {found.size / 1e6:,.1f} MB {verb}." if total else "Nothing can go.")


@click.command()
@click.argument("document")
@click.option("--dry-run", is_flag=True, help="Show which runs it would void, and remove nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_session
def forget(session: Session, document: str, dry_run: bool, yes: bool) -> None:
    """Remove a document's records everywhere, with every run and model made from it.

    DOCUMENT is source/path, a path, or an id. The file itself is yours and stays; exclude or delete it too.

    \b
    Examples:
      lore forget handbook/salaries.md --dry-run
      lore forget handbook/salaries.md
    """
    from rich.markup import escape

    from lorewright.stages.keep import forget as forget_document
    from lorewright.stages.keep import plan_forgetting

    plan = plan_forgetting(session.workspace, document)
    session.console.print(
        f"[bold]{escape(plan.source)}/{escape(plan.path)}[/bold] stands in or behind {len(plan.runs)} runs:"
    )
    for run in plan.runs:
        session.console.print(f"  {run.stage}/{run.id}  [dim]{run.finished_at:%Y-%m-%d %H:%M}[/dim]")
    if plan.decisions:
        session.console.print(
            f"{len(plan.decisions):,} decisions of people (lore review) quote it and go, too."
        )
    for version in plan.versions:
        session.console.print(
            f"  {escape(version.label)}  [dim]{escape(str(version.folder))}[/dim]", soft_wrap=True
        )
    if dry_run:
        return
    if not yes:
        click.confirm("Remove them all?", abort=True)
    forget_document(session.workspace, plan)
    session.console.print(
        "[green]Forgotten.[/green] Copies outside this workspace (exports, backups) are not touched."
    )
    session.console.print(
        f"[cyan]next:[/cyan] delete the file or add exclude = [{json.dumps(plan.path)}] to its source, then lore run",
        markup=True,
    )


@click.command()
@json_option
@with_session
def doctor(session: Session, as_json: bool) -> None:
    """Check this machine and, if there is one, this project; says what to do about each fault.

    \b
    Examples:
      lore doctor
      lore doctor --json | jq '.[] | select(.well == false)'
    """
    from rich.markup import escape

    from lorewright.stages.doctor import examine

    checks = list(examine(session.start.resolve()))
    if as_json:
        click.echo(json.dumps([vars(check) for check in checks], indent=2, ensure_ascii=False))
    else:
        for check in checks:
            mark = "[green]✓[/green]" if check.well else "[red]✗[/red]"
            hint = "" if check.well else f"  [cyan]→ {escape(check.hint)}[/cyan]"
            session.console.print(
                f"{mark} [bold]{escape(check.name):<12}[/bold] {escape(check.found)}{hint}", soft_wrap=True
            )
    if not all(check.well for check in checks):
        sys.exit(1)


@click.command()
def schema() -> None:
    """Print the JSON Schema of lore.toml: every key, its type, its default and what it means.

    \b
    Examples:
      lore schema > lore.schema.json
      lore schema | jq '."$defs".TrainingSettings.properties | keys'
    """
    from lorewright.stages.settings import Settings

    click.echo(json.dumps(Settings.model_json_schema(), indent=2, ensure_ascii=False))
