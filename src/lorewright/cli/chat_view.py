"""A conversation on a terminal: read a question, print the answer, keep the history."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lorewright.cli.ask_view import say
from lorewright.cli.chat_commands import LEAVE, Surroundings, Talk, run_command
from lorewright.cli.telling import Told, tell
from lorewright.cli.transcript import Turn, messages_of
from lorewright.cli.waiting import waiting
from lorewright.core.errors import LoreError
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.retrieval.citing import cited
from lorewright.retrieval.follow_ups import stands_alone

if TYPE_CHECKING:
    from rich.console import Console

PROMPT = "> "


def chat_loop(talk: Talk, around: Surroundings, read: Callable[[str], str], console: "Console") -> None:
    """Hold a conversation until its user leaves.

    A question that fails is reported and forgotten, and the conversation goes on; an answer stopped by Ctrl-C
    is kept as far as it came. Ctrl-C at the prompt asks once whether to leave.

    Args:
        talk: The conversation so far; it grows.
        around: What commands reach.
        read: Called with a prompt, returns a line; EOFError ends the conversation. `input` will do.
        console: Where everything is printed.
    """
    warned = False
    while True:
        try:
            line = read(PROMPT).strip()
        except EOFError:
            return
        except KeyboardInterrupt:
            if warned:
                return
            warned = True
            say("Ctrl-C again or /quit to leave.", console)
            continue
        warned = False
        if line.lower() in LEAVE:
            return
        if line:
            _answer(line, talk, around, console)
            if console.is_terminal:
                console.print()


def _answer(line: str, talk: Talk, around: Surroundings, console: "Console") -> None:
    try:
        if line.startswith("/"):
            run_command(line, talk, around, console)
        else:
            _turn(line, talk, console)
    except KeyboardInterrupt:
        say("Stopped.", console)
    except LoreError as error:
        _report(error, console)


def _turn(question: str, talk: Talk, console: "Console") -> None:
    searched = _searched(question, talk, console)
    history = messages_of(talk.turns, max_chars=talk.partner.history_chars)
    with waiting("searching"):
        reply = talk.partner.ask(question, searched, history)
    talk.passages = reply.answer.passages
    told = tell(reply, console, stemming=talk.partner.stemming)
    if told.stopped:
        say("Stopped.", console)
    if told.failure:
        _report(told.failure, console)
    elif told.answer.text or reply.pieces is None:
        talk.turns.append(_as_turn(question, reply.model, told))


def _searched(question: str, talk: Talk, console: "Console") -> str:
    """Return what to search for: the question, together with what it leans on."""
    if not talk.topic or stands_alone(question):
        talk.topic = question
        return question
    if talk.partner.searches:
        say(f"(searched together with: {talk.topic})", console, style="dim")
    return f"{talk.topic} {question}"


def _as_turn(question: str, model: str, told: Told) -> Turn:
    answer = told.answer
    if not answer.text:
        return Turn(question=question, answer=RETRIEVAL.refusal)
    citations = () if answer.refused else tuple(cited(answer.text, answer.citations))
    return Turn(question=question, answer=answer.text, citations=citations, model=model)


def _report(error: LoreError, console: "Console") -> None:
    say(error.message, console, style="red")
    if error.hint:
        say(f"Next: {error.hint}", console)
