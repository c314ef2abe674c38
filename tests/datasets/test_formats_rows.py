"""The rows of other programs' files, in whatever shape and encoding they come."""

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import DatasetError, NotFoundError
from lorewright.stages import json_arrays
from lorewright.stages.json_arrays import array_values
from lorewright.stages.row_files import read_rows

ROWS = [{"q": "Wie geht's? é", "a": 'Gut, "sehr"\ngut'}, {"q": "zwei", "a": "b"}]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
CSV = 'q,a\r\nWie geht\'s? é,"Gut, ""sehr""\ngut"\r\nzwei,b\r\n'


FILES = {
    "a.jsonl": LINES.encode(),
    "crlf.jsonl": LINES.replace("\n", "\r\n").encode(),
    "blank.ndjson": ("\n" + LINES + "\n\n").encode(),
    "mark.jsonl": b"\xef\xbb\xbf" + LINES.encode(),
    "wide.jsonl": LINES.encode("utf-16"),
    "lines.json": LINES.encode(),
    "array.json": json.dumps(ROWS).encode(),
    "pretty.json": json.dumps(ROWS, indent=4).encode(),
    "array.jsonl": json.dumps(ROWS).encode(),
    "wrapped.json": json.dumps({"version": 1, "data": ROWS}, indent=1).encode(),
    "nameless": LINES.encode(),
    "a.jsonl.gz": gzip.compress(LINES.encode()),
    "a.csv": CSV.encode(),
    "a.CSV": CSV.encode("utf-8-sig"),
    "excel.csv": CSV.replace(",", "\t").encode("utf-16"),
    "western.csv": CSV.encode("cp1252"),
    "a.csv.gz": gzip.compress(CSV.encode()),
    "sep.csv": (
        "sep=;\r\n" + CSV.replace("q,a", "q;a").replace("é,", "é;").replace("zwei,", "zwei;")
    ).encode(),
    "a.tsv": CSV.replace("q,a", "q\ta").replace("é,", "é\t").replace("zwei,", "zwei\t").encode(),
}


def values(path: Path) -> list[dict[str, Any]]:
    return [dict(row.values) for row in read_rows(path)]


@pytest.mark.parametrize("name", FILES)
def test_the_same_rows_come_out_of_every_kind_of_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    expected = ROWS
    if name == "excel.csv":
        expected = [{"q": row["q"], "a": row["a"].replace(",", "\t")} for row in ROWS]
    assert values(path) == expected


def test_tables_come_row_by_row(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(ROWS)
    pq.write_table(table, tmp_path / "a.parquet")
    with pa.ipc.new_stream(str(tmp_path / "a.arrow"), table.schema) as writer:
        writer.write_table(table)
    assert values(tmp_path / "a.parquet") == values(tmp_path / "a.arrow") == ROWS


def test_a_broken_line_is_a_problem_of_that_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"q": 1}\n{"q": \n\n[1]\n{"q": 2}\n')
    found = [(row.number, bool(row.problem)) for row in read_rows(path)]
    assert found == [(1, False), (2, True), (4, True), (5, False)]


def test_rows_of_a_spreadsheet_are_counted_by_their_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('q,a\n1,"two\nlines"\n\n3,x,y\n4,z,,\n5\n')
    found = [(row.number, dict(row.values), row.problem) for row in read_rows(path)]
    assert found == [
        (2, {"q": "1", "a": "two\nlines"}, ""),
        (5, {}, "it has 3 cells, the heading 2"),
        (6, {"q": "4", "a": "z"}, ""),
        (7, {"q": "5", "a": ""}, ""),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b'[{"q": 1},\n{"q": 2}\n{"q": 3}]', "line 3: a comma or ] is missing before '{'"),
        ("b.json", b'[{"q": 1},\n{"q": ', "line 2: Expecting value"),
        ("c.json", b'[{"q": 1}', "missing before the end of the file"),
        ("d.csv", b"q,q\n1,2\n", "two columns are called 'q'"),
        ("e.parquet", b"PAR1 is not enough", "is no Parquet file"),
        ("f.jsonl.gz", b"no gzip", "is no gzip file"),
        ("g.csv", b"\x89PNG\r\n\x1a\n\x00\x00\xff" * 90, "binary"),
    ],
)
def test_what_is_broken_as_a_whole_is_an_error_that_says_where(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        list(read_rows(path))
    assert said in caught.value.message
    assert name in caught.value.message
    assert caught.value.hint


def test_a_torn_gzip_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(LINES.encode() * 50)[:-12])
    with pytest.raises(DatasetError, match="cannot be read"):
        list(read_rows(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"none\.csv"):
        list(read_rows(tmp_path / "none.csv"))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a"])
@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_file_has_no_rows(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert list(read_rows(path)) == []


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 1]), st.integers(1, 9))
def test_an_array_is_read_like_json_does_however_it_is_cut(
    value: list[Any], indent: int | None, chunk: int
) -> None:
    text = json.dumps(value, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_arrays, "_CHUNK_CHARS", chunk)
        found = list(array_values(StringIO(text)))
    assert [one for _, one in found] == value
    assert all(1 <= number <= text.count("\n") + 1 for number, _ in found)
