"""What people decided about examples, applied to those that are made again."""

from collections.abc import Mapping

from lorewright.core.making import make_example, review_key
from lorewright.core.records import Example, Rejection, Review
from lorewright.curation.rejecting import rejection

ACCEPTED = "accepted"
"""Metadata of an example that a person accepted or edited: true."""
EDITED_FROM, REPLACED = "edited_from", "replaced_answer"
"""Metadata of an edited example: the id it had, and the answer that a person did not want."""


def reviewed(example: Example, reviews: Mapping[str, Review]) -> Example | Rejection:
    """Return an example as a person left it, or its rejection; one that nobody decided about as it is.

    Args:
        example: As it was made.
        reviews: What people decided, by `core.making.review_key`.
    """
    review = reviews.get(review_key(example.messages))
    if review is None or review.decision == "note":
        return example
    if review.decision == "reject":
        note = f": {review.note}" if review.note else ""
        return rejection(example, filter_name="review", reason=f"a person rejected it{note}")
    metadata = {**example.metadata, ACCEPTED: True}
    if review.decision == "accept":
        return example.model_copy(update={"metadata": metadata})
    return make_example(
        task=example.task,
        messages=review.messages,
        evidence=example.evidence,
        origin=example.origin,
        metadata={
            **metadata,
            EDITED_FROM: example.id,
            REPLACED: example.messages[-1].content if example.messages else "",
        },
    )


def made_id(example: Example) -> str:
    """Return the id that an example had before a person edited it."""
    return str(example.metadata.get(EDITED_FROM) or example.id)
