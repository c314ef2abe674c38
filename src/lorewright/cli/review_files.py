"""review export and import: decisions as files that spreadsheets and other tools open."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lorewright.cli.review import choosing, reviewer_option
from lorewright.cli.session import Session, json_option, with_session

if TYPE_CHECKING:
    from lorewright.stages.review_files import Taken

_PROBLEMS_SHOWN = 10


@click.command("export")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False))
@click.option(
    "--to-review",
    default=0,
    type=click.IntRange(0),
    metavar="N",
    help="Add N examples that wait for a decision.",
)
@choosing
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--dry-run", is_flag=True, help="Count, and write nothing.")
@with_session
def export_command(
    session: Session,
    file: str,
    to_review: int,
    sample: Any,
    task: str,
    filter_name: str,
    force: bool,
    dry_run: bool,
) -> None:
    """Write the decisions that stand, and notes, to FILE.csv or FILE.jsonl, with all that was seen.

    With --to-review, examples that wait for a decision follow, chosen by --sample, --task and --filter. Fill in
    `decision` (accept, edit, reject, note), and `new_question`, `new_answer` or `note`, then lore review import. What a
    spreadsheet would take for a formula has an apostrophe before it, which import takes away.

    \b
    Examples:
      lore review export decisions.csv
      lore review export sheet.csv --to-review 100 --sample edge
      lore review export decisions.jsonl --force
    """
    from lorewright.stages.review_examples import backgrounds_of, reviewables
    from lorewright.stages.review_files import check_target, export_reviews
    from lorewright.stages.review_queue import queue
    from lorewright.stages.review_stats import listed

    path = Path(file)
    check_target(path, force=force or dry_run)
    decisions = [
        one.decided for one in listed(session.workspace) if one.state in {"stands", "orphan", "note"}
    ]
    waiting = []
    if to_review:
        decided = {one.key for one in decisions if one.decision != "note"}
        waiting = queue(
            reviewables(session.workspace),
            decided,
            sample=sample,
            task=task,
            filter_name=filter_name,
            limit=to_review,
        )
    told = f"{len(decisions):,} decisions" + (f" and {len(waiting):,} examples to review" if waiting else "")
    if not decisions and not waiting:
        session.console.print("Nobody has decided anything yet, so there is nothing to write.")
        session.console.print("[cyan]next:[/cyan] lore review, or lore review export FILE --to-review 100")
        return
    if dry_run:
        session.console.print(f"would write {told} to {path}", markup=False, soft_wrap=True)
        return
    behind = backgrounds_of(session.workspace, (one.example for one in waiting))
    export_reviews(path, decisions, ((one, behind[one.example.id]) for one in waiting), force=force)
    session.console.print(f"✓ {told} written to {path}", markup=False, soft_wrap=True)
    session.console.print(
        f"next: lore review import {path}, after it was filled in", markup=False, soft_wrap=True
    )


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and keep nothing.")
@reviewer_option
@json_option
@with_session
def import_command(session: Session, file: str, dry_run: bool, reviewer: str, as_json: bool) -> None:
    """Take decisions in from a CSV or JSONL file; what is there already is not doubled.

    A row needs `decision` and what it is about: the columns that export wrote, or `example_id` alone. A row that was
    changed since it was exported counts as decided now. Rows that cannot be taken in are listed with their lines, and
    the command fails.

    \b
    Examples:
      lore review import sheet.csv --dry-run
      lore review import sheet.csv --reviewer ada
      lore review import decisions.jsonl --json | jq .problems
    """
    from lorewright.core.users import user_name
    from lorewright.stages.review_files import import_reviews

    taken = import_reviews(session.workspace, Path(file), reviewer=reviewer or user_name(), dry_run=dry_run)
    tell_taken(session, taken, "line", dry_run=dry_run, as_json=as_json)


def tell_taken(session: Session, taken: "Taken", unit: str, *, dry_run: bool, as_json: bool) -> None:
    """Print what became of rows or answers; the command fails where some could not be taken in."""
    from lorewright.cli.record_view import safe

    if as_json:
        click.echo(taken.model_dump_json(indent=2))
    else:
        console = session.console
        verb = "would be taken in" if dry_run else "taken in"
        parts = [
            f"{taken.taken:,} {verb}",
            f"{taken.known:,} there already",
            f"{taken.undecided:,} without a decision",
        ]
        if taken.problems:
            parts.append(f"[red]{len(taken.problems):,} refused[/red]")
        console.print(f"{taken.given:,} given: {', '.join(parts)}", soft_wrap=True)
        for problem in taken.problems[:_PROBLEMS_SHOWN]:
            console.print(f"  [red]{unit} {problem.line}[/red] {safe(problem.reason)}", soft_wrap=True)
        if len(taken.problems) > _PROBLEMS_SHOWN:
            console.print("  [dim]… all of them: --json[/dim]")
        if taken.taken and not dry_run:
            console.print("[cyan]next:[/cyan] lore curate; lore review list shows what was taken in")
    if taken.problems:
        raise SystemExit(1)
