"""What `lore why` shows: one test question with all that was seen and said, the worst answers, and counts of causes."""

from collections.abc import Iterator, Sequence

from lorewright.core.errors import NotFoundError
from lorewright.core.progress import Reporter
from lorewright.core.records import Document, Example, Message, Place, Record
from lorewright.core.tables import read_table
from lorewright.evaluation.comparing import CANDIDATES
from lorewright.evaluation.metrics import headline_metric
from lorewright.evaluation.systems import uses_passages
from lorewright.evaluation.why import CAUSES, Why, count_causes, holds_it
from lorewright.evaluation.why_evidence import holds_part
from lorewright.evaluation.why_next import next_step
from lorewright.stages import ingest
from lorewright.stages.curate_explain import Quoted
from lorewright.stages.evaluate_suites import Suite
from lorewright.stages.why import (
    Evaluated,
    explain_example,
    find_asked,
    found_for,
    is_own_question,
    prompted_with,
)
from lorewright.text.spans import place

_PLACES: dict[str, int] = {cause: place for place, cause in enumerate(CAUSES)}


class ShownView(Record):
    """A passage that systems with retrieval were shown.

    Attributes:
        holds: Whether it holds evidence of the reference.
        given: Whether that stood in the prompt; for a passage without evidence whether any of it did.
        text: As it stood in the prompt, or as it was found where nothing of it did.
    """

    rank: int
    chunk_id: str
    path: str
    place: Place
    trail: str
    holds: bool
    given: bool
    text: str


class AnswerWhy(Record):
    """What one system answered, and why.

    Attributes:
        passages: Whether it was shown any.
        value: Of the metric that decides.
        cause: As in `evaluation.why.CAUSES`.
        meaning: The cause in words.
        detail: What it rests on.
        next: What to type; empty where the answer is right.
    """

    system: str
    text: str
    error: str = ""
    passages: bool
    value: float
    cause: str
    meaning: str
    detail: str
    next: str
    elsewhere: str = ""


class Explained(Record):
    """A test question: its reference with the evidence, what was shown, what was answered."""

    run: str
    id: str
    task: str
    test_set: str
    metric: str
    messages: tuple[Message, ...]
    reference: str
    evidence: tuple[Quoted, ...]
    shown: tuple[ShownView, ...]
    answers: tuple[AnswerWhy, ...]


class WorstAnswer(Record):
    """A wrong answer in brief."""

    id: str
    task: str
    test_set: str
    system: str
    value: float
    cause: str
    meaning: str
    question: str


class Causes(Record):
    """How many answers of one system on one test set have which cause; counts add up to `answers`."""

    task: str
    test_set: str
    system: str
    answers: int
    counts: dict[str, int]


class Worst(Record):
    """The worst answers of an evaluation.

    Attributes:
        causes: Of each system that was looked at.
        answers: Wrong ones, the worst first.
        wrong: How many there are.
    """

    run: str
    causes: tuple[Causes, ...]
    answers: tuple[WorstAnswer, ...]
    wrong: int


def explained(evaluated: Evaluated, name: str, *, system: str | None = None) -> Explained:
    """Return why the answers to a test question are what they are.

    Args:
        evaluated: Where it was asked.
        name: Its id or the beginning of it, or words of the question.
        system: Only this one's answer.

    Raises:
        EvaluationError: The index finds other passages now than the systems were shown.
        NotFoundError: There is no such question, or the system did not answer it.
    """
    suite, example = find_asked(evaluated, name)
    _require_system(evaluated, [suite], system)
    causes = [one for one in explain_example(evaluated, example) if system in {None, one.system}]
    shows = any(uses_passages(one.system) for one in causes)
    return Explained(
        run=evaluated.run.id,
        id=example.id,
        task=suite.task,
        test_set=suite.test_set,
        metric=headline_metric([example]),
        messages=example.messages[:-1],
        reference=example.messages[-1].content,
        evidence=tuple(_quoted(evaluated, example)),
        shown=tuple(_shown(evaluated, example)) if shows else (),
        answers=tuple(_answer(evaluated, example, one) for one in causes),
    )


def worst(evaluated: Evaluated, reporter: Reporter, *, system: str | None = None, limit: int = 10) -> Worst:
    """Return the worst answers with their causes.

    Args:
        evaluated: The evaluation.
        reporter: Shows progress.
        system: Whose answers; by default of each test set the tuned system's that does best, or everybody's.
        limit: How many answers.

    Raises:
        EvaluationError: The index finds other passages now than the systems were shown.
        NotFoundError: No such system was evaluated.
    """
    _require_system(evaluated, evaluated.suites, system)
    causes, answers = [], []
    for suite, whys in _all(evaluated, reporter):
        chosen = {system} if system else _best_tuned(whys)
        causes += _counted(suite, whys, chosen)
        asked = {one.id: one for one in suite.examples}
        answers += [
            _brief(suite, asked[one.example_id], one)
            for one in whys
            if one.system in chosen and one.cause != "right"
        ]
    answers.sort(key=lambda one: (one.value, _PLACES[one.cause], one.id))
    return Worst(
        run=evaluated.run.id, causes=tuple(causes), answers=tuple(answers[:limit]), wrong=len(answers)
    )


def all_causes(evaluated: Evaluated, reporter: Reporter, *, system: str | None = None) -> tuple[Causes, ...]:
    """Return the counts of causes of every system on every test set; arguments and errors as in `worst`."""
    _require_system(evaluated, evaluated.suites, system)
    return tuple(
        row
        for suite, whys in _all(evaluated, reporter)
        for row in _counted(suite, whys, {system} if system else {one.system for one in whys})
    )


def _all(evaluated: Evaluated, reporter: Reporter) -> Iterator[tuple[Suite, list[Why]]]:
    total = sum(len(suite.examples) for suite in evaluated.suites)
    with reporter.task("why", total=total, unit="questions") as tick:
        for suite in evaluated.suites:
            whys = []
            for example in suite.examples:
                whys += explain_example(evaluated, example)
                tick(1)
            yield suite, whys


def _counted(suite: Suite, whys: Sequence[Why], systems: set[str]) -> list[Causes]:
    rows = []
    for system in dict.fromkeys(one.system for one in whys):
        own = [one for one in whys if one.system == system]
        if system in systems:
            counts = {str(cause): count for cause, count in count_causes(own).items()}
            rows.append(
                Causes(
                    task=suite.task, test_set=suite.test_set, system=system, answers=len(own), counts=counts
                )
            )
    return rows


def _best_tuned(whys: Sequence[Why]) -> set[str]:
    """Return the tuned system that does best; all systems where none is tuned."""
    sums: dict[str, float] = {}
    for one in whys:
        sums[one.system] = sums.get(one.system, 0.0) + one.value
    tuned = [name for name in CANDIDATES if name in sums]
    return {max(tuned, key=sums.__getitem__)} if tuned else set(sums)


def _require_system(evaluated: Evaluated, suites: Sequence[Suite], system: str | None) -> None:
    asked = [one.id for suite in suites for one in suite.examples]
    known = list(dict.fromkeys(row.system for name in asked for row in evaluated.predictions[name]))
    if system is not None and system not in known:
        raise NotFoundError(
            f"{system!r} did not answer in evaluate/{evaluated.run.id}.", f"these did: {', '.join(known)}"
        )


def _answer(evaluated: Evaluated, example: Example, why: Why) -> AnswerWhy:
    row = next(one for one in evaluated.predictions[example.id] if one.system == why.system)
    chosen = evaluated.chosen
    return AnswerWhy(
        system=why.system,
        text=row.text,
        error=row.error,
        passages=uses_passages(why.system),
        value=why.value,
        cause=why.cause,
        meaning=CAUSES[why.cause],
        detail=why.detail,
        next=next_step(
            why,
            example,
            passages=chosen.passages,
            context_chars=chosen.context_chars,
            max_new_tokens=chosen.max_new_tokens,
            own_question=is_own_question(example),
        ),
        elsewhere=f"{why.otherwise.path}:{why.otherwise.place}" if why.otherwise else "",
    )


def _shown(evaluated: Evaluated, example: Example) -> Iterator[ShownView]:
    shown = prompted_with(evaluated, example, found_for(evaluated, example))
    for rank, (passage, text) in enumerate(shown, start=1):
        holds = holds_it(example, passage)
        yield ShownView(
            rank=rank,
            chunk_id=passage.chunk_id,
            path=passage.path,
            place=passage.place,
            trail=" › ".join(dict.fromkeys(name for name in (passage.title, *passage.headings) if name)),
            holds=holds,
            given=holds_part(example, text) if holds else bool(text),
            text=text or passage.text,
        )


def _quoted(evaluated: Evaluated, example: Example) -> Iterator[Quoted]:
    pieces = {one.chunk_id: evaluated.chunks.get(one.chunk_id) for one in example.evidence}
    needed = {piece.document_id for piece in pieces.values() if piece}
    path = evaluated.workspace.run_dir("ingest", evaluated.run.inputs["ingest"]) / ingest.DOCUMENTS
    known = read_table(path, Document) if needed and path.exists() else ()
    documents = {one.id: one for one in known if one.id in needed}
    for one in example.evidence:
        piece = pieces[one.chunk_id]
        document = documents.get(piece.document_id) if piece else None
        where = None
        if piece and document:
            where = place(document.source_map, document.text, piece.start + one.start, piece.start + one.end)
        yield Quoted(path=document.path if document else "", place=where, quote=one.quote)


def _brief(suite: Suite, example: Example, why: Why) -> WorstAnswer:
    return WorstAnswer(
        id=why.example_id,
        task=suite.task,
        test_set=suite.test_set,
        system=why.system,
        value=why.value,
        cause=why.cause,
        meaning=CAUSES[why.cause],
        question=example.prompt,
    )
