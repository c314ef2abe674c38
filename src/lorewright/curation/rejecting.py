"""The record of an example that is left out."""

from lorewright.core.records import Example, Rejection

_NAME_CHARS = 200


def rejection(example: Example, *, filter_name: str, reason: str, twin: str = "") -> Rejection:
    """Return the record of an example that is left out, by the filter and for the reason given."""
    return Rejection(
        record="example",
        record_id=example.id,
        filter=filter_name,
        reason=reason,
        twin=twin,
        name=example.prompt[:_NAME_CHARS],
    )
