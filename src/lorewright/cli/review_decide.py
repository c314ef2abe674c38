"""review accept, edit, reject, note, undo: one decision at a time."""

import json
from typing import TYPE_CHECKING, Any

import click

from lorewright.cli.review import reviewer_option
from lorewright.cli.session import Session, json_option, with_session

if TYPE_CHECKING:
    from lorewright.core.assessments import Decision
    from lorewright.core.records import Example, Message

_note = click.option("--note", default="", metavar="TEXT", help="Why.")


def _command(name: str, doc: str, decision: "Decision") -> click.Command:
    def command(session: Session, example_id: str, note: str, reviewer: str, as_json: bool) -> None:
        _keep(session, example_id, decision, note=note, reviewer=reviewer, as_json=as_json)

    command.__doc__ = doc
    command.__name__ = name
    made: Any = reviewer_option(json_option(with_session(command)))
    return click.command(name)(click.argument("example_id", metavar="ID")(_note(made)))


accept = _command(
    "accept",
    """Keep an example whatever the filters say. Of examples that are alike it is the one that stays.

    \b
    Examples:
      lore review accept 3fa9c1d2
      lore review accept 3fa9c1d2 --note 'short, but right'
    """,
    "accept",
)
reject = _command(
    "reject",
    """Leave an example out, now and whenever its words are made again.

    \b
    Examples:
      lore review reject 3fa9c1d2 --note 'outdated since version 2'
    """,
    "reject",
)
note = _command(
    "note",
    """Say something about an example, for whoever looks at it next; nothing is decided.

    \b
    Examples:
      lore review note 3fa9c1d2 --note 'ask the storage team'
    """,
    "note",
)


@click.command()
@click.argument("example_id", metavar="ID")
@click.option("--question", metavar="TEXT", help="What it is to ask; passages in the prompt stay.")
@click.option("--answer", metavar="TEXT", help="What it is to answer.")
@_note
@reviewer_option
@json_option
@with_session
def edit(
    session: Session,
    example_id: str,
    question: str | None,
    answer: str | None,
    note: str,
    reviewer: str,
    as_json: bool,
) -> None:
    """Say it better. Without --question and --answer your editor opens (VISUAL or EDITOR), or you are asked.

    \b
    Examples:
      lore review edit 3fa9c1d2
      lore review edit 3fa9c1d2 --answer 'Set `retries` on the operator.'
      EDITOR=nano lore review edit 3fa9c1d2
    """

    def rewrite(example: "Example") -> "tuple[Message, ...]":
        from lorewright.cli.review_form import edited
        from lorewright.cli.review_sitting import keys_of_terminal
        from lorewright.core.errors import ConfigError
        from lorewright.curation.editing import rewritten

        if question is None and answer is None:
            return edited(example, keys_of_terminal().line) or example.messages
        if not any(turn.role == "user" for turn in example.messages[:-1]):
            raise ConfigError(f"{example.id} has no question and answer.", f"lore review edit {example.id}")
        return rewritten(example, question=question, answer=answer)

    _keep(session, example_id, "edit", note=note, reviewer=reviewer, as_json=as_json, rewrite=rewrite)


@click.command()
@click.option("-n", "--count", default=1, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--dry-run", is_flag=True, help="Show what would be taken back, and take back nothing.")
@reviewer_option
@json_option
@with_session
def undo(session: Session, count: int, dry_run: bool, reviewer: str, as_json: bool) -> None:
    """Take back your last decision, or your last few; what was decided before holds again. The history keeps both.

    \b
    Examples:
      lore review undo
      lore review undo --count 20 --dry-run
    """
    from lorewright.cli.record_view import safe
    from lorewright.core.printable import one_line
    from lorewright.core.users import user_name
    from lorewright.stages.review_decide import last_of, take_back

    name = reviewer or user_name()
    decisions = last_of(session.workspace, reviewer=name, count=count)
    if not dry_run:
        decisions = [take_back(session.workspace, reviewer=name, number=one.number) for one in decisions]
    if as_json:
        plain = [one.model_dump(mode="json") for one in decisions]
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    would = "would be taken back" if dry_run else "taken back"
    for one in decisions:
        question = safe(one_line(one.seen.question)[:120])
        session.console.print(
            f"{would}: {one.decision} of {one.seen.example_id or one.key}  [dim]{question}[/dim]",
            soft_wrap=True,
        )
    session.console.print(f"[cyan]next:[/cyan] {'lore review undo' if dry_run else 'lore curate'}")


def _keep(
    session: Session,
    example_id: str,
    decision: "Decision",
    *,
    note: str,
    reviewer: str,
    as_json: bool,
    rewrite: Any = None,
) -> None:
    from lorewright.cli.review_view import print_decided
    from lorewright.core.users import user_name
    from lorewright.stages.review_decide import decide
    from lorewright.stages.review_examples import backgrounds_of, find_reviewable, reviewables

    one = find_reviewable(reviewables(session.workspace), example_id)
    decided = decide(
        session.workspace,
        one,
        decision,
        background=backgrounds_of(session.workspace, [one.example])[one.example.id],
        messages=rewrite(one.example) if rewrite else (),
        note=note,
        reviewer=reviewer or user_name(),
    )
    if as_json:
        click.echo(json.dumps(decided.model_dump(mode="json"), indent=2, ensure_ascii=False))
    else:
        print_decided(session.console, decided)
