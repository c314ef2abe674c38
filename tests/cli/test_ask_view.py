"""Answers are shown with their citations, whole, and harmless to the terminal."""

import io
import json

import pytest
from rich.console import Console

from lorewright.cli.ask_view import (
    NOTHING_FOUND,
    NOTHING_TO_QUOTE,
    answer_json,
    print_passage,
    render_answer,
    render_below,
    render_passages,
)
from lorewright.core.records import Passage, Place
from lorewright.llm.citing import is_refusal, marks
from lorewright.retrieval.answer import Answer, cite
from lorewright.retrieval.citing import cited


def passage(text: str, *, path: str = "core/tasks.rst", commit: str = "", kind: str = "rest") -> Passage:
    return Passage(
        chunk_id="c1",
        document_id="d1",
        text=text,
        score=1.0,
        source="docs",
        path=path,
        kind=kind,
        title="Tasks",
        headings=("Tasks", "Retries [old]"),
        place=Place(unit="line", first=88, last=104),
        start=0,
        end=len(text),
        commit=commit,
    )


def an_answer(text: str, *passages: Passage, refused: bool = False, support: float = 0.5) -> Answer:
    return Answer(
        question="How?",
        text=text,
        passages=passages,
        citations=cite(passages),
        support=support,
        min_support=0.5,
        refused=refused,
    )


def a_console(*, terminal: bool = False, width: int = 80) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, no_color=True, width=width)


def printed(console: Console) -> str:
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def shown(answer: Answer, *, terminal: bool = False, width: int = 80, whole: bool = False) -> str:
    console = a_console(terminal=terminal, width=width)
    render_answer(answer, console, whole=whole)
    return printed(console)


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
    for refused in (False, True):
        assert shown(an_answer("", refused=refused)) == NOTHING_FOUND + "\n"


def test_passages_without_a_sentence_to_quote_are_shown_as_the_nearest() -> None:
    assert shown(an_answer("", passage("# Retries", kind="markdown"))).startswith(
        f"{NOTHING_TO_QUOTE}\nNearest:\n[1] core/tasks.rst:88-104"
    )


def test_a_refusal_tells_its_evidence_so_that_it_differs_from_what_it_takes() -> None:
    many = [passage(f"text {number}", path=f"{number}.md") for number in range(5)]
    output = shown(an_answer("", *many, refused=True, support=0.4999))
    assert "(evidence 0.4999, it takes 0.5000; --min-evidence 0 answers anyway)." in output
    assert [line for line in output.splitlines() if line.startswith("[")][-1].startswith("[3] 2.md")
    assert "evidence 0.21, it takes 0.50" in shown(an_answer("", *many, refused=True, support=0.211))


def test_whole_passages_stand_below_their_citations() -> None:
    answer = an_answer("So [2].", passage("not cited"), passage("# Title\n\n    code [x]\n", path="b.md"))
    assert shown(answer, whole=True).endswith(
        "[2] b.md:88-104  Tasks › Retries [old]\n    # Title\n\n        code [x]\n"
    )
    nearest = an_answer("", passage("one\ntwo"), refused=True)
    assert shown(nearest, whole=True).endswith("Retries [old]\n    one\n    two\n")
    both = an_answer("So [1][2].", passage("one"), passage("two"))
    assert "    one\n\n[2] core" in shown(both, whole=True)


def test_a_long_line_is_not_broken_where_the_output_is_read_by_a_program() -> None:
    output = shown(an_answer("word " * 100 + "[1]", passage("a", path="deep/" * 30 + "file.md")), width=40)
    assert len(output.splitlines()) == 3


def test_on_a_terminal_a_long_citation_has_its_trail_on_a_second_line() -> None:
    output = shown(an_answer("So [1].", passage("a", commit="0123456789ab")), terminal=True, width=45)
    assert (
        output.replace("\x1b[1m", "")
        .replace("\x1b[0m", "")
        .replace("\x1b[2m", "")
        .endswith("[1] core/tasks.rst:88-104  (0123456789)\n    Tasks › Retries [old]\n")
    )


def test_placeholders_markup_and_images_survive_on_a_terminal() -> None:
    text = "Type `lore init <path>` or <name>, [bold]x[/bold], ![alt](http://x.example/p.png) [1]\n\n<div>kept</div>"
    output = shown(an_answer(text, passage("a")), terminal=True, width=200)
    for piece in ("lore init <path>", "<name>", "[bold]x[/bold]", "alt", "<div>kept</div>", "[1]"):
        assert piece in output
    assert "\x1b]8" not in output


def test_no_control_sequence_of_a_document_reaches_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07 text \x9b31m \u202etxet\u202c\r\x08 \U000e0041[1]"
    hostile = passage(evil, path="a\x1b[31m.md", commit="\x1b[1m")
    for terminal in (False, True):
        console = a_console(terminal=terminal)
        render_answer(an_answer(evil, hostile), console, whole=True)
        render_answer(an_answer("", hostile, refused=True), console)
        render_below(an_answer(evil, hostile), console, model="\x1b[2J")
        render_passages([hostile], console, query="text")
        print_passage(hostile, console)
        output = printed(console)
        assert output.count("text") >= 4
        for sign in ("\x1b[2J", "\x1b]0", "\x07", "\x9b", "\u202e", "\x08", "\x1b[31m", "\U000e0041"):
            assert sign not in output


def test_found_passages_show_the_part_with_the_words_that_were_searched_for() -> None:
    console = a_console()
    long = "## Retries [old]\n\n" + "Nothing here. " * 40 + "A task retries [twice] at most. " + "More. " * 60
    render_passages([passage(long), passage("short"), passage("# All")], console, query="retry tasks")
    lines = printed(console).splitlines()
    assert lines[0] == "[1] core/tasks.rst:88-104  Tasks › Retries [old]"
    assert lines[1].startswith("    … ")
    assert "A task retries [twice] at most." in lines[1]
    assert lines[1].endswith(" …")
    assert len(lines[1]) < 260
    assert lines[3] == "    short"
    assert lines[5] == "    # All"


def test_a_model_s_answer_is_checked_against_what_it_was_given() -> None:
    def below(text: str, count: int = 2) -> str:
        console = a_console()
        render_below(an_answer(text, *[passage("a")] * count), console, model="office/x")
        return printed(console)

    assert below("So [2].").splitlines() == ["[2] core/tasks.rst:88-104  Tasks › Retries [old]"]
    assert below("So [7] [0].").startswith(
        "[0] cites nothing: the model was given 2 passages.\n[7] cites nothing: the model was given 2 passages.\n"
        "The answer cites no passage. It was given:\n[1] "
    )
    assert "was given 1 passage.\n" in below("So [1, 2].", count=1)
    assert below("So.").startswith("The answer cites no passage. It was given:\n[1] ")
    assert below("").startswith("office/x wrote nothing.\nNearest:\n[1] ")
    assert below("So.", count=0) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("So [1].", [1]),
        ("So [2][1], [2, 4; 3].", [1, 2, 3, 4]),
        ("`a[1]` and\n```\nrows[2]\n```\nso[3]", [3]),
        ("~~~\nb[1]", []),
        ("[a] [1234] [-1] [ 1]", []),
    ],
)
def test_marks_are_the_numbers_in_brackets_outside_of_code(text: str, found: list[int]) -> None:
    assert marks(text) == found


def test_what_is_cited_keeps_the_order_of_the_passages() -> None:
    citations = cite([passage("a"), passage("b"), passage("c")])
    assert [one.number for one in cited("[3] then [1]", citations)] == [1, 3]
    assert [one.number for one in cited("[9]", citations)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("The documentation does not say.", True),
        ("**The documentation\ndoes not say**.", True),
        ("\u201cthe documentation does not say\u201d", True),
        ("The documentation does not say. See [2] for something near.", True),
        ("I am sorry. The documentation does not say.", True),
        ("It is three [1]. The documentation does not say.", False),
        ("The documentation does not say so; it says three [1].", False),
        ("It is three.", False),
        ("", False),
    ],
)
def test_a_model_refuses_with_the_sentence_it_was_told_to(text: str, refused: bool) -> None:
    assert is_refusal(text) is refused


def test_the_json_holds_the_same_and_can_be_written() -> None:
    data = answer_json(an_answer("Set it [1], [7].", passage("a", commit="abc")), model="office/x")
    assert json.loads(json.dumps(data)) == data
    assert data["answer"] == "Set it [1], [7]."
    assert data["model"] == "office/x"
    assert (data["refused"], data["support"], data["min_support"]) == (False, 0.5, 0.5)
    assert data["cited"] == [1]
    assert data["citations"][0]["label"] == "core/tasks.rst:88-104"
    assert data["citations"][0]["place"] == {"unit": "line", "first": 88, "last": 104}
    assert data["passages"][0]["text"] == "a"
    assert answer_json(an_answer(""))["model"] is None
