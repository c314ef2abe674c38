"""Importing: foreign rows as a version of a dataset, each kept or rejected with its line."""

import errno
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ConfigError, DatasetError, StorageError
from lorewright.core.progress import Silent
from lorewright.core.records import Example
from lorewright.datasets.formats import FORMATS
from lorewright.stages.dataset_export import export_sets, folders_for
from lorewright.stages.dataset_import import Dealt, ImportSettings, deal, import_settings, publish_import
from lorewright.stages.dataset_sets import find_sets
from lorewright.stages.dataset_settings import DatasetSettings
from lorewright.stages.dataset_versions import Version, read_set

FEW = ImportSettings(dataset=DatasetSettings(min_examples=1))
_THINGS = ("pump", "valve", "filter", "sieve", "meter", "gauge", "clutch", "rotor", "seal", "boiler")


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "question": f"Which lever of hall {number} moves the {_THINGS[number % 10]} of line {number * 7}?",
            "answer": f"The {number}th from the left, beside the {_THINGS[number % 7]}.",
            "hall": f"H{number % 8}",
        }
        for number in range(start, start + count)
    ]


def lines(path: Path, content: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")
    return path


def dealt(*paths: Path, split_by: str = "", settings: ImportSettings = FEW, **given: str) -> Dealt:
    return deal(list(paths), given=given, task="qa", split_by=split_by, settings=settings, reporter=Silent())


def published(found: Dealt, root: Path, *, settings: ImportSettings = FEW) -> Version:
    return publish_import(found, root=root, name="faq", split_by="", settings=settings, reporter=Silent())


def sides(found: Dealt) -> dict[str, str]:
    return {one.id: name for name, members in found.sets.items() for one in members}


def test_every_row_is_kept_or_rejected_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "faq.jsonl"
    lines(path, rows(60))
    with path.open("a") as stream:
        stream.write('not json\n{"question": "Empty?", "answer": ""}\n')
        stream.write(
            json.dumps(rows(1)[0]) + "\n" + json.dumps({"question": "Half \ud800?", "answer": "No."}) + "\n"
        )
    found = dealt(path)
    assert found.rows == 64
    assert sum(map(len, found.sets.values())) == 60
    reasons = {one.name.split(": ")[0]: (one.filter, one.reason) for one in found.rejections}
    assert set(reasons) == {"faq.jsonl:61", "faq.jsonl:62", "faq.jsonl:63", "faq.jsonl:64"}
    assert "no JSON" in reasons["faq.jsonl:61"][1]
    assert reasons["faq.jsonl:62"][0] == "schema"
    assert reasons["faq.jsonl:63"][0] == "exact_duplicate"
    assert "half a character" in reasons["faq.jsonl:64"][1]


def test_bytes_that_are_no_text_reject_their_row_alone(tmp_path: Path) -> None:
    path = lines(tmp_path / "faq.jsonl", [{**row, "answer": f"{row['answer']} é ü ß"} for row in rows(40)])
    content = path.read_bytes().replace(b"\\u00e9", "é".encode())
    path.write_bytes(content + b'{"question": "Broken \xff?", "answer": "Yes, it is."}\n')
    found = dealt(path)
    assert [one.name for one in found.rejections] == ["faq.jsonl:41"]
    assert "bytes that are no text" in found.rejections[0].reason


def test_an_example_says_where_it_was_imported_from(tmp_path: Path) -> None:
    found = dealt(lines(tmp_path / "faq.jsonl", rows(30)))
    one = found.sets["train"][0]
    number = int(str(one.metadata["imported_from"]).removeprefix("faq.jsonl:"))
    assert one.messages[0].content == rows(30)[number - 1]["question"]
    assert one.origin == "import"


def test_near_duplicate_questions_stay_in_one_set(tmp_path: Path) -> None:
    asked = [
        {
            "question": f"{row['question']} And why is it there, in the words of the manual{mark}",
            "answer": f"{row['answer']} {mark}",
        }
        for row in rows(120)
        for mark in (".", "?", " of 1984?")
    ]
    found = dealt(lines(tmp_path / "faq.jsonl", asked))
    sets_of: dict[str, set[str]] = {}
    for name, members in found.sets.items():
        for one in members:
            sets_of.setdefault(one.group, set()).add(name)
    assert len(sets_of) == 120
    assert all(len(names) == 1 for names in sets_of.values())
    assert all(found.sets[name] for name in ("train", "validation", "test"))


def test_rows_that_are_added_move_none_that_were_there(tmp_path: Path) -> None:
    before = sides(dealt(lines(tmp_path / "faq.jsonl", rows(300))))
    after = sides(dealt(lines(tmp_path / "faq.jsonl", [*rows(300), *rows(30, start=300)])))
    assert len(after) == 330
    assert {key: after[key] for key in before} == before


def test_values_of_a_column_stay_in_one_set(tmp_path: Path) -> None:
    found = dealt(lines(tmp_path / "faq.jsonl", rows(160)), split_by="hall")
    halls = {name: {one.metadata["hall"] for one in members} for name, members in found.sets.items()}
    assert halls["train"] | halls["validation"] | halls["test"] == {f"H{number}" for number in range(8)}
    assert not halls["train"] & (halls["validation"] | halls["test"])


def test_a_column_to_split_by_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        dealt(lines(tmp_path / "faq.jsonl", rows(9)), split_by="halls")
    assert caught.value.hint == "there are: hall"


def test_a_version_holds_the_examples_and_the_rejections(tmp_path: Path) -> None:
    found = dealt(lines(tmp_path / "faq.jsonl", [*rows(40), {"question": "Empty?", "answer": ""}]))
    version = published(found, tmp_path)
    assert version.folder == tmp_path / "datasets" / "faq" / "v1"
    assert {name: len(list(read_set(version, name))) for name in found.sets} == {
        name: len(members) for name, members in found.sets.items()
    }
    rejected = (version.folder / "rejections.jsonl").read_text().splitlines()
    assert json.loads(rejected[0])["name"] == "faq.jsonl:41: Empty?"
    assert "faq.jsonl" in (version.folder / "README.md").read_text()
    assert not published(dealt(tmp_path / "faq.jsonl"), tmp_path).fresh


def test_too_few_rows_to_train_on_are_an_error_that_says_why(tmp_path: Path) -> None:
    found = dealt(lines(tmp_path / "faq.jsonl", [*rows(6), {"question": "Empty?", "answer": ""}]))
    with pytest.raises(
        DatasetError, match=r"of 7 rows are left to train on, fewer than 20 \(left out: 1 schema\)"
    ):
        published(found, tmp_path, settings=ImportSettings())
    assert not (tmp_path / "datasets").exists()


@pytest.mark.parametrize("name", [name for name in FORMATS.names() if name not in {"qa", "preference"}])
def test_what_was_exported_comes_back_with_its_sets(name: str, tmp_path: Path) -> None:
    published(dealt(lines(tmp_path / "faq.jsonl", rows(60))), tmp_path)
    sets = find_sets(tmp_path, "")
    folders = folders_for([name], tmp_path / "out", needed=[], force=False, apart=False)
    (made,) = export_sets(sets, folders, reporter=Silent())
    back = dealt(tmp_path / "out")
    assert back.rows == made.tally.written
    if name not in {"sft", "train-validation"}:
        before = {split: {one.id for one in sets.read(split)} for split in sets.sizes}
        assert {split: {one.id for one in members} for split, members in back.sets.items()} == before


def test_one_file_of_an_export_is_read_as_it_was_written(tmp_path: Path) -> None:
    published(dealt(lines(tmp_path / "faq.jsonl", rows(60))), tmp_path)
    sets = find_sets(tmp_path, "")
    export_sets(
        sets, folders_for(["csv"], tmp_path / "out", needed=[], force=False, apart=False), reporter=Silent()
    )
    back = dealt(tmp_path / "out" / "validation.csv")
    assert list(back.sets) == ["validation"]
    assert [one.id for one in back.sets["validation"]] == [one.id for one in sets.read("validation")]


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="did not write"):
        dealt(tmp_path)


def test_settings_come_from_a_project_or_from_what_is_typed(tmp_path: Path) -> None:
    root, settings = import_settings(tmp_path, ("dataset.min_examples=3",))
    assert (root, settings.dataset.min_examples) == (tmp_path, 3)
    (tmp_path / "lore.toml").write_text(
        '[project]\nname = "p"\n[[sources]]\npath = "."\n[dataset]\nmin_examples = 5\n'
    )
    root, settings = import_settings(tmp_path, ())
    assert (root, settings.dataset.min_examples) == (tmp_path, 5)
    with pytest.raises(ConfigError, match="min_exampels"):
        import_settings(tmp_path.parent, ("dataset.min_exampels=3",))


def test_an_export_that_breaks_off_leaves_what_stood_there(tmp_path: Path) -> None:
    published(dealt(lines(tmp_path / "faq.jsonl", rows(60))), tmp_path)
    sets = find_sets(tmp_path, "")
    folders = folders_for(["messages"], tmp_path / "out", needed=[], force=False, apart=False)
    (made,) = export_sets(sets, folders, reporter=Silent())
    before = {file.name: (tmp_path / "out" / file.name).read_bytes() for file in made.files}

    def broken(name: str) -> Iterator[Example]:
        yield from islice(sets.read(name), 3)
        raise OSError(errno.ENOSPC, "no space left on device")

    with pytest.raises(StorageError, match="The disk is full while exporting messages"):
        export_sets(replace(sets, read=broken), folders, reporter=Silent())
    assert {name: (tmp_path / "out" / name).read_bytes() for name in before} == before
    assert {path.name for path in tmp_path.iterdir()} == {"faq.jsonl", "datasets", "out"}
