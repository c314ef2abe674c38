"""review: people decide about examples, at the terminal or in other tools; decisions are kept for good."""

from collections import defaultdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from lorewright.cli.session import Session, with_session

if TYPE_CHECKING:
    from lorewright.cli.review_sitting import Table
    from lorewright.stages.review_examples import Reviewable
    from lorewright.store.decided import Decided

# command: (module:attribute, one line of help). Nothing here is imported for `lore review --help`.
COMMANDS = {
    "accept": ("review_decide:accept", "Keep an example whatever the filters say."),
    "edit": ("review_decide:edit", "Say it better: question, answer, or both."),
    "reject": ("review_decide:reject", "Leave an example out."),
    "note": ("review_decide:note", "Say something about an example and decide nothing."),
    "undo": ("review_decide:undo", "Take back your last decision."),
    "list": ("review_list:list_command", "Decisions, newest first."),
    "stats": ("review_list:stats_command", "What was decided; do filters and judge agree with people?"),
    "export": ("review_files:export_command", "Write decisions or examples to a CSV or JSONL file."),
    "import": ("review_files:import_command", "Take decisions in from such a file."),
    "push": ("review_argilla:push_command", "Send examples to an Argilla server."),
    "pull": ("review_argilla:pull_command", "Take in what people answered there."),
}


class ReviewGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return all names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"lorewright.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def choosing(function: Any) -> Any:
    """Add the options that choose which examples a person sees."""
    for option in reversed(
        (
            click.option(
                "--sample",
                type=click.Choice(["mixed", "edge", "rejected", "random", "low-score"]),
                default="mixed",
                show_default=True,
                help="What to look at first.",
            ),
            click.option("--task", default="", metavar="TASK", help="Only this task."),
            click.option(
                "--filter", "filter_name", default="", metavar="NAME", help="Only what this filter rejected."
            ),
        )
    ):
        function = option(function)
    return function


def reviewer_option(function: Any) -> Any:
    """Add `--reviewer`."""
    return click.option(
        "--reviewer",
        envvar="LORE_REVIEWER",
        default="",
        metavar="NAME",
        help="Who decides; your user name if left out.  [env: LORE_REVIEWER]",
    )(function)


@click.group(cls=ReviewGroup, invoke_without_command=True)
@choosing
@click.option(
    "--limit", default=40, show_default=True, type=click.IntRange(1), help="Examples in this sitting."
)
@reviewer_option
@with_session
def review(
    session: Session,
    sample: str,
    task: str,
    filter_name: str,
    limit: int,
    reviewer: str,
) -> None:
    """Look at examples one by one and accept, edit or reject them.

    What you decide outranks every filter, belongs to the words of the example, and holds whenever they are made again.
    Those already decided are not shown again, so stop and go on whenever you like. lore curate applies decisions.

    \b
    Examples:
      lore review
      lore review --sample rejected --limit 20
      lore review --filter near_duplicate
      lore review reject 3fa9c1d2 --note 'outdated since version 2'
      lore review export decisions.csv
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    from lorewright.cli.review_sitting import keys_of_terminal, sit

    table = _table(session, sample, task, filter_name, limit, reviewer)
    if not table.examples:
        session.console.print("Nothing is left to review here.")
        session.console.print("[cyan]next:[/cyan] lore review stats, or lore review --sample random")
        return
    sit(table, keys_of_terminal(), session.console)


def _table(session: Session, sample: Any, task: str, filter_name: str, limit: int, reviewer: str) -> "Table":
    from lorewright.cli.review_sitting import Table
    from lorewright.core.assessments import Decision
    from lorewright.core.records import Message
    from lorewright.core.users import user_name
    from lorewright.curation.reviewing import standing
    from lorewright.stages.review_decide import decide, take_back
    from lorewright.stages.review_examples import backgrounds_of, reviewables
    from lorewright.stages.review_queue import queue
    from lorewright.store.database import Database
    from lorewright.store.reviews import all_decisions

    workspace = session.workspace
    name = reviewer or user_name()
    everything = reviewables(workspace)
    decisions = all_decisions(Database(workspace.root))
    chosen = queue(
        everything, standing(decisions), sample=sample, task=task, filter_name=filter_name, limit=limit
    )
    wanted = {one.twin for one in chosen}
    behind = backgrounds_of(workspace, (one.example for one in chosen))
    before: dict[str, list[Decided]] = defaultdict(list)
    for decided in decisions:
        before[decided.key].append(decided)

    def keep(one: "Reviewable", decision: Decision, messages: tuple[Message, ...], note: str) -> "Decided":
        made = decide(
            workspace,
            one,
            decision,
            background=behind[one.example.id],
            messages=messages,
            note=note,
            reviewer=name,
        )
        before[one.key].append(made)
        return made

    def give_up(decided: "Decided") -> None:
        take_back(workspace, reviewer=name, number=decided.number)
        before[decided.key] = [
            one.model_copy(update={"undone": True}) if one.number == decided.number else one
            for one in before[decided.key]
        ]

    return Table(
        examples=chosen,
        evidence={name: one.evidence for name, one in behind.items()},
        before=before,
        twins={one.example.id: one.example for one in everything if one.example.id in wanted},
        decide=keep,
        take_back=give_up,
    )
