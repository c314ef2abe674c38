"""Every format: written to files, read again, equal but for what was named as lost."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message
from lorewright.datasets.formats import FORMATS, Entry, Format, SourcePlace, load_format
from lorewright.datasets.formats.format import DEFAULT_ORIGIN, DEFAULT_TASK, PARTS, Part, loses, refuses
from lorewright.datasets.formats.instructions import joined
from lorewright.datasets.formats.preference import REPLACED_ANSWER
from lorewright.stages.export_files import write_format
from lorewright.stages.import_rows import RowFile
from lorewright.stages.row_files import read_rows

NASTY = [
    "=cmd|' /C calc'!A0",
    "'=quoted",
    "''+1",
    "@x",
    "a\u2028b\u2029c\x85d",
    "line\nbreak\r\nand\rmore",
    'a "quoted", cell;\twith\ttabs',
    "[1, 2]",
    '[{"role": "user", "content": "no turn"}]',
    '{"json": "in text"}',
    "nul\x00here",
    "\ufeffmark",
    "🙂 é 漢字 \u202e",
    "half \ud800 of a character",
    "",
    " ",
    "### Response:\n<|im_end|>",
]
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=30))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(TEXTS, inner, max_size=2)),
    max_leaves=4,
)
EVIDENCE = st.builds(
    Evidence, chunk_id=st.text(max_size=5), start=st.integers(0, 9), end=st.integers(9, 99), quote=TEXTS
)
SOURCES = st.one_of(
    st.none(),
    st.builds(
        SourcePlace,
        repository=st.sampled_from(["docs", "acme/handbook", "..", "a\\b"]),
        path=st.sampled_from(["guide.md", "src/a b.py", "/home/me/secret.md"]),
        is_code=st.booleans(),
        strategy=st.sampled_from(["heading_based", ""]),
        preview=TEXTS,
    ),
)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Message, ...]:
    roles = draw(
        st.one_of(
            st.sampled_from(
                [["user", "assistant"], ["system", "user", "assistant"], ["user", "assistant"] * 2]
            ),
            st.lists(st.sampled_from(["system", "user", "assistant"]), min_size=1, max_size=4),
        )
    )
    return tuple(Message(role=role, content=draw(TEXTS)) for role in roles)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    metadata = draw(st.dictionaries(st.text(max_size=5), JSON, max_size=2))
    if draw(st.booleans()):
        metadata[REPLACED_ANSWER] = draw(TEXTS)
    example = make_example(
        task=draw(st.sampled_from([DEFAULT_TASK, "log_analysis", "\u2028"])),
        messages=draw(conversations()),
        evidence=tuple(draw(st.lists(EVIDENCE, max_size=2))),
        origin=draw(st.sampled_from([DEFAULT_ORIGIN, "extractive"])),
        metadata=metadata,
    )
    group = draw(st.sampled_from(["", "template=a,b"]))
    split = draw(st.sampled_from(["train", "validation", "test_seen_docs"]))
    return Entry(split, example.model_copy(update={"group": group}), draw(SOURCES), 0.3, "2026-01-01")


def written_and_read(form: Format, given_entries: list[Entry]) -> tuple[list[Example], list[Example]]:
    """Return the examples that a format took, and those that its files give back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tally, files = write_format(
            form,
            given_entries,
            folder,
            splits=("train", "validation", "test_seen_docs"),
            made_at="2026-01-01",
            mark="mark",
        )
        again = [
            form.read(row.values)
            for split, file in form.read_from(tuple(one.name for one in files))
            for row in read_rows(RowFile(folder / file, file, None, form, split).path)
        ]
    taken = [one.example for one in given_entries if not refuses(form, one)]
    assert tally.given == len(given_entries)
    assert tally.written == len(taken)
    assert tally.left_out.total() == len(given_entries) - len(taken)
    return taken, again


def differences(before: Example, after: Example) -> set[Part]:
    found: set[Part] = {
        part
        for part in PARTS
        if part not in {"system turn", "metadata"} and getattr(before, part) != getattr(after, part)
    }
    if before.messages != after.messages:
        system, question, answer = before.messages
        asked = Message(role="user", content=joined(system.content, question.content))
        assert after.messages in {(asked, answer), before.messages[1:]}
        found.add("system turn")
    kept = {name: after.metadata[name] for name in before.metadata if name in after.metadata}
    return found | ({"metadata"} if kept != before.metadata else set())


@pytest.mark.parametrize("name", FORMATS.names())
@settings(max_examples=60)
@given(data=st.data())
def test_what_is_read_again_differs_only_in_what_was_named(name: str, data: st.DataObject) -> None:
    form = load_format(name)
    given_entries = data.draw(st.lists(entries(), max_size=4))
    taken, again = written_and_read(form, given_entries)
    assert len(again) == len(taken)
    for before in taken:
        # Files are read set by set, so the order is theirs; of equal conversations the likest is meant.
        alike = [(one, found) for one in again if (found := differences_or_none(before, one)) is not None]
        assert alike, before
        match, found = min(alike, key=lambda pair: len(pair[1]))
        named = set(loses(form, before))
        assert found <= named
        assert named - found <= excused(name, before)
        again.remove(match)


def differences_or_none(before: Example, after: Example) -> set[Part] | None:
    """Return what differs, or None where the two are not about the same conversation."""
    if before.messages == after.messages:
        return differences(before, after)
    if [turn.role for turn in before.messages] != ["system", "user", "assistant"]:
        return None
    asked = Message(role="user", content=joined(before.messages[0].content, before.messages[1].content))
    spoken = {(asked, before.messages[2]), before.messages[1:]}
    return differences(before, after) if after.messages in spoken else None


def excused(name: str, example: Example) -> set[Part]:
    """Return what may be named though it happens to come back."""
    if name == "preference":
        return {"metadata"}
    # Its conversations hold the system turn; its three fields do not.
    several = [turn.role for turn in example.messages] != ["system", "user", "assistant"]
    return {"system turn", "id"} if name == "sft" and several else set()


@pytest.mark.parametrize("name", ["alpaca", "csv", "dataset-dict"])
def test_a_format_that_holds_everything_gives_back_equal_examples(name: str) -> None:
    example = make_example(
        task="log_analysis",
        messages=(
            Message(role="system", content="Answer in JSON."),
            Message(role="user", content="=1+1\r\n\u2028 🙂"),
            Message(role="assistant", content='{"error_message": null}'),
        ),
        evidence=(Evidence(chunk_id="c", start=0, end=3, quote="a,b"),),
        origin="office/model",
        metadata={"template": None, "chunks": ["a", 1], "deep": {"x": [True]}},
    ).model_copy(update={"group": "template=x"})
    taken, again = written_and_read(load_format(name), [Entry("train", example)])
    assert taken == again == [example]
