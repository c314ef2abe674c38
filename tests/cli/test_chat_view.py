"""A conversation keeps its history, survives errors and Ctrl-C, and shows its sources."""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from lorewright.cli.chat_commands import Partner, Surroundings, Talk
from lorewright.cli.chat_view import PROMPT, chat_loop
from lorewright.core.errors import NotFoundError, ProviderError
from lorewright.core.records import Message, Passage, Place
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.retrieval.answer import Answer, cite
from lorewright.stages.ask import Reply

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
        start=0,
        end=len(text),
    )


PASSAGES = (passage("Text of the first.", "first.md"), passage("Text of the second.", "second.md"))


def own_words(text: str = "", *, refused: bool = False) -> Answer:
    return Answer(
        question="How?",
        text=text,
        passages=PASSAGES,
        citations=cite(PASSAGES),
        support=0.1,
        min_support=0.2,
        refused=refused,
    )


def written(*pieces: str, passages: Sequence[Passage] = PASSAGES) -> Reply:
    return streamed(iter(pieces), passages)


def streamed(pieces: Iterator[str], passages: Sequence[Passage] = PASSAGES) -> Reply:
    empty = Answer(question="How?", text="", passages=tuple(passages), citations=cite(passages))
    return Reply(empty, pieces, "office/x")


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
        self.asked: list[tuple[str, str, Sequence[Message]]] = []

    def __call__(self, question: str, searched: str, history: Sequence[Message]) -> Reply:
        self.asked.append((question, searched, history))
        reply = self.replies.pop(0)
        if isinstance(reply, BaseException):
            raise reply
        return reply if isinstance(reply, Reply) else Reply(reply)


def surroundings(opened: list[str] | None = None) -> Surroundings:
    def partner(name: str) -> Partner:
        if name == "nobody/x":
            raise NotFoundError("No such model.", "lore doctor")
        return Partner(Script(written("From the other [1].")), f"Answers come from {name}.", 100)

    def open_passage(one: Passage) -> bool:
        if opened is not None:
            opened.append(one.path)
        return opened is not None

    return Surroundings("Questions to Tests", partner, open_passage)


def talk(
    script: Script, *lines: Line, history_chars: int = 1000, opened: list[str] | None = None
) -> tuple[list[str], str]:
    """Return the questions and answers in turn, and what was printed."""
    console = Console(file=io.StringIO(), width=80)
    state = Talk(Partner(script, "Answers come from a script.", history_chars))
    chat_loop(state, surroundings(opened), typed(*lines), console)
    said = [text for turn in state.turns for text in (turn.question, turn.answer)]
    return said, console.file.getvalue()  # type: ignore[attr-defined]


def stopping(*pieces: str) -> Iterator[str]:
    yield from pieces
    raise KeyboardInterrupt


def failing(*pieces: str) -> Iterator[str]:
    yield from pieces
    raise ProviderError("the model hung up", "look at its log")


def test_pieces_are_printed_as_they_come_with_the_citations_they_use_and_become_history() -> None:
    script = Script(written("Set ", "it [2]", ".\x1b[2J"), written("Yes.", passages=()))
    said, output = talk(script, " How do I set it up? ", "", "Are you really quite sure?")
    assert "Set it [2].[2J\n\n[2] second.md:1-2\nYes.\n" in output
    assert said == ["How do I set it up?", "Set it [2].\x1b[2J", "Are you really quite sure?", "Yes."]
    assert script.asked[0] == ("How do I set it up?", "How do I set it up?", [])
    assert script.asked[1][2] == [
        Message(role="user", content="How do I set it up?"),
        Message(role="assistant", content="Set it [2].\x1b[2J"),
    ]


def test_the_model_is_shown_the_last_turns_that_fit() -> None:
    script = Script(*[written("12345 [1]") for _ in range(4)])
    talk(script, "q1", "q2", "q3", "q4", history_chars=25)
    assert [[turn.content for turn in asked[2][::2]] for asked in script.asked] == [
        [],
        ["q1"],
        ["q1", "q2"],
        ["q2", "q3"],
    ]


def test_a_question_that_leans_on_another_is_searched_together_with_the_last_that_does_not() -> None:
    script = Script(*[written("So [1].") for _ in range(5)])
    alone, other = "How do I enable the night mode?", "Where are the log files kept?"
    _, output = talk(script, "and why?", alone, "and how do I disable it?", "why?", other)
    assert [asked[1] for asked in script.asked] == [
        "and why?",
        alone,
        f"{alone} and how do I disable it?",
        f"{alone} why?",
        other,
    ]
    assert [asked[0] for asked in script.asked][2] == "and how do I disable it?"
    assert output.count(f"(searched together with: {alone})") == 2


def test_an_answer_without_a_model_is_rendered_with_its_citations() -> None:
    said, output = talk(Script(own_words("So [1].")), "How?")
    assert "So [1].\n\n[1] first.md:1-2\n" in output
    assert said == ["How?", "So [1]."]


def test_a_refusal_shows_the_nearest_and_is_remembered_as_one() -> None:
    said, output = talk(
        Script(own_words(refused=True), written(RETRIEVAL.refusal)), "How?", "/sources 1", "Why?"
    )
    assert output.startswith(
        "Not in the documentation, as far as the index can tell (evidence 0.10, it takes 0.20;"
    )
    assert "Nearest:\n[1] first.md:1-2\n    Text of the first.\n[2] second.md" in output
    assert "office/x found no answer in what it was given.\nNearest:\n[1] first.md" in output
    assert said == ["How?", RETRIEVAL.refusal, "Why?", RETRIEVAL.refusal]


def test_a_model_that_writes_nothing_is_said_to_and_not_remembered() -> None:
    said, output = talk(Script(written(" ")), "How?")
    assert output.startswith("office/x wrote nothing.\nNearest:\n[1] first.md")
    assert said == []


def test_an_answer_that_is_broken_off_before_it_cites_is_not_blamed_for_it() -> None:
    _, output = talk(Script(streamed(stopping("Half an"))), "How?")
    assert output == "Half an\nStopped.\n"


def test_sources_of_the_last_answer_are_listed_and_shown() -> None:
    script = Script(written("Hm [1]."))
    _, output = talk(
        script, "/sources", "How?", "/sources", "/sources 2", "/sources 3", "/sources x", "/sources -1"
    )
    assert output.startswith("The last answer has no sources.\n")
    assert output.count("[1] first.md:1-2") == 2
    assert "[2] second.md:1-2\n    Text of the second.\n" in output
    for argument in ("3", "x", "-1"):
        assert f"There is no source {argument}; the last answer has 1 to 2." in output


def test_open_shows_the_file_of_a_passage_or_else_the_passage() -> None:
    opened: list[str] = []
    _, output = talk(
        Script(written("Hm [1].")), "/open", "How?", "/open 2", "/open", "/open 9", opened=opened
    )
    assert opened == ["second.md", "first.md"]
    assert "Text of" not in output
    assert "There is no source 9" in output
    _, printed = talk(Script(written("Hm [1].")), "How?", "/open 2")
    assert "[2] second.md:1-2\n    Text of the second.\n" in printed


def test_help_lists_the_commands_and_an_unknown_one_names_the_nearest() -> None:
    _, output = talk(Script(), "/help", "/hlep me", "/xyzzy", "/SOURCES", "/quti")
    for command in (
        "/sources [N]",
        "/open [N]",
        "/model [NAME]",
        "/save FILE",
        "/save! FILE",
        "/new",
        "/help",
        "/quit",
    ):
        assert f"\n{command} " in f"\n{output}"
    assert "There is no command /hlep. Did you mean /help? /help lists them." in output
    assert "There is no command /xyzzy. /help lists them." in output
    assert "Did you mean /quit?" in output
    assert "The last answer has no sources." in output


def test_new_forgets_the_conversation() -> None:
    script = Script(written("One [1]."), written("Two [1]."))
    said, output = talk(script, "How do I make one?", "/new", "/sources", "and two?")
    assert said == ["and two?", "Two [1]."]
    assert script.asked[1] == ("and two?", "and two?", [])
    assert "The last answer has no sources." in output


def test_the_model_is_named_and_changed_and_a_wrong_name_changes_nothing() -> None:
    script = Script(written("From the script [1]."))
    said, output = talk(script, "/model", "/model nobody/x", "How?", "/model office/y", "Why?")
    assert output.startswith(
        "Answers come from a script.\nNo such model.\nNext: lore doctor\nFrom the script [1]."
    )
    assert "Answers come from office/y.\nFrom the other [1]." in output.replace(
        "(searched together with: How?)\n", ""
    )
    assert said[1::2] == ["From the script [1].", "From the other [1]."]


def test_a_conversation_is_saved_and_never_over_another_file_unless_told(tmp_path: Path) -> None:
    page, lines = tmp_path / "talk.md", tmp_path / "talk.jsonl"
    script = Script(written("So [2]."), own_words("Thus [1]."))
    _, output = talk(
        script, "/save", f"/save {page}", "How?", f"/save {page}", "Why?", f"/save {page}", f"/save {lines}"
    )
    assert output.startswith("Name a file: /save talk.md")
    assert "There is nothing to save yet." in output
    assert f"1 question with answers saved to {page}." in output.replace("\n", " ").replace("  ", " ")
    assert f"{page} is there already." in output
    assert f"Next: /save! {page} replaces it, or give another name" in output
    assert "Why?" not in page.read_text()
    assert [json.loads(line)["role"] for line in lines.read_text().splitlines()] == ["user", "assistant"] * 2
    talk(Script(written("New [1].")), "Other?", f"/save! {page}")
    assert "## Other?" in page.read_text()


def test_quit_leaves_and_asks_nothing_more() -> None:
    for command in ("/quit", "/exit", "/q", "/QUIT"):
        assert talk(Script(), command, "never asked") == ([], "")


def test_ctrl_c_stops_an_answer_and_keeps_what_was_said() -> None:
    closed: list[str] = []

    def held() -> Iterator[str]:
        try:
            yield "Half"
            raise KeyboardInterrupt
        finally:
            closed.append("hung up")

    script = Script(streamed(held()), streamed(stopping()), KeyboardInterrupt(), written("Ok [1]."))
    said, output = talk(script, "1?", "2?", "3?", "4?")
    assert said == ["1?", "Half", "4?", "Ok [1]."]
    assert output.count("Stopped.") == 3
    assert closed == ["hung up"]


def test_a_stream_that_is_left_is_closed() -> None:
    class Pieces:
        closed = False

        def __iter__(self) -> "Pieces":
            return self

        def __next__(self) -> str:
            raise KeyboardInterrupt

        def close(self) -> None:
            self.closed = True

    pieces = Pieces()
    talk(Script(streamed(pieces)), "1?")
    assert pieces.closed


def test_ctrl_c_at_the_prompt_leaves_only_the_second_time_in_a_row() -> None:
    script = Script(written("Ok [1]."))
    said, output = talk(script, KeyboardInterrupt, "1?", KeyboardInterrupt, KeyboardInterrupt, "never asked")
    assert said == ["1?", "Ok [1]."]
    assert output.count("Ctrl-C again or /quit to leave.") == 2


def test_an_error_is_said_with_its_next_step_and_the_conversation_goes_on() -> None:
    broken = ProviderError("the model does not answer", hint="lore doctor")
    script = Script(broken, ProviderError("odd"), streamed(failing("Half [2]")), written("Ok [1]."))
    said, output = talk(script, "1?", "2?", "3?", "/sources 2", "4?")
    output = "".join(line for line in output.splitlines(keepends=True) if not line.startswith("(searched"))
    assert output.startswith(
        "the model does not answer\nNext: lore doctor\nodd\nHalf [2]\n\n[2] second.md:1-2\n"
    )
    assert "the model hung up\nNext: look at its log\n[2] second.md:1-2\n    Text of the second." in output
    assert said == ["4?", "Ok [1]."]
