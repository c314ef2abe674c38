"""Errors are one tree; each has a message and a next step."""

import inspect
import pickle

import pytest

from lorewright.core import errors

KINDS = [getattr(errors, name) for name in errors.__all__]


def test_every_error_is_public_sorted_and_drawn_in_the_tree() -> None:
    defined = [name for name, kind in inspect.getmembers(errors, inspect.isclass)]
    assert errors.__all__ == sorted(defined)
    for name in defined:
        assert f"{name} " in f"{errors.__doc__} " or f"{name}\n" in str(errors.__doc__)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_carries_its_message_and_hint(kind: type[errors.LoreError]) -> None:
    error = kind("the value 3 is odd", "lore status")
    assert isinstance(error, errors.LoreError)
    assert (str(error), error.message, error.hint) == (
        "the value 3 is odd",
        "the value 3 is odd",
        "lore status",
    )
    assert kind("no hint").hint == ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_passes_between_processes(kind: type[errors.LoreError]) -> None:
    error = pickle.loads(pickle.dumps(kind("torn", "look at it")))
    assert (type(error), error.message, error.hint) == (kind, "torn", "look at it")
