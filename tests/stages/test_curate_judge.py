"""What curate asks a judge: what is kept and what people decided about, without secrets, each once."""

from collections.abc import Sequence

import pytest

from lorewright.core.making import chunk_id, make_document, make_example
from lorewright.core.progress import Silent
from lorewright.core.records import (
    Chunk,
    Document,
    Evidence,
    Example,
    Message,
    Metadata,
    Place,
    Rejection,
    SourceMap,
)
from lorewright.curation.rejecting import EDITED_FROM, rejection
from lorewright.curation.reviewing import ACCEPTED
from lorewright.llm.judging import builtin_rubric
from lorewright.stages.curate_judge_prompts import Asked, judge_prompts
from lorewright.stages.curate_part import Part
from lorewright.stages.curation_settings import CurationSettings, JudgeSettings

SECRET = "ghp_1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX"
TEXT = f"Retries are off.\n\nThe robot signs in with {SECRET} each night."


def document() -> Document:
    return make_document(
        source="s", path="p.md", kind="text", title="Queue", text=TEXT, source_map=SourceMap()
    )


def chunk(start: int, end: int) -> Chunk:
    text = TEXT[start:end]
    return Chunk(
        id=chunk_id("text", ("Acme Queue", "Retries"), text),
        document_id=document().id,
        kind="text",
        text=text,
        start=start,
        end=end,
        place=Place(unit="line", first=1, last=1),
        headings=("Acme Queue", "Retries"),
        strategy="headings",
    )


CHUNKS = (chunk(0, 16), chunk(18, len(TEXT)))


def example(question: str, answer: str, *of: Chunk, metadata: Metadata | None = None) -> Example:
    return make_example(
        task="qa",
        messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=tuple(Evidence(chunk_id=one.id, start=0, end=7, quote=one.text[:7]) for one in of),
        origin="test",
        metadata=metadata,
    )


FIRST = example("Is it off?", "Yes, it is.", CHUNKS[0])
SECRETIVE = example("Who signs in?", "The robot.", CHUNKS[1])


def asked_of(
    candidates: Sequence[Example],
    outcomes: Sequence[Example | Rejection],
    *,
    rubric: str = "faithfulness",
    hold_back: bool = False,
) -> Asked:
    return judge_prompts(
        Part(
            curation=CurationSettings(judge=JudgeSettings(model="scripted/x", rubric=rubric)),
            hold_back=hold_back,
        ),
        builtin_rubric(rubric),
        candidates=candidates,
        outcomes=outcomes,
        documents=[document()],
        chunks=CHUNKS,
        reporter=Silent(),
    )


def shown(asked: Asked) -> list[str]:
    return [prompt.request().messages[-1].content for prompt in asked.prompts]


def test_a_passage_is_shown_with_its_headings() -> None:
    (text,) = shown(asked_of([FIRST], [FIRST]))
    assert "<passage>\nAcme Queue › Retries\n\nRetries are off.\n</passage>" in text


def test_what_a_filter_rejected_is_not_asked_about() -> None:
    out = rejection(FIRST, filter_name="length", reason="too long")
    assert asked_of([FIRST], [out]).prompts == []


def test_what_a_person_rejected_is_asked_about() -> None:
    out = rejection(FIRST, filter_name="review", reason="a person rejected it")
    assert [prompt.source for prompt in asked_of([FIRST], [out]).prompts] == [FIRST.id]


def test_an_edit_is_scored_beside_what_it_replaced_and_both_are_compared() -> None:
    edit = example("Is it off?", "It is.", CHUNKS[0], metadata={ACCEPTED: True, EDITED_FROM: FIRST.id})
    asked = asked_of([FIRST], [edit])
    assert [(one.task, one.source, one.sample) for one in asked.prompts] == [
        ("score", edit.id, 0),
        ("compare", edit.id, 0),
        ("compare", edit.id, 1),
        ("score", FIRST.id, 0),
    ]


def test_an_edit_of_the_question_alone_is_not_compared() -> None:
    edit = example("Is retrying off?", "Yes, it is.", CHUNKS[0], metadata={EDITED_FROM: FIRST.id})
    assert [one.task for one in asked_of([FIRST], [edit]).prompts] == ["score", "score"]


@pytest.mark.parametrize(("rubric", "asked"), [("faithfulness", 0), ("quality", 1)])
def test_without_evidence_faithfulness_is_not_asked_for(rubric: str, asked: int) -> None:
    bare = example("Is it off?", "Yes.")
    found = asked_of([bare], [bare], rubric=rubric)
    assert len(found.prompts) == asked
    assert [(one.example_id, one.score) for one in found.unasked] == [(bare.id, None)] * (1 - asked)
    assert all("no evidence" in one.problem for one in found.unasked)


def test_a_passage_that_is_gone_counts_as_no_evidence() -> None:
    gone = example("Is it off?", "Yes.", chunk(3, 9))
    assert [one.problem for one in asked_of([gone], [gone]).unasked] == ["it has no evidence to be judged by"]


def test_secrets_are_masked_wherever_they_stand() -> None:
    told = example(f"Is {SECRET} it?", f"It is {SECRET}.", CHUNKS[1])
    (text,) = shown(asked_of([told], [told]))
    assert SECRET not in text
    assert text.count("[secret: github token]") == 3


def test_a_passage_with_a_secret_is_held_back_where_that_is_set() -> None:
    found = asked_of([FIRST, SECRETIVE], [FIRST, SECRETIVE], hold_back=True)
    assert [prompt.source for prompt in found.prompts] == [FIRST.id]
    (held,) = found.unasked
    assert held.example_id == SECRETIVE.id
    assert "github token" in held.problem
    assert SECRET not in held.problem


def test_an_example_that_comes_twice_is_asked_about_once() -> None:
    assert len(asked_of([FIRST], [FIRST, FIRST]).prompts) == 1
