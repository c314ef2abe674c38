"""search, ask, chat: questions to the documents."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lorewright.cli.session import Session, json_option, with_session

if TYPE_CHECKING:
    from lorewright.core.records import Message
    from lorewright.retrieval.answer import Answer

F = TypeVar("F", bound=Callable[..., Any])


def _filters(function: F) -> F:
    for option in (
        click.option(
            "--path", default="", metavar="GLOB", help="Only documents whose path fits, e.g. 'core/**'."
        ),
        click.option(
            "--source", "sources", multiple=True, metavar="NAME", help="Only this source. Repeatable."
        ),
        click.option(
            "--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind, e.g. rest. Repeatable."
        ),
        click.option(
            "-k", "count", default=5, show_default=True, type=click.IntRange(1, 100), help="Passages."
        ),
    ):
        function = option(function)
    return function


@click.command()
@click.argument("words", nargs=-1, required=True)
@_filters
@json_option
@with_session
def search(
    session: Session,
    words: tuple[str, ...],
    count: int,
    kinds: tuple[str, ...],
    sources: tuple[str, ...],
    path: str,
    as_json: bool,
) -> None:
    """Print the passages that fit some words best, with file and lines.

    \b
    Examples:
      lore search retry delay
      lore search "memory limit" --kind markdown -k 10
      lore search timeout --json | jq -r '.[].path'
    """
    from lorewright.cli.ask_view import render_passages
    from lorewright.stages.ask import Filters, find, open_newest

    found = find(
        open_newest(session.workspace), " ".join(words), k=count, filters=Filters(kinds, sources, path)
    )
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2, ensure_ascii=False))
    else:
        render_passages(found, session.console)


@click.command()
@click.argument("question", nargs=-1, required=True)
@_filters
@json_option
@with_session
def ask(
    session: Session,
    question: tuple[str, ...],
    count: int,
    kinds: tuple[str, ...],
    sources: tuple[str, ...],
    path: str,
    as_json: bool,
) -> None:
    """Answer a question in the documents' own words, with citations. No model is needed.

    \b
    Examples:
      lore ask "How do I retry a task?"
      lore ask "What does max_bytes do?" --path 'reference/**'
      lore ask "How do I retry a task?" --json | jq .citations
    """
    from lorewright.cli.ask_view import answer_json, render_answer
    from lorewright.stages.ask import Filters, answer_from_passages, open_newest

    opened = open_newest(session.workspace)
    found = answer_from_passages(opened, " ".join(question), k=count, filters=Filters(kinds, sources, path))
    if as_json:
        click.echo(json.dumps(answer_json(found), indent=2, ensure_ascii=False))
    else:
        render_answer(found, session.console)


@click.command()
@click.option("--no-model", is_flag=True, help="Answer with the best passages alone.")
@click.option("--no-passages", is_flag=True, help="Ask the model without showing it passages.")
@click.option(
    "-k", "count", default=3, show_default=True, type=click.IntRange(1, 20), help="Passages an answer."
)
@with_session
def chat(session: Session, no_model: bool, no_passages: bool, count: int) -> None:
    """Talk to the documents: your own model with retrieval once there is one, the best passages until then.

    \b
    Examples:
      lore chat
      lore chat --no-model
      echo "What is a provider?" | lore chat --no-model
    """
    from lorewright.cli.chat_view import chat_loop

    respond, name = _responder(session, no_model, no_passages, count)
    session.console.print(f"[dim]{name}. /help lists commands, /quit leaves.[/dim]")
    chat_loop(respond, input, session.console)


def _responder(session: Session, no_model: bool, no_passages: bool, count: int) -> "tuple[Any, str]":
    from lorewright.cli.chat_view import Reply
    from lorewright.core.records import Message as Turn
    from lorewright.stages.ask import (
        Filters,
        answer_from_passages,
        find,
        open_newest,
        own_model,
        with_passages,
    )

    workspace = session.workspace
    settings = session.settings()
    opened = None if no_passages else open_newest(workspace)
    model = None if no_model else own_model(workspace, threads=settings.training.threads)
    if model is None:
        searched = opened or open_newest(workspace)

        def from_passages(question: str, _history: "Sequence[Message]") -> "Answer":
            return answer_from_passages(searched, question, k=count, filters=Filters())

        why = "" if no_model else "; no model is trained yet (lore plan)"
        return from_passages, f"Answers are the documents' own words{why}"
    name, stream = model

    def from_model(question: str, history: "Sequence[Message]") -> Reply:
        passages = find(opened, question, k=count, filters=Filters()) if opened else []
        turn = (
            with_passages(question, passages, settings.evaluation)
            if passages
            else Turn(role="user", content=question)
        )
        return Reply(stream([*history, turn], settings.evaluation.max_new_tokens), passages)

    return from_model, f"Answers come from {name}{'' if no_passages else ' with retrieval'}"
