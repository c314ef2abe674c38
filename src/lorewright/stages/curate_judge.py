"""The judge of curate: what its scores reject, and how far people agree with it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lorewright.core.assessments import Judgement
from lorewright.core.context import Context
from lorewright.core.records import Call, Example, Metadata, Rejection
from lorewright.core.workspace import Workspace
from lorewright.curation.curate import is_accepted
from lorewright.curation.judged import JUDGE, by_score
from lorewright.curation.rejecting import EDITED_FROM, made_id
from lorewright.llm.judging import comparison, preferred
from lorewright.stages.asked_models import known_model, opened_model
from lorewright.stages.asking import AskedModel
from lorewright.stages.calls_outcome import account_for_prompts, require_complete
from lorewright.stages.curate_judge_prompts import COMPARE, REVIEW, Asked, Compared, Said, unjudged
from lorewright.stages.curate_part import Part, asked_model
from lorewright.stages.curation_settings import JudgeSettings
from lorewright.stages.judge_shown import rubric_of
from lorewright.stages.model_calls import Answered, Prompt, ask_all
from lorewright.text.calibration import Calibration, Decided, calibrate

JUDGEMENTS, CALLS, CALIBRATION = "judgements.parquet", "calls.parquet", "calibration.json"
_SUSPICIOUS = 0.5


@dataclass(frozen=True)
class Judged:
    """What came of it.

    Attributes:
        outcomes: As they were given, with a rejection for each example with a low score.
        judgements: Of every example that could be judged, and of those that could not, with the reason.
        calls: What became of each prompt.
        calibration: How far people agree.
        counted: Figures for the run's metrics.
    """

    outcomes: list[Example | Rejection]
    judgements: list[Judgement]
    calls: list[Call]
    calibration: Calibration
    counted: Metadata

    def told(self) -> str:
        """Return in one line what the scores are worth."""
        name, scored = self.counted["judge"], self.counted["judged"]
        agreement = self.calibration.told() or "nobody has reviewed what it scored: lore review"
        return f"{name} scored {scored:,} examples; {agreement}"


def judge_identity(part: Part, workspace: Workspace) -> Any:
    """Return what scores depend on besides the settings: prompts, and what is known of the model; None without one."""
    asked = asked_model(part)
    if asked is None:
        return None
    rubric = rubric_of(part.curation.judge.rubric, workspace, key="curation.judge.rubric")
    return [rubric.digest, comparison().digest, known_model(asked, workspace)]


def judge(
    part: Part,
    asked_of: Asked,
    outcomes: Sequence[Example | Rejection],
    context: Context,
) -> Judged:
    """Ask the judge, and return what its scores make of the outcomes.

    Raises:
        ProviderError: No request would be answered: a wrong key, an unknown model.
        GenerationError: Prompts have no answer, or too many replies are unusable.
        InterruptedWorkError: Ctrl-C was pressed.
    """
    chosen, asked = part.curation.judge, asked_model(part)
    assert asked is not None, "only a judge judges"
    answered = _answers(asked, asked_of, chosen, context)
    said = [
        _with_model(made[0], call)
        for made, call in zip(answered.records, answered.calls, strict=True)
        if made
    ]
    judgements = [one for one in said if isinstance(one, Judgement)]
    by_id = {one.example_id: one for one in judgements}
    judged = [_judged(one, by_id, chosen.min_score) for one in outcomes]
    calibration = calibrate(
        list(_decided(outcomes, by_id)),
        min_score=chosen.min_score,
        pairs=list(_preferences(one for one in said if isinstance(one, Compared))),
    )
    return Judged(
        outcomes=judged,
        judgements=[*judgements, *asked_of.unasked],
        calls=answered.calls,
        calibration=calibration,
        counted={
            **answered.counted(),
            "judge": chosen.model,
            "judged": sum(one.score is not None for one in judgements),
            "without_score": sum(one.score is None for one in judgements) + len(asked_of.unasked),
            "rejected_by_judge": sum(isinstance(one, Rejection) for one in judged)
            - sum(isinstance(one, Rejection) for one in outcomes),
            "agreement": calibration.told(),
        },
    )


def write_judged(judged: Judged, context: Context) -> None:
    """Write what a judge said into the growing run."""
    context.write(JUDGEMENTS, judged.judgements, Judgement)
    context.write(CALLS, judged.calls, Call)
    context.write_json(CALIBRATION, judged.calibration.model_dump(mode="json"))
    if told := judged.calibration.told():
        context.say(told)
    scored, rejected = judged.counted["judged"], judged.counted["rejected_by_judge"]
    if rejected > _SUSPICIOUS * scored:
        context.say(
            f"The judge rejects {rejected:,} of {scored:,} that it scored. See whether it is right: lore curate "
            "--report; or let it score alone: lore curate --set curation.judge.min_score=0"
        )


def _answers(asked: AskedModel, asked_of: Asked, chosen: JudgeSettings, context: Context) -> Answered[Said]:
    def without(prompt: Prompt[Said], _filter: str, reason: str) -> Said:
        if prompt.task == COMPARE:
            return Compared(prompt.source, bool(prompt.sample), None)
        return unjudged(prompt.source, chosen, asked_of.rubric, reason)

    with opened_model(asked, context.workspace) as model:
        answered = ask_all(asked_of.prompts, model, context.reporter, left_out=without, label=JUDGE)
    require_complete(answered, asked, folder=context.checkpoint_dir, max_failed=chosen.max_failed)
    account_for_prompts(asked_of.prompts, answered, context)
    return answered


def _with_model(said: Said, call: Call) -> Said:
    if isinstance(said, Compared):
        return said
    return said.model_copy(update={"served_model": call.served_model})


def _judged(
    outcome: Example | Rejection, by_id: Mapping[str, Judgement], min_score: float
) -> Example | Rejection:
    if isinstance(outcome, Rejection):
        return outcome
    return by_score(outcome, by_id.get(outcome.id), min_score=min_score)


def _decided(outcomes: Iterable[Example | Rejection], by_id: Mapping[str, Judgement]) -> Iterator[Decided]:
    """Yield the scores of what people decided about, as it was made: an edit says that it was bad."""
    for one in outcomes:
        if isinstance(one, Rejection):
            example_id, good = one.record_id, False
            if one.filter != REVIEW:
                continue
        elif is_accepted(one):
            example_id, good = made_id(one), EDITED_FROM not in one.metadata
        else:
            continue
        judgement = by_id.get(example_id)
        if judgement is not None and judgement.score is not None:
            yield Decided(judgement.score, good)


def _preferences(compared: Iterable[Compared]) -> Iterator[bool | None]:
    """Yield of each edit whether the judge prefers it to what it replaced; None for a tie."""
    orders: dict[str, dict[bool, Metadata]] = {}
    for one in compared:
        if one.value is not None:
            orders.setdefault(one.example_id, {})[one.swapped] = one.value
    for both in orders.values():
        if len(both) == 2:
            says = preferred(both[False], both[True])
            yield None if says == "tie" else says == "one"
