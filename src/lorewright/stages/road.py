"""The road: which stages there are, in which order, what is stale and why, and what runs without being asked."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lorewright.core.errors import BusyError, LoreError
from lorewright.core.locks import is_held
from lorewright.core.progress import Reporter
from lorewright.core.records import Run
from lorewright.core.stage import Identity, Stage, execute, identify
from lorewright.core.workspace import Workspace
from lorewright.stages import (
    base,
    chunk,
    curate,
    dataset,
    evaluate,
    export,
    generate,
    index,
    ingest,
    probe,
    reviews,
    train,
)
from lorewright.stages import curate_part as judging
from lorewright.stages import evaluate_part as evaluating
from lorewright.stages import generate_part as generating
from lorewright.stages.asked_models import resolve_served
from lorewright.stages.asking import AskedModel
from lorewright.stages.calls_plan import CallsPlan
from lorewright.stages.curate_plan import make_plan as plan_judging
from lorewright.stages.evaluate_plan import make_plans as plan_evaluation
from lorewright.stages.generate_plan import make_plan as plan_generation
from lorewright.stages.models import fetch_embedder
from lorewright.stages.settings import Settings

State = Literal["up to date", "stale", "never run", "waiting", "running"]


@dataclass(frozen=True)
class Step:
    """One stage with what the road needs to know of it."""

    stage: Stage[Any]
    select: Callable[[Settings], Any]
    summary: Callable[[Run], str]


@dataclass(frozen=True)
class Asking:
    """How a stage asks a model, each a function of its part of the settings.

    Attributes:
        models: Whom it asks.
        plans: What it would ask of its input runs, model by model.
        spending_at_most: Its settings with no more to spend on calls than some dollars.
    """

    models: Callable[[Any], Sequence[AskedModel]]
    plans: Callable[[Any, Workspace, Mapping[str, Run]], Sequence[CallsPlan]]
    spending_at_most: Callable[[Any, float], Any]


@dataclass(frozen=True)
class StepStatus:
    """Where one stage stands.

    Attributes:
        run: The run that is current, or the newest one if it is stale.
        why: What changed since, in words.
        minutes: Estimated minutes of a costly stage that would run, if its inputs are known.
    """

    name: str
    state: State
    run: Run | None
    why: str = ""
    costly: bool = False
    minutes: float | None = None


ROAD = tuple(
    Step(module.STAGE, module.select, module.summary)
    for module in (
        ingest,
        chunk,
        index,
        probe,
        generate,
        reviews,
        curate,
        dataset,
        base,
        train,
        evaluate,
        export,
    )
)
ASKING: Mapping[str, Asking] = {
    "generate": Asking(
        lambda part: tuple(filter(None, [generating.asked_model(part)])),
        lambda *known: (plan_generation(*known),),
        generating.spending_at_most,
    ),
    "curate": Asking(
        lambda part: tuple(filter(None, [judging.asked_model(part)])),
        lambda *known: (plan_judging(*known),),
        judging.spending_at_most,
    ),
    "evaluate": Asking(evaluating.asked_by, plan_evaluation, evaluating.spending_at_most),
}
"""Stages that ask a model, where their settings name one."""
TRAINING = ("base", "train")
COSTLY = (*ASKING, *TRAINING)
STEPS: Mapping[str, Step] = {step.stage.name: step for step in ROAD}


class CostlyStepError(LoreError):
    """A costly stage is due and was not asked for.

    Attributes:
        stage: Its name.
    """

    def __init__(self, message: str, hint: str, *, stage: str) -> None:
        super().__init__(message, hint)
        self.stage = stage


def status(workspace: Workspace, settings: Settings) -> list[StepStatus]:
    """Return where every stage stands, without running anything."""
    current: dict[str, Run] = {}
    found = []
    for step in ROAD:
        one = _status_of(step, workspace, settings, current)
        found.append(one)
        if one.state == "up to date" and one.run:
            current[one.name] = one.run
    return found


def bring(
    workspace: Workspace,
    settings: Settings,
    reporter: Reporter,
    *,
    upto: str,
    asked: Collection[str] = (),
    before: Callable[[Step, bool], None] = lambda _step, _fresh: None,
    done: Callable[[Step, Run, bool], None] = lambda _step, _run, _fresh: None,
) -> dict[str, Run]:
    """Bring a stage and everything it needs up to date.

    Args:
        upto: The stage wanted.
        asked: Costly stages that may run; those inside the budget always may.
        before: Called before each stage with whether it has anything to do.
        done: Called after each stage with its run and whether it was made just now.

    Raises:
        CostlyStepError: A costly stage is due and may not run; the message has the plan.
    """
    wanted = closure(upto, settings)
    runs: dict[str, Run] = {}
    left_usd = settings.budget.calls_usd
    if "ingest" in wanted:
        workspace.prepare()
        for note in ingest.fetch(settings, workspace, reporter, refresh=False):
            reporter.say(note)
    if "index" in wanted or ("curate" in wanted and judging.select(settings).embedder.embedder):
        fetch_embedder(settings.index, workspace)
    for step in ROAD:
        stage = step.stage
        if stage.name not in wanted:
            continue
        part = step.select(settings)
        identity = identify(stage, part, runs, workspace)
        fresh = workspace.find(stage.name, identity.id) is None
        may_run = stage.name in asked or not stage.costly(part)
        if fresh and not may_run:
            part = _within_budget(step, workspace, settings, runs, identity, left_usd)
        if (fresh or upto == stage.name) and _has_news(stage, part, workspace):
            identity = identify(stage, part, runs, workspace)
            fresh = workspace.find(stage.name, identity.id) is None
            if fresh and not may_run:
                part = _within_budget(step, workspace, settings, runs, identity, left_usd)
        before(step, fresh)
        runs[stage.name] = execute(stage, part, runs, workspace, reporter, identity=identity)
        if fresh and not may_run:
            left_usd -= runs[stage.name].metrics.get("usd", 0.0)
        done(step, runs[stage.name], fresh)
    return runs


def closure(name: str, settings: Settings) -> set[str]:
    """Return a stage's name with those of all it needs."""
    step = STEPS[name]
    found = {name}
    for needed in step.stage.needs(step.select(settings)):
        found |= closure(needed, settings)
    return found


def _has_news(stage: Stage[Any], part: Any, workspace: Workspace) -> bool:
    """Ask the servers of a stage's models what stands behind their names, and return whether that is news."""
    models = ASKING[stage.name].models(part) if stage.name in ASKING else ()
    news = [resolve_served(asked, workspace) for asked in models]
    return any(news)


def _status_of(
    step: Step, workspace: Workspace, settings: Settings, current: Mapping[str, Run]
) -> StepStatus:
    stage, part = step.stage, step.select(settings)
    newest = workspace.newest(stage.name)
    missing = [name for name in stage.needs(part) if name not in current]
    if missing:
        why = f"after {', '.join(missing)}"
        return StepStatus(stage.name, "waiting", newest, why, stage.costly(part))
    identity = identify(stage, part, current, workspace)
    if run := workspace.find(stage.name, identity.id):
        return StepStatus(stage.name, "up to date", run, costly=stage.costly(part))
    minutes = estimate_minutes(step, workspace, settings, current)
    why = _difference(newest, stage, identity) if newest else "no run yet"
    if workspace.partial_dir(stage.name, identity.id).exists():
        why += "; begun, finished work will be reused"
    if is_held(workspace.lock_path(stage.name, identity.id)):
        return StepStatus(stage.name, "running", newest, why, stage.costly(part), minutes)
    return StepStatus(
        stage.name, "stale" if newest else "never run", newest, why, stage.costly(part), minutes
    )


def _difference(newest: Run, stage: Stage[Any], identity: Identity) -> str:
    reasons = []
    if newest.version != stage.version:
        reasons.append(f"lore's {stage.name} is now version {stage.version}")
    before, now = _flat(newest.settings), _flat(identity.settings)
    moved = (key for key in sorted(before.keys() | now.keys()) if before.get(key) != now.get(key))
    reasons += [f"{key}: {before.get(key)} → {now.get(key)}" for key in moved]
    changed = [key for key, value in identity.consumed.items() if newest.consumed.get(key) != value]
    reasons += [
        f"{key.partition('/')[0]}'s {key.partition('/')[2].partition('.')[0]} changed" for key in changed
    ]
    if newest.fingerprint != identity.fingerprint:
        reasons.append("the files changed" if stage.name == "ingest" else "what lies outside changed")
    return "; ".join(reasons[:4])


def _flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict):
        return {prefix.rstrip("."): tree}
    found: dict[str, Any] = {}
    for key, value in tree.items():
        found |= _flat(value, f"{prefix}{key}.")
    return found


def estimate_minutes(
    step: Step, workspace: Workspace, settings: Settings, current: Mapping[str, Run]
) -> float | None:
    """Return the estimated minutes of a costly stage on this machine; None where nothing is known."""
    if step.stage.name == "base":
        return base.estimate_minutes(step.select(settings))
    if step.stage.name == "train":
        return train.estimate_minutes(step.select(settings), current, workspace)
    return None


def _within_budget(
    step: Step,
    workspace: Workspace,
    settings: Settings,
    runs: Mapping[str, Run],
    identity: Identity,
    left_usd: float,
) -> Any:
    """Return the settings of a costly stage, held to the budget, if that covers it; else stop with the plan."""
    name, part = step.stage.name, step.select(settings)
    if is_held(workspace.lock_path(name, identity.id)):
        raise BusyError(
            f"lore {name} ({identity.id}) is at work already.", "wait for it; `lore status` shows it"
        )
    newest = workspace.newest(name)
    reason = _difference(newest, step.stage, identity) if newest else "no run yet"
    if name in ASKING:
        plans = [plan for plan in ASKING[name].plans(part, workspace, runs) if plan.to_ask]
        if not plans:
            return part
        if all(plan.usd is not None for plan in plans) and sum(plan.usd or 0 for plan in plans) <= left_usd:
            return ASKING[name].spending_at_most(part, left_usd)
        told = "; ".join(plan.told() for plan in plans)
        raise CostlyStepError(
            f"{name} is due ({reason}): {told}; it runs only when asked for.",
            f"lore {name} --dry-run, then lore {name}",
            stage=name,
        )
    minutes = estimate_minutes(step, workspace, settings, runs)
    if minutes is not None and minutes <= settings.budget.train_minutes:
        return part
    about = f", about {_spoken(minutes)}" if minutes is not None else ""
    told = f"{name} is due ({reason}){about}; it runs only when asked for."
    raise CostlyStepError(told, "lore train", stage=name)


def _spoken(minutes: float) -> str:
    return "a minute" if minutes < 1.5 else f"{minutes:,.0f} minutes"
