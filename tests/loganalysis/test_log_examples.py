"""Seeded logs and the examples that labelled logs give."""

import json
import string
from collections import Counter
from typing import Any

import pytest

from lorewright.core.errors import GenerationError
from lorewright.core.making import chunk_id, make_document
from lorewright.core.records import Chunk, Document, Example, Place, Rejection, SourceMap
from lorewright.loganalysis.examples import label_example
from lorewright.loganalysis.log_templates import TEMPLATES
from lorewright.loganalysis.schema import CATEGORIES, SEVERITIES, instruction
from lorewright.loganalysis.synthesis import LabelledLog, synthesize


def document_of(text: str, path: str = "a.log") -> Document:
    return make_document(source="logs", path=path, kind="log", title="a", text=text, source_map=SourceMap())


def chunks_of(document: Document) -> list[Chunk]:
    text = document.text
    return [
        Chunk(
            id=chunk_id("log", (), text),
            document_id=document.id,
            kind="log",
            text=text,
            start=0,
            end=len(text),
            place=Place(unit="line", first=1, last=text.count("\n")),
            strategy="paragraphs",
        )
    ]


def example_of(log: LabelledLog) -> Example | Rejection:
    document = document_of(log.text, log.path)
    return label_example(document, chunks_of(document), log.label)


def test_every_seeded_log_gives_an_example_whose_message_stands_in_prompt_and_evidence() -> None:
    for log in synthesize(seed=7, per_template=6):
        example = example_of(log)
        assert isinstance(example, Example), example
        system, user, assistant = example.messages
        answer = json.loads(assistant.content)
        assert (system.role, system.content) == ("system", instruction(CATEGORIES, SEVERITIES))
        assert answer == log.label["analysis"]
        assert answer["error_message"] in user.content
        assert [piece.quote for piece in example.evidence] == [answer["error_message"]]
        assert log.text[example.evidence[0].start : example.evidence[0].end] == answer["error_message"]
        assert example.metadata["template"] == log.label["template"]
        assert example.origin == "import"


def test_the_same_seed_gives_the_same_logs_and_more_draws_leave_the_first_as_they_are() -> None:
    few = list(synthesize(seed=3, per_template=2))
    assert few == list(synthesize(seed=3, per_template=4))[: len(few)]
    assert few != list(synthesize(seed=4, per_template=2))


def test_logs_are_short_and_every_path_is_its_own() -> None:
    logs = list(synthesize(seed=1, per_template=10))
    assert all(8 <= log.text.count("\n") <= 18 for log in logs)
    assert len({log.path for log in logs}) == len(logs)
    assert all(log.path == log.label["path"] and log.path.startswith("dag_id=") for log in logs)
    assert not any(log.label["template"] in log.path for log in logs)


def test_each_category_has_enough_templates_to_hold_whole_ones_out() -> None:
    counts = Counter(template.category for template in TEMPLATES)
    assert set(counts) == set(CATEGORIES)
    assert min(counts.values()) >= 5
    assert len(TEMPLATES) >= 42
    assert len({template.name for template in TEMPLATES}) == len(TEMPLATES)
    assert {template.severity for template in TEMPLATES} == set(SEVERITIES)


def test_the_first_templates_are_of_different_categories() -> None:
    few = list(synthesize(seed=1, templates=len(CATEGORIES), per_template=1))
    assert {log.label["analysis"]["category"] for log in few} == set(CATEGORIES)


def test_no_blank_stays_open() -> None:
    blanks = {
        name for one in TEMPLATES for _, name, _, _ in string.Formatter().parse(one.error + one.step) if name
    }
    assert blanks
    assert not any(f"{{{name}}}" in log.text for log in synthesize(seed=1, per_template=1) for name in blanks)


@pytest.mark.parametrize("templates", [0, len(TEMPLATES) + 1])
def test_a_number_of_templates_that_does_not_exist_is_refused(templates: int) -> None:
    with pytest.raises(GenerationError, match=str(templates)):
        list(synthesize(seed=1, templates=templates, per_template=1))


TEXT = (
    "2025-08-10T16:13:23 INFO - start of everything\n"
    + "INFO - quiet\n" * 3
    + "2025-08-10T16:13:24 ERROR - no disk\n"
)
GOOD: dict[str, Any] = {"error_message": "no disk", "category": "resource_error", "severity": "critical"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"error_message": "no memory"}, "does not stand in the log: 'no memory'"),
        ({"error_message": "start of everything"}, "does not stand among the log's candidate lines"),
        ({"error_message": ""}, "lacks error_message"),
        ({"category": "weather"}, "category 'weather'"),
        ({"severity": "huge"}, "severity 'huge'"),
        ({"error_message": "no\ndisk"}, "more than one line"),
    ],
)
def test_a_label_that_does_not_fit_its_log_is_rejected_with_the_value(
    change: dict[str, Any], reason: str
) -> None:
    document = document_of(TEXT)
    found = label_example(document, chunks_of(document), {"path": "a.log", "analysis": GOOD | change})
    assert isinstance(found, Rejection)
    assert reason in found.reason
    assert found.name == "logs/a.log"


def test_a_label_without_analysis_or_with_its_error_in_no_chunk_is_rejected() -> None:
    document = document_of(TEXT)
    nothing = label_example(document, chunks_of(document), {"path": "a.log"})
    assert isinstance(nothing, Rejection)
    assert "no analysis" in nothing.reason
    lost = label_example(document, [], {"path": "a.log", "analysis": GOOD})
    assert isinstance(lost, Rejection)
    assert "no chunk" in lost.reason


def test_a_good_label_gives_an_example() -> None:
    document = document_of(TEXT)
    found = label_example(
        document, chunks_of(document), {"path": "a.log", "analysis": GOOD, "template": "disk"}
    )
    assert isinstance(found, Example)
    assert found.messages[1].content == "INFO - quiet\nERROR - no disk"


def test_categories_and_severities_of_one_s_own_take_the_place_of_the_usual_ones() -> None:
    log = next(iter(synthesize(seed=7, per_template=1)))
    label = {**log.label, "analysis": {**log.label["analysis"], "category": "disk", "severity": "red"}}
    document = document_of(log.text, log.path)
    own = label_example(
        document, chunks_of(document), label, categories=("disk", "net"), severities=("red", "green")
    )
    assert isinstance(own, Example)
    assert '"category" is one of disk, net; "severity" is one of red, green.' in own.messages[0].content
    usual = label_example(document, chunks_of(document), label)
    assert isinstance(usual, Rejection)
    assert "'disk' is none of resource_error" in usual.reason
