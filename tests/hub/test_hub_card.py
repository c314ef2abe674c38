"""The dataset card: what it says, in a form that the Hub and `datasets` accept."""

from typing import Any

import pytest

from lorewright.hub.card import Description, Repository, SplitCount, dataset_card
from lorewright.hub.card_sources import hub_licences
from lorewright.hub.split_files import SplitFiles


def described(*licences: dict[str, int], papers: int = 4) -> Description:
    repositories = tuple(
        Repository(f"acme/repo{number}", f"{number}" * 40, number == 1, 3, 1_200, one)
        for number, one in enumerate(licences)
    )
    return Description(
        project="Pumps | valves",
        made_by="lorewright 9.9",
        runs={"ingest": "i123", "chunk": "c456"},
        splits={"docs": SplitCount(2_400, 6), "papers": SplitCount(papers, 1 if papers else 0)},
        repositories=repositories,
        rejected=2,
        without_chunks=1,
        fields={"text": "The passage.", "commit": "Commit that was read."},
    )


def card_of(one: Description) -> tuple[dict[str, Any], str]:
    yaml = pytest.importorskip("yaml")
    written = {
        "docs": SplitFiles(("data/docs-00000-of-00001.parquet",), 2_400, 9),
        "papers": SplitFiles(("data/papers-00000-of-00001.parquet",), 4, 9),
    }
    card = dataset_card(one, written, repo_id="acme/handbook")
    _, head, body = card.split("---\n", 2)
    return yaml.safe_load(head), body


def test_the_card_says_from_where_how_many_and_how_to_load() -> None:
    head, body = card_of(described({"MIT": 3}, {"": 1, "Apache-2.0": 2}))
    assert head["pretty_name"] == "Pumps | valves corpus"
    assert head["configs"][0]["data_files"][1] == {
        "split": "papers",
        "path": ["data/papers-00000-of-00001.parquet"],
    }
    assert "2,404 passages of 7 documents" in body
    assert 'load_dataset("acme/handbook")' in body
    assert f"| acme/repo0 | `{'0' * 40}` | 3 | 1,200 | MIT (3) |" in body
    assert f"| acme/repo1 | `{'1' * 40}`, with changes | 3 | 1,200 | not stated (1), Apache-2.0 (2) |" in body
    assert "| `docs` | 2,400 | 6 |" in body
    assert "| `commit` | Commit that was read. |" in body
    assert "runs ingest `i123`, chunk `c456`" in body
    assert "2 files could not be read and 1 document gave no passage" in body
    assert "no empty split" not in body


def test_an_empty_split_is_explained() -> None:
    _, body = card_of(described({"MIT": 3}, papers=0))
    assert "`papers` has no rows; `load_dataset` reads no empty split" in body


@pytest.mark.parametrize(
    ("licences", "key"),
    [
        (({"MIT": 3},), "mit"),
        (({"GPL-3.0-only": 2}, {"GPL-3.0-or-later": 1}), "gpl-3.0"),
        (({"MIT": 1}, {"Apache-2.0": 2}), ["apache-2.0", "mit"]),
        (({"MIT": 1, "": 1},), None),
        (({"MIT": 1, "Acme-1.0": 1},), None),
        (({"": 5},), None),
    ],
)
def test_a_licence_is_claimed_only_if_every_document_states_one(
    licences: tuple[dict[str, int], ...], key: object
) -> None:
    one = described(*licences)
    head, _ = card_of(one)
    assert head.get("license") == key
    assert bool(hub_licences(one.repositories)) == (key is not None)
