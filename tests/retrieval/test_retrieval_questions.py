"""Questions with known answers: what is asked of sections, what is taken out of them, and where a person's stand."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lorewright.core.errors import ConfigError
from lorewright.core.records import Place
from lorewright.retrieval.questions import (
    Section,
    UserQuestion,
    beheaded,
    choose_sections,
    heading_probes,
    read_questions,
    user_probes,
)
from lorewright.retrieval.rows import IndexRow

LONG = "The pump is stopped when its pressure stays above the limit for more than ten seconds in a row. "
MARKUPS = (
    "# {}",
    "  ### {} ###",
    "**{}**",
    "{}:",
    "`{}`",
    "## [{}](https://example.org/a_(b)#c)",
    '## [{}](page.md "Title")',
    "## [{}][reference]",
    "## {} {{#anchor}}",
    '<h2 id="name">{}</h2>',
    "## {} &mdash;",
    "{}\n====",
    "{}\n-",
    "*{}*\n---",
)
words = st.text(alphabet="abXYé任0 _*.-`", max_size=20).filter(lambda text: "\n" not in text)


def row(
    text: str,
    *,
    path: str = "a.md",
    source: str = "docs",
    headings: tuple[str, ...] = (),
    title: str = "Title",
    kind: str = "markdown",
    first: int = 1,
    last: int = 9,
    page: bool = False,
) -> IndexRow:
    return IndexRow(
        chunk_id=f"chunk {path} {headings} {text}",
        document_id=f"{source}/{path}",
        start=0,
        end=len(text),
        text=text,
        source=source,
        path=path,
        kind=kind,
        title=title,
        headings=headings,
        place=Place(unit="page" if page else "line", first=first, last=last),
    )


def letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def behead(text: str, headings: tuple[str, ...], section: tuple[str, ...]) -> IndexRow:
    (found,) = beheaded([row(text, headings=headings)], [Section("docs/a.md", section)])
    return found


@given(
    heading=words.filter(lambda text: text.strip()[:1].isalnum()),
    markup=st.sampled_from(MARKUPS),
    before=st.lists(words, max_size=3),
    after=st.lists(words, max_size=4),
)
def test_of_a_section_the_line_of_its_heading_goes_and_no_other(
    heading: str, markup: str, before: list[str], after: list[str]
) -> None:
    assume(all(letters(line) != letters(heading) for line in [*before, *after]))
    assume(not after or letters(after[0]))
    text = "\n".join([*before, markup.format(heading), *after, "end"])
    found = behead(text, ("Title", heading), ("Title", heading))
    assert found.text.splitlines() == [*before, *after, "end"]
    assert found.headings == ("Title",)
    assert found.chunk_id == row(text, headings=("Title", heading)).chunk_id


@pytest.mark.parametrize(
    "below",
    [
        "```\ncode\n```",
        "***",
        "~~~\ncode\n~~~",
        "![Pressure](pressure.png)",
        "Pressure { bar | psi }",
        "-- it is --",
    ],
)
def test_what_stands_below_a_heading_stays(below: str) -> None:
    assert behead(f"## Pressure\n{below}\n", ("Pressure",), ("Pressure",)).text == f"{below}\n"


def test_a_rule_below_a_marked_heading_is_no_underline() -> None:
    assert behead("## Pressure\n---\nText.", ("Pressure",), ("Pressure",)).text == "---\nText."
    assert behead("Pressure\n---\nText.", ("Pressure",), ("Pressure",)).text == "Text."


def test_a_heading_without_letters_takes_nothing_with_it() -> None:
    assert behead("## ++\n\n---\nText.", ("++",), ("++",)).text == "## ++\n\n---\nText."


def test_the_heading_goes_from_all_sections_below_and_from_no_others() -> None:
    rows = [
        row("## Alarms\n### Mail\nA mail.", headings=("Alarms", "Mail")),
        row("## Alarms\nNone.", headings=("Alarms",), path="b.md"),
        row("Alarms\nof another part", headings=("Pumps", "Alarms")),
    ]
    below, elsewhere, other = beheaded(rows, [Section("docs/a.md", ("Alarms",))])
    assert (below.text, below.headings) == ("### Mail\nA mail.", ("Mail",))
    assert elsewhere == rows[1]
    assert other == rows[2]


def test_all_chosen_headings_above_a_row_go() -> None:
    chosen = [Section("docs/a.md", ("Alarms",)), Section("docs/a.md", ("Alarms", "Mail"))]
    (found,) = beheaded([row("# Alarms\n## Mail\nA mail.", headings=("Alarms", "Mail"))], chosen)
    assert (found.text, found.headings) == ("A mail.", ())


def section_rows(count: int, *, source: str = "docs") -> list[IndexRow]:
    return [
        row(f"## Section {n}\n{LONG}{LONG}", headings=(f"Section {n}",), path=f"{n % 4}.md", source=source)
        for n in range(count)
    ]


@given(
    before=st.integers(0, 40),
    added=st.integers(0, 40),
    limit=st.integers(0, 50),
    seed=st.randoms(use_true_random=False),
)
def test_documents_that_are_added_only_push_sections_out(
    before: int, added: int, limit: int, seed: object
) -> None:
    old, new = section_rows(before), section_rows(added, source="more")
    alone, together = choose_sections(old, limit=limit), choose_sections([*new, *old], limit=limit)
    kept = [section for section in together if section.document_id.startswith("docs/")]
    assert kept == alone[: len(kept)]
    assert len(together) == min(limit, before + added)
    assert choose_sections([*old, *new][::-1], limit=limit) == together


@pytest.mark.parametrize(
    "unfit",
    [
        row(LONG * 2, headings=("Title",), title="Title"),
        row(LONG * 2, headings=()),
        row(LONG * 2, headings=("run",), kind="python"),
        row("## Mail\n" + "x" * 99, headings=("Mail",)),
        row(LONG * 2, headings=("→",)),
    ],
    ids=["named like its document", "without a heading", "code", "short", "without a letter"],
)
def test_sections_that_cannot_be_asked_for_are_not_chosen(unfit: IndexRow) -> None:
    fit = row("## Mail\n" + "x" * 100, headings=("Alarms", "Mail"))
    assert choose_sections([unfit, fit], limit=9) == [Section("docs/a.md", ("Alarms", "Mail"))]


def test_a_section_is_asked_for_by_its_heading_and_the_one_above() -> None:
    rows = [
        row("One.", headings=("Alarms", "Mail"), first=10, last=14),
        row("Two.", headings=("Alarms", "Mail"), first=15, last=22),
        row("Other.", headings=("Alarms",)),
        row("Top.", headings=("Pumps",), first=3, last=3, page=True),
    ]
    mail, pumps = heading_probes(
        [Section("docs/a.md", ("Alarms", "Mail")), Section("docs/a.md", ("Pumps",))], rows
    )
    assert mail.question == "How does Mail work in Alarms?"
    assert mail.chunk_ids == (rows[0].chunk_id, rows[1].chunk_id)
    assert (mail.sort, mail.document_id, mail.where, mail.lost) == (
        "heading",
        "docs/a.md",
        "a.md:10-22",
        False,
    )
    assert pumps.question == "How does Pumps work in Title?"
    assert pumps.where == "a.md p. 3"


def one(**fields: object) -> UserQuestion:
    return UserQuestion.model_validate({"question": "How?", **fields})


def answering(question: UserQuestion, rows: Sequence[IndexRow]) -> list[str]:
    (probe,) = user_probes([question], rows)
    return [found.text for found in rows if found.chunk_id in probe.chunk_ids]


ROWS = [
    row("alpha  Beta\ngamma", path="a.md", first=1, last=10),
    row("delta", path="a.md", first=11, last=20),
    row("alpha", path="b.md", first=1, last=10),
    row("omega", path="a.md", source="wiki", first=1, last=10),
]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"path": "a.md"}, ["alpha  Beta\ngamma", "delta", "omega"]),
        ({"path": "docs/a.md"}, ["alpha  Beta\ngamma", "delta"]),
        ({"path": "wiki/a.md", "lines": [10, 10]}, ["omega"]),
        ({"path": "docs/a.md", "lines": [10, 10]}, ["alpha  Beta\ngamma"]),
        ({"path": "docs/a.md", "lines": [10, 11]}, ["alpha  Beta\ngamma", "delta"]),
        ({"path": "docs/a.md", "lines": [21, 30]}, []),
        ({"path": "a.md", "quote": "ALPHA beta gamma"}, ["alpha  Beta\ngamma"]),
        ({"path": "a.md", "lines": [11, 12], "quote": "alpha"}, []),
        ({"path": "a.md", "lines": [12, 12], "also": [{"path": "b.md"}]}, ["delta", "alpha"]),
        ({"path": "c.md"}, []),
    ],
)
def test_an_answer_is_found_by_path_lines_and_quotation(
    fields: dict[str, object], expected: list[str]
) -> None:
    question = one(**fields)
    assert answering(question, ROWS) == expected
    (probe,) = user_probes([question], ROWS)
    assert probe.lost == (not expected)


def test_a_question_without_an_answer_is_not_lost() -> None:
    (probe,) = user_probes([one(answerable=False)], ROWS)
    assert (probe.chunk_ids, probe.lost, probe.where) == ((), False, "")


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"path": "b.md", "lines": [3, 5]}, "b.md:3-5"),
        ({"path": "b.md", "lines": [3, 3]}, "b.md:3"),
        ({"path": "b.md"}, "b.md"),
        ({"path": "b.md", "quote": "alpha"}, "b.md “alpha”"),
        ({"path": "gone.md", "lines": [1, 2], "also": [{"path": "b.md"}]}, "gone.md:1-2 or b.md"),
        ({"path": "s.pdf", "lines": [2, 3]}, "s.pdf p. 2-3"),
    ],
)
def test_the_place_of_an_answer_is_told_as_citations_tell_it(fields: dict[str, object], where: str) -> None:
    (probe,) = user_probes([one(**fields)], [*ROWS, row("page", path="s.pdf", first=2, last=2, page=True)])
    assert probe.where == where


def test_questions_are_read_one_a_line_whatever_their_strings_hold() -> None:
    text = (
        '{"question": " Why\u2028so\u0085hot? ", "path": "a.md", "lines": [1, 2]}\r\n'
        "\n   \n"
        '{"question": "Who?", "answerable": false}'
    )
    first, second = read_questions(text, name="questions.jsonl")
    assert (first.question, first.lines, first.answerable) == ("Why\u2028so\u0085hot?", (1, 2), True)
    assert (second.question, second.spans(), second.answerable) == ("Who?", (), False)
    assert read_questions("", name="questions.jsonl") == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"question": "x"', "Expecting ',' delimiter at column 17"),
        ('["x"]', 'it is ["x"], where a JSON object is wanted'),
        ('{"path": "a.md"}', "question: Field required"),
        ('{"question": "  ", "path": "a.md"}', 'question: String should have at least 1 character, not " "'),
        ('{"question": "x"}', "names the `path` of its answer"),
        ('{"question": "x", "path": "a.md", "answerable": false}', "has `answerable: false` and none"),
        ('{"question": "x", "path": "a.md", "lines": [9, 3]}', "first line comes after the last, not [9, 3]"),
        ('{"question": "x", "path": "a.md", "lines": [0, 3]}', "lines.0: Input should be greater than"),
        ('{"question": "x", "path": "a.md", "lines": "3-9"}', 'not "3-9"'),
        ('{"question": "x", "pth": "a.md"}', "pth: an unknown key; a question has question, answer, path"),
        ('{"question": "x", "path": "a.md", "also": [{"path": ""}]}', "also.0.path: String should have"),
    ],
)
def test_a_line_that_is_no_question_is_named_with_what_is_wrong(line: str, said: str) -> None:
    good = '{"question": "Who?", "answerable": false}'
    with pytest.raises(ConfigError) as caught:
        read_questions(f"{good}\n\n{line}\n{good}\n", name="asked/mine.jsonl")
    assert caught.value.message.startswith("asked/mine.jsonl:3 is no question: ")
    assert said in caught.value.message
    assert '"path": "guide/tasks.md", "lines": [10, 14]' in (caught.value.hint or "")
