"""Answers are shown with their citations, whole, and harmless to the terminal."""

import io
import json

from rich.console import Console

from lorewright.cli.ask_view import NOTHING_FOUND, answer_json, render_answer, render_passages
from lorewright.core.records import Passage, Place
from lorewright.retrieval.answer import Answer, cite


def passage(text: str, *, path: str = "core/tasks.rst", commit: str = "") -> Passage:
    return Passage(
        chunk_id="c1",
        document_id="d1",
        text=text,
        score=1.0,
        source="docs",
        path=path,
        kind="rest",
        title="Tasks",
        headings=("Tasks", "Retries [old]"),
        place=Place(unit="line", first=88, last=104),
        commit=commit,
    )


def an_answer(text: str, *passages: Passage) -> Answer:
    return Answer(question="How?", text=text, passages=passages, citations=cite(passages))


def shown(answer: Answer, *, terminal: bool = False, width: int = 80) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, no_color=True, width=width)
    render_answer(answer, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_the_answer_comes_first_and_then_a_line_for_each_citation_it_uses() -> None:
    answer = an_answer(
        "Set `retries` [1].", passage("a", commit="0123456789abcdef"), passage("b", path="unused.md")
    )
    assert shown(answer) == (
        "Set `retries` [1].\n\n[1] core/tasks.rst:88-104  Tasks › Retries [old]  (0123456789)\n"
    )


def test_an_answer_without_marks_shows_all_citations() -> None:
    output = shown(an_answer("Set it.", passage("a"), passage("b", path="second.md")))
    assert "[1] core/tasks.rst:88-104" in output
    assert "[2] second.md:88-104" in output


def test_nothing_found_is_said() -> None:
    assert shown(an_answer("")) == NOTHING_FOUND + "\n"
    console = Console(file=io.StringIO())
    render_passages([], console)
    assert console.file.getvalue() == NOTHING_FOUND + "\n"  # type: ignore[attr-defined]


def test_a_long_line_is_not_broken_where_the_output_is_read_by_a_program() -> None:
    output = shown(an_answer("word " * 100 + "[1]", passage("a", path="deep/" * 30 + "file.md")), width=40)
    assert len(output.splitlines()) == 3


def test_placeholders_markup_and_images_survive_on_a_terminal() -> None:
    text = "Type `lore init <path>` or <name>, [bold]x[/bold], ![alt](http://x.example/p.png) [1]\n\n<div>kept</div>"
    output = shown(an_answer(text, passage("a")), terminal=True, width=200)
    for piece in ("lore init <path>", "<name>", "[bold]x[/bold]", "alt", "<div>kept</div>", "[1]"):
        assert piece in output
    assert "\x1b]8" not in output


def test_no_control_sequence_of_a_document_reaches_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07 text \x9b31m \u202etxet\u202c\r\x08 [1]"
    answer = an_answer(evil, passage(evil, path="a\x1b[31m.md", commit="\x1b[1m"))
    for terminal in (False, True):
        output = shown(answer, terminal=terminal)
        assert "text" in output
        for sign in ("\x1b[2J", "\x1b]0", "\x07", "\x9b", "\u202e", "\x08", "\x1b[31m"):
            assert sign not in output


def test_found_passages_show_the_beginning_of_their_text() -> None:
    console = Console(file=io.StringIO(), width=60)
    render_passages([passage("line one\n\nline [two] " + "x" * 300), passage("short")], console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "[1] core/tasks.rst:88-104  Tasks › Retries [old]"
    assert lines[1].startswith("    line one line [two] xxx")
    assert lines[1].endswith("x …")
    assert lines[3] == "    short"


def test_the_json_holds_the_same_and_can_be_written() -> None:
    data = answer_json(an_answer("Set it [1].", passage("a", commit="abc")))
    assert json.loads(json.dumps(data)) == data
    assert data["answer"] == "Set it [1]."
    assert data["citations"][0]["label"] == "core/tasks.rst:88-104"
    assert data["citations"][0]["place"] == {"unit": "line", "first": 88, "last": 104}
    assert data["passages"][0]["text"] == "a"
