"""People decide about examples: at a terminal, by single commands, and what they decided holds through regeneration."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]
ADA = ("--reviewer", "ada")


@pytest.fixture
def curated(prepared: Path) -> Path:
    """A project with curated examples that nobody has reviewed."""
    return prepared


def done(finished: CompletedProcess[str]) -> str:
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def rows(lore: Lore, project: Path, stage: str, *options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done(lore("cat", stage, *options, cwd=project)).splitlines()]


def kept(lore: Lore, project: Path) -> dict[str, dict[str, Any]]:
    return {row["messages"][0]["content"]: row for row in rows(lore, project, "curate")}


def a_question(lore: Lore, project: Path, number: int = 0) -> dict[str, Any]:
    """An example of the project; which one does not matter."""
    return [row for row in rows(lore, project, "curate") if row["task"] == "qa"][number]


def listed(lore: Lore, project: Path, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done(lore("review", "list", "--json", *options, cwd=project)))
    return found


def test_before_anything_was_curated_the_next_command_is_named(lore: Lore, project: Path) -> None:
    refused = lore("review", cwd=project)
    assert refused.returncode == 1
    assert "no examples were curated yet" in refused.stderr
    assert "next: lore curate" in refused.stderr
    assert not (project / ".lore" / "lore.sqlite").exists()


def test_empty_states_say_what_to_type(lore: Lore, curated: Path) -> None:
    for verb in ("list", "stats"):
        said = done(lore("review", verb, cwd=curated))
        assert "Nobody has reviewed an example yet." in said
        assert "next: lore review" in said
    assert "No decision is an orphan." in done(lore("review", "list", "--orphans", cwd=curated))
    assert "ada has decided nothing" in lore("review", "undo", *ADA, cwd=curated).stderr
    assert "nothing to write" in done(lore("review", "export", "x.csv", cwd=curated))
    assert json.loads(done(lore("review", "list", "--json", cwd=curated))) == []
    assert not (curated / ".lore" / "lore.sqlite").exists()


def test_a_rejected_example_leaves_and_undo_brings_it_back(lore: Lore, curated: Path) -> None:
    one = a_question(lore, curated)
    said = done(lore("review", "reject", one["id"][:8], "--note", "outdated", *ADA, cwd=curated))
    assert "rejected" in said
    assert "next: lore curate" in said
    done(lore("curate", cwd=curated))
    assert one["messages"][0]["content"] not in kept(lore, curated)
    rejected = next(
        row for row in rows(lore, curated, "curate", "--file", "rejections") if row["filter"] == "review"
    )
    assert (rejected["record_id"], rejected["reason"]) == (one["id"], "a person rejected it: outdated")
    assert "would be taken back" in done(lore("review", "undo", "--dry-run", *ADA, cwd=curated))
    assert "taken back: reject" in done(lore("review", "undo", *ADA, cwd=curated))
    done(lore("curate", cwd=curated))
    assert one["messages"][0]["content"] in kept(lore, curated)
    assert [row["state"] for row in listed(lore, curated, "--history")] == ["undone"]


def test_an_edit_of_an_edit_by_its_new_id_holds_and_keeps_where_it_came_from(
    lore: Lore, curated: Path
) -> None:
    one = a_question(lore, curated)
    question = one["messages"][0]["content"]
    done(lore("review", "edit", one["id"], "--answer", "Better.", *ADA, cwd=curated))
    done(lore("curate", cwd=curated))
    first = kept(lore, curated)[question]
    done(lore("review", "edit", first["id"], "--answer", "Best.", *ADA, cwd=curated))
    done(lore("curate", cwd=curated))
    second = kept(lore, curated)[question]
    assert second["messages"][-1]["content"] == "Best."
    assert second["metadata"]["edited_from"] == one["id"]
    assert second["metadata"]["replaced_answer"] == one["messages"][-1]["content"]
    done(lore("dataset", cwd=curated))
    assert "Best." in done(lore("trace", second["id"], cwd=curated))


def test_decisions_hold_when_everything_is_made_anew(lore: Lore, curated: Path) -> None:
    rejected, edited = a_question(lore, curated, 0), a_question(lore, curated, 1)
    done(lore("review", "reject", rejected["id"], *ADA, cwd=curated))
    done(lore("review", "edit", edited["id"], "--answer", "By hand.", *ADA, cwd=curated))
    shutil.rmtree(curated / ".lore" / "runs")
    (curated / ".lore" / "refs.jsonl").unlink()
    done(lore("curate", cwd=curated))
    found = kept(lore, curated)
    assert rejected["messages"][0]["content"] not in found
    assert found[edited["messages"][0]["content"]]["messages"][-1]["content"] == "By hand."


def test_a_decision_whose_words_are_gone_waits_as_an_orphan_and_holds_again(
    lore: Lore, curated: Path
) -> None:
    one = next(
        row for row in rows(lore, curated, "curate") if "twelve hours" in row["messages"][-1]["content"]
    )
    done(lore("review", "reject", one["id"], *ADA, cwd=curated))
    page = curated / "docs" / "alarms.md"
    before = page.read_text()
    page.write_text(before.replace("twelve hours", "two days"))
    done(lore("curate", cwd=curated))
    assert "orphan" in done(lore("review", "list", "--orphans", cwd=curated))
    assert [row["state"] for row in listed(lore, curated)] == ["orphan"]
    page.write_text(before)
    done(lore("curate", cwd=curated))
    assert listed(lore, curated, "--orphans") == []
    assert one["messages"][0]["content"] not in kept(lore, curated)


def test_an_accepted_example_stays_whatever_the_filters_say(lore: Lore, curated: Path) -> None:
    one = a_question(lore, curated)
    strict = ("--set", "curation.max_prompt_chars=1")
    done(lore("curate", *strict, cwd=curated))
    assert kept(lore, curated) == {}
    done(lore("review", "accept", one["id"], *ADA, cwd=curated))
    done(lore("curate", *strict, cwd=curated))
    assert [row["id"] for row in rows(lore, curated, "curate")] == [one["id"]]
    stats = json.loads(done(lore("review", "stats", "--json", cwd=curated)))
    assert stats["by_filter"] == {"length": {"accept": 1}}
    assert stats["filters"]["people_only"] == 1


def test_a_note_decides_nothing_and_makes_nothing_stale(lore: Lore, curated: Path) -> None:
    one = a_question(lore, curated)
    assert lore("review", "note", one["id"], *ADA, cwd=curated).returncode == 2
    done(lore("review", "note", one["id"], "--note", "ask the pump team", *ADA, cwd=curated))
    status = json.loads(done(lore("status", "--json", cwd=curated)))
    assert {row["stage"]: row["state"] for row in status}["review"] == "up to date"
    assert "ask the pump team" in done(lore("review", "list", cwd=curated))
    assert "ask the pump team" in done(lore("review", "--task", "qa", cwd=curated, stdin="v\n" + "s\n" * 40))


def test_a_sitting_decides_undoes_and_goes_on_where_it_stopped(lore: Lore, curated: Path) -> None:
    keys = "a\nr\nwrong\nu\nr\noutdated\nx\nn\nhm\ns\nq\n"
    said = done(lore("review", "--task", "qa", "--limit", "6", *ADA, cwd=curated, stdin=keys))
    assert "1 of 6" in said
    assert "1 accepted" in said
    assert "1 rejected" in said
    assert "4 left" in said
    assert "rejected by ada" in said, "what was taken back is shown"
    found = listed(lore, curated)
    assert sorted(row["decided"]["decision"] for row in found) == ["accept", "note", "reject"]
    assert (
        next(row for row in found if row["decided"]["decision"] == "reject")["decided"]["note"] == "outdated"
    )
    again = done(lore("review", "--task", "qa", *ADA, cwd=curated, stdin="q\n"))
    decided = {row["decided"]["seen"]["example_id"] for row in found if row["decided"]["decision"] != "note"}
    assert not any(one in again for one in decided)


def test_a_sitting_without_keys_ends_and_one_without_examples_says_so(lore: Lore, curated: Path) -> None:
    assert "Nothing was decided" in done(lore("review", "--limit", "2", cwd=curated))
    done(lore("review", *ADA, "--limit", "1000", cwd=curated, stdin="a\n" * 1000))
    assert "Nothing is left to review here." in done(lore("review", cwd=curated))


def test_an_edit_without_an_editor_is_asked_for(
    lore: Lore, curated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    one = a_question(lore, curated)
    keys = "\nFirst line.\n\n=second\n.\n"
    done(lore("review", "edit", one["id"], *ADA, cwd=curated, stdin=keys))
    (row,) = listed(lore, curated)
    assert [turn["content"] for turn in row["decided"]["messages"]] == [
        one["messages"][0]["content"],
        "First line.\n\n=second",
    ]


def test_an_edit_that_changes_nothing_or_is_empty_is_refused(lore: Lore, curated: Path) -> None:
    one = a_question(lore, curated)
    for answer, fault in ((one["messages"][-1]["content"], "nothing was changed"), (" ", "turn is empty")):
        refused = lore("review", "edit", one["id"], "--answer", answer, *ADA, cwd=curated)
        assert refused.returncode == 2
        assert fault in refused.stderr
    assert listed(lore, curated) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("accept", "zzzzzz"), "No example has an id that begins with 'zzzzzz'"),
        (("accept", ""), "write at least 4 characters"),
        (("--filter", "nera_duplicate"), "there are: "),
        (("--task", "nope"), "there are: log_analysis, qa"),
        (("import", "nosuch.csv"), "There is no file nosuch.csv"),
        (("export", "x.txt"), "lore review export x.csv"),
        (("--sample", "low-score"), "No judge has scored the examples"),
    ],
)
def test_mistakes_are_one_message_with_what_to_do(
    lore: Lore, curated: Path, arguments: tuple[str, ...], said: str
) -> None:
    refused = lore("review", *arguments, cwd=curated)
    assert refused.returncode in {1, 2}
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_examples_leave_for_a_spreadsheet_and_come_back_decided(lore: Lore, curated: Path) -> None:
    import csv

    done(lore("review", "export", "sheet.csv", "--to-review", "3", "--task", "qa", cwd=curated))
    with (curated / "sheet.csv").open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert len(table) == 3
    assert "3 without a decision" in done(lore("review", "import", "sheet.csv", *ADA, cwd=curated))
    table[0]["decision"], table[1]["decision"], table[2]["decision"] = "accept", "edit", "wrong"
    table[1]["new_answer"] = "By hand."
    with (curated / "sheet.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(table[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(table)
    taken = lore("review", "import", "sheet.csv", "--json", *ADA, cwd=curated)
    assert taken.returncode == 1
    counts = json.loads(taken.stdout)
    assert (counts["given"], counts["taken"], counts["problems"][0]["line"]) == (3, 2, 4)
    assert "refused" in lore("review", "import", "sheet.csv", *ADA, cwd=curated).stdout
    assert len(listed(lore, curated)) == 2
    assert listed(lore, curated)[0]["decided"]["seen"]["documents"]
    done(lore("curate", cwd=curated))
    assert "By hand." in {row["messages"][-1]["content"] for row in rows(lore, curated, "curate")}


def test_help_and_listings_load_no_database_library(lore: Lore, curated: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.argv = ['lore', *sys.argv[1:]]\n"
        "from lorewright.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        "print(sorted({'sqlalchemy', 'alembic', 'argilla', 'pyarrow', 'datasets'} & set(sys.modules)))"
    )
    for arguments, loaded in ((("review", "--help"), "[]"), (("review", "push", "--help"), "[]")):
        out = subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=curated, capture_output=True, text=True, check=True
        )
        assert out.stdout.splitlines()[-1] == loaded
    out = subprocess.run(
        [sys.executable, "-c", code, "status"], cwd=curated, capture_output=True, text=True, check=True
    )
    assert "sqlalchemy" not in out.stdout.splitlines()[-1]


EDITOR = """\
import pathlib, sys
path = pathlib.Path(sys.argv[1])
text = path.read_text()
assert "%%% 1 user" in text
path.write_text(text.rsplit("%%% 2 assistant", 1)[0].replace("\\n", "\\r\\n") + "%%% 2 assistant\\nFrom the editor.\\n")
"""


def test_a_person_at_a_terminal_presses_keys_and_edits_in_their_editor(
    lore: Lore, curated: Path, tmp_path: Path, terminal_in: Callable[..., Any]
) -> None:
    import shlex
    import sys

    (tmp_path / "editor.py").write_text(EDITOR)
    editor = shlex.join([sys.executable, str(tmp_path / "editor.py")])
    at = terminal_in(
        curated, "review", "--task", "qa", "--limit", "4", EDITOR=editor, VISUAL="", LORE_REVIEWER="ada"
    )
    at.expect("1 of 4")
    at.expect("[q]uit")
    at.type("a")
    at.expect("2 of 4")
    at.expect("[q]uit")
    at.type("e")
    at.expect("3 of 4")
    at.expect("[q]uit")
    at.type("r")
    at.expect("why (Enter for no reason): ")
    at.type("no good\n")
    at.expect("4 of 4")
    at.expect("[q]uit")
    at.type("q")
    said = at.rest()
    assert "1 accepted, 1 edited, 1 rejected" in said
    assert "1 left" in said
    assert at.leave() == 0
    found = {row["decided"]["decision"]: row["decided"] for row in listed(lore, curated)}
    assert found["edit"]["messages"][-1]["content"] == "From the editor."
    assert found["edit"]["messages"][0] == found["edit"]["seen"]["messages"][0]
    assert found["reject"]["note"] == "no good"


def test_ctrl_c_in_a_sitting_keeps_what_was_decided(
    lore: Lore, curated: Path, terminal_in: Callable[..., Any]
) -> None:
    at = terminal_in(curated, "review", "--limit", "3", LORE_REVIEWER="ada")
    at.expect("[q]uit")
    at.type("a")
    at.expect("2 of 3")
    at.expect("[q]uit")
    at.interrupt(after_s=0.3)
    assert "1 accepted" in at.rest()
    assert at.leave() == 0
    assert len(listed(lore, curated)) == 1


def test_a_forgotten_document_takes_the_decisions_that_quote_it_with_it(lore: Lore, curated: Path) -> None:
    found = rows(lore, curated, "curate")
    quoting = next(row for row in found if "twelve hours" in row["messages"][-1]["content"])
    home = quoting["metadata"]["document_id"]
    other = next(row for row in found if row["task"] == "qa" and row["metadata"]["document_id"] != home)
    done(lore("review", "edit", quoting["id"], "--answer", "Zwölf Stunden.", *ADA, cwd=curated))
    done(lore("curate", cwd=curated))
    edited = next(row for row in rows(lore, curated, "curate") if row["metadata"].get("edited_from"))
    done(lore("review", "accept", edited["id"], *ADA, cwd=curated))
    done(lore("review", "accept", other["id"], *ADA, cwd=curated))
    assert "2 decisions of people" in done(lore("forget", "alarms.md", "--dry-run", cwd=curated))
    done(lore("forget", "alarms.md", "--yes", cwd=curated))
    kept_now = listed(lore, curated)
    assert [row["decided"]["seen"]["example_id"] for row in kept_now] == [other["id"]]
    for file in (curated / ".lore").glob("lore.sqlite*"):
        assert "Zwölf Stunden".encode() not in file.read_bytes()
        assert b"Zw\\u00f6lf" not in file.read_bytes()


def test_a_preview_of_generation_honours_decisions(lore: Lore, curated: Path) -> None:
    preview = ("generate", "--preview", "100", "--task", "qa", "--json")
    before = json.loads(done(lore(*preview, cwd=curated)))["examples"]
    done(lore("review", "reject", before[0]["id"], "--note", "outdated", *ADA, cwd=curated))
    after = json.loads(done(lore(*preview, cwd=curated)))
    assert before[0]["id"] not in {row["id"] for row in after["examples"]}
    reasons = [row["reason"] for row in after["left_out"] if row["filter"] == "review"]
    assert reasons == ["a person rejected it: outdated"]
