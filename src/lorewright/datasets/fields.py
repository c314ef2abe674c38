"""The metadata field that keeps examples together."""

from lorewright.core.records import Example


def field_value(example: Example, split_by: str) -> str:
    """Return the example's value of the `split_by` field; empty when it has none."""
    value = example.metadata.get(split_by) if split_by else None
    return "" if value is None else str(value)
