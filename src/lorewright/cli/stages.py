"""One verb a stage: bring what it needs up to date, run it, say what came out and what comes next."""

import json
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lorewright.cli.session import Session, json_option, set_option, with_session

if TYPE_CHECKING:
    from lorewright.core.records import Run
    from lorewright.stages.road import Step
    from lorewright.stages.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])
Report = Callable[[Session, "Settings", "dict[str, Run]", bool], None]
NEXT = {
    "ingest": "lore chunk, or lore run for all that is cheap",
    "chunk": 'lore index, then lore ask "a question"',
    "index": 'lore ask "a question", or lore index --report for what it misses',
    "generate": "lore curate",
    "curate": "lore dataset",
    "dataset": "lore plan, then lore train",
    "train": "lore evaluate",
    "evaluate": "lore why for the worst answers; lore export, if the verdict is good",
    "export": "lore chat",
}


def bring_and_tell(
    session: Session,
    settings: "Settings",
    name: str,
    *,
    quiet: bool,
    asked: Collection[str] = (),
    told: set[str] | None = None,
) -> "dict[str, Run]":
    """Bring a stage up to date and print one line a stage, leaving out those already told."""
    from lorewright.stages.road import bring

    seen = set() if told is None else told

    def tell(step: "Step", run: "Run", fresh: bool) -> None:
        if not quiet and step.stage.name not in seen:
            session.console.print(line_of(step, run, fresh), soft_wrap=True)
        seen.add(step.stage.name)

    return bring(session.workspace, settings, session.reporter, upto=name, asked=asked, done=tell)


def line_of(step: "Step", run: "Run", fresh: bool) -> str:
    """Return one line about a run: what came out, how long it took or that nothing had to be done."""
    from rich.markup import escape

    took = f"{run.environment['seconds']:.1f} s" if fresh else "up to date"
    counted = ""
    if fresh and run.metrics.get("reused"):
        counted = f" [dim]({run.metrics['computed']:,} computed, {run.metrics['reused']:,} reused)[/dim]"
    mark = "[green]✓[/green]" if fresh else "[dim]·[/dim]"
    return f"{mark} [bold]{step.stage.name:<9}[/bold] {escape(step.summary(run))}{counted} [dim]{took}[/dim]"


def refresh_option(function: F) -> F:
    """Add `--refresh`."""
    return click.option("--refresh", is_flag=True, help="Ask repositories and addresses for news first.")(
        function
    )


def report_option(said: str) -> Callable[[F], F]:
    """Add `--report`, with what it shows."""
    return click.option("--report", "reported", is_flag=True, help=said)


def ask_for_news(session: Session, settings: "Settings") -> None:
    """Ask every repository and address for news."""
    from lorewright.stages.ingest import fetch

    session.workspace.prepare()
    for note in fetch(settings, session.workspace, session.reporter, refresh=True):
        session.reporter.say(note)


def _verb(
    name: str,
    doc: str,
    *,
    asked: Collection[str] = (),
    fetches: bool = False,
    upto: str = "",
    extra: Callable[[Session, "Run"], None] | None = None,
    report: tuple[str, Report] | None = None,
) -> click.Command:
    last = upto or name

    def command(
        session: Session,
        assignments: tuple[str, ...],
        as_json: bool,
        dry_run: bool,
        refresh: bool = False,
        reported: bool = False,
    ) -> None:
        settings = session.settings(assignments)
        if refresh:
            ask_for_news(session, settings)
        if dry_run:
            from lorewright.cli.road import print_status

            print_status(session, settings, as_json=as_json, only=last)
            return
        runs = bring_and_tell(session, settings, last, asked=asked, quiet=as_json or reported)
        if report is not None and reported:
            report[1](session, settings, runs, as_json)
            return
        if as_json:
            click.echo(json.dumps(runs[name].model_dump(mode="json"), indent=2, ensure_ascii=False))
            return
        if extra is not None:
            extra(session, runs[name])
        session.console.print(f"[cyan]next:[/cyan] {NEXT[name]}", highlight=False)

    command.__doc__ = doc
    command.__name__ = name
    dry = click.option("--dry-run", is_flag=True, help="Show what would run, and run nothing.")
    made = set_option(json_option(dry(with_session(command))))
    made = refresh_option(made) if fetches else made
    return click.command(name)(report_option(report[0])(made) if report else made)


def _report_ingest(session: Session, _settings: "Settings", runs: "dict[str, Run]", as_json: bool) -> None:
    from lorewright.cli.ingest_view import print_report
    from lorewright.stages.ingest_report import ingest_report

    report = ingest_report(session.workspace, runs["ingest"])
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        print_report(session.console, report)


def _report_quality(session: Session, settings: "Settings", runs: "dict[str, Run]", as_json: bool) -> None:
    from lorewright.cli.quality_view import print_report
    from lorewright.stages.quality_report import quality_report

    report = quality_report(
        session.workspace, runs["index"], runs["probe"], min_evidence=settings.ask.min_evidence
    )
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        print_report(session.console, report)


def _after_ingest(session: Session, run: "Run") -> None:
    if run.metrics["rejected"]:
        from rich.markup import escape

        from lorewright.core.printable import one_line
        from lorewright.core.records import Rejection
        from lorewright.core.tables import read_table
        from lorewright.stages.ingest import REJECTIONS

        path = session.workspace.run_dir("ingest", run.id) / REJECTIONS
        for number, rejection in enumerate(read_table(path, Rejection)):
            if number == 5:
                session.console.print("  [dim]… by reason: lore ingest --report[/dim]")
                break
            told = escape(one_line(f"{rejection.name}: {rejection.reason}"))
            session.console.print(f"  [yellow]left out[/yellow] {told}")


ingest = _verb(
    "ingest",
    """Read the sources of lore.toml into documents.

    Unchanged files are not parsed again. Every file is either a document or a rejection with its reason.

    \b
    Examples:
      lore ingest
      lore ingest --set ingest.max_bytes=5000000
      lore ingest --refresh
      lore ingest --report
      lore cat ingest --file rejections | jq .reason
    """,
    fetches=True,
    extra=_after_ingest,
    report=("Show documents by kind, rejections by reason, rates and the slowest files.", _report_ingest),
)
chunk = _verb(
    "chunk",
    """Cut documents into passages, where their structure allows it.

    \b
    Examples:
      lore chunk
      lore chunk --set 'chunking.strategies=["windows"]' --set chunking.overlap_chars=200
      lore chunk --set chunking.tokens.tokenizer=./model --set chunking.tokens.max_tokens=300
      lore cat chunk | jq -r .text | head
    """,
)
index = _verb(
    "index",
    """Bring the index up to date and ask it questions with known answers.

    Only changed passages are written. What is asked are its own sections, by headings that are then removed from
    what is searched, and the questions of questions.jsonl, if there are any.

    \b
    Examples:
      lore index
      lore index --report
      lore index --report --json | jq '.misses[].question'
      lore index --set 'index.exclude_kinds=["log"]'
    """,
    upto="probe",
    report=(
        "Show how often it finds what it is asked for, the worst misses, and when it refuses.",
        _report_quality,
    ),
)
train = _verb(
    "train",
    """Train the model of lore.toml on the dataset; a stopped training goes on where it was.

    \b
    Examples:
      lore train --dry-run
      lore train
      lore train --set training.base=./models/SmolLM2-135M --set training.epochs=1
    """,
    asked=("base", "train"),
)
export = _verb(
    "export",
    """Merge the adapter, write GGUF files, load each in the real runtime and compare before it counts.

    \b
    Examples:
      lore export
      lore export --set 'export.types=["q8_0"]'
    """,
)
