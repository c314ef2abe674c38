"""plan: what training would do, before it costs anything."""

from typing import Any

from lorewright.core.progress import Reporter
from lorewright.core.workspace import Workspace
from lorewright.stages.road import STEPS, bring, status
from lorewright.stages.settings import Settings


def make_plan(workspace: Workspace, settings: Settings, reporter: Reporter) -> dict[str, Any]:
    """Bring everything cheap up to date and return what a training would take, by name.

    Returns:
        Figures in words: documents, chunks, examples of each set, leakage, what is due and for how long.
    """
    index_runs = bring(workspace, settings, reporter, upto="probe")
    runs = bring(workspace, settings, reporter, upto="dataset")
    rows = {row.name: row for row in status(workspace, settings)}
    due = [name for name in ("base", "train", "evaluate", "export") if rows[name].state != "up to date"]
    found = {
        "documents": STEPS["ingest"].summary(runs["ingest"]),
        "passages": STEPS["index"].summary(index_runs["index"]),
        "examples": STEPS["curate"].summary(runs["curate"]),
        "sets": STEPS["dataset"].summary(runs["dataset"]),
        "base model": settings.training.base,
        "cost": "nothing: no model is asked for examples",
    }
    for name in ("base", "train"):
        if name in due:
            minutes = rows[name].minutes
            found[name] = (
                f"about {minutes:,.1f} minutes"
                if minutes is not None
                else "not known before the base is there"
            )
    found["due"] = ", ".join(due) or "nothing"
    return found
