"""Settings are checked strictly and say what was wrong in words."""

from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from lorewright.core.errors import ConfigError
from lorewright.core.settings import (
    Section,
    check,
    known_keys,
    no_effect,
    override,
    read_toml,
    result_settings,
)


class Rule(Section):
    pattern: str
    weight: float = Field(1.0, gt=0)


class Source(Section):
    path: str = ""
    exclude: tuple[str, ...] = ()
    rules: list[Rule] = Field([])


class Training(Section):
    epochs: int = Field(2, ge=1)
    learning_rate: float = 1e-4
    threads: int = no_effect(1, "Threads.", ge=1)
    out: Path = Path("models")


class Tree(Section):
    name: str = "lore"
    sources: tuple[Source, ...] = ()
    training: Training = Training()
    optional: Training | None = None
    named: dict[str, Rule] = Field({})
    ratios: tuple[Annotated[float, Field(le=1)], ...] = (0.8, 0.2)


def refused(tree: dict[str, Any]) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        check(tree, Tree, where="lore.toml")
    return caught.value


@pytest.mark.parametrize(
    ("tree", "key", "near"),
    [
        ({"trainning": {}}, "trainning", "training"),
        ({"training": {"epoch": 3}}, "training.epoch", "epochs"),
        ({"sources": [{"path": "a"}, {"pth": "b"}]}, "sources.1.pth", "path"),
        ({"sources": [{"rules": [{"pattern": "a", "wieght": 2}]}]}, "sources.0.rules.0.wieght", "weight"),
        ({"optional": {"learningrate": 1}}, "optional.learningrate", "learning_rate"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(
    tree: dict[str, Any], key: str, near: str
) -> None:
    error = refused(tree)
    assert error.message == f"lore.toml: unknown key '{key}'."
    assert error.hint == f"did you mean '{near}'?"


def test_an_unknown_key_like_none_is_answered_with_all_that_are_known() -> None:
    error = refused({"training": {"zzz": 1}})
    assert error.hint == "known there: epochs, learning_rate, out, threads"


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"training": {"epochs": 0}}, r"training\.epochs: .+ greater than or equal to 1 \(it is 0\)"),
        ({"training": {"epochs": "many"}}, r"training\.epochs: .+ integer.+ \(it is 'many'\)"),
        ({"sources": [{"rules": [{"weight": 1}]}]}, r"sources\.0\.rules\.0\.pattern: Field required\.$"),
        ({"ratios": [0.5, 7]}, r"ratios\.1: .+ \(it is 7\)"),
        ({"training": 3}, r"lore\.toml: training: .+ \(it is 3\)"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_key(tree: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        check(tree, Tree, where="lore.toml")
    assert "lore schema" in caught.value.hint


def test_a_good_tree_is_checked_and_frozen() -> None:
    tree = check({"training": {"epochs": 5}}, Tree, where="lore.toml")
    assert tree.training.epochs == 5
    with pytest.raises(ValueError, match="frozen"):
        tree.training.epochs = 6  # type: ignore[misc]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("3", 3),
        ("1e-5", 1e-5),
        ("true", True),
        ("plain words", "plain words"),
        ('"3"', "3"),
        ("[1, 2]", [1, 2]),
        ('["*.md", "docs/**"]', ["*.md", "docs/**"]),
        ('{path = "a"}', {"path": "a"}),
        ("", ""),
        ("a=b=c", "a=b=c"),
        ("  spaced  ", "spaced"),
        ("docs/*.md", "docs/*.md"),
        ("C:\\docs", "C:\\docs"),
    ],
)
def test_an_assignment_is_toml_or_else_plain_text(raw: str, value: Any) -> None:
    assert override({}, [f"section.key={raw}"]) == {"section": {"key": value}}


def test_later_assignments_win_and_the_given_tree_stays_as_it_was() -> None:
    tree = {"training": {"epochs": 1}, "sources": [{"path": "a"}]}
    changed = override(tree, ["training.epochs=2", "training.threads=4", "training.epochs=3", "name=x"])
    assert changed == {
        "training": {"epochs": 3, "threads": 4},
        "sources": [{"path": "a"}],
        "name": "x",
    }
    assert tree == {"training": {"epochs": 1}, "sources": [{"path": "a"}]}


@pytest.mark.parametrize("assignment", ["training.epochs", "=3", "  = 3", ""])
def test_what_is_no_assignment_is_said_with_an_example(assignment: str) -> None:
    with pytest.raises(ConfigError, match="is not KEY=VALUE") as caught:
        override({}, [assignment])
    assert "--set training.epochs=1" in caught.value.hint


@pytest.mark.parametrize("assignment", ["name.first=1", "sources.0.path=a"])
def test_an_assignment_into_what_is_no_section_is_refused(assignment: str) -> None:
    with pytest.raises(ConfigError, match="is not a section"):
        override({"name": "lore", "sources": [{"path": "a"}]}, [assignment])


def test_an_assignment_to_an_unknown_key_is_found_by_the_check() -> None:
    assert refused(override({}, ["training.epoch=2"])).hint == "did you mean 'epochs'?"


keys = st.sampled_from(["a", "b", "c"])
trees = st.recursive(
    st.dictionaries(keys, st.integers()), lambda inner: st.dictionaries(keys, inner), max_leaves=4
)


@settings(deadline=None)
@given(trees)
def test_no_assignment_changes_nothing(tree: dict[str, Any]) -> None:
    assert override(tree, []) == tree


def test_settings_without_effect_are_left_out_at_every_depth() -> None:
    tree = Tree(training=Training(threads=8), optional=Training(threads=9))
    assert result_settings(tree) == result_settings(Tree(optional=Training()))
    kept = result_settings(tree)
    assert "threads" not in kept["training"]
    assert "threads" not in kept["optional"]
    assert kept["training"] == {"epochs": 2, "learning_rate": 1e-4, "out": "models"}


def test_settings_with_effect_stay_in_as_json_values() -> None:
    tree = Tree(sources=(Source(path="a", rules=[Rule(pattern="x")]),), named={"n": Rule(pattern="y")})
    kept = result_settings(tree)
    assert kept["sources"] == [
        {"path": "a", "exclude": [], "rules": [{"pattern": "x", "weight": 1.0}]},
    ]
    assert kept["named"] == {"n": {"pattern": "y", "weight": 1.0}}
    assert kept["ratios"] == [0.8, 0.2]


def test_a_setting_without_effect_is_still_checked_and_described() -> None:
    assert "training.threads" in refused({"training": {"threads": 0}}).message
    assert Training.model_json_schema()["properties"]["threads"]["description"] == "Threads."


def test_known_keys_of_a_place_that_is_no_section_are_none() -> None:
    assert known_keys(Tree, ["name"]) == []
    assert known_keys(Tree, ["nowhere", "at", "all"]) == []
    assert known_keys(Tree, ["sources", 3, "rules", 0]) == ["pattern", "weight"]


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "lore.toml").write_text('name = "é"\n[training]\nepochs = 3\n', encoding="utf-8")
    assert read_toml(tmp_path / "lore.toml") == {"name": "é", "training": {"epochs": 3}}


@pytest.mark.parametrize("content", [b"name = \n", b"name = 1\nname = 2\n", b"name = '\xff'\n"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lore.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"lore\.toml cannot be read: ") as caught:
        read_toml(tmp_path / "lore.toml")
    assert "lore.toml" in caught.value.hint


def test_the_line_of_a_slip_is_said(tmp_path: Path) -> None:
    (tmp_path / "lore.toml").write_text("a = 1\nb = \n")
    with pytest.raises(ConfigError, match="line 2"):
        read_toml(tmp_path / "lore.toml")
