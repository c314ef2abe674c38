"""report: an evaluation's report with what was asked about it afterwards: the gate, forgetting, the learning curve."""

from dataclasses import asdict, replace

from pydantic import TypeAdapter

from lorewright.core.context import Context
from lorewright.core.errors import NotFoundError
from lorewright.core.ids import text_digest
from lorewright.core.progress import Reporter
from lorewright.core.records import Metadata, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Needs, Outside, Stage, execute
from lorewright.core.workspace import Workspace
from lorewright.evaluation.report_data import ReportData
from lorewright.evaluation.report_parts import Gate
from lorewright.stages import dataset, evaluate, forgetting, learning_curve
from lorewright.stages.evaluate_gate import check, read_baselines
from lorewright.stages.evaluate_part import select as select_evaluate
from lorewright.stages.evaluate_report import FIGURES, write_pages
from lorewright.stages.evaluation_settings import GateSettings
from lorewright.stages.settings import Settings

GATE = "gate.json"
_DATA = TypeAdapter(ReportData)


class Part(Section):
    """What report takes from the settings tree, and which other runs it tells of.

    Attributes:
        production: The system that the gate compares with.
        learning: Stages of the points of the learning curve.
    """

    gate: GateSettings
    production: str
    forgetting: bool
    learning: tuple[str, ...]


def is_wanted(settings: Settings) -> bool:
    """Whether the settings ask for more than the evaluation tells."""
    return settings.evaluation.gate.is_set or forgetting.is_wanted(settings)


def make_report(workspace: Workspace, settings: Settings, evaluated: Run, reporter: Reporter) -> Run | None:
    """Return the report of an evaluation with gate, forgetting and learning curve; None where there is none of these.

    Raises:
        ConfigError: The gate asks for what there is not.
        NotFoundError: What the evaluation was made of is gone.
    """
    points = learning_curve.points_of(workspace, evaluated)
    if not points and not is_wanted(settings):
        return None
    measured = forgetting.is_wanted(settings)
    inputs = {"evaluate": evaluated}
    for name in ("dataset", "base", "train") if measured else ("dataset",):
        found = workspace.find(name, evaluated.inputs[name])
        if found is None:
            gone = f"{name}/{evaluated.inputs[name]}"
            raise NotFoundError(f"{gone}, of which the evaluation was made, is gone.", f"lore {name}")
        inputs[name] = found
    if measured:
        part = forgetting.select(settings)
        inputs["forgetting"] = execute(forgetting.STAGE, part, inputs, workspace, reporter)
    inputs |= {point.stage: point for point in points}
    chosen = Part(
        gate=settings.evaluation.gate,
        production=select_evaluate(settings).production,
        forgetting=measured,
        learning=tuple(point.stage for point in points),
    )
    return execute(STAGE, chosen, inputs, workspace, reporter)


def read_gate(workspace: Workspace, run: Run) -> Gate | None:
    """Return what the gate said in a run of report; None where nothing was asked."""
    if GATE not in run.outputs:
        return None
    text = (workspace.run_dir(run.stage, run.id) / GATE).read_bytes()
    return TypeAdapter(Gate).validate_json(text)


def read_data(workspace: Workspace, run: Run) -> ReportData:
    """Return what the report of a run of evaluate or report shows."""
    return _DATA.validate_json((workspace.run_dir(run.stage, run.id) / FIGURES).read_bytes())


def needs(part: Part) -> Needs:
    """What is told of."""
    found: dict[str, tuple[str, ...]] = {
        "evaluate": (evaluate.SCORES, FIGURES),
        "dataset": tuple(dataset.TESTS.values()),
    }
    found |= {"forgetting": (forgetting.RESULT,)} if part.forgetting else {}
    return found | dict.fromkeys(part.learning, (learning_curve.SCORES,))


def fingerprint(part: Part, workspace: Workspace) -> Outside:
    """Return the digest of the baselines file, where drops are asked about."""
    text = read_baselines(workspace, part.gate) if part.gate.max_drop is not None else ""
    return Outside(text_digest(text), text)


def run(part: Part, context: Context) -> Metadata:
    """Check the gate and write the pages."""
    evaluated, points = context.inputs["evaluate"], [context.inputs[name] for name in part.learning]
    data = read_data(context.workspace, evaluated)
    known = (
        forgetting.read_known(context.workspace, context.inputs["forgetting"]) if part.forgetting else None
    )
    found = None
    if part.gate.is_set:
        found = check(
            context.workspace,
            evaluated,
            part.gate,
            data,
            production=part.production,
            baselines=context.found,
            general_loss=known.text.difference if known and known.text else None,
        )
        context.write_json(GATE, {**asdict(found), "passed": found.passed})
    facts = dict(data.facts)
    if part.forgetting:
        facts["Forgetting"] = forgetting.summary(context.inputs["forgetting"])
    learning = learning_curve.curves(context.workspace, points)
    write_pages(replace(data, gate=found, learning=learning, facts=facts), context)
    return {
        "gate": None if found is None else found.passed,
        "failed": [one.words for one in found.checks if not one.passed] if found else [],
        "points": len(points),
    }


def summary(run: Run) -> str:
    """Return one line for people."""
    passed = run.metrics["gate"]
    said = {None: "no gate", True: "the gate is passed", False: "the gate is not passed"}[passed]
    return said + (f", {run.metrics['points']} points of a learning curve" if run.metrics["points"] else "")


STAGE = Stage(name="report", version=1, settings=Part, run=run, needs=needs, fingerprint=fingerprint)
