"""curate and coverage: which candidates are kept, why the others are not, and what no example is about."""

import json
import shlex
from typing import TYPE_CHECKING

import click

from lorewright.cli.session import Session, json_option, set_option, with_session
from lorewright.cli.stages import NEXT, bring_and_tell, report_option

if TYPE_CHECKING:
    from lorewright.core.records import Run
    from lorewright.stages.settings import Settings


@click.command()
@click.option("--explain", default="", metavar="EXAMPLE", help="Show what each filter says of one example.")
@report_option("Show what came in, what stayed, and ten examples of each reason.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what would run, with a judge its calls and their price; ask nothing.",
)
@click.option("--retry-failed", is_flag=True, help="Ask the judge again where its replies were unusable.")
@set_option
@json_option
@with_session
def curate(
    session: Session,
    explain: str,
    reported: bool,
    dry_run: bool,
    retry_failed: bool,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Keep the examples that are well-formed, grounded and not twins; each rejection has a reason.

    What people decided (lore review) outranks the filters. The run's report.html shows the same as --report.
    A model can score what the filters keep: set curation.judge.model.

    \b
    Examples:
      lore curate
      lore curate --report
      lore curate --explain 3fa9c1d2
      lore curate --set 'curation.off=["language"]' --report
      lore curate --set curation.judge.model=ollama/qwen3:8b --dry-run
      lore cat curate --file rejections | jq -r .reason | sort | uniq -c
    """
    settings = session.settings(assignments)
    if dry_run:
        _show_plan(session, settings, assignments, as_json=as_json)
        return
    if retry_failed:
        _forget_failed(session, settings, quiet=as_json or reported or bool(explain))
    quiet = as_json or reported or bool(explain)
    runs = bring_and_tell(session, settings, "curate", asked=("curate",), quiet=quiet)
    if explain:
        _explain(session, settings, runs, explain, as_json=as_json)
    elif reported:
        _report(session, runs["curate"], as_json=as_json)
    elif as_json:
        click.echo(json.dumps(runs["curate"].model_dump(mode="json"), indent=2, ensure_ascii=False))
    else:
        from lorewright.cli.curate_view import print_made

        print_made(session.console, runs["curate"])
        following = NEXT["curate"] if runs["curate"].metrics["examples"] else "lore curate --report"
        session.console.print(f"[cyan]next:[/cyan] {following}", highlight=False)


def _show_plan(
    session: Session, settings: "Settings", assignments: tuple[str, ...], *, as_json: bool
) -> None:
    from lorewright.cli.curate_view import print_plan
    from lorewright.cli.road import print_status
    from lorewright.stages.curate_ahead import plan_judging

    if not settings.curation.judge.model:
        print_status(session, settings, as_json=as_json, only="curate")
        return
    plan = plan_judging(session.workspace, settings, session.reporter)
    if as_json:
        click.echo(plan.model_dump_json(indent=2))
    else:
        print_plan(session.console, plan, "".join(f" --set {shlex.quote(one)}" for one in assignments))


def _forget_failed(session: Session, settings: "Settings", *, quiet: bool) -> None:
    from lorewright.stages.curate_ahead import forget_judgements

    forgotten = forget_judgements(session.workspace, settings, session.reporter)
    if not quiet:
        told = f"{forgotten:,} unusable replies will be asked for again."
        session.console.print(told if forgotten else "No unusable replies are there.")


def _explain(
    session: Session, settings: "Settings", runs: "dict[str, Run]", example: str, *, as_json: bool
) -> None:
    from lorewright.cli.curate_view import print_explained
    from lorewright.stages.curate_explain import explain

    told = explain(session.workspace, settings, runs, example)
    if as_json:
        click.echo(told.model_dump_json(indent=2))
    else:
        print_explained(session.console, told)


def _report(session: Session, run: "Run", *, as_json: bool) -> None:
    from lorewright.cli.curate_view import print_report
    from lorewright.stages.curate_report import REPORT, read_report

    report = read_report(session.workspace, run)
    if as_json:
        click.echo(report.model_dump_json(indent=2))
        return
    print_report(session.console, report)
    page = session.workspace.run_dir(run.stage, run.id) / REPORT
    session.console.print(f"[dim]as a page:[/dim] {page}", markup=True, soft_wrap=True)


@click.command()
@click.option("--level", type=click.Choice(["document", "section", "symbol"]), help="Only these gaps.")
@click.option("-n", "--limit", default=15, type=click.IntRange(1), help="How many gaps to list.")
@set_option
@json_option
@with_session
def coverage(
    session: Session, level: str | None, limit: int, assignments: tuple[str, ...], as_json: bool
) -> None:
    """Which documents, sections and symbols no example is about, the largest first.

    Examples are brought up to date first. With --json all gaps are listed.

    \b
    Examples:
      lore coverage
      lore coverage --level symbol --limit 50
      lore coverage --json | jq -r '.gaps[] | [.path, .name] | @tsv'
    """
    from lorewright.cli.curate_view import print_coverage
    from lorewright.stages.coverage import coverage as measure

    settings = session.settings(assignments)
    runs = bring_and_tell(session, settings, "curate", quiet=True)
    found = measure(session.workspace, runs)
    gaps = tuple(gap for gap in found.gaps if level in {None, gap.level})
    if as_json:
        click.echo(found.model_copy(update={"gaps": gaps}).model_dump_json(indent=2))
        return
    print_coverage(session.console, found.model_copy(update={"gaps": gaps}), shown=limit)
