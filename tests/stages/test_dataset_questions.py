"""The user's questions become a test of their own: reference, evidence, refusals, and what is lost is told."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from lorewright.core.making import chunk_id, make_document
from lorewright.core.records import Chunk, Document, Example, Place, SourceMap
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.retrieval.questions import UserQuestion
from lorewright.stages.dataset_questions import Asked, named_paths, question_examples

Lore = Callable[..., CompletedProcess[str]]
TEXT = "# Alarms\n\nAn alarm is raised.\nIt sends a\nmail at once.\n\nIt stays twelve hours."
PAGES = "First page.\nStill first.\nSecond page."


def document(path: str, text: str = TEXT, source_map: SourceMap | None = None) -> Document:
    return make_document(
        source="docs",
        path=path,
        kind="markdown",
        title=path,
        text=text,
        source_map=source_map or SourceMap(),
    )


def chunks_of(one: Document, size: int = 30) -> list[Chunk]:
    return [
        Chunk(
            id=chunk_id(one.kind, (), one.text[start : start + size]),
            document_id=one.id,
            kind=one.kind,
            text=one.text[start : start + size],
            start=start,
            end=min(start + size, len(one.text)),
            place=Place(unit="line", first=1, last=1),
            strategy="windows",
        )
        for start in range(0, len(one.text), size)
    ]


def asked(
    *questions: dict[str, Any], documents: tuple[Document, ...] = (document("alarms.md"),)
) -> tuple[list[Example], list[Asked]]:
    read = [UserQuestion.model_validate({"question": "Why?", **question}) for question in questions]
    chunks = {one.id: chunks_of(one) for one in documents}
    return question_examples(read, documents, chunks, {one.id: f"group {one.path}" for one in documents})


def only(**question: Any) -> Example:
    examples, told = asked(question)
    assert [one.reason for one in told] == [""]
    return examples[0]


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ({"lines": [3, 3]}, "An alarm is raised."),
        ({"lines": [4, 5]}, "It sends a\nmail at once."),
        ({"lines": [6, 99]}, "It stays twelve hours."),
        ({"quote": "raised. it SENDS"}, "raised.\nIt sends"),
        ({"quote": "It", "lines": [7, 7]}, "It"),
        ({"quote": "twelve hours", "answer": " For half a day. "}, "For half a day."),
        ({"answer": "Yes."}, "Yes."),
    ],
)
def test_the_reference_is_the_answer_or_else_the_text_of_the_place(
    question: dict[str, Any], reference: str
) -> None:
    example = only(path="alarms.md", **question)
    assert (example.messages[0].content, example.messages[-1].content) == ("Why?", reference)
    assert (example.task, example.origin, example.group) == ("qa", "query", "group alarms.md")


def test_evidence_is_the_part_of_each_passage_that_stands_in_the_place() -> None:
    example = only(path="docs/alarms.md", lines=[3, 5])
    (one,) = [document("alarms.md")]
    texts = {chunk.id: chunk.text for chunk in chunks_of(one)}
    assert len(example.evidence) == 2
    assert all(texts[piece.chunk_id][piece.start : piece.end] == piece.quote for piece in example.evidence)
    assert "".join(piece.quote for piece in example.evidence).strip() == (
        "An alarm is raised.\nIt sends a\nmail at once."
    )


def test_a_whole_document_is_no_quotation() -> None:
    assert only(path="alarms.md", answer="Yes.").evidence == ()


def test_several_places_are_all_evidence_and_the_first_is_the_reference() -> None:
    also = [{"path": "other.md", "quote": "twelve"}, {"path": "gone.md", "quote": "nothing"}]
    documents = (document("alarms.md"), document("other.md", "It is twelve here."))
    examples, told = asked({"path": "alarms.md", "lines": [7, 7], "also": also}, documents=documents)
    assert examples[0].messages[-1].content == "It stays twelve hours."
    assert [piece.quote for piece in examples[0].evidence][-1] == "twelve"
    assert told[0].lost == ("gone.md “nothing”",)
    assert told[0].example_id == examples[0].id


def test_pages_are_counted_where_the_file_has_pages() -> None:
    source_map = SourceMap(unit="page", offsets=(0, 25), numbers=(1, 2))
    paper = document("paper.pdf", PAGES, source_map)
    examples, _ = asked({"path": "paper.pdf", "lines": [2, 2]}, documents=(paper,))
    assert examples[0].messages[-1].content == "Second page."


def test_what_the_documents_do_not_answer_is_a_refusal() -> None:
    example = only(answerable=False)
    assert example.messages[-1].content == RETRIEVAL.refusal
    assert (example.task, example.metadata) == ("refusal", {"refusal": True})
    assert example.group == f"question {example.id}"
    assert only(answerable=False, answer="Nobody knows.").messages[-1].content == "Nobody knows."


@pytest.mark.parametrize(
    ("question", "reason", "lost"),
    [
        ({"path": "alarms.md"}, "it has no answer, lines or quote to compare with", ()),
        ({"path": "gone.md", "lines": [1, 2]}, "its place is in no document", ("gone.md:1-2",)),
        ({"path": "alarms.md", "lines": [90, 99]}, "its place is in no document", ("alarms.md:90-99",)),
        ({"path": "alarms.md", "quote": "bread"}, "its place is in no document", ("alarms.md “bread”",)),
        (
            {"path": "alarms.md", "quote": "bread", "lines": [1, 2]},
            "its place is in no document",
            ("alarms.md:1-2",),
        ),
    ],
)
def test_a_question_without_a_reference_is_told_with_its_reason(
    question: dict[str, Any], reason: str, lost: tuple[str, ...]
) -> None:
    examples, told = asked(question)
    assert examples == []
    assert told == [Asked(question="Why?", lost=lost, reason=reason)]


def test_a_lost_place_with_an_answer_is_tested_and_told() -> None:
    examples, told = asked({"path": "gone.md", "lines": [1, 2], "answer": "Yes."})
    assert examples[0].messages[-1].content == "Yes."
    assert (told[0].lost, told[0].reason) == (("gone.md:1-2",), "")


def test_a_question_that_stands_there_twice_is_tested_once() -> None:
    examples, told = asked(*[{"path": "alarms.md", "lines": [3, 3]}] * 2)
    assert len(examples) == 1
    assert [one.reason for one in told] == ["", "it stands there twice"]


def test_all_paths_are_named() -> None:
    read = UserQuestion(question="?", path="a.md", also=({"path": "b.md"},))
    assert named_paths([read, UserQuestion(question="?", answerable=False)]) == {"a.md", "b.md"}


YOURS: list[dict[str, Any]] = [
    {"question": "How long does a silenced alarm stay quiet?", "path": "alarms.md", "lines": [7, 7]},
    {"question": "Which address is told?", "path": "reference/options.md", "quote": "alarm_mail"},
    {"question": "Who bakes the bread?", "answerable": False},
    {"question": "What is lost?", "path": "gone.md", "lines": [1, 2]},
]


def write(project: Path, questions: list[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    (project / "questions.jsonl").write_text(lines, encoding="utf-8")


def members(project: Path, name: str) -> list[Example]:
    workspace = Workspace(project)
    run = workspace.newest("dataset")
    assert run is not None
    return list(read_table(workspace.run_dir("dataset", run.id) / f"{name}.parquet", Example))


def dataset(lore: Lore, project: Path) -> dict[str, Any]:
    done = lore("dataset", "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_project_tests_on_its_questions_and_trains_on_nothing_like_them(lore: Lore, prepared: Path) -> None:
    before = dataset(lore, prepared)
    trained = next(one for one in members(prepared, "train") if one.task == "qa")
    again = {"question": trained.prompt, "answer": "Something else.", "path": "alarms.md"}
    write(prepared, [*YOURS, again])
    after = dataset(lore, prepared)
    assert after["id"] != before["id"]
    assert after["metrics"]["accounts"]["questions"] == {"given": 5, "kept": 4, "rejected": 1, "failed": 0}
    assert after["metrics"]["questions"]["untested"] == [["What is lost?", "its place is in no document"]]
    assert after["metrics"]["questions"]["lost"] == [["What is lost?", "gone.md:1-2"]]
    assert after["metrics"]["leakage"]["questions"] == 0
    asked_ids = {one.id for one in members(prepared, "test_yours")}
    assert len(asked_ids) == 4
    fitted = [*members(prepared, "train"), *members(prepared, "validation")]
    assert trained.prompt not in {one.prompt for one in fitted}
    assert trained.id not in {one.id for one in fitted}
    rejections = [
        json.loads(line)
        for line in lore("cat", "dataset", "--file", "rejections", cwd=prepared).stdout.splitlines()
    ]
    reasons = {one["record_id"]: (one["filter"], one["reason"], one["twin"]) for one in rejections}
    name, reason, twin = reasons[trained.id]
    assert (name, reason) == ("leakage", f"asks nearly the same as your question {trained.prompt!r}")
    assert twin in asked_ids


def test_other_questions_are_another_run_and_the_same_text_is_the_same(lore: Lore, prepared: Path) -> None:
    write(prepared, YOURS)
    first = dataset(lore, prepared)["id"]
    (prepared / "questions.jsonl").touch()
    assert dataset(lore, prepared)["id"] == first
    write(prepared, YOURS[:2])
    assert dataset(lore, prepared)["id"] != first


def test_a_person_reads_of_lost_places_and_of_few_examples(lore: Lore, prepared: Path) -> None:
    write(prepared, YOURS)
    said = lore("dataset", cwd=prepared).stdout
    assert "What is lost?" in said
    assert "gone.md:1-2" in said
    assert "3 of your questions" in said
    assert "training examples are few" in said


def test_a_broken_question_is_named_with_its_line(lore: Lore, prepared: Path) -> None:
    (prepared / "questions.jsonl").write_text('{"question": "?", "answerable": false}\n{"question": 1}\n')
    done = lore("dataset", cwd=prepared)
    assert done.returncode != 0
    assert "questions.jsonl:2 is no question" in done.stderr


def test_an_evaluation_asks_them_and_judges_them_on_their_own(lore: Lore, trained: Path) -> None:
    write(trained, YOURS)
    done = lore("evaluate", "--json", cwd=trained)
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)["metrics"]["verdicts"]
    assert {"qa on questions", "refusal on questions", "qa on seen-docs"} <= set(verdicts)
    states = {row["stage"]: row["state"] for row in json.loads(lore("status", "--json", cwd=trained).stdout)}
    assert (states["dataset"], states["evaluate"]) == ("up to date", "up to date")
