"""search, ask, chat: questions to the documents."""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lorewright.cli.session import Session, json_option, with_session

if TYPE_CHECKING:
    from lorewright.stages.ask import Reply, Scope

F = TypeVar("F", bound=Callable[..., Any])
MODES = ("full-text", "dense", "hybrid")


def _scope_options(function: F) -> F:
    """Add the options that say where and how to look, and hand them on as one `scope`."""

    @wraps(function)
    def wrapper(
        *args: Any, kinds: tuple[str, ...], sources: tuple[str, ...], path: str, mode: Any, **values: Any
    ) -> Any:
        from lorewright.retrieval.filters import Filters
        from lorewright.stages.ask import Scope

        return function(*args, scope=Scope(Filters(kinds, sources, path), mode), **values)

    options = (
        click.option(
            "--mode", type=click.Choice(MODES), help="How to look; default: the best the index has."
        ),
        click.option("--path", default="", metavar="GLOB", help="Only paths that fit, e.g. 'core/**'."),
        click.option(
            "--source", "sources", multiple=True, metavar="NAME", help="Only this source. Repeatable."
        ),
        click.option(
            "--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind, e.g. rest. Repeatable."
        ),
    )
    made: Any = wrapper
    for option in options:
        made = option(made)
    return made  # type: ignore[no-any-return]


def _answer_options(function: F) -> F:
    """Add the options that say who answers, and from how much."""
    options = (
        click.option(
            "--min-evidence",
            type=click.FloatRange(0, 1),
            help="Evidence an answer takes, from 0 to 1; 0 never refuses. Default: ask.min_evidence of lore.toml, "
            "or what the index has learned of itself.",
        ),
        click.option("--no-model", is_flag=True, help="Answer in the documents' own words."),
        click.option(
            "--model", metavar="NAME", help="Who writes the answers: PROVIDER/MODEL, own (yours) or none."
        ),
        click.option(
            "-k",
            "count",
            type=click.IntRange(1, 100),
            help="Passages an answer is made of. Default: what lore.toml says.",
        ),
    )
    for option in options:
        function = option(function)
    return function


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("-k", "count", default=5, show_default=True, type=click.IntRange(1, 100), help="Passages.")
@_scope_options
@json_option
@with_session
def search(session: Session, words: tuple[str, ...], count: int, scope: "Scope", as_json: bool) -> None:
    """Print the passages that fit some words best, with file and lines.

    Without --mode the search is by words and by meaning where lore.toml names an index.embedder, else by words.

    \b
    Examples:
      lore search retry delay
      lore search "memory limit" --kind markdown -k 10
      lore search how to start again --mode dense
      lore search timeout --json | jq -r '.[].label'
    """
    from lorewright.cli.ask_view import NOTHING_FOUND, passages_json, render_passages, say
    from lorewright.cli.waiting import waiting
    from lorewright.stages.ask import open_retriever

    query = " ".join(words)
    with waiting("searching"):
        retriever = open_retriever(session.workspace, session.settings())
        found = retriever.find(query, k=count, filters=scope.filters, mode=scope.mode)
    if as_json:
        click.echo(json.dumps(passages_json(found), indent=2, ensure_ascii=False))
    elif found:
        render_passages(found, session.console, query=query, stemming=retriever.index.stemming)
    else:
        say(NOTHING_FOUND, session.console)
        _say_what_to_try(session, scope, retriever.index.modes)


@click.command()
@click.argument("question", nargs=-1, required=True)
@_answer_options
@_scope_options
@click.option("--sources", "whole", is_flag=True, help="Print each passage that is cited, whole.")
@json_option
@with_session
def ask(
    session: Session,
    question: tuple[str, ...],
    count: int | None,
    model: str | None,
    no_model: bool,
    min_evidence: float | None,
    scope: "Scope",
    whole: bool,
    as_json: bool,
) -> None:
    """Answer a question from the documents, with citations.

    A model writes the answer if --model or ask.model of lore.toml names one; otherwise it is made of the documents'
    own words. A question that the documents do not seem to answer is refused, with the nearest passages; that too
    exits with 0, and --json says "refused": true.

    \b
    Examples:
      lore ask "How do I retry a task?"
      lore ask "What does max_bytes do?" --path 'reference/**' --sources
      lore ask "How do I retry a task?" --model office/qwen3
      lore ask "How do I retry a task?" --json | jq .answer
    """
    from lorewright.cli.waiting import waiting
    from lorewright.stages.answer_models import answer_model
    from lorewright.stages.ask import open_retriever, reply

    asked = " ".join(question)
    with waiting("searching"):
        settings = _settings(session, min_evidence)
        name = _model_name(model, no_model=no_model) or settings.ask.model or "none"
        writer = answer_model(session.workspace, settings, name)
        retriever = open_retriever(session.workspace, settings)
        shown = count or (writer or settings.ask).passages
        found = reply(retriever, writer, asked, k=shown, scope=scope)
    if as_json:
        _print_json(found)
        return
    _tell(session, found, stemming=retriever.index.stemming, whole=whole)
    if not found.answer.passages:
        _say_what_to_try(session, scope, retriever.index.modes)


@click.command()
@_answer_options
@_scope_options
@click.option("--no-passages", is_flag=True, help="Ask the model without showing it passages.")
@click.option("--resume", metavar="FILE", help="Go on with a conversation that /save wrote to a .jsonl file.")
@with_session
def chat(
    session: Session,
    count: int | None,
    model: str | None,
    no_model: bool,
    min_evidence: float | None,
    scope: "Scope",
    no_passages: bool,
    resume: str | None,
) -> None:
    """Talk to the documents.

    The model of --model or ask.model answers, or else your own trained one with retrieval, or, until there is one,
    the best passages. A question that leans on the one before ("and how do I disable it?") is searched together
    with it. /help lists what can be typed besides questions; Ctrl-C stops an answer.

    \b
    Examples:
      lore chat
      lore chat --model office/qwen3 --path 'admin/**'
      lore chat --resume talk.jsonl
      echo "What is a provider?" | lore chat --no-model
    """
    from lorewright.cli.chat import converse

    converse(
        session,
        _settings(session, min_evidence),
        model=_model_name(model, no_model=no_model),
        count=count,
        scope=scope,
        no_passages=no_passages,
        resumed=resume,
    )


def _settings(session: Session, min_evidence: float | None) -> Any:
    return session.settings(() if min_evidence is None else (f"ask.min_evidence={min_evidence}",))


def _model_name(model: str | None, *, no_model: bool) -> str | None:
    if no_model and model is not None:
        raise click.UsageError(f"--no-model and --model {model} exclude each other.")
    return "none" if no_model else model


def _print_json(found: "Reply") -> None:
    from lorewright.cli.ask_view import answer_json
    from lorewright.cli.telling import hung_up
    from lorewright.cli.waiting import waiting
    from lorewright.stages.ask import finished

    answer = found.answer
    if found.pieces is not None:
        with waiting(f"{found.model} is writing"), hung_up(found.pieces):
            answer = finished(found, "".join(found.pieces).strip())
    click.echo(json.dumps(answer_json(answer, model=found.model), indent=2, ensure_ascii=False))


def _tell(session: Session, found: "Reply", *, stemming: str, whole: bool) -> None:
    from lorewright.cli.failures import EXIT_INTERRUPTED
    from lorewright.cli.telling import tell

    told = tell(found, session.console, stemming=stemming, whole=whole)
    if told.failure:
        raise told.failure
    if told.stopped:
        click.echo("Stopped.", err=True)
        raise SystemExit(EXIT_INTERRUPTED)


def _say_what_to_try(session: Session, scope: "Scope", modes: Sequence[str]) -> None:
    from lorewright.cli.ask_view import say
    from lorewright.retrieval.filters import EVERYWHERE

    tries = ["other words, such as the documents might use"]
    if scope.filters != EVERYWHERE:
        tries.insert(0, "the same without --kind, --source and --path")
    if len(modes) == 1:
        tries.append("search by meaning: set index.embedder in lore.toml, then lore index")
    say("\n".join(f"  try: {one}" for one in tries), session.console)
