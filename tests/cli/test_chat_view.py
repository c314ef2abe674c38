"""A conversation keeps its history, survives errors and Ctrl-C, and shows its sources."""

import io
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from lorewright.cli.chat_view import PROMPT, Reply, chat_loop
from lorewright.core.errors import ProviderError
from lorewright.core.records import Message, Passage, Place
from lorewright.retrieval.answer import Answer, cite

Line = str | type[BaseException]


def passage(text: str, path: str) -> Passage:
    return Passage(
        chunk_id=path,
        document_id=path,
        text=text,
        score=1.0,
        source="docs",
        path=path,
        kind="markdown",
        title="",
        place=Place(unit="line", first=1, last=2),
    )


PASSAGES = (passage("Text of the first.", "first.md"), passage("Text of the second.", "second.md"))


def typed(*lines: Line) -> Callable[[str], str]:
    left = iter(lines)

    def read(prompt: str) -> str:
        assert prompt == PROMPT
        line = next(left, EOFError)
        if isinstance(line, str):
            return line
        raise line

    return read


class Script:
    """Answers with what it was told to, and remembers what it was asked with."""

    def __init__(self, *replies: Answer | Reply | BaseException) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, Sequence[Message]]] = []

    def __call__(self, question: str, history: Sequence[Message]) -> Answer | Reply:
        self.asked.append((question, history))
        reply = self.replies.pop(0)
        if isinstance(reply, BaseException):
            raise reply
        return reply


def talk(script: Script, *lines: Line) -> tuple[list[Message], str]:
    console = Console(file=io.StringIO(), width=80)
    history = chat_loop(script, typed(*lines), console)
    return history, console.file.getvalue()  # type: ignore[attr-defined]


def stopping(*pieces: str) -> Iterator[str]:
    yield from pieces
    raise KeyboardInterrupt


def texts(messages: Sequence[Message]) -> list[str]:
    return [message.content for message in messages]


def test_pieces_are_printed_as_they_come_with_the_citations_they_use_and_become_history() -> None:
    script = Script(Reply(iter(["Set ", "it [2]", ".\x1b[2J"]), PASSAGES), Reply(iter(["Yes."])))
    history, output = talk(script, " How? ", "", "Sure?")
    assert "Set it [2].[2J\n[2] second.md:1-2\nYes.\n" in output
    assert texts(history) == ["How?", "Set it [2].\x1b[2J", "Sure?", "Yes."]
    assert [message.role for message in history] == ["user", "assistant"] * 2
    assert [(question, len(before)) for question, before in script.asked] == [("How?", 0), ("Sure?", 2)]


def test_an_answer_without_a_model_is_rendered_with_its_citations() -> None:
    answer = Answer(question="How?", text="So [1].", passages=PASSAGES, citations=cite(PASSAGES))
    history, output = talk(Script(answer), "How?")
    assert "So [1].\n\n[1] first.md:1-2\n" in output
    assert texts(history) == ["How?", "So [1]."]


def test_sources_of_the_last_answer_are_listed_and_shown() -> None:
    script = Script(Reply(iter(["Hm."]), PASSAGES))
    _, output = talk(
        script, "/sources", "How?", "/sources", "/sources 2", "/sources 3", "/sources x", "/sources -1"
    )
    assert output.startswith("The last answer has no sources.\n")
    assert output.count("[1] first.md:1-2") == 2
    assert "[2] second.md:1-2\nText of the second.\n" in output
    for argument in ("3", "x", "-1"):
        assert f"no source {argument}; the last answer has 1 to 2" in output


def test_help_lists_the_commands_and_an_unknown_one_names_it() -> None:
    _, output = talk(Script(), "/help", "/hlep me")
    for command in ("/sources N", "/new", "/help", "/quit"):
        assert command in output
    assert "no command /hlep me; /help lists them" in output


def test_new_forgets_the_conversation() -> None:
    script = Script(Reply(iter(["One."]), PASSAGES), Reply(iter(["Two."])))
    history, output = talk(script, "1?", "/new", "/sources", "2?")
    assert texts(history) == ["2?", "Two."]
    assert script.asked[1] == ("2?", ())
    assert "The last answer has no sources." in output


def test_quit_leaves_and_asks_nothing_more() -> None:
    for command in ("/quit", "/exit", "/q"):
        assert talk(Script(), command, "never asked") == ([], "")


def test_ctrl_c_stops_an_answer_and_keeps_what_was_said() -> None:
    script = Script(
        Reply(stopping("Half an"), PASSAGES), Reply(stopping()), KeyboardInterrupt(), Reply(iter(["Ok."]))
    )
    history, output = talk(script, "1?", "2?", "3?", "4?")
    assert texts(history) == ["1?", "Half an", "4?", "Ok."]
    assert output.count("stopped") == 3


def test_ctrl_c_at_the_prompt_leaves_only_the_second_time_in_a_row() -> None:
    script = Script(Reply(iter(["Ok."])))
    history, output = talk(
        script, KeyboardInterrupt, "1?", KeyboardInterrupt, KeyboardInterrupt, "never asked"
    )
    assert texts(history) == ["1?", "Ok."]
    assert output.count("Ctrl-C again or /quit to leave") == 2


def test_an_error_is_said_with_its_next_step_and_the_conversation_goes_on() -> None:
    failing = ProviderError("the model does not answer", hint="lore doctor")
    history, output = talk(Script(failing, ProviderError("odd"), Reply(iter(["Ok."]))), "1?", "2?", "3?")
    assert "the model does not answer\nNext: lore doctor\nodd\nOk.\n" in output
    assert texts(history) == ["3?", "Ok."]
