"""Versions of datasets: numbered once, whole or not there, the same content once, never written over."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lorewright.core.errors import AccountError, BusyError, ConfigError, NotFoundError, StorageError
from lorewright.core.locks import exclusive
from lorewright.core.making import make_example
from lorewright.core.progress import Silent
from lorewright.core.records import Evidence, Example, Message, Rejection
from lorewright.hub.dataset_card import SourceFacts, Step, VersionFacts
from lorewright.stages.dataset_versions import (
    Version,
    edited,
    find_version,
    publish_version,
    read_set,
    remove_version,
    same_version,
    version_name,
    versions,
)


def example(number: int, answer: str = "An answer.", task: str = "qa") -> Example:
    return make_example(
        task=task,
        messages=(
            Message(role="user", content=f"Question {number}\u2028of many?"),
            Message(role="assistant", content=answer),
        ),
        evidence=(Evidence(chunk_id="c", start=0, end=1, quote="q"),),
        origin="extractive",
        metadata={"number": number},
    )


EXAMPLES = [example(number) for number in range(6)]


def publish(root: Path, *train: Example, validation: Sequence[Example] = (), name: str = "pumps") -> Version:
    facts = VersionFacts(counts={"train": len(train), "validation": len(validation)})
    sets = {"train": iter(train), "validation": iter(validation)}
    return publish_version(root, name, sets, facts, Silent())


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_version_holds_lines_records_a_card_and_facts(tmp_path: Path) -> None:
    made = publish(tmp_path, *EXAMPLES[:4], validation=EXAMPLES[4:])
    assert (made.label, made.fresh, made.folder) == ("pumps/v1", True, tmp_path / "datasets" / "pumps" / "v1")
    assert {path.name for path in made.folder.iterdir()} == {
        *("README.md", "dataset.json", "lorewright.json"),
        *("train.jsonl", "train.parquet", "validation.jsonl", "validation.parquet"),
    }
    assert list(read_set(made, "train")) == EXAMPLES[:4]
    rows = [json.loads(line) for line in (made.folder / "train.jsonl").read_text().split("\n") if line]
    assert rows[0] == {
        "prompt": [{"role": "user", "content": "Question 0\u2028of many?"}],
        "completion": [{"role": "assistant", "content": "An answer."}],
    }
    assert made.counts == {"train": 4, "validation": 2}
    assert edited(made) == []


def test_datasets_loads_a_version_by_its_folder(tmp_path: Path) -> None:
    made = publish(tmp_path, *EXAMPLES[:4], validation=EXAMPLES[4:])
    script = (
        "import json, sys; from datasets import load_dataset; data = load_dataset(sys.argv[1]); "
        "print(json.dumps({name: [part.num_rows, part.column_names] for name, part in data.items()}))"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(made.folder)],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    columns = ["prompt", "completion"]
    assert json.loads(done.stdout) == {"train": [4, columns], "validation": [2, columns]}


def test_the_same_content_makes_no_second_version_whatever_its_order(tmp_path: Path) -> None:
    first = publish(tmp_path, *EXAMPLES)
    before = files(first.folder)
    again = publish(tmp_path, *reversed(EXAMPLES))
    assert (again.label, again.fresh) == ("pumps/v1", False)
    assert files(first.folder) == before
    assert same_version(tmp_path, "pumps", first.facts["content"]) is not None
    assert same_version(tmp_path, "pumps", {}) is None
    moved = publish(tmp_path, *EXAMPLES[:5], validation=EXAMPLES[5:])
    assert (moved.label, moved.fresh) == ("pumps/v2", True)
    back = publish(tmp_path, *EXAMPLES)
    assert (back.label, back.fresh) == ("pumps/v3", True)
    assert [one.label for one in versions(tmp_path)] == ["pumps/v1", "pumps/v2", "pumps/v3"]
    assert not list((tmp_path / "datasets" / "pumps").glob(".v*"))


def test_an_example_that_is_repeated_is_written_and_counted_as_often(tmp_path: Path) -> None:
    made = publish(tmp_path, EXAMPLES[0], EXAMPLES[0], EXAMPLES[1])
    assert made.facts["sets"]["train"] == {
        "rows": 3,
        "examples": 2,
        "by_task": {"qa": 3},
        "by_origin": {"extractive": 3},
        "by_source": {},
    }
    assert len((made.folder / "train.jsonl").read_text().strip().split("\n")) == 3
    assert "`train` holds 1 copy of examples that are repeated." in (made.folder / "README.md").read_text()


def test_a_set_without_rows_has_no_files_and_the_card_says_so(tmp_path: Path) -> None:
    made = publish(tmp_path, *EXAMPLES)
    assert not (made.folder / "validation.jsonl").exists()
    assert list(read_set(made, "validation")) == []
    card = (made.folder / "README.md").read_text()
    assert "Without rows, hence without files: `validation`." in card
    assert "split: validation" not in card


@pytest.mark.parametrize("name", ["train.jsonl", "train.parquet"])
def test_data_that_somebody_changed_are_noticed_and_left_alone(tmp_path: Path, name: str) -> None:
    first = publish(tmp_path, *EXAMPLES)
    path = first.folder / name
    path.write_bytes(path.read_bytes() + b"\n")
    before = files(first.folder)
    assert edited(first) == [name]
    second = publish(tmp_path, *EXAMPLES)
    assert (second.label, second.fresh) == ("pumps/v2", True)
    assert files(first.folder) == before
    assert publish(tmp_path, *EXAMPLES).label == "pumps/v2"


def test_a_removed_file_is_noticed_and_a_card_in_other_words_is_no_change_of_data(tmp_path: Path) -> None:
    first = publish(tmp_path, *EXAMPLES)
    (first.folder / "README.md").write_text("# Ours\n")
    assert edited(first) == ["README.md"]
    assert publish(tmp_path, *EXAMPLES).label == "pumps/v1"
    assert (first.folder / "README.md").read_text() == "# Ours\n"
    (first.folder / "train.parquet").unlink()
    assert edited(first) == ["README.md", "train.parquet"]
    assert publish(tmp_path, *EXAMPLES).label == "pumps/v2"


@pytest.mark.parametrize("broken", [b"", b"[]", b'{"content": 1}', b"\xff"])
def test_facts_that_cannot_be_read_count_as_changed(tmp_path: Path, broken: bytes) -> None:
    first = publish(tmp_path, *EXAMPLES)
    (first.folder / "dataset.json").write_bytes(broken)
    (found,) = versions(tmp_path)
    assert (found.facts, found.counts, edited(found)) == ({}, {}, ["dataset.json"])
    assert publish(tmp_path, *EXAMPLES).label == "pumps/v2"


def test_no_number_is_given_twice(tmp_path: Path) -> None:
    publish(tmp_path, *EXAMPLES[:2])
    remove_version(publish(tmp_path, *EXAMPLES[:3]))
    assert publish(tmp_path, *EXAMPLES[:4]).label == "pumps/v3"
    mine = tmp_path / "datasets" / "pumps" / "v7"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    assert publish(tmp_path, *EXAMPLES[:5]).label == "pumps/v8"
    assert (mine / "notes.txt").read_text() == "mine"
    assert [one.number for one in versions(tmp_path)] == [1, 3, 8]


def test_versions_are_found_by_number_name_or_both(tmp_path: Path) -> None:
    publish(tmp_path, *EXAMPLES[:2])
    publish(tmp_path, *EXAMPLES[:3])
    publish(tmp_path, *EXAMPLES[:3], name="valves")
    found = {
        text: find_version(tmp_path, text, name="pumps").label
        for text in ("", "v1", "2", "pumps", "pumps/v1", "valves", "valves/1/")
    }
    assert list(found.values()) == [
        *("pumps/v2", "pumps/v1", "pumps/v2", "pumps/v2", "pumps/v1", "valves/v1", "valves/v1")
    ]
    for text in ("v9", "other", "other/v1", "../pumps", "valves/v2"):
        with pytest.raises(NotFoundError, match="There is no version") as caught:
            find_version(tmp_path, text, name="pumps")
        assert "valves/v1" in caught.value.hint
    with pytest.raises(NotFoundError) as caught:
        find_version(tmp_path / "empty", "", name="pumps")
    assert "lore dataset" in caught.value.hint


@pytest.mark.parametrize("name", ["", "../up", "a/b", "Big", ".hidden", "white space"])
def test_names_that_cannot_be_folders_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name"):
        publish(tmp_path, *EXAMPLES, name=name)
    with pytest.raises(ConfigError, match="cannot be the name"):
        publish_version(tmp_path, "pumps", {"../train": []}, VersionFacts(counts={}), Silent())


@pytest.mark.parametrize(
    ("text", "name"), [("Pump House 2!", "pump-house-2"), ("--", "dataset"), ("Übersicht", "bersicht")]
)
def test_any_text_makes_a_name(text: str, name: str) -> None:
    assert version_name(text) == name


def test_rows_that_were_not_announced_are_a_fault_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="5 rows of train were announced, 6 came"):
        publish_version(tmp_path, "pumps", {"train": EXAMPLES}, VersionFacts(counts={"train": 5}), Silent())
    assert versions(tmp_path) == []
    assert publish(tmp_path, *EXAMPLES).label == "pumps/v1"


def test_a_writer_that_fails_leaves_no_half_version(tmp_path: Path) -> None:
    def broken() -> Iterator[Example]:
        yield EXAMPLES[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="disk is full"):
        publish_version(tmp_path, "pumps", {"train": broken()}, VersionFacts(counts={"train": 2}), Silent())
    assert not list((tmp_path / "datasets" / "pumps").glob("*v1*"))


def test_two_writers_of_one_dataset_do_not_meet(tmp_path: Path) -> None:
    lock = tmp_path / "datasets" / "pumps" / ".lock"
    with exclusive(lock, what="a version of pumps"), pytest.raises(BusyError, match="pumps"):
        publish(tmp_path, *EXAMPLES)
    assert publish(tmp_path, *EXAMPLES, name="valves").fresh


KILLED = """
import sys, time
from pathlib import Path
from lorewright.core.progress import Silent
from lorewright.core.making import make_example
from lorewright.core.records import Message
from lorewright.hub.dataset_card import VersionFacts
from lorewright.stages import dataset_versions

moment = sys.argv[2]
def stop(*_arguments, **_options):
    print("there", flush=True)
    time.sleep(60)
if moment != "rows":
    setattr(dataset_versions, moment, stop)

def rows():
    for number in range(3):
        yield make_example(task="qa", messages=(Message(role="user", content=str(number)),
            Message(role="assistant", content="a")), evidence=(), origin="x")
    if moment == "rows":
        stop()

dataset_versions.publish_version(
    Path(sys.argv[1]), "pumps", {"train": rows()}, VersionFacts(counts={"train": 3}), Silent()
)
"""


@pytest.mark.parametrize("moment", ["rows", "_describe", "_claim", "sync_folder"])
def test_a_writer_that_is_killed_leaves_a_whole_version_or_none(tmp_path: Path, moment: str) -> None:
    publish(tmp_path, *EXAMPLES)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), moment], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert said == "there\n"
    assert not any(edited(one) for one in versions(tmp_path))
    assert [one.number for one in versions(tmp_path)] == ([1, 2] if moment == "sync_folder" else [1])
    after = publish(tmp_path, *EXAMPLES[:2])
    assert after.fresh
    assert edited(after) == []
    assert not list((tmp_path / "datasets" / "pumps").glob(".v*"))


def test_the_card_and_the_facts_say_all_that_is_known(tmp_path: Path) -> None:
    rejection = Rejection(record="example", record_id="r", filter="form", reason="no answer", name="Q?")
    facts = VersionFacts(
        counts={"train": 5, "test_seen_docs": 1},
        title="Pump | house",
        made_by="lorewright 9.9",
        runs={"dataset": "d123", "curate": "c456"},
        settings={"dataset": {"seed": 3}},
        sources=(
            SourceFacts("docs", "a" * 40, True, 3, 5, {"MIT": 2, "": 1}),
            SourceFacts("logs", documents=1, examples=1, licences={"Apache-2.0": 1}),
        ),
        steps=(Step("curate: examples", 9, 6, {"form": 2, "grounding": 1}), Step("dataset: examples", 6, 6)),
        reviews={"accepted": 2},
        leakage={
            "ngram_words": 10,
            "common_ngrams": {"count": 4, "more_than_groups": 5},
            "tests": {
                "seen-docs": {
                    "examples": 1,
                    "leaking_examples": 0,
                    "same_questions": 0,
                    "shared_spans": 0,
                    "shared_groups": 1,
                }
            },
        },
        documents=[{"id": "x", "source": "docs", "path": "a.md", "licence": "MIT", "examples": 5}],
        rejections=[rejection],
        notes=("One note.",),
        limits=("One limit.",),
        details={"file": "a.csv"},
        source_of=lambda one: "logs" if one.metadata["number"] == 5 else "docs",
    )
    sets = {"train": EXAMPLES[:5], "test_seen_docs": EXAMPLES[5:]}
    made = publish_version(tmp_path, "pumps", sets, facts, Silent())
    card = (made.folder / "README.md").read_text()
    for said in (
        'pretty_name: "Pump | house"',
        "# Pump | house, version 1",
        "6 conversations to train and test a language model with, about 4 documents of 2 sources",
        f"| docs | `{'a' * 40}`, with changes | 3 | 5 | MIT (2), not stated (1) |",
        "| `logs` | 0 | 1 |",
        "| curate: examples | 9 | 6 | form (2), grounding (1) |",
        "| dataset: examples | 6 | 6 | nothing |",
        "Decided by people: accepted (2).",
        "| seen-docs | 1 | 0 | 0 | 1 |",
        'load_dataset("datasets/pumps/v1")',
        "from the runs dataset `d123`, curate `c456`. One note.",
        "* One limit.",
    ):
        assert said in card
    assert "license:" not in card
    assert "eval_dataset" not in card
    told = json.loads((made.folder / "dataset.json").read_text())
    assert told["runs"] == {"dataset": "d123", "curate": "c456"}
    assert told["settings"] == {"dataset": {"seed": 3}}
    assert told["details"] == {"file": "a.csv"}
    assert set(told["files"]) == {path.name for path in made.folder.iterdir()} - {"dataset.json"}
    rows = [json.loads(line) for line in (made.folder / "rejections.jsonl").read_text().splitlines()]
    assert rows == [rejection.model_dump(mode="json")]
    assert json.loads((made.folder / "documents.jsonl").read_text())["path"] == "a.md"


def test_git_and_sources_are_told_once_that_versions_are_made(tmp_path: Path) -> None:
    home = tmp_path / "datasets" / "pumps"
    publish(tmp_path, *EXAMPLES[:2])
    assert (home / ".gitignore").read_text().splitlines()[-1] == "*"
    assert json.loads((home / "lorewright.json").read_text()) == {"kind": "datasets", "last": 1}
    (home / ".gitignore").unlink()
    publish(tmp_path, *EXAMPLES[:3])
    assert not (home / ".gitignore").exists()
