"""The record of an example that is left out."""

from lorewright.core.records import Example, Rejection

EDITED_FROM = "edited_from"
"""Metadata of an edited example: the id that it had before."""
_NAME_CHARS = 200


def rejection(example: Example, *, filter_name: str, reason: str, twin: str = "") -> Rejection:
    """Return the record of an example that is left out, by the filter and for the reason given."""
    return Rejection(
        record="example",
        record_id=made_id(example),
        filter=filter_name,
        reason=reason,
        twin=twin,
        name=example.prompt[:_NAME_CHARS],
    )


def made_id(example: Example) -> str:
    """Return the id that an example had before a person edited it."""
    return str(example.metadata.get(EDITED_FROM) or example.id)
