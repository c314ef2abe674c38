"""The judge of evaluate: points for answers, and which of two answers is better, in both orders."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from lorewright.core.context import Context
from lorewright.core.records import Call, Chunk, Document, Example, Metadata, Prediction, Run, Score
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.curation.judged import can_be_judged
from lorewright.evaluation.failures import Shown, failed
from lorewright.evaluation.judged import (
    JUDGE,
    failed_score,
    preference_score,
    rubric_scores,
    sampled,
    without_call,
)
from lorewright.llm.asking import Request, Sampling
from lorewright.llm.judging import (
    Preference,
    Rubric,
    Subject,
    comparison,
    pair_requests,
    preferred,
    read_scores,
    rubric_request,
)
from lorewright.stages import chunk, ingest
from lorewright.stages.asked_models import known_model, opened_model
from lorewright.stages.calls_outcome import account_for_prompts, require_complete
from lorewright.stages.evaluate_part import Part, asked_judge
from lorewright.stages.evaluate_suites import Suite
from lorewright.stages.evaluation_settings import AnswerJudgeSettings
from lorewright.stages.generate_materials import masked_text
from lorewright.stages.judge_shown import Subjects, lacks, rubric_of
from lorewright.stages.model_calls import Prompt, ask_all

RUBRIC_KEY = "evaluation.judge.rubric"


@dataclass(frozen=True)
class JudgedAnswers:
    """What came of it.

    Attributes:
        scores: By suite.
        calls: What became of each prompt.
        counted: Figures for the run's metrics.
    """

    scores: dict[str, list[Score]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    counted: Metadata = field(default_factory=dict)


class _Answer(NamedTuple):
    """An answer before the judge: who gave it, and why it is none."""

    suite: str
    example: Example
    system: str
    text: str
    failed: str


class _Pair(NamedTuple):
    one: _Answer
    other: _Answer


class _Said(NamedTuple):
    """One usable reply: to an answer, or to a pair in one of the two orders; None in place of an unusable one."""

    of: _Answer | _Pair
    order: int
    value: Metadata | None


def judge_identity(part: Part, workspace: Workspace) -> Any:
    """Return what scores depend on besides the settings: prompts, and what is known of the model; None without one."""
    asked = asked_judge(part)
    if asked is None:
        return None
    rubric = rubric_of(part.evaluation.judge.rubric, workspace, key=RUBRIC_KEY)
    return [rubric.digest, comparison().digest, known_model(asked, workspace)]


def judge_answers(
    part: Part,
    answered: Sequence[tuple[Suite, Sequence[Prediction]]],
    context: Context,
    *,
    shown: Mapping[str, Shown],
) -> JudgedAnswers:
    """Return what the judge says of answers in words; nothing where nobody judges.

    An answer that is none has 0 points and loses against one that is; no judge is asked.

    Args:
        part: What evaluate takes from the settings.
        answered: Suites with their answers.
        context: Of the run.
        shown: The texts of the passages that systems saw, by suite.

    Raises:
        ConfigError: The rubric cannot be used.
        ProviderError: No request would be answered: a wrong key, an unknown model.
        GenerationError: Prompts have no answer, or too many replies are unusable.
        InterruptedWorkError: Ctrl-C was pressed.
    """
    asked, chosen = asked_judge(part), part.evaluation.judge
    if asked is None:
        return JudgedAnswers()
    rubric = rubric_of(chosen.rubric, context.workspace, key=RUBRIC_KEY)
    answers = _answers(answered, part, shown)
    prompts = _prompts(answers, rubric, _subjects(part, context.workspace, context.inputs), chosen)
    with opened_model(asked, context.workspace) as model:
        got = ask_all(prompts, model, context.reporter, left_out=_unusable, label=JUDGE)
    require_complete(got, asked, folder=context.checkpoint_dir, max_failed=chosen.max_failed)
    account_for_prompts(prompts, got, context)
    said = [one for made in got.records for one in made]
    judged = JudgedAnswers(calls=got.calls, counted={"judge": chosen.model, **got.counted()})
    for name, score in [*_needless(answers, chosen), *_told(said, rubric)]:
        judged.scores.setdefault(name, []).append(score)
    return judged


def prompts_ahead(
    part: Part, suites: Iterable[Suite], workspace: Workspace, inputs: Mapping[str, Run]
) -> list[Prompt[Any]]:
    """Return what the judge would be asked if every system answered as the reference does: as many, and about as long.

    Raises:
        ConfigError: The rubric cannot be used.
    """
    rubric = rubric_of(part.evaluation.judge.rubric, workspace, key=RUBRIC_KEY)
    answered = [
        (
            suite,
            [
                # Of two systems that say the same nobody is asked which is better.
                Prediction(example_id=one.id, system=system, text=f"{one.messages[-1].content} ({system})")
                for system in suite.systems
                for one in suite.examples
            ],
        )
        for suite in suites
    ]
    answers = _answers(answered, part, {})
    return list(_prompts(answers, rubric, _subjects(part, workspace, inputs), part.evaluation.judge))


def _subjects(part: Part, workspace: Workspace, inputs: Mapping[str, Run]) -> Subjects:
    documents = workspace.run_dir("ingest", inputs["ingest"].id) / ingest.DOCUMENTS
    chunks = workspace.run_dir("chunk", inputs["chunk"].id) / chunk.CHUNKS
    return Subjects(read_table(documents, Document), read_table(chunks, Chunk), hold_back=part.hold_back)


def _answers(
    answered: Iterable[tuple[Suite, Sequence[Prediction]]], part: Part, shown: Mapping[str, Shown]
) -> list[_Answer]:
    """Return the answers that are before the judge: those to a suite's first examples that can be judged."""
    found = []
    for suite, rows in answered:
        examples = {one.id: one for one in suite.examples if can_be_judged(one)}
        decides = part.evaluation.metric == JUDGE
        count = len(examples) if decides else part.evaluation.judge.max_examples
        wanted = sampled(list(examples), count)
        for row in rows:
            if row.example_id in wanted:
                example = examples[row.example_id]
                why = failed(example, row, shown.get(suite.key))
                found.append(_Answer(suite.key, example, row.system, row.text, why))
    return found


def _pairs(answers: Sequence[_Answer], chosen: AnswerJudgeSettings) -> Iterator[_Pair]:
    by_place = {(one.suite, one.example.id, one.system): one for one in answers}
    for one in answers:
        for system, against in chosen.pairs:
            other = by_place.get((one.suite, one.example.id, against))
            if one.system == system and other is not None:
                yield _Pair(one, other)


def _needless(answers: Sequence[_Answer], chosen: AnswerJudgeSettings) -> Iterator[tuple[str, Score]]:
    """Yield the scores that need no judge, each with its suite."""
    if chosen.scores_points:
        for one in answers:
            if one.failed:
                yield one.suite, failed_score(one.example.id, one.system, one.failed)
    if chosen.compares:
        for pair in _pairs(answers, chosen):
            if known := _known(pair):
                why = pair.one.failed or pair.other.failed or "both say the same"
                yield pair.one.suite, _preference(pair, known, why)


def _prompts(
    answers: Sequence[_Answer], rubric: Rubric, known: Subjects, chosen: AnswerJudgeSettings
) -> list[Prompt[_Said]]:
    """Return what the judge is asked; an example that its rubric cannot judge, or whose passages are held back, not."""
    subjects: dict[str, Subject | None] = {}
    for one in answers:
        if one.example.id not in subjects:
            subjects[one.example.id] = _subject(one.example, rubric, known)
    prompts = []
    sampling = Sampling(seed=chosen.seed)
    for one in answers if chosen.scores_points else ():
        subject = subjects[one.example.id]
        if subject is not None and not one.failed:
            answered = subject.model_copy(update={"answer": masked_text(one.text)})
            request = partial(
                rubric_request, rubric, answered, sampling=sampling, max_new_tokens=chosen.max_new_tokens
            )
            name = f"{one.suite} {one.system}"
            prompts.append(
                Prompt(name, one.example.id, one.example.prompt, 0, request, partial(_read, one, 0))
            )
    for pair in _pairs(answers, chosen) if chosen.compares else ():
        subject = subjects[pair.one.example.id]
        if subject is not None and _known(pair) is None:
            prompts.extend(_both_orders(pair, subject, chosen))
    return prompts


def _subject(example: Example, rubric: Rubric, known: Subjects) -> Subject | None:
    """Return the question, its evidence and the reference; None where the judge cannot be shown them."""
    subject = known.subject(example)
    if isinstance(subject, str):
        return None
    compared = subject.model_copy(update={"reference": subject.answer})
    return None if lacks(rubric, compared) else compared


def _both_orders(pair: _Pair, subject: Subject, chosen: AnswerJudgeSettings) -> Iterator[Prompt[_Said]]:
    first = subject.model_copy(update={"answer": masked_text(pair.one.text)})
    other = masked_text(pair.other.text)

    def request(order: int) -> Request:
        both = pair_requests(
            first, other, sampling=Sampling(seed=chosen.seed), max_new_tokens=chosen.max_new_tokens
        )
        return both[order]

    name = f"{pair.one.suite} {pair.one.system} or {pair.other.system}"
    for order in (0, 1):
        yield Prompt(
            name,
            pair.one.example.id,
            pair.one.example.prompt,
            order,
            partial(request, order),
            partial(_read, pair, order),
        )


def _read(of: _Answer | _Pair, order: int, value: Metadata) -> list[_Said]:
    return [_Said(of, order, value)]


def _unusable(prompt: Prompt[_Said], _filter: str, _reason: str) -> _Said:
    (said,) = prompt.read({})
    return said._replace(value=None)


def _told(said: Sequence[_Said], rubric: Rubric) -> Iterator[tuple[str, Score]]:
    """Yield the scores of usable replies, each with its suite; a pair counts where both orders have one."""
    orders: dict[tuple[str, ...], tuple[_Pair, dict[int, Metadata]]] = {}
    for one in said:
        if one.value is None:
            continue
        if isinstance(one.of, _Answer):
            for score in rubric_scores(one.of.example.id, one.of.system, read_scores(rubric, one.value)):
                yield one.of.suite, score
        else:
            place = (one.of.one.suite, one.of.one.example.id, one.of.one.system, one.of.other.system)
            orders.setdefault(place, (one.of, {}))[1][one.order] = one.value
    for pair, values in orders.values():
        if len(values) == 2:
            why = str(values[0]["explanation"]).strip()
            yield pair.one.suite, _preference(pair, preferred(values[0], values[1]), why)


def _known(pair: _Pair) -> Preference | None:
    if pair.one.text.strip() == pair.other.text.strip():
        return "tie"
    return without_call(bool(pair.one.failed), bool(pair.other.failed))


def _preference(pair: _Pair, known: Preference, why: str) -> Score:
    return preference_score(pair.one.example.id, pair.one.system, pair.other.system, known, why)
