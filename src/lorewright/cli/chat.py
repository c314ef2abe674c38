"""A conversation set up: who answers, what was said before, and where lines come from."""

import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from lorewright.cli import question_history
from lorewright.cli.ask_view import say
from lorewright.cli.chat_commands import Partner, Surroundings, Talk
from lorewright.cli.chat_view import chat_loop
from lorewright.cli.open_file import local_file, show, viewer
from lorewright.cli.session import Session
from lorewright.cli.transcript import Turn, resume
from lorewright.cli.waiting import waiting
from lorewright.core.errors import ConfigError
from lorewright.core.records import Message, Passage
from lorewright.retrieval.follow_ups import stands_alone
from lorewright.stages.answer_models import AnswerModel, answer_model
from lorewright.stages.ask import Reply, Retriever, Scope, open_retriever, reply
from lorewright.stages.settings import Settings


@dataclass(frozen=True)
class _Setting:
    """What does not change while people talk."""

    session: Session
    settings: Settings
    retriever: Retriever | None
    count: int | None
    scope: Scope


def converse(
    session: Session,
    settings: Settings,
    *,
    model: str | None,
    count: int | None,
    scope: Scope,
    no_passages: bool,
    resumed: str | None,
) -> None:
    """Hold a conversation about a project's documents on this terminal, or with lines from a pipe.

    Args:
        session: Of the command.
        settings: Of the project.
        model: Who answers, as `answer_model` takes it.
        count: Passages an answer is made of; by default what the settings say.
        scope: Where to look.
        no_passages: Ask the model without showing it any.
        resumed: A file of messages to go on with.

    Raises:
        LoreError: There is no index, no such model, or no such file of messages.
    """
    turns = resume(Path(resumed).expanduser()) if resumed else []
    with waiting("opening the index"):
        retriever = None if no_passages else open_retriever(session.workspace, settings)
        setting = _Setting(session, settings, retriever, count, scope)
        partner = _partner(setting, model)
    interactive = sys.stdin.isatty()
    if interactive:
        _greet(session, partner, turns)
    around = Surroundings(
        title=f"Questions to {settings.project.name}",
        partner=lambda name: _partner(setting, name),
        open_passage=lambda passage: interactive and sys.stdout.isatty() and _open(setting, passage),
    )
    topic = next((turn.question for turn in reversed(turns) if stands_alone(turn.question)), "")
    past = session.workspace.root / question_history.FILE
    talk = Talk(partner, turns, topic)
    chat_loop(talk, around, _reader(past) if interactive else _pipe(), session.console)
    question_history.shorten(past)


def _greet(session: Session, partner: Partner, turns: Sequence[Turn]) -> None:
    said = f" Resumed after {len(turns)} questions." if turns else ""
    say(f"{partner.line}{said} /help lists commands, /quit leaves.", session.console, style="dim")


def _partner(setting: _Setting, name: str | None) -> Partner:
    """Return who answers to a name.

    Raises:
        ConfigError: Nobody could answer, or the name cannot be used.
        NotFoundError: There is no such model.
    """
    settings, retriever = setting.settings, setting.retriever
    model = answer_model(setting.session.workspace, settings, name)
    if model is None and retriever is None:
        raise ConfigError(
            "With --no-passages a model must answer, and there is none.", "lore chat --model PROVIDER/MODEL"
        )
    shown = setting.count or (model or settings.ask).passages

    def ask(question: str, searched: str, history: Sequence[Message]) -> Reply:
        return reply(retriever, model, question, history, k=shown, scope=setting.scope, searched=searched)

    return Partner(
        ask,
        _line(model, name or settings.ask.model, shown=shown if retriever else 0),
        history_chars=model.context_chars if model else 0,
        searches=retriever is not None,
        stemming=retriever.index.stemming if retriever else "english",
    )


def _line(model: AnswerModel | None, name: str, *, shown: int) -> str:
    if model is None:
        why = "" if name else "; no model is trained yet (lore plan)"
        return f"Answers are the documents' own words{why}."
    passages = f"{shown} passage{'' if shown == 1 else 's'}" if shown else "no passages"
    return f"Answers come from {model.name}, shown {passages}."


def _open(setting: _Setting, passage: Passage) -> bool:
    file = local_file(passage, setting.settings.sources, setting.session.workspace.project_dir)
    if file is None or passage.place.unit != "line":
        return False
    command = viewer(file, passage.place.first, os.environ)
    if command is None:
        return False
    show(command)
    return True


def _reader(past: Path) -> Callable[[str], str]:
    """Return what reads a line from a person, with the questions of other days behind the arrow keys."""
    question_history.shorten(past)
    question_history.recall(past)

    def read(prompt: str) -> str:
        try:
            if not sys.stdout.isatty():
                click.echo(prompt, nl=False, err=True)
            line = input(prompt if sys.stdout.isatty() else "")
        except (EOFError, KeyboardInterrupt):
            click.echo(err=True)
            raise
        if line.strip() and not line.strip().startswith("/"):
            question_history.remember(past, line)
        return line

    return read


def _pipe() -> Callable[[str], str]:
    """Return what reads a line from a program, without a prompt."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return lambda _prompt: input()
