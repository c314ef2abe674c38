"""What can be typed in a conversation besides questions: lines that begin with a slash."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lorewright.cli.ask_view import print_passage, render_citations, say
from lorewright.cli.transcript import Turn, save
from lorewright.cli.waiting import waiting
from lorewright.core.records import Message, Passage
from lorewright.retrieval.answer import cite
from lorewright.stages.ask import Reply

if TYPE_CHECKING:
    from rich.console import Console

LEAVE = ("/quit", "/exit", "/q")
Ask = Callable[[str, str, Sequence[Message]], Reply]


@dataclass(frozen=True)
class Partner:
    """Who answers.

    Attributes:
        ask: Called with a question, with what to search for, and with the messages before it.
        line: Who it is, for people.
        history_chars: Characters of the conversation that it is shown.
        searches: Whether passages are looked for.
        stemming: Of the index.
    """

    ask: Ask
    line: str
    history_chars: int
    searches: bool = True
    stemming: str = "english"


@dataclass(frozen=True)
class Surroundings:
    """What commands reach outside the conversation.

    Attributes:
        title: Heading of a saved conversation.
        partner: Returns who answers to a name.
        open_passage: Shows the file of a passage; False where there is none to show.
    """

    title: str
    partner: Callable[[str], Partner]
    open_passage: Callable[[Passage], bool]


@dataclass
class Talk:
    """A conversation as it stands.

    Attributes:
        partner: Who answers.
        turns: What was asked and answered.
        topic: The last question that stood by itself.
        passages: What the last answer was made of.
    """

    partner: Partner
    turns: list[Turn] = field(default_factory=list)
    topic: str = ""
    passages: Sequence[Passage] = ()


class _Command(NamedTuple):
    usage: str
    does: str
    run: "Callable[[str, Talk, Surroundings, Console], None]"


def run_command(line: str, talk: Talk, around: Surroundings, console: "Console") -> None:
    """Do what a line that begins with a slash says.

    Raises:
        LoreError: It cannot be done.
    """
    name, _, argument = line.partition(" ")
    command = _COMMANDS.get(name.lower())
    if command is not None:
        command.run(argument.strip(), talk, around, console)
        return
    near = get_close_matches(name.lower(), [*_COMMANDS, *LEAVE], n=1)
    say(
        f"There is no command {name}.{f' Did you mean {near[0]}?' if near else ''} /help lists them.", console
    )


def _help(_argument: str, _talk: Talk, _around: Surroundings, console: "Console") -> None:
    width = max(len(command.usage) for command in _COMMANDS.values())
    for command in _COMMANDS.values():
        say(f"{command.usage:<{width}}  {command.does}", console)
    say(f"{'/quit':<{width}}  leave (also Ctrl-D); Ctrl-C stops an answer", console)


def _new(_argument: str, talk: Talk, _around: Surroundings, console: "Console") -> None:
    talk.turns.clear()
    talk.topic, talk.passages = "", ()
    say("A new conversation.", console)


def _sources(argument: str, talk: Talk, _around: Surroundings, console: "Console") -> None:
    if not argument and talk.passages:
        render_citations(cite(talk.passages), console)
    elif (number := _numbered(argument, talk, console)) is not None:
        _show_passage(number, talk, console)


def _open(argument: str, talk: Talk, around: Surroundings, console: "Console") -> None:
    number = _numbered(argument or "1", talk, console)
    if number is not None and not around.open_passage(talk.passages[number - 1]):
        _show_passage(number, talk, console)


def _numbered(argument: str, talk: Talk, console: "Console") -> int | None:
    """Return the number of a source, or None when it has been said that there is none."""
    count = len(talk.passages)
    if not count:
        say("The last answer has no sources.", console)
        return None
    if argument.isdecimal() and 1 <= int(argument) <= count:
        return int(argument)
    say(f"There is no source {argument}; the last answer has 1 to {count}.", console)
    return None


def _show_passage(number: int, talk: Talk, console: "Console") -> None:
    render_citations([cite(talk.passages)[number - 1]], console)
    print_passage(talk.passages[number - 1], console)


def _model(argument: str, talk: Talk, around: Surroundings, console: "Console") -> None:
    if argument:
        with waiting(f"opening {argument}"):
            talk.partner = around.partner(argument)
    say(talk.partner.line, console)


def _save(argument: str, talk: Talk, around: Surroundings, console: "Console") -> None:
    _save_to(argument, talk, around, console, overwrite=False)


def _save_over(argument: str, talk: Talk, around: Surroundings, console: "Console") -> None:
    _save_to(argument, talk, around, console, overwrite=True)


def _save_to(argument: str, talk: Talk, around: Surroundings, console: "Console", *, overwrite: bool) -> None:
    if not argument:
        say("Name a file: /save talk.md, or /save talk.jsonl to go on with later.", console)
        return
    if not talk.turns:
        say("There is nothing to save yet.", console)
        return
    path = Path(argument).expanduser()
    save(talk.turns, path, title=around.title, overwrite=overwrite)
    count = len(talk.turns)
    say(f"{count} question{'' if count == 1 else 's'} with answers saved to {path}.", console)


_COMMANDS = {
    "/sources": _Command(
        "/sources [N]", "list the passages of the last answer, or show passage N whole", _sources
    ),
    "/open": _Command("/open [N]", "open the file of passage N at its line, in $PAGER or $EDITOR", _open),
    "/model": _Command("/model [NAME]", "say who answers, or change it: PROVIDER/MODEL, own or none", _model),
    "/save": _Command(
        "/save FILE", "write the conversation: Markdown, or messages if FILE ends in .jsonl", _save
    ),
    "/save!": _Command("/save! FILE", "the same, over a file that is there", _save_over),
    "/new": _Command("/new", "forget the conversation so far", _new),
    "/help": _Command("/help", "show this", _help),
}
