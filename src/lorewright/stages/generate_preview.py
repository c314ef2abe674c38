"""Some examples as they would be kept, made of a few passages; nothing becomes a run, the replies are kept."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from lorewright.core.assessments import Review
from lorewright.core.errors import GenerationError, InterruptedWorkError
from lorewright.core.progress import Reporter
from lorewright.core.records import Example, Record, Rejection
from lorewright.core.workspace import Workspace
from lorewright.curation.curate import curate
from lorewright.llm.calls import Interrupted
from lorewright.stages.asked_models import opened_model, resolve_served
from lorewright.stages.curate_checks import alone
from lorewright.stages.curate_together import together
from lorewright.stages.curation_settings import CurationSettings
from lorewright.stages.generate_ahead import inputs_of
from lorewright.stages.generate_grounding import grounded_records
from lorewright.stages.generate_part import Part, asked_model, select
from lorewright.stages.generate_prepare import Prepared, prepare
from lorewright.stages.generate_prompts import Made, rejection_of
from lorewright.stages.generate_structure import make_candidates, screened
from lorewright.stages.model_calls import Answered, ask_all
from lorewright.stages.reviews import current_reviews
from lorewright.stages.settings import Settings

_MOST = 4


class Preview(Record):
    """Examples that would be kept, and what would not.

    Attributes:
        examples: At most as many as were asked for, of all tasks in turn.
        left_out: What generation or curation would leave out of the same passages, with the reason.
        passages: That were tried.
        asked: Calls that were made.
    """

    examples: tuple[Example, ...]
    left_out: tuple[Rejection, ...]
    passages: int
    asked: int


def preview(workspace: Workspace, settings: Settings, reporter: Reporter, *, count: int) -> Preview:
    """Return `count` examples as they would be kept, of passages chosen by a stable hash; fewer where few come.

    As many passages are tried as examples are wanted, and where too few come of them up to four times as many.

    Raises:
        ConfigError: A task, a filter or a file of the settings cannot be used.
        ProviderError: The model does not answer.
        GenerationError: It answers none of the prompts.
        InterruptedWorkError: Ctrl-C was pressed.
    """
    part = select(settings)
    if asked := asked_model(part):
        resolve_served(asked, workspace)
    inputs = inputs_of(workspace, settings, reporter)
    reviews = current_reviews(workspace)
    calls_made = 0
    for tried in (count, 2 * count, _MOST * count):
        prepared = prepare(part, workspace, inputs, at_most=tried)
        records, calls = _made(part, prepared, workspace, reporter)
        calls_made += calls
        judged = list(_judged(records, part, prepared, settings.curation, reviews, reporter))
        kept = [one for one in judged if isinstance(one, Example)]
        if len(kept) >= count or len(prepared.chunks) < tried:
            break
    return Preview(
        examples=tuple(_in_turn(kept)[:count]),
        left_out=tuple(one for one in judged if isinstance(one, Rejection)),
        passages=len(prepared.chunks),
        asked=calls_made,
    )


def _made(
    part: Part, prepared: Prepared, workspace: Workspace, reporter: Reporter
) -> tuple[list[Record], int]:
    """Return what comes of the passages, and how many calls were made for it."""
    chosen = {chunk.id for chunk in prepared.chunks}
    owners = {chunk.document_id for chunk in prepared.chunks}
    documents = [document for document in prepared.documents if document.id in owners]
    records = [
        *screened(
            (
                record
                for document in documents
                for record in make_candidates(
                    (
                        document,
                        [chunk for chunk in prepared.places if chunk.document_id == document.id],
                        prepared.labels.get(document.path),
                    ),
                    part.subject,
                    list(prepared.tasks.structural),
                    part.options,
                    [],
                )
            ),
            chosen,
        ),
        *prepared.rejections,
    ]
    asked = asked_model(part)
    if asked is None or not prepared.prompts:
        return records, 0
    with opened_model(asked, workspace) as model:
        answered = ask_all(prepared.prompts, model, reporter, left_out=rejection_of)
    _require_some(answered)
    return [*records, *(one for made in answered.records for one in made)], answered.progress.asked


def _require_some(answered: Answered[Made]) -> None:
    if isinstance(answered.outcome.stopped, Interrupted):
        raise InterruptedWorkError("Stopped; the replies that came are kept.", "the same command goes on")
    missing = answered.unanswered
    if len(missing) == len(answered.calls):
        raise GenerationError(
            f"None of {len(missing):,} prompts has an answer: {missing[0].problem}",
            "the same command asks again",
        )


def _judged(
    records: Iterable[Record],
    part: Part,
    prepared: Prepared,
    curation: CurationSettings,
    reviews: Mapping[str, Review],
    reporter: Reporter,
) -> Iterator[Example | Rejection]:
    """Yield what curation would make of records."""
    if part.shown is not None and prepared.library is not None:
        records = grounded_records(records, prepared.library, part.shown, part.generation, reporter)
    listed = list(records)
    yield from (one for one in listed if isinstance(one, Rejection))
    yield from curate(
        [one for one in listed if isinstance(one, Example)],
        alone=alone(
            curation,
            chunk_texts={chunk.id: chunk.text for chunk in prepared.places},
            chunk_headings={chunk.id: chunk.headings for chunk in prepared.places},
        ),
        together=together(curation),
        reviews=reviews,
    )


def _in_turn(examples: Iterable[Example]) -> list[Example]:
    """Return examples of each task in turn, so that a few show all tasks."""
    by_task: dict[str, list[Example]] = {}
    for example in examples:
        by_task.setdefault(example.task, []).append(example)
    rounds = zip_longest(*by_task.values())
    return [example for one in rounds for example in one if example is not None]
