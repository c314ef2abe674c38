"""Versions of datasets and the runs behind them: whose runs `gc` keeps, and which versions `forget` removes."""

import json
from collections.abc import Collection
from pathlib import Path

from lorewright.core.workspace import Workspace
from lorewright.stages.dataset_card import ref_of
from lorewright.stages.dataset_versions import DATASETS, DOCUMENTS, Version, remove_version, versions


def stale_refs(workspace: Workspace) -> set[str]:
    """Return the refs of versions whose folder somebody removed: they keep no run any more."""
    there = {ref_of(one) for one in versions(workspace.project_dir)}
    named = {name for name in workspace.refs.current() if name.startswith(f"{DATASETS}/")}
    return named - there


def versions_about(workspace: Workspace, document_id: str, runs: Collection[str]) -> list[Version]:
    """Return the versions that hold words of a document, or were made from a run that may.

    Args:
        workspace: Of the project.
        document_id: The document.
        runs: `stage/id` of the runs that hold the document or were made from it.
    """
    refs = workspace.refs.current()
    found = []
    for version in versions(workspace.project_dir):
        own = {f"{stage}/{run}" for stage, run in version.facts.get("runs", {}).items()}
        own.add(refs.get(ref_of(version), ""))
        if own & set(runs) or document_id in _documents(version.folder / DOCUMENTS):
            found.append(version)
    return found


def forget_versions(workspace: Workspace, doomed: Collection[Version]) -> None:
    """Remove versions and the refs that name their runs."""
    for version in doomed:
        remove_version(version)
    workspace.refs.move({ref_of(version): None for version in doomed}, why="forget versions of datasets")


def _documents(path: Path) -> set[str]:
    """Return the ids of the documents that a version lists; none where it lists none."""
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8") as lines:
        return {str(json.loads(line)["id"]) for line in lines if line.strip()}
