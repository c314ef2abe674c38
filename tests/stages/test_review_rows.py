"""Decisions leave as rows and come back as they were, whatever is in them; rows that people fill in are understood."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.assessments import Decision
from lorewright.core.errors import ConfigError, DatasetError
from lorewright.core.making import make_example, review_key
from lorewright.core.records import Example, Message
from lorewright.core.workspace import Workspace
from lorewright.curation.reviewing import standing
from lorewright.stages.review_examples import Reviewable
from lorewright.stages.review_files import Taken, export_reviews, import_reviews
from lorewright.stages.review_rows import Known, RowProblemError, decided_of, row_of
from lorewright.store.database import Database
from lorewright.store.decided import Decided, Seen, make_decided
from lorewright.store.reviews import add_decisions, all_decisions

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WORDS = (Message(role="user", content="How?"), Message(role="assistant", content="So."))
BETTER = (WORDS[0], Message(role="assistant", content="Like so."))
EXAMPLE = make_example(task="qa", messages=WORDS, evidence=(), origin="extractive")
KNOWN = Known({review_key(WORDS): Reviewable(example=EXAMPLE, key=review_key(WORDS))}, {})
NASTY = st.sampled_from(
    [
        "=1+2",
        "'=x",
        "''@y",
        "-5",
        "\u2028",
        "a\r\nb",
        "\n",
        "\t",
        '"',
        ",;",
        "é😀",
        "\ud800",
        "[]",
        "x" * 40,
        "\ufeff",
    ]
) | st.text(max_size=8)
TEXT = st.lists(NASTY, min_size=1, max_size=4).map("".join)
SPOKEN = TEXT.filter(lambda text: bool(text.strip()))


def decided(
    decision: Decision = "accept", to: tuple[Message, ...] = (), note: str = "", minute: int = 0
) -> Decided:
    return make_decided(
        key=review_key(WORDS),
        decision=decision,
        messages=to,
        note=note,
        reviewer="ada",
        reviewed_at=NOON + timedelta(minutes=minute),
        seen=Seen(
            example_id=EXAMPLE.id, task="qa", question="How?", messages=WORDS, documents=("d1",), said="kept"
        ),
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "one")


def turned_round(tmp_path: Path, decisions: list[Decided], name: str) -> list[Decided]:
    path = tmp_path / name
    export_reviews(path, decisions, force=True)
    other = Workspace(tmp_path / f"other-{len(list(tmp_path.iterdir()))}")
    taken = import_reviews(other, path, reviewer="importer", dry_run=False)
    assert taken == Taken(given=len(decisions), taken=len(decisions), known=0, undecided=0), taken.problems
    again = import_reviews(other, path, reviewer="importer", dry_run=False)
    assert (again.taken, again.known) == (0, len(decisions))
    return [one.model_copy(update={"number": 0}) for one in all_decisions(Database(other.root))]


@settings(max_examples=40)
@given(
    asked=SPOKEN,
    said=SPOKEN,
    better=SPOKEN,
    note=TEXT,
    suffix=st.sampled_from([".csv", ".jsonl"]),
    decision=st.sampled_from(["accept", "edit", "reject"]),
)
def test_any_decision_comes_back_from_a_file_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    asked: str,
    said: str,
    better: str,
    note: str,
    suffix: str,
    decision: Decision,
) -> None:
    words = (Message(role="user", content=asked), Message(role="assistant", content=said))
    to = (words[0], Message(role="assistant", content=better + "!" + said))
    made = make_decided(
        key=review_key(words),
        decision=decision,
        messages=to if decision == "edit" else (),
        note=note,
        reviewer="ada",
        reviewed_at=NOON,
        seen=Seen(
            example_id="e", task="qa", question=asked, messages=words, documents=("d1", "d2"), score=0.25
        ),
    )
    (back,) = turned_round(tmp_path_factory.mktemp("round"), [made], f"x{suffix}")
    assert back.model_copy(update={"seen": back.seen.model_copy(update={"question": asked})}) == made
    if suffix == ".jsonl":
        assert back == made


def test_no_cell_is_a_formula_and_spreadsheets_know_that_it_is_utf_8(tmp_path: Path) -> None:
    words = (Message(role="user", content="=HYPERLINK(1)"), Message(role="assistant", content="@é"))
    made = decided(note="-2+3").model_copy(
        update={"seen": Seen(messages=words, question="=HYPERLINK(1)"), "key": review_key(words)}
    )
    path = tmp_path / "x.csv"
    export_reviews(path, [made])
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def sheet(path: Path, change: Any, **options: Any) -> None:
    """Save a CSV as a spreadsheet does, with its rows changed."""
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    for number, row in enumerate(rows):
        change(number, row)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), **options)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode(options.get("encoding", "utf-8")))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_changed_row_is_a_new_decision_of_now_and_taken_once(
    workspace: Workspace, tmp_path: Path, delimiter: str
) -> None:
    add_decisions(Database(workspace.root), [decided()])
    path = tmp_path / "x.csv"
    export_reviews(path, [decided()])
    sheet(path, lambda _number, row: row.update(decision="Edit", new_answer="Like so."), delimiter=delimiter)
    for expected in ((1, 0), (0, 1)):
        taken = import_reviews(workspace, path, reviewer="bob", dry_run=False)
        assert (taken.taken, taken.known) == expected
    stands = standing(all_decisions(Database(workspace.root)))[review_key(WORDS)]
    assert (stands.decision, stands.messages, stands.reviewer) == ("edit", BETTER, "ada")
    assert stands.reviewed_at > NOON + timedelta(days=1)


def test_a_decision_that_was_taken_back_does_not_return_with_the_file_it_came_from(
    workspace: Workspace, tmp_path: Path
) -> None:
    from lorewright.stages.review_decide import take_back

    path = tmp_path / "x.csv"
    export_reviews(path, [decided()])
    import_reviews(workspace, path, reviewer="bob", dry_run=False)
    take_back(workspace, reviewer="ada")
    assert import_reviews(workspace, path, reviewer="bob", dry_run=False).known == 1
    assert standing(all_decisions(Database(workspace.root))) == {}


def test_an_older_decision_of_a_file_does_not_outrank_a_newer_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    add_decisions(Database(workspace.root), [decided("reject", minute=5)])
    path = tmp_path / "x.jsonl"
    export_reviews(path, [decided("accept")])
    assert import_reviews(workspace, path, reviewer="bob", dry_run=False).taken == 1
    assert standing(all_decisions(Database(workspace.root)))[review_key(WORDS)].decision == "reject"


def test_a_dry_run_counts_and_keeps_nothing(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    export_reviews(path, [decided()])
    assert import_reviews(workspace, path, reviewer="bob", dry_run=True).taken == 1
    assert not workspace.root.exists()


def row(**cells: Any) -> dict[str, Any]:
    return {"key": review_key(WORDS), **cells}


def read(known: Known = KNOWN, **cells: Any) -> Decided | None:
    return decided_of(row(**cells), known, reviewer="bob", now=NOON)


def test_a_row_without_a_decision_waits() -> None:
    assert read() is None
    assert read(decision=" ", new_answer="", note=None) is None


def test_a_row_that_names_nobody_and_no_time_is_the_importers_of_now() -> None:
    got = read(decision="accepted")
    assert got is not None
    assert (got.decision, got.reviewer, got.reviewed_at, got.seen.messages) == ("accept", "bob", NOON, WORDS)


def test_an_example_id_is_enough() -> None:
    known = Known({}, {EXAMPLE.id: KNOWN.by_key[review_key(WORDS)]})
    got = decided_of({"example_id": EXAMPLE.id, "decision": "reject"}, known, reviewer="bob", now=NOON)
    assert got is not None
    assert got.key == review_key(WORDS)


def test_only_what_a_person_changed_is_an_edit_not_what_a_spreadsheet_did_to_ends_of_lines() -> None:
    words = (Message(role="user", content="How?\r\nNow."), Message(role="assistant", content="So."))
    example = make_example(task="qa", messages=words, evidence=(), origin="x")
    known = Known({review_key(words): Reviewable(example=example, key=review_key(words))}, {})
    cells = {
        "key": review_key(words),
        "decision": "edit",
        "new_question": "How?\nNow.\n",
        "new_answer": "Like so.",
    }
    got = decided_of(cells, known, reviewer="bob", now=NOON)
    assert got is not None
    assert got.messages == (words[0], BETTER[1])


SCHEMA_LESS = Reviewable(example=EXAMPLE, key=review_key(WORDS), filter="schema", reason="roles are user")


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"decision": "yes"}, "'yes' is no decision"),
        ({"decision": "edit"}, "nothing was changed"),
        ({"decision": "edit", "new_answer": "So."}, "nothing was changed"),
        ({"decision": "note"}, "its note is empty"),
        ({"decision": "accept", "new_answer": "Other."}, "has other words: write edit"),
        ({"new_answer": "Other."}, "its new_answer is filled in and its decision is empty"),
        ({"decision": "accept", "reviewed_at": "yesterday"}, "'yesterday' is no time"),
        ({"decision": "accept", "reviewed_at": "2099-01-01T00:00:00+00:00"}, "yet to come"),
        ({"decision": "accept", "score": "high"}, "its score 'high' is no number"),
        ({"decision": "accept", "key": "0" * 16}, "no example has the key '0000000000000000'"),
        (
            {"decision": "accept", "key": "0" * 16, "messages": '[{"role": "us'},
            "messages are no JSON, or were cut",
        ),
        (
            {"decision": "accept", "messages": json.dumps([{"role": "user", "content": "x"}])},
            "its key does not fit its messages",
        ),
        ({"decision": "accept", "key": ""}, "neither key, example_id nor messages"),
    ],
)
def test_a_row_that_cannot_be_taken_in_says_why(cells: dict[str, str], problem: str) -> None:
    with pytest.raises(RowProblemError, match=re.escape(problem)):
        decided_of(row(**cells), KNOWN, reviewer="bob", now=NOON)


def test_what_is_no_conversation_cannot_be_accepted_in_a_file_either() -> None:
    with pytest.raises(RowProblemError, match="cannot be accepted as it is: roles are user"):
        read(Known({review_key(WORDS): SCHEMA_LESS}, {}), decision="accept")


def test_every_row_is_taken_known_undecided_or_refused_with_its_line(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    good, note = row_of(decided()), row_of(decided("note", note="hm"))
    lines = [
        json.dumps(one) for one in (good, good, {**good, "decision": ""}, {**good, "decision": "?"}, note)
    ]
    path.write_text("\n".join([lines[0], "", "no json", *lines[1:]]) + "\n")
    taken = import_reviews(workspace, path, reviewer="bob", dry_run=False)
    assert (taken.given, taken.taken, taken.known, taken.undecided) == (6, 2, 1, 1)
    assert [problem.line for problem in taken.problems] == [3, 6]


def test_a_file_without_decisions_says_which_column_is_missing(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("question,answer\nHow?,So.\n")
    with pytest.raises(DatasetError, match="has no column `decision`; its columns are question, answer"):
        import_reviews(workspace, path, reviewer="bob", dry_run=False)


def test_a_file_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        export_reviews(path, [decided()])
    assert path.read_text() == "mine"
    with pytest.raises(ConfigError, match=r"ends neither in \.csv nor in \.jsonl"):
        export_reviews(tmp_path / "x.xlsx", [decided()])


def test_utf_16_of_a_spreadsheet_is_read(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    export_reviews(path, [decided(note="Größe")])
    path.write_bytes(path.read_text("utf-8-sig").encode("utf-16"))
    assert import_reviews(workspace, path, reviewer="bob", dry_run=False).taken == 1
    assert all_decisions(Database(workspace.root))[0].note == "Größe"


def question_below_passages() -> Example:
    prompt = "Passages\n\n[1]\n<passage>\nText\n</passage>\n\nQuestion: How?"
    words = (Message(role="user", content=prompt), WORDS[1])
    return make_example(
        task="grounded_qa", messages=words, evidence=(), origin="x", metadata={"question": "How?"}
    )


def test_an_edited_question_below_passages_leaves_and_returns_as_the_question_alone() -> None:
    example = question_below_passages()
    key = review_key(example.messages)
    seen = Seen(example_id=example.id, task=example.task, question="How?", messages=example.messages)
    cells = {**row_of(decided().model_copy(update={"key": key, "seen": seen})), "decision": "edit"}
    got = decided_of({**cells, "new_question": "Where?"}, Known({}, {}), reviewer="bob", now=NOON)
    assert got is not None
    assert got.messages[0].content.endswith("</passage>\n\nQuestion: Where?")
    assert row_of(got)["new_question"] == "Where?"
