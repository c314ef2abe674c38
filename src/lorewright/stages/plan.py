"""plan: what making examples and training would do, before it costs anything."""

from typing import Any

from lorewright.core.progress import Reporter
from lorewright.core.workspace import Workspace
from lorewright.stages import generate
from lorewright.stages.curate_ahead import plan_judging
from lorewright.stages.generate_ahead import plan_generation
from lorewright.stages.road import ASKING, STEPS, bring, status
from lorewright.stages.settings import Settings

_UNKNOWN = "not known before the examples are there"
_LAST = ("base", "train", "evaluate", "export")


def make_plan(workspace: Workspace, settings: Settings, reporter: Reporter) -> dict[str, Any]:
    """Bring everything cheap up to date and return what examples and a training would take, by name.

    Examples that a model has yet to be asked for are not made; then what comes after them is not known.

    Returns:
        Figures in words: documents, passages, calls, examples of each set, what is due and for how long.
    """
    index_runs = bring(workspace, settings, reporter, upto="probe")
    found = {
        "documents": STEPS["ingest"].summary(index_runs["ingest"]),
        "passages": STEPS["index"].summary(index_runs["index"]),
    }
    found |= _examples(workspace, settings, reporter)
    rows = {row.name: row for row in status(workspace, settings)}
    asking = [name for name, one in ASKING.items() if one.models(STEPS[name].select(settings))]
    due = [name for name in (*asking, *_LAST) if rows[name].state != "up to date"]
    found["base model"] = settings.training.base
    for name in ("base", "train"):
        if name in due:
            minutes = rows[name].minutes
            unknown = _UNKNOWN if found["sets"] == _UNKNOWN else "not known before the base is there"
            found[name] = f"about {minutes:,.1f} minutes" if minutes is not None else unknown
    found["due"] = ", ".join(due) or "nothing"
    return found


def _examples(workspace: Workspace, settings: Settings, reporter: Reporter) -> dict[str, str]:
    """Return what examples and their judge take, and how many there are where that needs no call."""
    found = {"calls": "none: no model is asked for examples"}
    unknown = {"examples": _UNKNOWN, "sets": _UNKNOWN}
    if generate.select(settings).has_model:
        calls = plan_generation(workspace, settings, reporter)
        found["calls"] = calls.told()
        if calls.to_ask:
            return found | unknown
    if settings.curation.judge.model:
        bring(workspace, settings, reporter, upto="generate", asked=("generate",))
        judging = plan_judging(workspace, settings, reporter)
        found["judge"] = judging.told()
        if judging.to_ask:
            return found | unknown
    runs = bring(workspace, settings, reporter, upto="dataset", asked=tuple(ASKING))
    return {
        **found,
        "examples": STEPS["curate"].summary(runs["curate"]),
        "sets": STEPS["dataset"].summary(runs["dataset"]),
    }
