"""plan: what making examples and training would do, before it costs anything."""

from typing import Any

from lorewright.core.progress import Reporter
from lorewright.core.workspace import Workspace
from lorewright.stages import generate
from lorewright.stages.generate_ahead import plan_generation
from lorewright.stages.road import STEPS, bring, status
from lorewright.stages.settings import Settings

_UNKNOWN = "not known before the examples are there"


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
    calls = plan_generation(workspace, settings, reporter) if generate.select(settings).has_model else None
    found["calls"] = calls.told() if calls else "none: no model is asked for examples"
    if calls is None or not calls.to_ask:
        runs = bring(workspace, settings, reporter, upto="dataset", asked=("generate",))
        found["examples"] = STEPS["curate"].summary(runs["curate"])
        found["sets"] = STEPS["dataset"].summary(runs["dataset"])
    else:
        found["examples"] = found["sets"] = _UNKNOWN
    rows = {row.name: row for row in status(workspace, settings)}
    due = [
        name
        for name in ("generate", "base", "train", "evaluate", "export")
        if rows[name].state != "up to date"
    ]
    found["base model"] = settings.training.base
    for name in ("base", "train"):
        if name in due:
            minutes = rows[name].minutes
            unknown = (
                _UNKNOWN if rows["generate"].state != "up to date" else "not known before the base is there"
            )
            found[name] = f"about {minutes:,.1f} minutes" if minutes is not None else unknown
    found["due"] = ", ".join(due) or "nothing"
    return found
