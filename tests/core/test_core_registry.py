"""Plug-ins are found by name and imported only when used."""

import subprocess
import sys
from pathlib import Path

import pytest

from lorewright.core.errors import ConfigError
from lorewright.core.registry import Registry

BUILTIN = {"words": "lorewright.core.ids:digest", "works": "lorewright.core.ids:short_id"}


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a distribution whose entry points offer four animals, three of them broken."""
    (tmp_path / "zoo_of_tests.py").write_text("def moo(): return 'moo'\n")
    (tmp_path / "zoo_that_breaks.py").write_text("raise ValueError('this zoo is closed')\n")
    info = tmp_path / "zoo_of_tests-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zoo-of-tests\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[lorewright.animal]\ncow = zoo_of_tests:moo\nowl = zoo_of_tests:hoot\nyeti = zoo_not_there:roar\n"
        "bear = zoo_that_breaks:growl\nwords = zoo_of_tests:moo\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_plug_in_of_another_distribution_is_found_by_its_entry_point(plugin: Path) -> None:
    animals = Registry("animal", BUILTIN)
    assert animals.names() == ["bear", "cow", "owl", "words", "works", "yeti"]
    assert animals.load("cow")() == "moo"


def test_a_built_in_name_cannot_be_taken_over(plugin: Path) -> None:
    from lorewright.core.ids import digest

    assert Registry("animal", BUILTIN).load("words") is digest


def test_a_plug_in_of_another_kind_is_not_offered(plugin: Path) -> None:
    assert Registry("plant", BUILTIN).names() == ["words", "works"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("owl", r"zoo_of_tests:hoot\) cannot be loaded: .*hoot"),
        ("yeti", r"zoo_not_there:roar\) cannot be loaded: .*zoo_not_there"),
        ("bear", r"zoo_that_breaks:growl\) cannot be loaded: .*this zoo is closed"),
    ],
)
def test_a_plug_in_that_cannot_be_loaded_says_which_and_why(plugin: Path, name: str, why: str) -> None:
    with pytest.raises(ConfigError, match=rf"The animal '{name}' \({why}") as caught:
        Registry("animal", BUILTIN).load(name)
    assert "reinstall" in caught.value.hint


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="There is no animal named 'wirds'") as caught:
        Registry("animal", BUILTIN).load("wirds")
    assert caught.value.hint == "did you mean 'words'?"


def test_a_name_like_no_other_is_answered_with_all() -> None:
    with pytest.raises(ConfigError) as caught:
        Registry("animal", BUILTIN).load("zzz")
    assert caught.value.hint == "known: words, works"


def test_names_import_no_plug_in() -> None:
    code = (
        "import sys; from lorewright.core.registry import Registry\n"
        "assert Registry('animal', {'a': 'wave:open'}).names() == ['a']\n"
        "assert 'wave' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_kind_is_named_in_the_singular_and_one_without_entries_says_so() -> None:
    with pytest.raises(ConfigError, match="There is no format named 'csv'") as caught:
        Registry("formats", {}).load("csv")
    assert caught.value.hint == "known: none"
