"""Records are frozen and their ids hold what makes them what they are."""

import pytest
from pydantic import ValidationError

from lorewright.core.making import chunk_id, make_document, make_example
from lorewright.core.records import Evidence, Message, Parsed, Place, SourceMap

TURNS = (Message(role="user", content="q"), Message(role="assistant", content="a"))
PIECE = Evidence(chunk_id="c", start=0, end=1, quote="x")


def test_a_record_is_frozen_and_knows_no_other_field() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        TURNS[0].content = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="extra"):
        Message.model_validate({"role": "user", "content": "q", "name": "x"})
    with pytest.raises(ValidationError, match="role"):
        Message.model_validate({"role": "robot", "content": "q"})
    with pytest.raises(ValidationError, match="kind"):
        Parsed.model_validate(
            {"kind": "text", "text": "x", "blocks": [{"kind": "poem", "start": 0, "end": 1}]}
        )


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (Place(unit="line", first=3, last=9), "3-9"),
        (Place(unit="line", first=3, last=3), "3"),
        (Place(unit="page", first=3, last=4), "p. 3-4"),
        (Place(unit="page", first=3, last=3), "p. 3"),
    ],
)
def test_a_place_is_shown_as_people_write_it(place: Place, shown: str) -> None:
    assert str(place) == shown


def test_a_documents_id_is_of_its_place_and_its_digest_of_its_text() -> None:
    def document(path: str, text: str) -> tuple[str, str]:
        made = make_document(
            source="docs", path=path, kind="text", title="T", text=text, source_map=SourceMap()
        )
        return made.id, made.digest

    first, edited, moved = document("a.txt", "x"), document("a.txt", "y"), document("b.txt", "x")
    assert (edited[0] == first[0], edited[1] == first[1]) == (True, False)
    assert (moved[0] == first[0], moved[1] == first[1]) == (False, True)


def test_a_chunks_id_is_of_kind_headings_and_text() -> None:
    ids = [
        chunk_id("text", ("A",), "x"),
        chunk_id("rest", ("A",), "x"),
        chunk_id("text", ("A", "B"), "x"),
        chunk_id("text", ("A",), "y"),
    ]
    assert len(set(ids)) == 4


def test_an_examples_id_is_of_task_messages_and_evidence_only() -> None:
    def example_id(
        task: str = "qa",
        messages: tuple[Message, ...] = TURNS,
        evidence: tuple[Evidence, ...] = (PIECE,),
        origin: str = "extractive",
    ) -> str:
        return make_example(task=task, messages=messages, evidence=evidence, origin=origin).id

    assert example_id(origin="import") == example_id()
    assert example_id(evidence=(PIECE.model_copy(update={"quote": "y"}),)) == example_id()
    others = [
        example_id(task="log_analysis"),
        example_id(messages=TURNS[::-1]),
        example_id(evidence=(PIECE, PIECE)),
        example_id(evidence=(PIECE.model_copy(update={"chunk_id": "d"}),)),
    ]
    assert len({example_id(), *others}) == 5
