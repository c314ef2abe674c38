"""From replies to examples: each entry is kept or rejected with a reason, and evidence always stands in its chunk."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_materials import (  # type: ignore[import-not-found]
    TEXT,
    chunk_of,
    code_material,
    document_of,
    evidence_stands,
    material_of,
    plain_piece,
)

from lorewright.core.records import Example, Rejection
from lorewright.generation.material import Material, Piece, make_material
from lorewright.generation.prompting import make_request
from lorewright.generation.reading import read_items
from lorewright.generation.task import builtin_task
from lorewright.text.masking import Found, mask

QUESTION = "How do I turn on retries in the Acme scheduler?"
QUOTE = "Set `retries` to a number from 1 to 10 to turn them on."
ANSWER = "Set `retries` to a number from 1 to 10."
SECRET = "hunter2" + "Zx9" * 4


def pair(**changed: str) -> dict[str, str]:
    return {"question": QUESTION, "evidence": QUOTE, "answer": ANSWER, **changed}


def read_pair(material: Material, **changed: str) -> Example | Rejection:
    (record,) = read_items(builtin_task("qa"), material, {"pairs": [pair(**changed)]}, origin="a/b", sample=2)
    return record


def masked_material(text: str = TEXT) -> Material:
    shown = f"The password of the queue is {SECRET} today.\n\n{text}\n\nIts key was {SECRET}."
    first, last = shown.index(SECRET), shown.rindex(SECRET)
    found = [Found("password", first, first + len(SECRET)), Found("password", last, last + len(SECRET))]
    piece = Piece(chunk_of(shown), mask(shown, found))
    return make_material(document_of(shown), [piece], project="Acme")


def test_a_good_pair_becomes_an_example() -> None:
    material = material_of()
    example = read_pair(material)
    assert isinstance(example, Example)
    assert [(turn.role, turn.content) for turn in example.messages] == [
        ("user", QUESTION),
        ("assistant", ANSWER),
    ]
    assert [one.quote for one in example.evidence] == [QUOTE]
    assert evidence_stands(example, material.pieces)
    assert example.metadata == {
        "document_id": material.document_id,
        "heading": "Retries",
        "chunks": [material.pieces[0].chunk.id],
        "sample": 2,
    }


@pytest.mark.parametrize(
    ("changed", "name", "reason"),
    [
        ({"evidence": "Retries are on by default."}, "evidence", "does not stand in the passage"),
        ({"question": "How do I turn it on?"}, "question", "leans on what is not seen"),
        ({"question": "What is the default value?"}, "question", "names no subject"),
        ({"answer": "I'm sorry, I cannot help."}, "answer", "a refusal"),
        ({"answer": "Error: model overloaded"}, "answer", "an error"),
        ({"answer": QUESTION}, "answer", "the answer is the question"),
        ({"answer": "Set it. <|im_end|>"}, "marks", "marks of a prompt"),
        ({"answer": "Use [secret: password] for it."}, "secret", "masked secret"),
        ({"question": "How do I turn on retries in Acme Queue?"}, "question", "the prompt's own example"),
    ],
)
def test_a_bad_pair_is_rejected_with_its_reason(changed: dict[str, str], name: str, reason: str) -> None:
    record = read_pair(material_of(), **changed)
    assert isinstance(record, Rejection)
    assert (record.record, record.filter) == ("candidate", name)
    assert reason in record.reason
    assert record.name == changed.get("question", QUESTION)


def test_the_words_of_the_prompts_own_example_are_no_answer_unless_the_passage_has_them() -> None:
    said = "Tasks run at night. Failed tasks are tried again when `retries` is set to a number. That is all there is."
    reply = {"topic": "tasks of the night", "summary": said}

    def read(text: str) -> Example | Rejection:
        return read_items(builtin_task("summary"), material_of(text), reply, origin="a/b")[0]

    record = read("Nothing of the kind is said in here, only that pumps run at night.")
    assert isinstance(record, Rejection)
    assert "the prompt's own example: 'failed tasks are tried again when retries is'" in record.reason
    assert isinstance(read(f"Acme: {said}"), Example)


def test_documentation_that_is_the_prompts_own_example_is_rejected() -> None:
    code = "def wait(count):\n    return min(2 ** count, 7)\n"
    entry = {
        "name": "wait",
        "summary": "Computes how long to wait before a try, doubling each time up to a cap.",
        "parameters": [{"name": "count", "description": "Number of the try."}],
        "returns": "",
        "errors": [],
    }
    material = code_material(code, "python")
    (record,) = read_items(
        builtin_task("code_documentation"), material, {"definitions": [entry]}, origin="a/b"
    )
    assert isinstance(record, Rejection)
    assert "the prompt's own example" in record.reason


def test_every_entry_is_kept_or_rejected_in_order() -> None:
    pairs = [pair(), pair(evidence="nowhere to be found"), pair(answer="N/A"), pair()]
    records = read_items(builtin_task("qa"), material_of(), {"pairs": pairs}, origin="a/b")
    assert [type(record) for record in records] == [Example, Rejection, Rejection, Example]


def test_a_reply_without_entries_is_recorded() -> None:
    (record,) = read_items(builtin_task("qa"), material_of(), {"pairs": []}, origin="a/b")
    assert isinstance(record, Rejection)
    assert record.filter == "empty"


def test_control_characters_of_a_reply_are_dropped() -> None:
    example = read_pair(material_of(), answer="Set\r `retries`\x1b.")
    assert example.messages[-1].content == "Set `retries`."  # type: ignore[union-attr]


def test_evidence_is_found_behind_a_mask_at_its_place_in_the_chunk() -> None:
    material = masked_material()
    assert SECRET not in make_request(builtin_task("qa"), material).model_dump_json()
    example = read_pair(material)
    assert isinstance(example, Example)
    assert evidence_stands(example, material.pieces)
    assert [one.quote for one in example.evidence] == [QUOTE]


def test_evidence_around_a_mask_leaves_the_secret_out() -> None:
    material = masked_material()
    example = read_pair(material, evidence="The password of the queue is [secret: password] today.")
    assert isinstance(example, Example)
    assert [one.quote for one in example.evidence] == ["The password of the queue is", "today."]
    assert evidence_stands(example, material.pieces)


def test_evidence_that_is_a_mask_alone_is_none() -> None:
    assert isinstance(read_pair(masked_material(), evidence="[secret: password]"), Rejection)


def test_a_mask_in_what_the_model_wrote_is_rejected() -> None:
    text = "Mail root@host.invalid to turn on the retries of the scheduler."
    place = text.index("root@host.invalid")
    piece = Piece(chunk_of(text), mask(text, [Found("email", place, place + 17)]))
    material = make_material(document_of(text), [piece], project="Acme")
    record = read_pair(material, evidence="to turn on the retries", answer="Mail [email] and wait.")
    assert isinstance(record, Rejection)
    assert record.filter == "secret"


def test_a_conversation_keeps_its_turns_and_the_evidence_of_each() -> None:
    turns = [
        pair(),
        {
            "question": "And how long does it wait between two tries?",
            "evidence": "The wait between two tries doubles each time, up to `max_delay`",
            "answer": "The wait doubles each time, up to `max_delay`.",
        },
    ]
    material = material_of()
    (example,) = read_items(builtin_task("conversation"), material, {"turns": turns}, origin="a/b")
    assert isinstance(example, Example)
    assert [turn.role for turn in example.messages] == ["user", "assistant"] * 2
    assert len(example.evidence) == 2
    assert evidence_stands(example, material.pieces)
    turns[1]["evidence"] = "It waits a minute."
    (record,) = read_items(builtin_task("conversation"), material, {"turns": turns}, origin="a/b")
    assert isinstance(record, Rejection)


LOG_LINES = (
    "Loading /data/in\nERROR - Task failed with exception\nOSError: [Errno 28] No space left on device"
)


def log_material() -> Material:
    text = "".join(
        f"[2025-01-01, 10:00:0{number} UTC] {{job.py:3}} INFO - {line}\n"
        for number, line in enumerate(LOG_LINES.splitlines())
    )
    piece = plain_piece(chunk_of(text, kind="log", headings=()))
    return make_material(document_of(text, kind="log"), [piece], project="", shown=LOG_LINES)


def analysis(**changed: Any) -> dict[str, Any]:
    return {
        "error_message": "OSError: [Errno 28] No space left on device",
        "raw_error_lines": ["OSError: [Errno 28] No space left on device"],
        "related_logs": ["Loading /data/in"],
        "llm_reasoning": "Writing stopped because the disk is full.",
        "category": "resource_error",
        "severity": "critical",
        "suggested_actions": ["Free space below /data."],
        "confidence": 0.9,
        **changed,
    }


def test_an_analysis_of_a_log_is_json_with_its_error_as_evidence() -> None:
    material = log_material()
    (example,) = read_items(builtin_task("log_analysis"), material, analysis(), origin="a/b")
    assert isinstance(example, Example)
    assert [turn.role for turn in example.messages] == ["system", "user", "assistant"]
    assert example.messages[1].content == LOG_LINES
    assert json.loads(example.messages[2].content) == analysis()
    assert evidence_stands(example, material.pieces)
    assert LOG_LINES in make_request(builtin_task("log_analysis"), material).messages[1].content


@pytest.mark.parametrize(
    "changed",
    [
        {"error_message": "OSError: no space left"},
        {"raw_error_lines": ["OSError: disk full"]},
        {"related_logs": ["Loading /data/out"]},
    ],
)
def test_what_an_analysis_quotes_must_be_copied_word_for_word(changed: dict[str, Any]) -> None:
    (record,) = read_items(builtin_task("log_analysis"), log_material(), analysis(**changed), origin="a/b")
    assert isinstance(record, Rejection)
    assert record.filter == "evidence"


PYTHON = (
    'class Retry:\n    def delay(self, n, cap=9):\n        """Wait n."""\n        return min(2**n, cap)\n'
)
RUST = "/// Waits.\npub fn delay(n: u32) -> u32 {\n    2u32.pow(n)\n}\n"
JAVA = "class Retry {\n  /** Waits. */\n  int delay(int n) {\n    return n * 2;\n  }\n}\n"


def documentation(name: str, parameter: str) -> dict[str, Any]:
    told = {"name": parameter, "description": "Number of the try."}
    return {
        "definitions": [
            {
                "name": name,
                "summary": "Says how many seconds the next try waits.",
                "parameters": [told],
                "returns": "Seconds to wait.",
                "errors": [{"name": "Overflow", "condition": "`n` is too large."}],
            }
        ]
    }


PYTHON_DOCS = '''"""Says how many seconds the next try waits.

Args:
    n: Number of the try.

Returns:
    Seconds to wait.

Raises:
    Overflow: `n` is too large.
"""'''
RUST_DOCS = """/// Says how many seconds the next try waits.
///
/// # Arguments
///
/// - `n`: Number of the try.
///
/// # Returns
///
/// Seconds to wait.
///
/// # Errors
///
/// - `Overflow`: `n` is too large."""
JAVA_DOCS = """/**
 * Says how many seconds the next try waits.
 *
 * @param n Number of the try.
 * @return Seconds to wait.
 * @throws Overflow `n` is too large.
 */"""


@pytest.mark.parametrize(
    ("code", "language", "expected"),
    [(PYTHON, "python", PYTHON_DOCS), (RUST, "rust", RUST_DOCS), (JAVA, "java", JAVA_DOCS)],
)
def test_documentation_takes_the_form_of_its_language(code: str, language: str, expected: str) -> None:
    material = code_material(code, language)
    task = builtin_task("code_documentation")
    (example,) = read_items(task, material, documentation("delay", "n"), origin="a/b")
    assert isinstance(example, Example), example
    asked, answer = (turn.content for turn in example.messages)
    assert answer == f"```{language}\n{expected}\n```"
    assert "Waits." not in asked
    assert "Wait n" not in asked
    assert "delay(" in asked
    assert evidence_stands(example, material.pieces)


@pytest.mark.parametrize(("name", "parameter"), [("delays", "n"), ("delay", "number"), ("delay", "ca")])
def test_documentation_of_what_is_not_in_the_code_is_rejected(name: str, parameter: str) -> None:
    material = code_material(PYTHON, "python")
    task = builtin_task("code_documentation")
    (record,) = read_items(task, material, documentation(name, parameter), origin="a/b")
    assert isinstance(record, Rejection)
    assert "not word for word" in record.reason


@given(
    text=st.text(max_size=300),
    hidden=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), max_size=4),
    quotes=st.lists(st.text(max_size=60), max_size=4),
    data=st.data(),
)
def test_evidence_never_differs_from_its_chunk_and_holds_nothing_masked(
    text: str, hidden: list[tuple[int, int]], quotes: list[str], data: st.DataObject
) -> None:
    found = [
        Found("password", start, min(start + size, len(text))) for start, size in hidden if start < len(text)
    ]
    piece = Piece(chunk_of(text), mask(text, found))
    material = make_material(document_of(text), [piece], project="")
    for _ in range(3):
        start = data.draw(st.integers(0, len(piece.text)))
        quotes.append(piece.text[start : start + data.draw(st.integers(0, 60))])
    pairs = [pair(evidence=quote) for quote in quotes]
    records = read_items(builtin_task("qa"), material, {"pairs": pairs}, origin="a/b")
    assert len(records) == len(pairs)
    for record in records:
        if isinstance(record, Example):
            assert record.evidence
            assert evidence_stands(record, material.pieces)
            for one in record.evidence:
                assert not any(one.start < mark.end and mark.start < one.end for mark in piece.masked.marks)


printed = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=80)


@given(st.lists(st.fixed_dictionaries({"question": printed, "evidence": printed, "answer": printed})))
def test_any_reply_gives_a_record_for_each_entry(pairs: list[dict[str, str]]) -> None:
    records = read_items(builtin_task("qa"), material_of(), {"pairs": pairs}, origin="a/b")
    assert len(records) == max(1, len(pairs))
