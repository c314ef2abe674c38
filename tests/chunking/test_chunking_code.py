from lorewright.chunking.chunk import chunk
from lorewright.core.records import Chunk
from lorewright.parsing.dispatch import parse
from lorewright.parsing.placing import placed

_MODULE = '''"""Opens stores.

More about stores.
"""

import os

LIMIT = 3  # stores


# Why this one is here.
@cached
def open_store(path):
    """Return the store at a path."""

    def inner():
        return path

    return inner()  # at once


class Store(dict):
    """Keeps records."""

    kind = "plain"

    def read(self, name):
        """Return a record by its name."""
        return self[name]

    class Lock:
        """Held while writing."""

        def release(self):
            """Let go."""

    limit = LIMIT


class StoreError(Exception):
    """A store refused."""


if __name__ == "__main__":
    open_store(os.curdir)
'''


def _chunks(source: str, *, min_chars: int = 0, max_chars: int = 400) -> list[Chunk]:
    document = placed(parse(source.encode(), kind="python"), source="s", path="src/lib/store.py")
    return chunk(document, max_size=max_chars, min_size=min_chars, overlap=0)


def test_definitions_are_passages_under_their_module_and_classes() -> None:
    found = [
        (" > ".join(passage.headings), passage.text.strip().split("\n")[0]) for passage in _chunks(_MODULE)
    ]
    assert found == [
        ("lib.store", '"""Opens stores.'),
        ("lib.store > open_store", "# Why this one is here."),
        ("lib.store > Store", "class Store(dict):"),
        ("lib.store > Store > read", "def read(self, name):"),
        ("lib.store > Store > Lock", "class Lock:"),
        ("lib.store > Store > Lock > release", "def release(self):"),
        ("lib.store > Store", "limit = LIMIT"),
        ("lib.store > StoreError", "class StoreError(Exception):"),
        ("lib.store", 'if __name__ == "__main__":'),
    ]


def test_a_definition_is_whole_with_decorators_comments_and_inner_functions() -> None:
    text = _chunks(_MODULE)[1].text
    assert text.startswith("# Why this one is here.\n@cached\ndef open_store")
    assert text.endswith("return inner()  # at once")


def test_a_method_keeps_its_indentation() -> None:
    assert _chunks(_MODULE)[3].text.startswith("    def read")


def test_small_members_of_one_class_are_joined_under_the_class() -> None:
    members = "\n".join(f"    def m{number}(self):\n        return {number}\n" for number in range(4))
    found = _chunks(f"class A:\n{members}\n\nclass B:\n    def n(self):\n        return 'b'\n", min_chars=300)
    assert [passage.headings for passage in found] == [("lib.store", "A"), ("lib.store", "B")]


def test_a_large_function_is_cut_at_blank_lines_then_lines() -> None:
    source = "def f():\n" + "".join(f"    step_{number}()\n" for number in range(8)) + "\n    return 1\n"
    found = _chunks(source, max_chars=80, min_chars=10)
    assert [passage.text.split("\n")[0] for passage in found] == ["def f():", "    step_5()"]
    assert {passage.headings for passage in found} == {("lib.store", "f")}


def test_code_that_cannot_be_parsed_is_still_cut() -> None:
    found = _chunks("print 'old'\n" * 60, max_chars=100)
    assert all(passage.headings == ("lib.store",) for passage in found)
    assert "\n".join(passage.text for passage in found) == ("print 'old'\n" * 60).strip()
