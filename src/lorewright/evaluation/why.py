"""Why an answer is wrong: one cause each, and no more said than what is shown.

The causes are looked for in a fixed order, so that each answer has exactly one; `docs/why.md` has the rules, the
thresholds and how often the cause is the one that a person finds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from lorewright.core.records import Example, Passage, Prediction
from lorewright.evaluation.failures import failed
from lorewright.evaluation.grounded_metrics import is_unanswerable, refusal
from lorewright.evaluation.json_answers import field_matches, json_answer
from lorewright.evaluation.metrics import is_structured
from lorewright.evaluation.systems import RETRIEVAL
from lorewright.evaluation.why_evidence import (
    Otherwise,
    evidence_words,
    holds_evidence,
    holds_part,
    otherwise,
    right_words,
)
from lorewright.text.tokens import squash

Cause = Literal[
    "right",
    "failed",
    "unanswerable",
    "reference",
    "contradicted",
    "other-words",
    "not-retrieved",
    "refused",
    "ignored",
    "not-learned",
    "unknown",
]
CAUSES: Mapping[Cause, str] = {
    "right": "right",
    "failed": "no answer came",
    "unanswerable": "answers where there is no answer",
    "reference": "the reference is wrong",
    "contradicted": "another passage says otherwise",
    "other-words": "the evidence carries it: right in other words, or in part",
    "not-retrieved": "the source was not retrieved",
    "refused": "refuses with the evidence before it",
    "ignored": "the context was ignored",
    "not-learned": "not learned, and nothing to read it from",
    "unknown": "no evidence is named, so that it cannot be told",
}
"""What each cause means, in few words, in the order in which they are looked for."""
ORDER: tuple[Cause, ...] = get_args(Cause)
_COPIED_CHARS = 8


class ShownPassage(NamedTuple):
    """A passage that was found, and its text as it stood before the system; empty where the budget cut it off."""

    passage: Passage
    text: str


@dataclass(frozen=True)
class Seen:
    """What one system had to go by, beside what every system is asked.

    Attributes:
        shown: The passages that it was shown, best first; None for a system that is shown none.
        nearby: What a deeper search finds for the question, best first.
        fault: Why the reference is wrong, as a person or the check of curation says; empty where neither does.
    """

    shown: tuple[ShownPassage, ...] | None = None
    nearby: tuple[Passage, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Why:
    """One answer with its cause.

    Attributes:
        value: Of the metric that decides.
        detail: What the cause rests on, in a sentence.
        rank: Of the first passage shown that holds the evidence, from 1; None where none does.
        cut: Whether that passage was found, and the budget left no room for the evidence.
        found_at: Rank at which a deeper search finds the evidence; None where it does not.
        otherwise: The passage that says otherwise, for `contradicted`.
    """

    example_id: str
    system: str
    cause: Cause
    value: float
    detail: str
    rank: int | None = None
    cut: bool = False
    found_at: int | None = None
    otherwise: Passage | None = None


def explain(example: Example, prediction: Prediction, seen: Seen, *, value: float) -> Why:
    """Return why an answer is what it is.

    Args:
        example: What was asked.
        prediction: What one system answered.
        seen: What it had to go by.
        value: Of the metric that decides: `field_accuracy` for a JSON object, `token_f1` for others.
    """
    rank, cut, found_at = _ranks(example, seen)
    cause, detail, other = _cause(example, prediction, seen, value)
    return Why(
        example_id=example.id,
        system=prediction.system,
        cause=cause,
        value=value,
        detail=detail,
        rank=rank,
        cut=cut,
        found_at=found_at,
        otherwise=other.passage if other else None,
    )


def holds_it(example: Example, passage: Passage) -> bool:
    """Whether a passage, as it was found, holds evidence of an example."""
    ids = {piece.chunk_id for piece in example.evidence}
    return passage.chunk_id in ids or holds_part(example, passage.text)


def count_causes(found: Iterable[Why]) -> dict[Cause, int]:
    """Return how many answers each cause has, in the order in which causes are looked for; none is left out."""
    counted = Counter(one.cause for one in found)
    return {cause: counted[cause] for cause in ORDER if counted[cause]}


_Found = tuple[Cause, str, Otherwise | None]


def _cause(example: Example, prediction: Prediction, seen: Seen, value: float) -> _Found:
    reason = failed(example, prediction, {example.id: [one.text for one in seen.shown or ()]})
    if reason:
        return "failed", reason, None
    if is_unanswerable(example):
        return _of_unanswerable(example, prediction, seen)
    if is_structured(example):
        return _of_fields(example, prediction, seen, value)
    if says := right_words(example, prediction.text, value):
        return "right", says, None
    if seen.fault:
        return "reference", seen.fault, None
    return _of_words(example, prediction, seen)


def _of_unanswerable(example: Example, prediction: Prediction, seen: Seen) -> _Found:
    if said := refusal(example, prediction):
        return "right", f"it refuses, and there is no answer: {said!r}", None
    if seen.fault:
        return "reference", seen.fault, None
    return "unanswerable", "the documents hold no answer, and it gives one", None


def _of_fields(example: Example, prediction: Prediction, seen: Seen, value: float) -> _Found:
    if value >= 1:
        return "right", "every field is right", None
    if json_answer(prediction.text) is None:
        return "failed", "not one JSON object", None
    if seen.fault:
        return "reference", seen.fault, None
    reference = example.messages[-1].content
    wrong = [name for name, right in field_matches(reference, prediction.text).items() if not right]
    expected = json_answer(reference) or {}
    prompt = squash("\n".join(turn.content for turn in example.messages[:-1] if turn.role != "system"))
    copied = [name for name in wrong if _stands_in(expected[name], prompt)]
    if copied:
        return "ignored", f"what was given says {_listed(copied)}, and the answer does not", None
    return "not-learned", f"nothing that was given says {_listed(wrong)}: examples teach it", None


def _of_words(example: Example, prediction: Prediction, seen: Seen) -> _Found:
    """Return the cause of a wrong answer in words, whose reference nobody doubts."""
    passages = [one.passage for one in seen.shown or ()]
    other = otherwise(example, prediction.text, [*passages, *seen.nearby]) if example.evidence else None
    if other:
        return "contradicted", f"another passage carries it: {other.difference}", other
    declined = refusal(example, prediction, {example.id: [one.text for one in seen.shown or ()]})
    if not declined and (says := evidence_words(example, prediction.text)):
        return "other-words", says, None
    given = _given(example)
    if seen.shown is None and not _shows_material(example, given):
        said = f"it refuses: {declined!r}" if declined else "it was shown no passage"
        return "not-learned", f"{said}; the answer would have to be learned", None
    texts = [*(one.text for one in seen.shown or ()), given]
    if not example.evidence:
        return (
            "unknown",
            "no evidence of the reference is named, so what it should have used is not known",
            None,
        )
    if not holds_evidence(example, texts):
        return "not-retrieved", _why_not_shown(example, seen), None
    if declined:
        return "refused", f"the evidence was before it, and it declines: {declined!r}", None
    if prediction.system == RETRIEVAL:
        return "ignored", "the evidence was found, and another part of the passages was picked", None
    return "ignored", "the evidence was before it, and does not carry the answer", None


def _why_not_shown(example: Example, seen: Seen) -> str:
    rank, cut, found_at = _ranks(example, seen)
    if rank:
        return "only a part of the evidence was before it"
    if cut:
        return "the passage was found, and the budget of the prompt cut the evidence off"
    shown = len(seen.shown or ())
    if found_at:
        return f"the evidence is at rank {found_at} of a deeper search, and {shown} passages were shown"
    return f"none of {shown} passages holds the evidence, nor does any of {len(seen.nearby)} that a deeper search finds"


def _ranks(example: Example, seen: Seen) -> tuple[int | None, bool, int | None]:
    """Return the rank of the evidence among what was shown, whether it was cut there, its rank in a deeper search."""
    shown = seen.shown or ()
    there = [place for place, one in enumerate(shown, start=1) if holds_part(example, one.text)]
    found = any(holds_it(example, one.passage) for one in shown)
    deeper = [place for place, one in enumerate(seen.nearby, start=1) if holds_it(example, one)]
    return next(iter(there), None), found and not there, next(iter(deeper), None)


def _given(example: Example) -> str:
    """Return what an example itself gives every system: its prompt, with what that shows."""
    return "\n".join(turn.content for turn in example.messages[:-1] if turn.role != "system")


def _shows_material(example: Example, given: str) -> bool:
    return bool(example.metadata.get("question")) or bool(
        example.evidence and holds_evidence(example, [given])
    )


def _stands_in(value: object, prompt: str) -> bool:
    said = squash(value) if isinstance(value, str) else ""
    return len(said) >= _COPIED_CHARS and said in prompt


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(fields)
