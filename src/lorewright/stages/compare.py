"""compare: two versions of a model, asked the same test questions; what was asked before is not asked again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lorewright.core.errors import ConfigError, EvaluationError
from lorewright.core.progress import Reporter
from lorewright.core.records import Chunk, Example, Prediction, Record, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.evaluation.metrics import headline_metric, metrics_for
from lorewright.evaluation.scoring import score
from lorewright.evaluation.systems import models_of
from lorewright.evaluation.versions import Changed, SetChange, compare_versions
from lorewright.stages import chunk
from lorewright.stages.asked_models import (
    opened_model,
    resolve_served,
    resolved_or_why,
    runs_elsewhere,
)
from lorewright.stages.calls_outcome import require_complete
from lorewright.stages.calls_plan import CallsPlan, plan_calls
from lorewright.stages.chunk_places import places_of
from lorewright.stages.evaluate_models import no_answer, prompts_of, questions_of
from lorewright.stages.evaluate_part import Part, asked_model, select
from lorewright.stages.evaluate_prepare import Prepared, prepare
from lorewright.stages.evaluate_scores import shown_texts
from lorewright.stages.evaluate_suites import Suite
from lorewright.stages.model_calls import ask_all
from lorewright.stages.road import bring
from lorewright.stages.settings import Settings
from lorewright.stages.versions import Version, find_version, leaks_of

_TYPICAL_ANSWER_TOKENS = 60
_FOLDER = "cache"


class ExampleChange(Record):
    """One test question with what both versions answer."""

    id: str
    task: str
    test_set: str
    question: str
    reference: str
    a: str
    b: str
    a_value: float
    b_value: float


class Comparison(Record):
    """What came of comparing two versions.

    Attributes:
        sets: By task and test set.
        examples: Those that changed most, the largest difference first.
        excluded: Test examples that were left out, for a version was trained on them: by test set and how.
        notes: What a reader must know besides.
    """

    a: Version
    b: Version
    sets: tuple[SetChange, ...]
    examples: tuple[ExampleChange, ...]
    excluded: dict[str, dict[str, int]]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """Two versions with the questions that both may fairly be asked."""

    a: Version
    b: Version
    part: Part
    prepared: Prepared
    excluded: dict[str, dict[str, int]]
    notes: tuple[str, ...]


def prepare_comparison(
    workspace: Workspace, settings: Settings, first: str, second: str, reporter: Reporter
) -> Asked:
    """Return what two versions would be asked; index and dataset are brought up to date, and nobody is asked.

    Raises:
        ConfigError: Both names are of one version.
        CostlyStepError: The test sets are stale, and to make them would cost something.
        EvaluationError: No test example is left that neither was trained on.
        NotFoundError: There is no such version.
    """
    a, b = (find_version(workspace, settings, name) for name in (first, second))
    if a.system == b.system:
        raise ConfigError(f"{first!r} and {second!r} are one version: {a.system}.", "lore compare --help")
    inputs: dict[str, Run] = {}
    for name in ("index", "dataset"):
        inputs |= bring(workspace, settings, reporter, upto=name)
    part = select(settings)
    chosen = part.evaluation.model_copy(update={"systems": (a.system, b.system)})
    part = part.model_copy(update={"evaluation": chosen})
    prepared = prepare(part, workspace, inputs, reporter)
    excluded, notes, kept = _without_leaks(workspace, settings, (a, b), prepared.suites, inputs)
    return Asked(a, b, part, replace(prepared, suites=tuple(kept)), excluded, notes)


def _without_leaks(
    workspace: Workspace,
    settings: Settings,
    versions: Sequence[Version],
    suites: Sequence[Suite],
    inputs: dict[str, Run],
) -> tuple[dict[str, dict[str, int]], tuple[str, ...], list[Suite]]:
    """Return how many test examples a version was trained on, what cannot be told of that, and the suites without."""
    chunks = read_table(workspace.run_dir("chunk", inputs["chunk"].id) / chunk.CHUNKS, Chunk)
    places, today = places_of(chunks), inputs["dataset"].id
    alike = settings.dataset.near_duplicate_threshold
    leaks = [leaks_of(workspace, one, suites, places, today=today, alike=alike) for one in versions]
    excluded: dict[str, dict[str, int]] = {}
    kept = []
    for suite in suites:
        out: dict[str, str] = {}
        for version, one in zip(versions, leaks, strict=True):
            own = {row.id for row in suite.examples}
            out |= {row: f"{version.name}: {how}" for row, how in one.found.items() if row in own}
        if out:
            counted = Counter(excluded.get(suite.test_set, {})) + Counter(out.values())
            excluded[suite.test_set] = dict(counted)
        left = tuple(one for one in suite.examples if one.id not in out)
        if left:
            kept.append(replace(suite, examples=left))
    if not kept:
        raise EvaluationError(
            "Every test example was trained on by one of the two versions, so nothing can be compared.",
            "add questions of your own (dataset.questions), which are never trained on",
        )
    return excluded, tuple(one.unknown for one in leaks if one.unknown), kept


def plan_comparison(workspace: Workspace, asked: Asked) -> tuple[CallsPlan, ...]:
    """Return what asking each version would take: nothing where everything was asked before; nobody is asked."""
    limit = asked.part.evaluation.max_new_tokens
    plans = []
    for name in models_of((asked.a.system, asked.b.system)):
        model = asked_model(asked.part, name)
        notes = resolved_or_why(model, workspace)
        prompts = prompts_of(questions_of(name, asked.prepared, leaves=runs_elsewhere(model)), None, limit)
        planned = plan_calls(
            prompts,
            model,
            workspace,
            max_new_tokens=limit,
            typical_answer_tokens=_TYPICAL_ANSWER_TOKENS,
            alike=False,
            notes=notes,
        )
        plans.append(CallsPlan(**planned.fields))
    return tuple(plans)


def compare(workspace: Workspace, asked: Asked, reporter: Reporter, *, examples: int = 5) -> Comparison:
    """Ask both versions, and return how the second stands to the first.

    Args:
        workspace: Of the project.
        asked: Of `prepare_comparison`.
        reporter: Shows progress.
        examples: How many of those that changed most are returned.

    Raises:
        GenerationError: Questions have no answer; those that have one are kept.
        InterruptedWorkError: Ctrl-C was pressed.
        ProviderError: No question would be answered: a wrong key, an unknown model.
    """
    rows: dict[str, list[Prediction]] = {suite.key: [] for suite in asked.prepared.suites}
    for name in models_of((asked.a.system, asked.b.system)):
        for key, found in _ask(workspace, asked, name, reporter):
            rows[key].append(found)
    sets = [_set_change(asked, suite, rows[suite.key]) for suite in asked.prepared.suites]
    changed = [
        (suite, one)
        for suite, change in zip(asked.prepared.suites, sets, strict=True)
        for one in change.changed
    ]
    changed.sort(key=lambda pair: (-abs(pair[1].b - pair[1].a), pair[1].example_id))
    return Comparison(
        a=asked.a,
        b=asked.b,
        sets=tuple(sets),
        examples=tuple(_example(asked, suite, one, rows[suite.key]) for suite, one in changed[:examples]),
        excluded=asked.excluded,
        notes=asked.notes,
    )


def _ask(workspace: Workspace, asked: Asked, name: str, reporter: Reporter) -> list[tuple[str, Prediction]]:
    """Return what a model answers, with the key of the suite of each."""
    wanted = asked_model(asked.part, name)
    wanted = replace(wanted, command="lore compare", without="lore compare with another version")
    resolve_served(wanted, workspace)
    questions = questions_of(name, asked.prepared, leaves=runs_elsewhere(wanted))
    with opened_model(wanted, workspace) as model:
        prompts = prompts_of(questions, model.price, asked.part.evaluation.max_new_tokens)
        answered = ask_all(prompts, model, reporter, left_out=no_answer, label=name)
    folder = workspace.root / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    require_complete(answered, wanted, folder=folder, max_failed=1.0)
    return [
        (question.suite.key, found) for question, (found,) in zip(questions, answered.records, strict=True)
    ]


def _set_change(asked: Asked, suite: Suite, rows: Sequence[Prediction]) -> SetChange:
    names = metrics_for(suite.examples, also=asked.part.evaluation.metrics)
    return compare_versions(
        score(suite.examples, rows, metrics=names, shown=shown_texts(suite, asked.prepared)),
        a=asked.a.system,
        b=asked.b.system,
        task=suite.task,
        test_set=suite.test_set,
        metric=headline_metric(suite.examples),
        clusters={example.id: example.group for example in suite.examples},
    )


def _example(asked: Asked, suite: Suite, changed: Changed, rows: Sequence[Prediction]) -> ExampleChange:
    example: Example = next(one for one in suite.examples if one.id == changed.example_id)
    said = {row.system: row.error or row.text for row in rows if row.example_id == example.id}
    return ExampleChange(
        id=example.id,
        task=suite.task,
        test_set=suite.test_set,
        question=example.prompt,
        reference=example.messages[-1].content,
        a=said[asked.a.system],
        b=said[asked.b.system],
        a_value=changed.a,
        b_value=changed.b,
    )
