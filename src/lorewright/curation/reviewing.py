"""What people decided about examples, applied to those that are made again."""

from collections.abc import Iterable, Mapping

from lorewright.core.assessments import Decision, Review
from lorewright.core.making import make_example, review_key
from lorewright.core.records import Example, Message, Rejection
from lorewright.curation.editing import metadata_after
from lorewright.curation.rejecting import EDITED_FROM, rejection
from lorewright.store.decided import Decided

ACCEPTED = "accepted"
"""Metadata of an example that a person accepted or edited: true."""
REPLACED = "replaced_answer"
"""Metadata of an edited example: the answer that a person did not want."""


def reviewed(example: Example, reviews: Mapping[str, Review]) -> Example | Rejection:
    """Return an example as a person left it, or its rejection; one that nobody decided about as it is.

    Args:
        example: As it was made.
        reviews: What people decided, by `core.making.review_key`, as `settled` returns it.
    """
    review = reviews.get(review_key(example.messages)) if reviews else None
    if review is None or review.decision == "note":
        return example
    if review.decision == "reject":
        note = f": {review.note}" if review.note else ""
        return rejection(example, filter_name="review", reason=f"a person rejected it{note}")
    if review.decision == "accept":
        return example.model_copy(update={"metadata": {**example.metadata, ACCEPTED: True}})
    replaced = example.messages[-1].content if example.messages else ""
    own = {ACCEPTED: True, EDITED_FROM: example.id}
    return make_example(
        task=example.task,
        messages=review.messages,
        evidence=example.evidence,
        origin=example.origin,
        metadata={
            **metadata_after(example, review.messages),
            **own,
            **({REPLACED: replaced} if replaced != review.messages[-1].content else {}),
        },
    )


def standing(decisions: Iterable[Decided]) -> dict[str, Decided]:
    """Return the newest decision of each key that was not taken back; notes decide nothing and are left out."""
    newest: dict[str, Decided] = {}
    for decided in sorted(decisions, key=_moment):
        if not decided.undone and decided.decision != "note":
            newest[decided.key] = decided
    return newest


def settled(decisions: Iterable[Decided]) -> dict[str, Review]:
    """Return what becomes of examples by the key of their own words, edits of edits followed to their end.

    Who edits words says what these are to be; a later decision about the new words holds for what was edited into
    them, too, an earlier one does not. Words that are edited back into what they were are accepted.
    """
    stands = standing(decisions)
    return {key: _followed(decided, stands) for key, decided in stands.items()}


def _followed(first: Decided, stands: Mapping[str, Decided]) -> Review:
    last, visited = first, {first.key}
    words: tuple[Message, ...] = ()
    decision: Decision
    while last.decision == "edit":
        words = last.messages
        following = stands.get(review_key(words))
        if following is None or following.key in visited or _moment(following) < _moment(last):
            break
        visited.add(following.key)
        last = following
    if last.decision == "reject":
        decision, words = last.decision, ()
    elif not words or review_key(words) == first.key:
        decision, words = "accept", ()
    else:
        decision = "edit"
    return Review(
        key=first.key,
        decision=decision,
        messages=words,
        note=last.note,
        reviewer=last.reviewer,
        reviewed_at=last.reviewed_at,
    )


def _moment(decided: Decided) -> tuple[object, int]:
    return decided.reviewed_at, decided.number
