"""Splits as files: what is written reads back row for row, whatever the size of the files."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.hub.split_files import Layout, describe_on_disk, features_of, write_splits

SCHEMA = pa.schema([("text", pa.string()), ("headings", pa.list_(pa.string())), ("first", pa.int32())])
SPLITS = ("docs", "papers")
ROW = st.fixed_dictionaries(
    {
        "text": st.text(max_size=20),
        "headings": st.lists(st.text(max_size=5), max_size=3),
        "first": st.integers(1, 10**6),
    }
)


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
    else:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_stream(source).read_all()
    assert table.schema.equals(SCHEMA)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


@pytest.mark.parametrize("layout", ["arrow", "parquet"])
@given(rows=st.lists(st.tuples(st.sampled_from(SPLITS), ROW), max_size=12))
def test_rows_come_back_in_order_and_an_empty_split_keeps_its_schema(
    layout: Layout, rows: list[tuple[str, dict[str, Any]]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = write_splits(folder, rows, splits=SPLITS, schema=SCHEMA, layout=layout)
        for split in SPLITS:
            wanted = [row for its, row in rows if its == split]
            assert [row for file in written[split].files for row in read(folder / file)] == wanted
            assert written[split].rows == len(wanted)
        listed = {file for one in written.values() for file in one.files}
        assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")} == listed


@pytest.mark.parametrize("layout", ["arrow", "parquet"])
def test_large_splits_go_into_several_numbered_files(layout: Layout, tmp_path: Path) -> None:
    rows = [("docs", {"text": f"row {n}", "headings": [], "first": n}) for n in range(10_000)]
    done = 0

    def tick(count: int) -> None:
        nonlocal done
        done += count

    written = write_splits(
        tmp_path, rows, splits=SPLITS, schema=SCHEMA, layout=layout, shard_bytes=1, tick=tick
    )
    files = written["docs"].files
    assert len(files) == 3
    assert [f"{number:05d}-of-00003" in name for number, name in enumerate(files)] == [True] * 3
    assert [row for file in files for row in read(tmp_path / file)] == [row for _, row in rows]
    assert done == written["docs"].rows == 10_000
    assert len(written["papers"].files) == 1


def test_a_split_that_was_not_named_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write_splits(tmp_path, [("logs", {"text": "x"})], splits=SPLITS, schema=SCHEMA, layout="arrow")


def test_datasets_reads_the_folder_with_its_features(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = [("docs", {"text": f"Zeile {n}", "headings": ["Ä", "B"], "first": n}) for n in range(9000)]
    written = write_splits(tmp_path, rows, splits=SPLITS, schema=SCHEMA, layout="arrow", shard_bytes=100_000)
    describe_on_disk(tmp_path, written, schema=SCHEMA, mark="m1")
    corpus = datasets.load_from_disk(str(tmp_path))
    assert isinstance(corpus, datasets.DatasetDict)
    assert corpus["docs"].to_list() == [row for _, row in rows]
    assert corpus["papers"].to_list() == []
    wanted = {"text": datasets.Value("string"), "headings": datasets.List(datasets.Value("string"))}
    assert corpus["docs"].features == {**wanted, "first": datasets.Value("int32")}
    assert corpus["papers"].features == corpus["docs"].features
    assert corpus["docs"].filter(lambda row: row["first"] < 3)["first"] == [0, 1, 2]
    assert str(corpus["docs"].split) == "docs"


def test_the_description_names_what_old_releases_know_too(tmp_path: Path) -> None:
    assert features_of(SCHEMA)["headings"] == {
        "feature": {"dtype": "string", "_type": "Value"},
        "_type": "Sequence",
    }
    written = write_splits(tmp_path, [], splits=SPLITS, schema=SCHEMA, layout="arrow")
    describe_on_disk(tmp_path, written, schema=SCHEMA, mark="m1")
    assert json.loads((tmp_path / "dataset_dict.json").read_text()) == {"splits": ["docs", "papers"]}
