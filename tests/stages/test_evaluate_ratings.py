"""People rate answers without knowing whose they are, and an evaluation says how far metrics agree with them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Lore = Callable[..., CompletedProcess[str]]


def sheet(project: Path) -> list[dict[str, str]]:
    with (project / "ratings.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rate(project: Path, rating: Callable[[dict[str, str]], str], *, delimiter: str = ",") -> None:
    rows = sheet(project)
    with (project / "ratings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows({**row, "rating": rating(row)} for row in rows)


def test_answers_are_rated_blind_and_the_agreement_is_told(lore: Lore, trained: Path) -> None:
    done = lore("evaluate", "--rate", "50", "--json", cwd=trained)
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)
    rows = sheet(trained)
    assert (written["answers"], written["rated"]) == (len(rows), 0)
    assert rows
    assert not {"system", "model"} & rows[0].keys()
    assert len({row["key"] for row in rows}) == len(rows)
    rate(trained, lambda row: "5" if row["answer"] == row["reference"] else "1")
    done = lore("evaluate", "--json", cwd=trained)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["metrics"]["agreement"]
    assert any(line.startswith("exact_match and people on") for line in told)
    assert "people on" in lore("evaluate", cwd=trained).stdout
    again = json.loads(lore("evaluate", "--rate", "50", "--json", cwd=trained).stdout)
    assert (again["added"], again["rated"]) == (0, len(rows))


@pytest.mark.parametrize("wrong", ["6", "good", "4.5", "-1"])
def test_a_rating_that_is_none_is_named(lore: Lore, trained: Path, wrong: str) -> None:
    assert lore("evaluate", "--rate", "3", cwd=trained).returncode == 0
    rate(trained, lambda row: wrong, delimiter=";")
    done = lore("evaluate", cwd=trained)
    assert done.returncode != 0
    assert f"The rating '{wrong}' of answer 1 in the sheet is no number from 1 to 5." in " ".join(
        done.stderr.split()
    )


def test_a_file_that_is_no_sheet_is_left_alone(lore: Lore, trained: Path) -> None:
    (trained / "ratings.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = lore("evaluate", "--rate", "3", cwd=trained)
    assert done.returncode != 0
    assert "has no columns named key and rating" in " ".join(done.stderr.split())
    assert (trained / "ratings.csv").read_text(encoding="utf-8") == "a,b\n1,2\n"
