"""Module names from paths."""

import pytest

from lorewright.text.modules import module_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.py", "a"),
        ("src/pkg/__init__.py", "pkg"),
        ("pkg/sub/mod.py", "pkg.sub.mod"),
        ("lib/python3.11/site-packages/pkg/mod.py", "pkg.mod"),
        ("__init__.py", "__init__"),
        ("src.py", "src"),
    ],
)
def test_a_path_says_the_dotted_module(path: str, name: str) -> None:
    assert module_name(path) == name
