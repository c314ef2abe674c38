"""`lore generate`: examples made of passages, with or without a model."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from lorewright.cli.session import Session, json_option, set_option, with_session
from lorewright.cli.stages import NEXT, bring_and_tell
from lorewright.core.errors import GenerationError, InterruptedWorkError

if TYPE_CHECKING:
    from lorewright.stages.settings import Settings


@click.command()
@click.option("--dry-run", is_flag=True, help="Show passages, calls, tokens, price and time; ask nothing.")
@click.option(
    "--preview", type=click.IntRange(1, 100), metavar="N", help="Show N examples as they would be kept."
)
@click.option(
    "--retry-failed", is_flag=True, help="Ask again for the replies that were unusable, only for those."
)
@click.option("--refresh", is_flag=True, help="Ask everything anew; if that is stopped, go on without it.")
@click.option("--accept-unanswered", is_flag=True, help="Finish without the calls that got no answer.")
@click.option("--model", metavar="NAME", help="Instead of generation.model, e.g. ollama/qwen3:8b.")
@click.option("--task", "tasks", multiple=True, metavar="TASK", help="Only this task. Repeatable.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source. Repeatable.")
@click.option("--path", "paths", multiple=True, metavar="GLOB", help="Only paths that fit. Repeatable.")
@click.option(
    "--language", "languages", multiple=True, metavar="NAME", help="Only this language. Repeatable."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N passages.")
@click.option(
    "--sample", type=click.IntRange(min=1), metavar="N", help="Only N passages, chosen by a stable hash."
)
@set_option
@json_option
@with_session
def generate(
    session: Session,
    dry_run: bool,
    preview: int | None,
    retry_failed: bool,
    refresh: bool,
    accept_unanswered: bool,
    assignments: tuple[str, ...],
    as_json: bool,
    **chosen: object,
) -> None:
    """Make candidate examples, each with the evidence it stands on.

    Without a model they are made from structure. A model is named in lore.toml, as in model = "ollama/qwen3:8b"; each
    of its replies is kept, so that nothing is asked twice: not after a crash, not after Ctrl-C, not when a document
    or a prompt changes elsewhere. --task, --source, --path, --language, --limit and --sample hold for this command; to
    keep a choice, write it into [generation] of lore.toml.

    \b
    Examples:
      lore generate
      lore generate --dry-run
      lore generate --preview 5 --task qa
      lore generate --model ollama/qwen3:8b --sample 50
      lore generate --path 'guide/**' --task summary
      lore generate --retry-failed
      lore cat generate | jq -r '.messages[0].content' | head
      lore cat generate --file calls | jq -r 'select(.problem != "") | .problem'
    """
    overridden = (*assignments, *_assignments(chosen, accept_unanswered))
    settings = session.settings(overridden)
    options = _as_typed(chosen, assignments)
    if dry_run:
        _show_plan(session, settings, options, as_json=as_json)
    elif preview:
        _show_preview(session, settings, preview, options, as_json=as_json)
    else:
        if retry_failed or refresh:
            _forget(session, settings, everything=refresh, quiet=as_json)
        with _going_on(options):
            _make(session, settings, overridden, options, as_json=as_json)


def _assignments(chosen: dict[str, object], accept_unanswered: bool) -> list[str]:
    """Return the command's options as assignments of settings."""
    given = {name: value for name, value in chosen.items() if value not in (None, ())}
    if accept_unanswered:
        given["accept_unanswered"] = True
    return [f"generation.{name}={json.dumps(value, ensure_ascii=False)}" for name, value in given.items()]


def _as_typed(chosen: dict[str, object], assignments: tuple[str, ...]) -> str:
    """Return the options that choose what is made, as a person types them; a blank before each."""
    names = {"tasks": "task", "sources": "source", "paths": "path", "languages": "language"}
    given = [
        (names.get(name, name), one)
        for name, value in chosen.items()
        if value is not None
        for one in (value if isinstance(value, tuple) else (value,))
    ]
    typed = [*given, *(("set", one) for one in assignments)]
    return "".join(f" --{name} {shlex.quote(str(value))}" for name, value in typed)


@contextmanager
def _going_on(options: str) -> Iterator[None]:
    """Say of a generation that ended early how to go on: with the same choice, and without asking all anew."""
    try:
        yield
    except InterruptedWorkError as stopped:
        raise InterruptedWorkError(stopped.message, f"lore generate{options} goes on from there") from stopped
    except GenerationError as error:
        hint = error.hint.replace("lore generate", f"lore generate{options}")
        raise GenerationError(error.message, hint) from error


def _make(
    session: Session, settings: "Settings", overridden: tuple[str, ...], options: str, *, as_json: bool
) -> None:
    from rich.markup import escape

    from lorewright.cli.generate_view import print_made, print_nothing_made

    runs = bring_and_tell(session, settings, "generate", asked=("generate",), quiet=as_json)
    run = runs["generate"]
    if as_json:
        click.echo(json.dumps(run.model_dump(mode="json"), indent=2, ensure_ascii=False))
        return
    print_made(session.console, run)
    if not run.metrics["candidates"]:
        print_nothing_made(session.console, run, options)
        return
    # What comes next reads lore.toml again, which knows nothing of this command's options.
    same = "".join(f" --set {shlex.quote(one)}" for one in overridden)
    session.console.print(f"[cyan]next:[/cyan] {escape(NEXT['generate'] + same)}", soft_wrap=True)


def _show_plan(session: Session, settings: "Settings", options: str, *, as_json: bool) -> None:
    from lorewright.cli.generate_view import print_plan
    from lorewright.stages.generate_ahead import plan_generation

    plan = plan_generation(session.workspace, settings, session.reporter)
    if as_json:
        click.echo(plan.model_dump_json(indent=2))
    else:
        print_plan(session.console, plan, options)


def _show_preview(session: Session, settings: "Settings", count: int, options: str, *, as_json: bool) -> None:
    from lorewright.cli.generate_view import print_preview
    from lorewright.stages.generate_preview import preview

    shown = preview(session.workspace, settings, session.reporter, count=count)
    if as_json:
        click.echo(shown.model_dump_json(indent=2))
    else:
        print_preview(session.console, shown, options)


def _forget(session: Session, settings: "Settings", *, everything: bool, quiet: bool) -> None:
    from lorewright.stages.generate_ahead import forget_answers

    forgotten = forget_answers(session.workspace, settings, session.reporter, everything=everything)
    if not quiet:
        what = "kept replies" if everything else "unusable replies"
        session.console.print(
            f"{forgotten:,} {what} will be asked for again." if forgotten else f"No {what} are there."
        )
