"""The documents behind an index: listed, and read whole or by the lines of their files."""

import json
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from lorewright.core.errors import NotFoundError
from lorewright.core.printable import one_line
from lorewright.core.records import Document, Run
from lorewright.core.tables import SCHEMAS
from lorewright.core.workspace import Workspace
from lorewright.stages import ingest
from lorewright.text.spans import Locator

# Blocks are most of a table and nothing here reads them.
_COLUMNS = [name for name in SCHEMAS[Document].names if name != "blocks"]
_ROWS_A_BATCH = 64
_MAX_COMPARED = 2000


class Listed(NamedTuple):
    """What a list of documents says of one; `row` is its place in the table."""

    row: int
    source: str
    path: str
    kind: str
    title: str


def listing(workspace: Workspace, index_run: Run) -> list[Listed]:
    """Return the documents that a run of index was made of, without the kinds that it leaves out.

    Raises:
        NotFoundError: Their run is gone.
    """
    import pyarrow.parquet as pq

    left_out = index_run.settings["index"]["exclude_kinds"]
    names = ["source", "path", "kind", "title"]
    table = pq.read_table(_table(workspace, index_run), columns=names)
    rows = zip(*(table[name].to_pylist() for name in names), strict=True)
    return [Listed(row, *values) for row, values in enumerate(rows) if values[2] not in left_out]


def find_document(workspace: Workspace, index_run: Run, path: str, *, source: str = "") -> Document:
    """Return the document at a path, as citations name it, without its blocks.

    Args:
        workspace: Of the project.
        index_run: The index that is being searched.
        path: Of the document within its source; control characters in it may be left out.
        source: Needed only where two sources have that path.

    Raises:
        NotFoundError: There is none, or several sources have one; the message names what there is.
    """
    known = [one for one in listing(workspace, index_run) if source in {"", one.source}]
    found = [one for one in known if one.path == path] or [
        one for one in known if one_line(one.path) == one_line(path)
    ]
    if len(found) == 1:
        return _read(_table(workspace, index_run), found[0].row)
    if found:
        raise NotFoundError(
            f"There are {len(found)} documents {path!r}.",
            one_line(f"name the source: {', '.join(sorted({one.source for one in found}))}"),
        )
    where = f" in the source {source!r}" if source else ""
    near = _near(path, {one.path for one in known})
    raise NotFoundError(
        f"There is no document {path!r}{where}.",
        f"near to it: {', '.join(map(one_line, near))}"
        if near
        else "a search names the paths that there are",
    )


def last_place(document: Document) -> int:
    """Return the last line, or page, of the file that the text leads to."""
    return Locator(document.source_map, document.text).place(0, len(document.text)).last


def part_of(document: Document, first: int, last: int) -> str:
    """Return the lines of a document's text that stand, or in part stand, in some lines or pages of its file.

    Args:
        document: The document.
        first: First line, or page, of the file, from 1.
        last: Last one, inclusive.
    """
    locator = Locator(document.source_map, document.text)
    kept, start = [], 0
    for line in document.text.split("\n"):
        place = locator.place(start, start + len(line))
        if place.first <= last and first <= place.last:
            kept.append(line)
        start += len(line) + 1
    return "\n".join(kept)


def _table(workspace: Workspace, index_run: Run) -> Path:
    path = workspace.run_dir("ingest", index_run.inputs["ingest"]) / ingest.DOCUMENTS
    if not path.exists():
        raise NotFoundError(f"The documents of the index {index_run.id} are gone.", "lore index")
    return path


def _read(path: Path, row: int) -> Document:
    """Return one row, reading its group of rows only as far as needed."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False) as file:
        group = 0
        while row >= (rows := file.metadata.row_group(group).num_rows):
            row, group = row - rows, group + 1
        for batch in file.iter_batches(_ROWS_A_BATCH, row_groups=[group], columns=_COLUMNS):
            if row < batch.num_rows:
                return _document(batch.slice(row, 1).to_pylist()[0])
            row -= batch.num_rows
    message = f"{path} has no such row"
    raise IndexError(message)


def _document(row: dict[str, Any]) -> Document:
    return Document.model_validate({**row, "metadata": json.loads(row["metadata"])})


def _near(path: str, known: set[str]) -> list[str]:
    """Return paths like one: those of files with the same name first, for a wrong folder is the usual mistake."""
    name = PurePosixPath(path).name
    same = sorted(one for one in known if name and PurePosixPath(one).name == name)
    return same[:3] or get_close_matches(path, sorted(known)[:_MAX_COMPARED], n=3)
