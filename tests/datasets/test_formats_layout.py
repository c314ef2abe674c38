"""What stands in the files of each format: names and fields as those who read them document."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.making import make_example
from lorewright.core.records import Example, Message
from lorewright.curation.reviewing import REPLACED
from lorewright.datasets.formats import FORMATS, Entry, SourcePlace, load_format
from lorewright.datasets.formats.comma_separated import guarded, unguarded
from lorewright.datasets.formats.format import loses, refuses
from lorewright.datasets.formats.instructions import share_to_move
from lorewright.datasets.formats.preference import REPLACED_ANSWER
from lorewright.stages.export_files import LEFT_OUT, Tally, examine, write_format

DOCS = SourcePlace("acme/handbook", "guide/pumps.md", False, "heading_based", "# Pumps")
CODE = SourcePlace("acme/handbook", "src/pump.py", True, "code_fixed_size_500_50", "def pump():")


def example(
    asked: str = "How do pumps start?",
    answer: str = "By the lever.",
    *,
    system: str | None = None,
    **metadata: Any,
) -> Example:
    said = [("user", asked), ("assistant", answer)]
    turns = said if system is None else [("system", system), *said]
    return make_example(
        task="qa",
        messages=tuple(Message.model_validate({"role": role, "content": text}) for role, text in turns),
        evidence=(),
        origin="extractive",
        metadata=metadata,
    )


def several_turns() -> Example:
    one = example()
    return make_example(task="qa", messages=(*one.messages, *one.messages), evidence=(), origin="extractive")


def written(name: str, entries: list[Entry], folder: Path) -> tuple[Tally, dict[str, int | None]]:
    folder.mkdir(exist_ok=True)
    splits = list(dict.fromkeys(entry.split for entry in entries))
    tally, files = write_format(
        load_format(name), entries, folder, splits=splits, made_at="2026-01-02T03:04:05", mark="m"
    )
    return tally, {one.name: one.rows for one in files}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


# Field names as documented by: TRL (dataset formats), Axolotl (docs/dataset-formats), LLaMA-Factory (data/README),
# Stanford Alpaca, and the systems whose files these are.
def test_conversations_have_the_documented_fields(tmp_path: Path) -> None:
    entry = Entry("train", example(system="Be brief."))
    user, answer = (
        {"role": "user", "content": "How do pumps start?"},
        {"role": "assistant", "content": "By the lever."},
    )
    system = {"role": "system", "content": "Be brief."}
    for name, row in (
        ("prompt-completion", {"prompt": [system, user], "completion": [answer]}),
        ("messages", {"messages": [system, user, answer]}),
        (
            "sharegpt",
            {
                "conversations": [
                    {"from": "system", "value": "Be brief."},
                    {"from": "human", "value": "How do pumps start?"},
                    {"from": "gpt", "value": "By the lever."},
                ]
            },
        ),
    ):
        written(name, [entry], tmp_path / name)
        assert rows(tmp_path / name / "train.jsonl") == [row]


def test_an_instruction_is_the_question_or_the_system_turn_that_it_is_the_input_of(tmp_path: Path) -> None:
    entries = [Entry("train", example()), Entry("train", example(system="Answer in French."))]
    written("alpaca", entries, tmp_path)
    plain, told = rows(tmp_path / "train.jsonl")
    assert {name: plain[name] for name in ("instruction", "input", "output")} == {
        "instruction": "How do pumps start?",
        "input": "",
        "output": "By the lever.",
    }
    assert (told["instruction"], told["input"]) == ("Answer in French.", "How do pumps start?")
    assert set(plain) == {"instruction", "input", "output", "metadata"}
    assert json.loads(plain["metadata"])["origin"] == "extractive"


def test_sft_stands_in_lines_and_in_a_file_for_people_and_takes_several_turns(tmp_path: Path) -> None:
    entries = [Entry("train", example()), Entry("train", several_turns()), Entry("test_seen_docs", example())]
    tally, _ = written("sft", entries, tmp_path)
    one, several = rows(tmp_path / "sft.jsonl")
    assert one == {"instruction": "How do pumps start?", "input": "", "output": "By the lever."}
    assert [turn["role"] for turn in several["conversations"]] == ["user", "assistant"] * 2
    readable = (tmp_path / "sft_readable.json").read_text(encoding="utf-8")
    assert json.loads(readable) == [one, several]
    assert readable.count("\n") > 10
    assert tally.left_out == Counter(
        {"it is in test_seen_docs, and this format holds training examples only": 1}
    )


def test_a_repository_has_pairs_of_documents_of_code_and_of_both(tmp_path: Path) -> None:
    entries = [
        Entry("train", example(), DOCS, made_at="2026-01-02T03:04:05"),
        Entry("train", example("What does pump do?"), CODE, made_at="2026-01-02T03:04:05"),
    ]
    tally, counts = written("qa", entries, tmp_path)
    assert counts == {
        "acme-handbook/docs_qa.jsonl": 1,
        "acme-handbook/code_qa.jsonl": 1,
        "acme-handbook/merged_qa.jsonl": 2,
        "acme-handbook_qa.jsonl": 2,
    }
    assert tally.written == 2
    assert rows(tmp_path / "acme-handbook" / "docs_qa.jsonl") == [
        {
            "question": "How do pumps start?",
            "answer": "By the lever.",
            "source_file": "guide/pumps.md",
            "source_repo": "acme/handbook",
            "generated_at": "2026-01-02T03:04:05",
        }
    ]
    whole = rows(tmp_path / "acme-handbook_qa.jsonl")[1]
    assert whole["source_strategy"] == "code_fixed_size_500_50"
    assert whole["original_chunk_preview"] == "def pump():"


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (("r/docs_qa.jsonl", "r/code_qa.jsonl", "r/merged_qa.jsonl", "r_qa.jsonl"), {"r_qa.jsonl"}),
        (("r/docs_qa.jsonl", "r/code_qa.jsonl", "r/merged_qa.jsonl"), {"r/merged_qa.jsonl"}),
        (("r/docs_qa.jsonl", "r/code_qa.jsonl"), {"r/docs_qa.jsonl", "r/code_qa.jsonl"}),
    ],
)
def test_merged_pairs_are_never_read_twice(there: tuple[str, ...], taken: set[str]) -> None:
    assert {name for _, name in load_format("qa").read_from(there)} == taken


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (Entry("train", example(), None), "nothing says which repository it is from"),
        (
            Entry("train", example(), SourcePlace("r", "/home/me/x.md", False, "", "")),
            "the path of its file, '/home/me/x.md', is not relative to a repository",
        ),
        (
            Entry("train", example("[1] A passage. Question: why?", question="why?"), DOCS),
            "its prompt shows passages, for which this format has no place",
        ),
        (Entry("train", several_turns(), DOCS), "it is a conversation of several turns"),
    ],
)
def test_pairs_of_repositories_leave_out_what_they_have_no_place_for(entry: Entry, reason: str) -> None:
    assert refuses(load_format("qa"), entry) == reason


def test_no_name_of_a_repository_leads_out_of_the_folder(tmp_path: Path) -> None:
    entries = [
        Entry("train", example(), SourcePlace(name, "a.md", False, "", ""))
        for name in ("../up", "..", "/etc", "a\\..\\b")
    ]
    inside = tmp_path / "inside"
    written("qa", entries, inside)
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]
    assert sum(path.name == "docs_qa.jsonl" for path in inside.rglob("*")) == 4


def test_cells_that_look_like_formulas_are_text_and_come_back(tmp_path: Path) -> None:
    texts = ["=1+1", "'=1+1", "-x", "+x", "@x", "\tx", "'plain", "plain"]
    written("csv", [Entry("train", example(text)) for text in texts], tmp_path)
    content = (tmp_path / "train.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfquestion,answer,system,")
    with (tmp_path / "train.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [row["question"] for row in csv.DictReader(stream)]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]
    assert [unguarded(cell) for cell in cells] == texts
    assert [unguarded(guarded(text)) for text in texts] == texts


def test_preference_pairs_are_made_of_the_answers_that_people_replaced(tmp_path: Path) -> None:
    assert REPLACED_ANSWER == REPLACED
    entries = [
        Entry("train", example(**{REPLACED: "By hand."})),
        Entry("train", example("Other?")),
        Entry("train", example("Same?", **{REPLACED: "By the lever."})),
    ]
    tally, _ = written("preference", entries, tmp_path)
    assert rows(tmp_path / "train.jsonl") == [
        {
            "prompt": [{"role": "user", "content": "How do pumps start?"}],
            "chosen": [{"role": "assistant", "content": "By the lever."}],
            "rejected": [{"role": "assistant", "content": "By hand."}],
        }
    ]
    assert tally.left_out == Counter(
        {"no person replaced its answer": 1, "its edit left the answer as it was": 1}
    )


def test_two_sets_are_eighty_to_twenty_and_groups_stay_whole(tmp_path: Path) -> None:
    grouped = [
        example(f"Question {number}?").model_copy(update={"group": f"g{number // 3}"})
        for number in range(3000)
    ]
    splits = ["train"] * 2400 + ["validation"] * 300 + ["test_unseen_docs"] * 300
    share = share_to_move(2400, 300)
    entries = [Entry(split, one, validation_share=share) for split, one in zip(splits, grouped, strict=True)]
    written("train-validation", entries, tmp_path)
    train, validation = (
        {row["instruction"] for row in rows(tmp_path / f"{name}_dataset.jsonl")}
        for name in ("train", "validation")
    )
    assert 0.17 < len(validation) / (len(train) + len(validation)) < 0.23
    group_of = {one.messages[0].content: one.group for one in grouped}
    assert not {group_of[one] for one in train} & {group_of[one] for one in validation}
    assert json.loads((tmp_path / "dataset_info.json").read_text()) == {
        "train_path": "train_dataset.jsonl",
        "validation_path": "validation_dataset.jsonl",
        "train_size": len(train),
        "validation_size": len(validation),
        "total_size": 2700,
        "created_at": "2026-01-02T03:04:05",
    }
    assert len(rows(tmp_path / LEFT_OUT)) == 300


@pytest.mark.parametrize(
    ("train", "validation", "share"), [(80, 20, 0.0), (90, 10, 1 / 9), (10, 90, 0.0), (0, 5, 0)]
)
def test_only_what_is_missing_from_validation_is_moved(train: int, validation: int, share: float) -> None:
    assert share_to_move(train, validation) == pytest.approx(share)


def test_what_is_left_out_is_listed_with_its_reason(tmp_path: Path) -> None:
    entries = [Entry("train", example()), Entry("validation", several_turns())]
    tally, _ = written("alpaca", entries, tmp_path)
    assert rows(tmp_path / LEFT_OUT) == [
        {
            "id": entries[1].example.id,
            "split": "validation",
            "reason": "it is a conversation of several turns",
            "question": "How do pumps start?\nHow do pumps start?",
        }
    ]
    assert (tally.given, tally.written) == (2, 1)


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_dry_run_counts_what_writing_counts(name: str, tmp_path: Path) -> None:
    entries = [
        Entry("train", example(), DOCS),
        Entry("train", example(system="Be brief.", **{REPLACED: "No."}), DOCS),
        Entry("train", several_turns(), DOCS),
        Entry("test_seen_docs", example("Half \ud800?"), DOCS),
    ]
    assert examine(load_format(name), entries) == written(name, entries, tmp_path)[0]


@pytest.mark.parametrize("name", FORMATS.names())
def test_no_line_breaks_where_other_readers_would_break_it(name: str, tmp_path: Path) -> None:
    written(name, [Entry("train", example("a\u2028b\u2029c\x85d\re"), DOCS)], tmp_path)
    for path in tmp_path.rglob("*.jsonl"):
        text = path.read_text(encoding="utf-8")
        assert text.splitlines(keepends=True) == ([text] if text else [])


def test_what_a_row_would_give_anyway_is_not_lost() -> None:
    imported = make_example(task="qa", messages=example().messages, evidence=(), origin="import")
    assert loses(load_format("messages"), imported) == ()
    assert loses(load_format("messages"), example(a=1)) == ("origin", "metadata")
