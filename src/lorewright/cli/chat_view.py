"""A conversation on a terminal: read a question, print the answer, keep the history."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lorewright.cli.ask_view import cited, print_text, printable, render_answer, render_citations
from lorewright.core.errors import LoreError
from lorewright.core.records import Message, Passage
from lorewright.retrieval.answer import Answer, cite

if TYPE_CHECKING:
    from rich.console import Console

PROMPT = "> "
HELP = """/sources    list the passages of the last answer
/sources N  show passage N of the last answer
/new        forget the conversation so far
/help       show this
/quit       leave (also Ctrl-D); Ctrl-C stops an answer"""


@dataclass(frozen=True)
class Reply:
    """A model's answer as it is being written.

    Attributes:
        pieces: Its text, piece by piece.
        passages: What it was given to read, numbered as in its prompt.
    """

    pieces: Iterator[str]
    passages: Sequence[Passage] = ()


Ask = Callable[[str, Sequence[Message]], Answer | Reply]


@dataclass
class _Conversation:
    history: list[Message] = field(default_factory=list)
    passages: Sequence[Passage] = ()


def chat_loop(ask: Ask, read: Callable[[str], str], console: "Console") -> list[Message]:
    """Hold a conversation until its user leaves, and return it as messages.

    A question that fails is reported and forgotten, and the conversation goes on; an answer stopped by Ctrl-C
    is kept as far as it came. Ctrl-C at the prompt asks once whether to leave.

    Args:
        ask: Called with a question and the messages before it.
        read: Called with a prompt, returns a line; EOFError ends the conversation. `input` will do.
        console: Where everything is printed.
    """
    talk = _Conversation()
    warned = False
    while True:
        try:
            line = read(PROMPT).strip()
        except EOFError:
            return talk.history
        except KeyboardInterrupt:
            if warned:
                return talk.history
            warned = True
            _say("Ctrl-C again or /quit to leave", console)
            continue
        warned = False
        if line in ("/quit", "/exit", "/q"):
            return talk.history
        if line.startswith("/"):
            _command(line, talk, console)
        elif line:
            _turn(line, ask, talk, console)


def _turn(question: str, ask: Ask, talk: _Conversation, console: "Console") -> None:
    try:
        reply = ask(question, tuple(talk.history))
        talk.passages = reply.passages
        text = _print_answer(reply, console) if isinstance(reply, Answer) else _print_reply(reply, console)
    except KeyboardInterrupt:
        _say("stopped", console)
        return
    except LoreError as error:
        _say(error.message, console)
        if error.hint:
            _say(f"Next: {error.hint}", console)
        return
    if text:
        talk.history += [Message(role="user", content=question), Message(role="assistant", content=text)]


def _print_answer(answer: Answer, console: "Console") -> str:
    render_answer(answer, console)
    return answer.text


def _print_reply(reply: Reply, console: "Console") -> str:
    said: list[str] = []
    stopped = False
    try:
        for piece in reply.pieces:
            said.append(piece)
            console.print(printable(piece), end="", markup=False, highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        stopped = True
    console.print()
    if stopped:
        _say("stopped", console)
    text = "".join(said).strip()
    render_citations(cited(text, cite(reply.passages)), console)
    return text


def _command(line: str, talk: _Conversation, console: "Console") -> None:
    name, _, argument = line.partition(" ")
    if name == "/help":
        _say(HELP, console)
    elif name == "/new":
        talk.history.clear()
        talk.passages = ()
        _say("A new conversation.", console)
    elif name == "/sources":
        _sources(argument.strip(), talk.passages, console)
    else:
        _say(f"no command {line}; /help lists them", console)


def _sources(argument: str, passages: Sequence[Passage], console: "Console") -> None:
    if not passages:
        _say("The last answer has no sources.", console)
    elif not argument:
        render_citations(cite(passages), console)
    elif argument.isdecimal() and 1 <= int(argument) <= len(passages):
        number = int(argument)
        render_citations([cite(passages)[number - 1]], console)
        print_text(passages[number - 1].text, console)
    else:
        _say(f"no source {argument}; the last answer has 1 to {len(passages)}", console)


def _say(text: str, console: "Console") -> None:
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
