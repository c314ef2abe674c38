"""Records of values that need no checking, for the few places that make thousands."""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)
_put = object.__setattr__


def trusted(record_type: type[M], values: dict[str, Any]) -> M:
    """Return a record of values that our own code made right, in a quarter of the time that checking takes.

    Args:
        record_type: The record's type.
        values: A value of the right type for every field, in the order of the fields; the record keeps this dict.
    """
    record = record_type.__new__(record_type)
    _put(record, "__dict__", values)
    _put(record, "__pydantic_fields_set__", _fields(record_type))
    _put(record, "__pydantic_extra__", None)
    _put(record, "__pydantic_private__", None)
    return record


@cache
def _fields(record_type: type[BaseModel]) -> set[str]:
    return set(record_type.model_fields)
