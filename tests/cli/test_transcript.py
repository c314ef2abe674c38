"""Conversations in files: what is saved can be read by people, and gone on with."""

import json
from pathlib import Path

import pytest

from lorewright.cli.transcript import Turn, messages_of, resume, save
from lorewright.core.errors import ConfigError, NotFoundError, StorageError
from lorewright.core.records import Passage, Place
from lorewright.retrieval.answer import cite

FOUND = Passage(
    chunk_id="c",
    document_id="d",
    text="t",
    score=1.0,
    source="docs",
    path="a\x1b[31m.md",
    kind="markdown",
    title="Tasks",
    headings=("Tasks", "Retries"),
    place=Place(unit="page", first=3, last=3),
    start=0,
    end=1,
    commit="0123456789abcdef",
)
TURNS = [
    Turn(question="How\u2028so?", answer="So [1].\x1b[2J", citations=cite([FOUND]), model="office/x"),
    Turn(question="Why?", answer="Thus."),
    Turn(question="When?", answer="Then [1].", citations=cite([FOUND])),
]


def test_markdown_has_questions_answers_citations_and_who_wrote_them(tmp_path: Path) -> None:
    path = tmp_path / "talk.md"
    save(TURNS, path, title="Questions to Tests")
    assert path.read_text() == (
        "# Questions to Tests\n\n## How so?\n\nSo [1].[2J\n\n* [1] `a[31m.md p. 3` Tasks › Retries (0123456789)\n\n"
        "*office/x*\n\n## Why?\n\nThus.\n\n\n*No model was asked*\n\n"
        "## When?\n\nThen [1].\n\n* [1] `a[31m.md p. 3` Tasks › Retries (0123456789)\n\n"
        "*In the words of the documents*\n"
    )


def test_messages_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    save(TURNS, path, title="")
    assert resume(path) == TURNS
    lines = [json.loads(line) for line in path.read_text().split("\n") if line]
    assert [(line["role"], line["content"]) for line in lines][:4:3] == [
        ("user", "How\u2028so?"),
        ("assistant", "Thus."),
    ]


def test_messages_of_other_programs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    told = [
        ("system", "Be brief."),
        ("user", "Left."),
        ("user", "How?"),
        ("assistant", "So."),
        ("user", "Why?"),
    ]
    path.write_text("\n\n".join(json.dumps({"role": role, "content": text, "id": 7}) for role, text in told))
    assert resume(path) == [Turn(question="How?", answer="So.")]


@pytest.mark.parametrize("line", ["{", "[]", '{"role": "robot", "content": ""}', '{"role": "user"}'])
def test_a_line_that_is_no_message_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text('{"role": "user", "content": "How?"}\n' + line)
    with pytest.raises(ConfigError) as caught:
        resume(path)
    assert f"{path}:2 is no message" in caught.value.message


def test_a_file_that_is_not_there_or_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as missing:
        resume(tmp_path / "none.md")
    assert f"There is no file {tmp_path}/none.md." in missing.value.message
    assert "/save none.jsonl" in missing.value.hint
    with pytest.raises(NotFoundError, match="cannot be read"):
        resume(tmp_path)
    with pytest.raises(StorageError, match="cannot be written"):
        save(TURNS, tmp_path / "none" / "talk.md", title="")
    with pytest.raises(StorageError, match="cannot be written"):
        save(TURNS, tmp_path, title="", overwrite=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "talk.md"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError) as caught:
        save(TURNS, path, title="")
    assert caught.value.hint.startswith(f"/save! {path}")
    save(TURNS, path, title="", overwrite=True)
    assert path.read_text().startswith("#")


def test_the_last_turns_that_fit_are_whole_messages() -> None:
    turns = [Turn(question="q" * 4, answer=str(number) * 6) for number in range(3)]
    assert [one.content for one in messages_of(turns, max_chars=20)] == ["qqqq", "111111", "qqqq", "222222"]
    assert [one.role for one in messages_of(turns, max_chars=10)] == ["user", "assistant"]
    assert messages_of(turns, max_chars=9) == []
