"""Test examples side by side with every system's answer, as plain data, and which of them a report shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lorewright.core.records import Evidence, Example, Place, Prediction, Score
from lorewright.evaluation.json_answers import json_answer

Outcome = Literal["wins", "loses", "even"]

CATEGORY = "category"
_EVEN = 1e-9


@dataclass(frozen=True)
class EvidenceView:
    """Where the text stands that supports a reference answer."""

    path: str
    place: str
    quote: str
    heading: str = ""


@dataclass(frozen=True)
class AnswerView:
    """What one system answered and how it scored; `explanation` says why it failed."""

    system: str
    text: str
    value: float
    explanation: str = ""

    @property
    def failed(self) -> bool:
        """Whether it is no answer: an error, nothing, cut off, or not in the form that was asked for."""
        return is_failure(self.value, self.explanation)


@dataclass(frozen=True)
class ExampleView:
    """One test example with every system's answer, in the order of the table.

    Attributes:
        outcome: What the first system of the deciding comparison does against the second; None without one.
        category: The reference's, for structured tasks; else empty.
    """

    id: str
    test_set: str
    prompt: str
    reference: str
    answers: tuple[AnswerView, ...]
    evidence: tuple[EvidenceView, ...]
    outcome: Outcome | None = None
    category: str = ""

    @property
    def failed(self) -> bool:
        """Whether an answer of any system is none."""
        return any(answer.failed for answer in self.answers)


def is_failure(value: float, explanation: str) -> bool:
    """Return whether a score is that of a failure: nothing was scored, and the explanation says why."""
    return value == 0.0 and bool(explanation)


def example_view(
    example: Example,
    *,
    test_set: str,
    predictions: Sequence[Prediction],
    scores: Sequence[Score],
    metric: str,
    locate: Mapping[str, tuple[str, Place]],
    pair: tuple[str, str] | None = None,
) -> ExampleView:
    """Return an example side by side with its answers.

    Args:
        example: One of the test set.
        test_set: Its test set.
        predictions: Any that include this example's, in the order in which systems are shown.
        scores: Any that include those of this example's predictions.
        metric: Whose values to show.
        locate: Path and place of evidence, by chunk id.
        pair: The two systems whose difference decides, where there are two.
    """
    values = {
        score.system: score for score in scores if score.example_id == example.id and score.metric == metric
    }
    return ExampleView(
        id=example.id,
        test_set=test_set,
        prompt="\n\n".join(turn.content for turn in example.messages[:-1] if turn.role != "system"),
        reference=example.messages[-1].content,
        answers=tuple(
            AnswerView(
                prediction.system,
                prediction.text,
                values[prediction.system].value,
                values[prediction.system].explanation,
            )
            for prediction in predictions
            if prediction.example_id == example.id
        ),
        evidence=tuple(_evidence_view(piece, locate) for piece in example.evidence),
        outcome=_outcome(*(values[system].value for system in pair)) if pair else None,
        category=_category(example.messages[-1].content),
    )


def choose_examples(
    scores: Iterable[Score], *, metric: str, system: str, against: str, count: int
) -> tuple[str, ...]:
    """Return ids of examples that show a difference: by turns the largest gain and loss, the median, a failure.

    Args:
        scores: Of one test set.
        metric: Whose values decide.
        system: The one whose gains count.
        against: The other one.
        count: How many at most.
    """
    values: dict[str, dict[str, float]] = {}
    failed: set[str] = set()
    for score in scores:
        if score.metric == metric and score.system in {system, against}:
            values.setdefault(score.example_id, {})[score.system] = score.value
            if score.system == system and is_failure(score.value, score.explanation):
                failed.add(score.example_id)
    ordered = sorted(
        (row for row in values if len(values[row]) == len({system, against})),
        key=lambda row: (values[row][against] - values[row][system], row),
    )
    chosen: list[str] = []
    turn = 0
    while ordered and len(chosen) < count:
        place = _place(turn % 4, ordered, failed)
        if place is not None:
            chosen.append(ordered.pop(place))
        turn += 1
    return tuple(chosen)


def _place(turn: int, ordered: Sequence[str], failed: set[str]) -> int | None:
    if turn == 3:
        return next((place for place, row in enumerate(ordered) if row in failed), None)
    return (0, -1, len(ordered) // 2)[turn]


def _outcome(value: float, other: float) -> Outcome:
    if abs(value - other) < _EVEN:
        return "even"
    return "wins" if value > other else "loses"


def _category(reference: str) -> str:
    found = (json_answer(reference) or {}).get(CATEGORY)
    return found if isinstance(found, str) else ""


def _evidence_view(piece: Evidence, locate: Mapping[str, tuple[str, Place]]) -> EvidenceView:
    found = locate.get(piece.chunk_id)
    path, place = (found[0], str(found[1])) if found else ("", "")
    return EvidenceView(path=path, place=place, quote=piece.quote)
