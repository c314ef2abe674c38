"""What people and judges thought of examples: records like those of `core.records`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from lorewright.core.records import Message, Metadata, Record

Decision = Literal["accept", "edit", "reject", "note"]


class Review(Record):
    """What people decided about an example, whichever run made it.

    Attributes:
        key: Hash of its messages alone: an example that is made again with the same words keeps its decision.
        decision: The newest one; `note` says something and decides nothing.
        messages: What the example says after an edit; empty for other decisions.
        note: Why, in the reviewer's words.
        reviewer: Who decided.
        reviewed_at: When, in UTC.
    """

    key: str
    decision: Decision
    messages: tuple[Message, ...] = ()
    note: str = ""
    reviewer: str = ""
    reviewed_at: datetime


class Judgement(Record):
    """What a judge thinks of one example.

    Attributes:
        example_id: The example.
        model: `provider/model` of the judge.
        served_model: What the provider called it.
        rubric: Name and digest of the prompt.
        scores: Criterion to its score, 1 to 5.
        score: The least of them as a share: 0 for 1, 1 for 5; None where no usable reply came.
        explanation: The judge's own words.
        problem: Why there is no score.
    """

    example_id: str
    model: str
    served_model: str = ""
    rubric: str
    scores: Metadata = Field(default_factory=dict)
    score: float | None = None
    explanation: str = ""
    problem: str = ""
