"""An answer quotes what speaks to the question and cites where it stands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.records import Passage, Place
from lorewright.retrieval.answer import Answer, answer, best_text, cite


def passage(
    text: str,
    *,
    path: str = "core/tasks.rst",
    title: str = "",
    headings: tuple[str, ...] = (),
    score: float = 1.0,
    kind: str = "rest",
    unit: str = "line",
) -> Passage:
    return Passage.model_validate(
        {
            "chunk_id": f"id of {text}",
            "document_id": path,
            "text": text,
            "score": score,
            "source": "docs",
            "path": path,
            "kind": kind,
            "title": title,
            "headings": headings,
            "place": Place.model_validate({"unit": unit, "first": 88, "last": 104}),
            "start": 0,
            "end": len(text),
        }
    )


RETRIES = passage(
    "## Retries\n\nA task may fail.\n\nSet `retries` on the operator to retry a failed task. It waits between.\n\nBye."
)


def test_the_paragraph_that_covers_most_of_the_question_is_quoted_and_cited() -> None:
    found = answer("How do I retry a failed task?", [RETRIES, passage("Pools limit slots.", score=0.2)])
    assert found.text == "Set `retries` on the operator to retry a failed task. It waits between. [1]"
    assert [(citation.number, citation.label) for citation in found.citations] == [
        (1, "core/tasks.rst:88-104"),
        (2, "core/tasks.rst:88-104"),
    ]


def test_what_an_announcing_line_announces_is_quoted_too_with_its_mark_outside_the_fence() -> None:
    text = "Retry a failed task like this:\n\n```python\n# retry\n\nTask(retries=3)\n```\n\nUnrelated."
    assert answer("retry a failed task", [passage(text)]).text == (
        "Retry a failed task like this:\n\n```python\n# retry\n\nTask(retries=3)\n```\n\n[1]"
    )


def test_a_second_passage_is_quoted_where_it_adds_words_of_the_question() -> None:
    pools = passage(
        "A pool limits how many slots are taken at one time by the whole installation of it all.", score=0.8
    )
    found = answer("retry failed tasks and pool slots", [RETRIES, pools])
    assert found.text.count("[1]") == 1
    assert "A pool limits" in found.text
    assert found.text.endswith("[2]")


def test_of_a_long_paragraph_the_sentences_from_the_best_one_on_are_quoted() -> None:
    sentences = [f"Sentence number {number} says nothing of note." for number in range(40)]
    sentences[20] = "The zebra setting retries tasks."
    text = answer("zebra retries", [passage(" ".join(sentences))], max_chars=120).text
    assert text.startswith("The zebra setting retries tasks. Sentence number 21")
    assert len(text) <= 120 + len(" [1]")


def test_of_a_table_the_header_and_the_best_rows_are_quoted_without_padding() -> None:
    rows = "\n".join(f"| option_{number}    | does {number} things    |" for number in range(50))
    table = f"| name      | meaning |\n|-----------|---------|\n{rows}\n| zebra_mode   | stripes |"
    assert answer("What does zebra mode mean?", [passage(table)]).text == (
        "| name | meaning |\n|---|---|\n| zebra_mode | stripes |\n\n[1]"
    )


def test_rows_that_fit_equally_well_are_quoted_as_far_as_there_is_room_and_a_header_is_not_invented() -> None:
    rows = "\n".join(f"| retry_{number:02} | waits |" for number in range(50))
    text = best_text("retry", [passage(rows)], max_chars=70)
    assert text.splitlines() == [f"| retry_{number:02} | waits |" for number in range(3)]


def test_code_is_quoted_as_code_and_cut_at_a_line() -> None:
    code = "def retry(task):\n    '''Run a task again.'''\n" + "    pass\n" * 200
    text = answer("retry task", [passage(code, kind="python")], max_chars=100).text
    assert text.startswith("```python\ndef retry(task):\n")
    assert text.endswith("    pass\n```\n\n[1]")
    assert len(text) < 120


def test_headings_count_as_said_so_that_the_first_paragraph_below_them_answers() -> None:
    text = "### Backfill\n\nRuns a workflow for past dates, one run for each interval.\n\nOther words."
    found = answer("What is backfill?", [passage(text, headings=("Backfill",))])
    assert found.text.startswith("Runs a workflow")


def test_nothing_found_is_an_empty_answer() -> None:
    assert answer("anything?", []) == Answer(question="anything?", text="", passages=(), citations=())
    assert best_text("anything?", []) == ""
    assert answer("anything?", [passage("## Only a heading\n\n***")]).text == ""


def test_the_best_text_bears_no_mark() -> None:
    assert best_text("retry a failed task", [RETRIES]) == (
        "Set `retries` on the operator to retry a failed task. It waits between."
    )


def test_a_page_is_cited_as_a_page_and_a_title_that_is_the_first_heading_is_named_once() -> None:
    (citation,) = cite(
        [passage("x", path="guide.pdf", unit="page", title="Guide", headings=("Guide", "Pools"))]
    )
    assert citation.label == "guide.pdf p. 88-104"
    assert citation.trail == "Guide › Pools"


SIGNS = [*"ab .:|`~#-=\n", "retry", "```", "| a |", "任", "\u2028"]
MARKDOWN = st.lists(st.sampled_from(SIGNS)).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(MARKDOWN, max_size=4), MARKDOWN, st.integers(1, 60))
def test_any_passages_give_words_of_theirs_within_the_budget(
    texts: list[str], question: str, room: int
) -> None:
    found = answer(question, [passage(text) for text in texts], max_chars=room)
    said = found.text
    for number in range(len(texts)):
        said = said.replace(f"[{number + 1}]", "")
    assert set(said) <= set("\n `~ ".join(texts)) | set(" \n")
    assert len(found.citations) == len(texts)


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_a_fence_that_is_never_closed_is_closed(fence: str) -> None:
    text = best_text("retry", [passage(f"{fence}python\nretry()\n")])
    assert text == f"{fence}python\nretry()\n{fence}"
