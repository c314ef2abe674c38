"""Decisions come back as they were made; the newest version of the database is the only one that is read."""

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lorewright.store.database as database_module
from lorewright.core.assessments import Decision
from lorewright.core.errors import ConfigError, MissingDependencyError, StorageError
from lorewright.core.records import Message
from lorewright.store.database import Database
from lorewright.store.decided import Decided, Seen, make_decided
from lorewright.store.reviews import add_decisions, all_decisions, forget_decisions, undo_last

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SEEN = Seen(
    example_id="e1",
    task="qa",
    question="How?",
    messages=(Message(role="user", content="How?"), Message(role="assistant", content="So.")),
    documents=("d1",),
    said="kept",
    score=0.5,
)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "work")


def decided(
    key: str = "k1", decision: Decision = "accept", note: str = "", reviewer: str = "ada", minute: int = 0
) -> Decided:
    return make_decided(
        key=key,
        decision=decision,
        messages=SEEN.messages if decision == "edit" else (),
        note=note,
        reviewer=reviewer,
        reviewed_at=NOON + timedelta(minutes=minute),
        seen=SEEN,
    )


def test_a_decision_comes_back_as_it_was_made(database: Database) -> None:
    made = [decided(), decided("k2", "edit", "Zeile 1\nZeile 2 'quoted' é")]
    numbered = [one.model_copy(update={"number": number}) for number, one in enumerate(made, 1)]
    assert add_decisions(database, made) == numbered
    assert all_decisions(database) == numbered


@given(st.text(alphabet=st.characters(codec=None), max_size=30))
def test_any_words_survive_half_a_surrogate_pair_and_nul_too(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    database = Database(tmp_path_factory.mktemp("any"))
    messages = (Message(role="user", content=text),)
    made = decided("k", note=text).model_copy(
        update={"messages": messages, "seen": Seen(messages=messages, question=text)}
    )
    add_decisions(database, [made])
    (found,) = all_decisions(database)
    assert (found.messages, found.seen.messages, found.note) == (messages, messages, made.note)


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    database = Database(tmp_path / "work")
    assert all_decisions(database) == []
    assert undo_last(database, reviewer="ada", now=NOON) is None
    assert forget_decisions(database, lambda _one: True) == 0
    assert not (tmp_path / "work").exists()


def test_the_same_decision_is_kept_once(database: Database) -> None:
    assert len(add_decisions(database, [decided(), decided(), decided(minute=1)])) == 2
    assert add_decisions(database, [decided()]) == []


def test_undo_takes_back_ones_own_last_and_keeps_it_in_the_history(database: Database) -> None:
    add_decisions(database, [decided("k1"), decided("k2"), decided("k3", reviewer="bob")])
    undone = [undo_last(database, reviewer="ada", now=NOON) for _ in range(3)]
    assert [one.key if one else None for one in undone] == ["k2", "k1", None]
    assert [(one.key, one.undone) for one in all_decisions(database)] == [
        ("k1", True),
        ("k2", True),
        ("k3", False),
    ]
    assert add_decisions(database, [decided("k1")]) == [], (
        "a decision that was taken back does not come back by itself"
    )


def test_a_failed_transaction_keeps_nothing_of_it(database: Database) -> None:
    add_decisions(database, [decided("k0")])

    def broken() -> Iterator[Decided]:
        yield decided("k1")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        add_decisions(database, broken())
    assert [one.key for one in all_decisions(database)] == ["k0"]


def test_what_is_forgotten_stands_nowhere_in_the_files(database: Database, tmp_path: Path) -> None:
    add_decisions(database, [decided("k1", note="the salary of Zacharias"), decided("k2")])
    undo_last(database, reviewer="ada", now=NOON)
    assert forget_decisions(database, lambda one: "salary" in one.note) == 1
    assert [one.key for one in all_decisions(database)] == ["k2"]
    files = [file.read_bytes() for file in (tmp_path / "work").iterdir()]
    assert files
    assert not any(b"Zacharias" in content for content in files)


def test_a_database_of_an_older_version_is_brought_up_with_all_it_holds(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_decisions(database, [decided()])
    newer = tmp_path / "migrations"
    shutil.copytree(Path(database_module.__file__).parent / "migrations", newer)
    (newer / "versions" / "v0002_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '0002', '0001'\n"
        "def upgrade():\n    op.add_column('decisions', sa.Column('colour', sa.Text, server_default='red'))\n"
    )
    monkeypatch.setattr(database_module, "_MIGRATIONS", str(newer))
    monkeypatch.setattr(database_module, "NEWEST", "0002")
    assert [one.key for one in all_decisions(database)] == ["k1"]
    with sqlite3.connect(tmp_path / "work" / "lore.sqlite") as plain:
        assert plain.execute("SELECT version_num FROM lorewright_version").fetchall() == [("0002",)]
        assert plain.execute("SELECT colour FROM decisions").fetchall() == [("red",)]
    plain.close()


@pytest.mark.parametrize("use", ["read", "write"])
def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    database: Database, tmp_path: Path, use: str
) -> None:
    add_decisions(database, [decided()])
    path = tmp_path / "work" / "lore.sqlite"
    plain = sqlite3.connect(path)
    plain.execute("UPDATE lorewright_version SET version_num = '0099'")
    plain.commit()
    plain.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="newer version of lorewright: its format is 0099") as caught:
        all_decisions(database) if use == "read" else add_decisions(database, [decided("k2")])
    assert caught.value.hint == "pip install --upgrade lorewright"
    assert path.read_bytes() == before


@pytest.mark.parametrize("use", ["read", "write"])
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path, use: str) -> None:
    path = tmp_path / "lore.sqlite"
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE songs (title TEXT)")
    plain.commit()
    plain.close()
    before = path.read_bytes()
    database = Database(tmp_path)
    with pytest.raises(ConfigError, match="is a database of another program"):
        all_decisions(database) if use == "read" else add_decisions(database, [decided()])
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lore.sqlite").write_text("pears and apples, many of them " * 40)
    with pytest.raises(ConfigError, match="is no database of decisions, or a broken one"):
        all_decisions(Database(tmp_path))


def test_the_environment_names_another_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LORE_DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.db")
    database = Database(tmp_path / "work")
    assert all_decisions(database) == []
    add_decisions(database, [decided()])
    assert [one.key for one in all_decisions(Database(tmp_path / "other"))] == ["k1"]
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("not an address s3cret", ConfigError, "LORE_DATABASE_URL is no address of a database."),
        ("nosuch://ada:s3cret@host/db", MissingDependencyError, "The driver of nosuch://ada:***@host/db"),
        ("postgresql+nodriver://ada:s3cret@host/db", MissingDependencyError, "ada:***@host/db"),
        ("sqlite:////no/such/folder/x.db", StorageError, "database of decisions"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, kind: type[Exception], said: str
) -> None:
    monkeypatch.setenv("LORE_DATABASE_URL", url)
    with pytest.raises(kind) as caught:
        all_decisions(Database(tmp_path))
    assert said in str(caught.value)
    if "***" in said or kind is ConfigError:
        assert "s3cret" not in f"{caught.value}{caught.value.__cause__}{getattr(caught.value, 'hint', '')}"
