"""What the judge of curate is asked: one prompt an example, and two for each answer that a person edited."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from lorewright.core.assessments import Judgement
from lorewright.core.progress import Reporter
from lorewright.core.records import Chunk, Document, Example, Metadata, Rejection
from lorewright.curation.judged import can_be_judged
from lorewright.curation.rejecting import EDITED_FROM, made_id
from lorewright.llm.asking import Request, Sampling
from lorewright.llm.judging import (
    Rubric,
    Subject,
    pair_requests,
    read_scores,
    rubric_request,
)
from lorewright.stages.curate_part import Part
from lorewright.stages.curation_settings import JudgeSettings
from lorewright.stages.judge_shown import Subjects, lacks
from lorewright.stages.model_calls import Prompt

SCORE, COMPARE = "score", "compare"
"""Tasks of the calls: an example is scored, an edit and what it replaced are compared."""
REVIEW = "review"


class Compared(NamedTuple):
    """What the judge says of an edit and what it replaced: in this order, or swapped; None without a usable reply."""

    example_id: str
    swapped: bool
    value: Metadata | None


Said = Judgement | Compared


@dataclass(frozen=True)
class Asked:
    """What a judge is asked.

    Attributes:
        prompts: One an example, and two an edit.
        unasked: Of the examples that cannot be judged, with the reason.
        rubric: By which.
    """

    prompts: list[Prompt[Said]]
    unasked: list[Judgement]
    rubric: Rubric


def judge_prompts(
    part: Part,
    rubric: Rubric,
    *,
    candidates: Sequence[Example],
    outcomes: Iterable[Example | Rejection],
    documents: Iterable[Document],
    chunks: Iterable[Chunk],
    reporter: Reporter,
) -> Asked:
    """Return what the judge is asked of what the filters keep and of what people decided about.

    People's decisions are about examples as they were made; an edit and what it replaced are scored both, and compared.

    Args:
        part: The settings.
        rubric: By which.
        candidates: As they were made.
        outcomes: What the filters and people made of them.
        documents: Of the passages.
        chunks: The passages; the first place of each counts.
        reporter: Shows progress.
    """
    shown = Subjects(documents, chunks, hold_back=part.hold_back)
    made = {one.id: one for one in candidates}
    asked = Asked([], [], rubric)
    wanted = list(_wanted(made, outcomes))
    with reporter.task("prompts", total=len(wanted), unit="examples") as tick:
        for example in wanted:
            before = made.get(made_id(example)) if EDITED_FROM in example.metadata else None
            _add(asked, example, before, shown, part.curation.judge)
            tick(1)
    return asked


def _add(
    asked: Asked, example: Example, before: Example | None, shown: Subjects, chosen: JudgeSettings
) -> None:
    """Add what is asked about an example, and about an edit and what it replaced."""
    subject = shown.subject(example)
    reason = subject if isinstance(subject, str) else lacks(asked.rubric, subject)
    if reason or isinstance(subject, str):
        asked.unasked.append(unjudged(example.id, chosen, asked.rubric, reason))
        return
    sampling = Sampling(seed=chosen.seed)
    request = partial(
        rubric_request, asked.rubric, subject, sampling=sampling, max_new_tokens=chosen.max_new_tokens
    )
    read = partial(_read, asked.rubric, chosen.model, example.id)
    asked.prompts.append(Prompt(SCORE, example.id, example.prompt, 0, request, read))
    if before is not None and can_be_judged(before):
        asked.prompts.extend(_pair(example, before, subject, shown, chosen))


def _wanted(made: Mapping[str, Example], outcomes: Iterable[Example | Rejection]) -> Iterator[Example]:
    """Yield, each once, what is kept, what people rejected, and what edited examples were before."""
    found: dict[str, Example] = {}
    for one in outcomes:
        versions: list[Example | None] = []
        if isinstance(one, Example):
            versions = [one, made.get(made_id(one))]
        elif one.filter == REVIEW:
            versions = [made.get(one.record_id)]
        for example in versions:
            if example is not None and can_be_judged(example):
                found.setdefault(example.id, example)
    yield from found.values()


def _pair(
    example: Example, before: Example, subject: Subject, shown: Subjects, chosen: JudgeSettings
) -> Iterator[Prompt[Said]]:
    """Yield the comparison of an edit with what it replaced, in both orders, where the answer was edited."""
    replaced = shown.subject(before)
    if isinstance(replaced, str) or replaced.answer == subject.answer:
        return
    for number in (0, 1):
        yield Prompt(
            COMPARE,
            example.id,
            example.prompt,
            number,
            partial(_pair_request, subject, replaced.answer, number, chosen),
            partial(_read_pair, example.id, number),
        )


def _pair_request(subject: Subject, other: str, number: int, chosen: JudgeSettings) -> Request:
    sampling = Sampling(seed=chosen.seed)
    return pair_requests(subject, other, sampling=sampling, max_new_tokens=chosen.max_new_tokens)[number]


def _read_pair(example_id: str, number: int, value: Metadata) -> list[Said]:
    return [Compared(example_id, bool(number), value)]


def _read(rubric: Rubric, model: str, example_id: str, value: Metadata) -> list[Said]:
    scored = read_scores(rubric, value)
    return [
        Judgement(
            example_id=example_id,
            model=model,
            rubric=_told(rubric),
            scores=scored.scores,
            score=scored.score,
            explanation=scored.explanation,
        )
    ]


def unjudged(example_id: str, chosen: JudgeSettings, rubric: Rubric, problem: str) -> Judgement:
    """Return the judgement of an example that has no score, with the reason."""
    return Judgement(example_id=example_id, model=chosen.model, rubric=_told(rubric), problem=problem)


def _told(rubric: Rubric) -> str:
    return f"{rubric.name} {rubric.digest}"
