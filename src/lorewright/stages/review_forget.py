"""The decisions that quote a document: forgotten with it."""

from collections.abc import Collection, Sequence

from lorewright.core.making import review_key
from lorewright.core.records import Chunk, Example, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import chunk, generate
from lorewright.stages.review_examples import chunks_behind
from lorewright.store.database import Database
from lorewright.store.decided import Decided
from lorewright.store.reviews import all_decisions, forget_decisions


def decisions_about(workspace: Workspace, document_id: str, runs: Sequence[Run]) -> frozenset[int]:
    """Return the numbers of all decisions that quote a document, what was taken back among them.

    Args:
        workspace: Of the project.
        document_id: The document.
        runs: That hold it or were made from it.
    """
    database = Database(workspace.root)
    if not database.exists():
        return frozenset()
    decisions = all_decisions(database)
    keys = _keys(workspace, document_id, runs)
    about = {one.number: one for one in decisions if document_id in one.seen.documents or one.key in keys}
    grown = True
    while grown:
        before = len(about)
        keys |= {key for one in about.values() for key in _own_keys(one)}
        about |= {one.number: one for one in decisions if one.key in keys}
        grown = len(about) > before
    return frozenset(about)


def forget_numbered(workspace: Workspace, numbers: Collection[int]) -> None:
    """Remove decisions and every trace of their words in the file.

    Raises:
        StorageError: The disk or the server refuses.
    """
    if numbers:
        forget_decisions(Database(workspace.root), lambda one: one.number in numbers)


def _own_keys(one: Decided) -> set[str]:
    """Return the keys of what a decision is about and of what it was edited into."""
    return {one.key, review_key(one.messages)} if one.messages else {one.key}


def _keys(workspace: Workspace, document_id: str, runs: Sequence[Run]) -> set[str]:
    """Return the keys of all candidates that hold words of a document, as far as the data of runs are there."""
    passages: set[str] = set()
    for run in runs:
        path = workspace.run_dir(run.stage, run.id) / chunk.CHUNKS
        if run.stage == "chunk" and path.exists():
            passages |= {row.id for row in read_table(path, Chunk) if row.document_id == document_id}
    keys: set[str] = set()
    for run in runs:
        path = workspace.run_dir(run.stage, run.id) / generate.CANDIDATES
        if run.stage == "generate" and path.exists():
            keys |= {
                review_key(one.messages) for one in read_table(path, Example) if chunks_behind(one) & passages
            }
    return keys
