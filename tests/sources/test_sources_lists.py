import json
from pathlib import Path

import pytest

from lorewright.core.errors import ConfigError
from lorewright.sources.lists import ListedRepository, read_repositories, read_urls


def _file(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "list.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_repositories_are_read_as_they_are_with_the_branch_optional(tmp_path: Path) -> None:
    path = _file(tmp_path, {"Grid": {"url": "https://h/o/grid", "branch": "dev"}, "Web": {"url": "../web"}})
    assert read_repositories(path) == (
        ListedRepository("Grid", "https://h/o/grid", "dev"),
        ListedRepository("Web", "../web", ""),
    )


def test_urls_are_read_as_they_are_in_their_order(tmp_path: Path) -> None:
    urls = ["https://h/b.pdf", "https://h/a.pdf?x=1"]
    assert read_urls(_file(tmp_path, urls)) == tuple(urls)
    assert read_urls(_file(tmp_path, "\ufeff[]")) == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (["x"], 'it holds ["x"]'),
        ({"A": "https://h/a"}, "'A' is \"https://h/a\""),
        ({"A": {}}, "'A' has no `url`"),
        ({"A": {"url": ""}}, "'A' has the `url` \"\""),
        ({"A": {"url": 3}}, "'A' has the `url` 3"),
        ({"A": {"url": "x", "branch": None}}, "'A' has the `branch` null"),
        ({"A": {"url": "x", "brnach": "y"}}, "'A' has the unknown key 'brnach'"),
        ({"": {"url": "x"}}, "a repository has an empty name"),
        ('{"A": {"url": "x"}, "A": {"url": "y"}}', "the key 'A' stands there twice"),
        ('{"A": ', "is no JSON: Expecting value: line 1"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_a_list_of_repositories_of_another_shape_is_one_error_with_the_value(
    tmp_path: Path, content: object, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_repositories(_file(tmp_path, content))
    assert message in caught.value.message
    assert "list.json" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": 1}, 'it holds {"a": 1}'),
        (["x", 7], "entry 2 is 7"),
        ([" "], 'entry 1 is " "'),
        ("\x80", "no JSON"),
    ],
)
def test_a_list_of_urls_of_another_shape_is_one_error_with_the_value(
    tmp_path: Path, content: object, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_urls(_file(tmp_path, content))
    assert message in caught.value.message
    assert caught.value.hint


def test_a_missing_list_is_an_error_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.json cannot be read: No such file"):
        read_urls(tmp_path / "gone.json")


def test_credentials_in_a_misshapen_list_are_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_urls(_file(tmp_path, {"A": "https://someone:s3cret@h/a"}))
    assert "s3cret" not in caught.value.message
