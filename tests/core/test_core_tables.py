"""Tables give back what was written; their digests are of content only."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core import assessments, records
from lorewright.core.records import Document, Prediction, Record, Rejection, Score, SourceState
from lorewright.core.tables import PROVENANCE, SCHEMAS, TableDigest, read_table, write_table

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | text
metadata = st.dictionaries(
    text, json_scalars | st.lists(json_scalars, max_size=2) | st.dictionaries(text, json_scalars, max_size=2)
)
characters = st.integers(0, 2**40)
lines = st.integers(0, 2**31 - 1)
units = st.sampled_from(["line", "page"])
places = st.builds(records.Place, unit=units, first=lines, last=lines)
source_maps = st.builds(
    records.SourceMap,
    unit=units,
    offsets=st.lists(characters, max_size=3).map(tuple),
    numbers=st.lists(lines, max_size=3).map(tuple),
)
blocks = st.builds(
    records.Block,
    kind=st.sampled_from(["heading", "code", "docstring"]),
    start=characters,
    end=characters,
    level=lines,
    title=text,
    body=characters,
)
messages = st.builds(records.Message, role=st.sampled_from(["system", "user", "assistant"]), content=text)
evidence = st.builds(records.Evidence, chunk_id=text, start=characters, end=characters, quote=text)
seconds = st.floats(allow_nan=False)

RECORDS: dict[type[Record], st.SearchStrategy[Any]] = {
    records.Document: st.builds(
        records.Document,
        **dict.fromkeys(("id", "digest", "source", "path", "kind", "title", "licence", "text"), text),
        titled=st.booleans(),
        source_map=source_maps,
        blocks=st.lists(blocks, max_size=2).map(tuple),
        metadata=metadata,
    ),
    records.Chunk: st.builds(
        records.Chunk,
        **dict.fromkeys(("id", "document_id", "kind", "text", "strategy"), text),
        start=characters,
        end=characters,
        place=places,
        headings=st.lists(text, max_size=2).map(tuple),
        metadata=metadata,
    ),
    records.Example: st.builds(
        records.Example,
        **dict.fromkeys(("id", "task", "group", "origin"), text),
        messages=st.lists(messages, max_size=3).map(tuple),
        evidence=st.lists(evidence, max_size=2).map(tuple),
        metadata=metadata,
    ),
    records.Rejection: st.builds(
        records.Rejection,
        record=st.sampled_from(["document", "candidate", "example"]),
        **dict.fromkeys(("record_id", "filter", "reason", "twin", "name"), text),
    ),
    assessments.Review: st.builds(
        assessments.Review,
        **dict.fromkeys(("key", "note", "reviewer"), text),
        decision=st.sampled_from(["accept", "edit", "reject", "note"]),
        messages=st.lists(messages, max_size=3).map(tuple),
        reviewed_at=st.integers(0, 2**32).map(lambda moment: datetime.fromtimestamp(moment, UTC)),
    ),
    assessments.Judgement: st.builds(
        assessments.Judgement,
        **dict.fromkeys(("example_id", "model", "served_model", "rubric", "explanation", "problem"), text),
        scores=metadata,
        score=st.none() | seconds,
    ),
    records.SourceState: st.builds(
        records.SourceState,
        **dict.fromkeys(("source", "location", "commit"), text),
        dirty=st.booleans(),
        documents=lines,
    ),
    records.FileState: st.builds(
        records.FileState,
        **dict.fromkeys(("source", "path", "kind", "digest", "before"), text),
        bytes=characters,
        outcome=st.sampled_from(["read", "rejected"]),
        change=st.sampled_from(["added", "modified", "renamed", "unchanged"]),
        seconds=seconds,
    ),
    records.Assignment: st.builds(
        records.Assignment, **dict.fromkeys(("document_id", "group", "split"), text)
    ),
    records.Call: st.builds(
        records.Call,
        **dict.fromkeys(("key", "task", "chunk_id", "model", "served_model", "text", "problem"), text),
        outcome=st.sampled_from(["as asked", "healed", "invalid"]),
        sample=lines,
        prompt_tokens=characters,
        completion_tokens=characters,
    ),
    records.Prediction: st.builds(
        records.Prediction,
        **dict.fromkeys(("example_id", "system", "text"), text),
        latency_s=st.none() | seconds,
        passages=st.lists(text, max_size=2).map(tuple),
    ),
    records.Score: st.builds(
        records.Score,
        **dict.fromkeys(("example_id", "system", "metric", "explanation"), text),
        value=seconds,
    ),
}
KINDS = sorted(SCHEMAS, key=lambda kind: kind.__name__)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def score(number: int) -> Score:
    return Score(example_id=f"e{number}", system="base", metric="f1", value=number / 7)


@every_kind
def test_every_field_of_a_record_has_its_column(kind: type[Record]) -> None:
    assert SCHEMAS[kind].names == list(kind.model_fields)
    assert kind in RECORDS


@every_kind
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_records_come_back_as_they_were_in_their_order(
    kind: type[Record], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = data.draw(st.lists(RECORDS[kind], max_size=4))
    path = tmp_path_factory.getbasetemp() / f"{kind.__name__}.parquet"
    count, digest = write_table(path, rows, kind)
    assert list(read_table(path, kind)) == rows
    assert count == len(rows)
    assert write_table(path, read_again(path, kind), kind) == (count, digest)


def read_again(path: Path, kind: type[Record]) -> Iterator[Record]:
    yield from list(read_table(path, kind))


@every_kind
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_a_digest_is_free_of_order_and_counts_every_row(kind: type[Record], data: st.DataObject) -> None:
    rows = data.draw(st.lists(RECORDS[kind], min_size=1, max_size=4))
    assert of(kind, data.draw(st.permutations(rows))) == of(kind, rows)
    assert of(kind, [*rows, rows[0]]) != of(kind, rows)


def of(kind: type[Record], rows: list[Any]) -> str:
    content = TableDigest(kind)
    for row in rows:
        content.add(row)
    return content.value()


@every_kind
def test_a_digest_sees_every_field_but_provenance(kind: type[Record]) -> None:
    row = EXAMPLES[kind]
    seen = {
        name
        for name, value in OTHERS[kind].items()
        if of(kind, [row.model_copy(update={name: value})]) != of(kind, [row])
    }
    assert seen == set(kind.model_fields) - PROVENANCE.get(kind, frozenset())


EXAMPLES: dict[type[Record], Record] = {
    records.Document: records.Document(
        id="i", digest="d", source="s", path="p", kind="text", title="t", text="x"
    ),
    records.Chunk: records.Chunk(
        id="i",
        document_id="d",
        kind="text",
        text="x",
        start=0,
        end=1,
        place=records.Place(unit="line", first=1, last=1),
        strategy="windows",
    ),
    records.Example: records.Example(id="i", task="qa", messages=(), origin="extractive"),
    records.Rejection: records.Rejection(record="document", record_id="i", filter="parse", reason="r"),
    records.SourceState: SourceState(source="s", location="/a"),
    records.FileState: records.FileState(
        source="s", path="p", kind="text", digest="d", bytes=1, outcome="read", change="added"
    ),
    records.Assignment: records.Assignment(document_id="d", group="g", split="train"),
    records.Call: records.Call(
        key="k", task="qa", chunk_id="c", sample=0, model="office/m", outcome="as asked", text="x"
    ),
    records.Prediction: Prediction(example_id="e", system="base", text="x"),
    records.Score: score(1),
    assessments.Review: assessments.Review(
        key="k", decision="accept", reviewed_at=datetime(2026, 1, 1, tzinfo=UTC)
    ),
    assessments.Judgement: assessments.Judgement(example_id="e", model="office/m", rubric="r"),
}
_special: dict[str, Any] = {
    "source_map": records.SourceMap(unit="page"),
    "blocks": (records.Block(kind="code", start=0, end=1),),
    "metadata": {"a": 1},
    "place": records.Place(unit="page", first=1, last=1),
    "headings": ("h",),
    "messages": (records.Message(role="user", content="q"),),
    "evidence": (records.Evidence(chunk_id="c", start=0, end=1, quote="x"),),
    "record": "example",
    "sample": 1,
    "prompt_tokens": 8,
    "completion_tokens": 9,
    "start": 5,
    "end": 6,
    "bytes": 7,
    "outcome": "rejected",
    "change": "renamed",
    "seconds": 0.5,
    "titled": False,
    "dirty": True,
    "documents": 3,
    "latency_s": 1.5,
    "passages": ("c",),
    "finish": "length",
    "tokens": 12,
    "usd": 0.25,
    "value": 0.9,
    "decision": "reject",
    "reviewed_at": datetime(2026, 1, 2, tzinfo=UTC),
    "scores": {"truth": 4},
    "score": 0.75,
}
OTHERS: dict[type[Record], dict[str, Any]] = {
    kind: {name: _special.get(name, "another") for name in kind.model_fields} for kind in KINDS
}


def test_the_commit_and_the_time_taken_are_stored_though_no_digest_holds_them(tmp_path: Path) -> None:
    here = SourceState(source="docs", location="/a", commit="abc", documents=2)
    there = here.model_copy(update={"location": "/b", "commit": "def", "dirty": True})
    _, first = write_table(tmp_path / "a", [here], SourceState)
    _, second = write_table(tmp_path / "b", [there], SourceState)
    assert first == second
    assert next(read_table(tmp_path / "b", SourceState)) == there


def test_more_rows_than_one_group_come_back(tmp_path: Path) -> None:
    rows = [score(number) for number in range(4100)]
    assert write_table(tmp_path / "t", iter(rows), Score)[0] == 4100
    assert list(read_table(tmp_path / "t", Score)) == rows
    assert pq.ParquetFile(tmp_path / "t").num_row_groups == 2


def test_a_table_is_compressed(tmp_path: Path) -> None:
    write_table(tmp_path / "t", [score(1)], Score)
    assert pq.ParquetFile(tmp_path / "t").metadata.row_group(0).column(0).compression == "ZSTD"


def test_an_error_while_writing_leaves_the_old_table_and_nothing_else(tmp_path: Path) -> None:
    def broken() -> Iterator[Score]:
        for number in range(5000):
            yield score(number)
        raise RuntimeError("the source broke")

    path = tmp_path / "scores.parquet"
    write_table(path, [score(1)], Score)
    with pytest.raises(RuntimeError, match="the source broke"):
        write_table(path, broken(), Score)
    assert list(read_table(path, Score)) == [score(1)]
    assert list(tmp_path.iterdir()) == [path]


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from lorewright.core.records import Score
from lorewright.core.tables import write_table

def rows():
    for number in range(9000):
        yield Score(example_id=str(number), system="base", metric="f1", value=1.0)
    os.kill(os.getpid(), signal.SIGKILL)

write_table(Path(sys.argv[1]), rows(), Score)
"""


def test_a_writer_that_is_killed_leaves_the_old_table(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    write_table(path, [score(1)], Score)
    killed = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list(read_table(path, Score)) == [score(1)]
    (torn,) = (found for found in tmp_path.iterdir() if found != path)
    assert torn.name.startswith(".")


def test_a_row_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write_table(tmp_path / "t", [records.Message(role="user", content="q")], records.Message)
    write_table(tmp_path / "t", [score(1)], Score)
    with pytest.raises(ValueError, match="Rejection"):
        list(read_table(tmp_path / "t", Rejection))


def test_a_long_non_ascii_text_comes_back(tmp_path: Path) -> None:
    document = cast("Document", EXAMPLES[Document]).model_copy(update={"text": "é🙂\r\n\t\x00" * 50_000})
    write_table(tmp_path / "t", [document], Document)
    assert list(read_table(tmp_path / "t", Document)) == [document]
