"""The documents behind an index: listed, and read whole or by lines."""

from collections.abc import Iterator
from difflib import get_close_matches

from lorewright.core.errors import NotFoundError
from lorewright.core.records import Document, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.stages import ingest


def documents_of(workspace: Workspace, index_run: Run) -> Iterator[Document]:
    """Yield the documents that a run of index was made of.

    Raises:
        NotFoundError: Their run is gone.
    """
    run_id = index_run.inputs["ingest"]
    path = workspace.run_dir("ingest", run_id) / ingest.DOCUMENTS
    if not path.exists():
        raise NotFoundError(f"The documents of the index {index_run.id} are gone.", "lore index")
    return read_table(path, Document)


def find_document(workspace: Workspace, index_run: Run, path: str, *, source: str = "") -> Document:
    """Return the document at a path, as citations name it.

    Args:
        workspace: Of the project.
        index_run: The index that is being searched.
        path: Of the document within its source.
        source: Needed only where two sources have that path.

    Raises:
        NotFoundError: There is none, or several sources have one; the message names what there is.
    """
    paths, found = set(), []
    for document in documents_of(workspace, index_run):
        paths.add(document.path)
        if document.path == path and source in {"", document.source}:
            found.append(document)
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFoundError(
            f"Several sources have a document {path!r}.",
            f"name one: {', '.join(sorted(document.source for document in found))}",
        )
    near = get_close_matches(path, paths, n=3)
    raise NotFoundError(
        f"There is no document {path!r}.",
        f"near to it: {', '.join(near)}" if near else "search_documentation names paths",
    )
