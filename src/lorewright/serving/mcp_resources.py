"""The resources of the MCP server: documents by address, and folders to find them in.

A corpus may have 50,000 documents, and clients read a list of resources to its end. So the list names one resource, the
sources; from there folders lead to documents, a page at a time.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from anyio import to_thread
from mcp.server.mcpserver import MCPServer, ResourceSecurity
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from lorewright.core.errors import LoreError, NotFoundError
from lorewright.serving.mcp_project import Project
from lorewright.serving.mcp_quoting import DATA_NOTICE, explained, quoted_line
from lorewright.serving.mcp_results import document_text
from lorewright.serving.mcp_tools import read_document
from lorewright.stages.documents import Listed, listing

SOURCES = "lore://documents"
DOCUMENT = "lore://documents/{source}/{+path}{?start_char}"
FOLDER = "lore://folders/{source}/{+path}{?page}"
SOURCE = "lore://folders/{source}{?page}"
ENTRIES_A_PAGE = 500
# Paths are compared with those of a table and never opened.
_COMPARED = ResourceSecurity(exempt_params={"source", "path"})


def add_resources(server: MCPServer[Any], project: Project) -> None:
    """Add the documents of a project and the folders they stand in."""

    @server.resource(
        SOURCES,
        name="documents",
        title="Sources of the documentation",
        description="The sources with their number of documents and the address of each one's top folder.",
        mime_type="application/json",
    )
    async def sources() -> str:
        return await _read(partial(_sources, project))

    @server.resource(
        DOCUMENT,
        name="document",
        title="A document",
        description="The text of a document by its source and path; start_char reads on where it was cut.",
        mime_type="text/plain",
        security=_COMPARED,
    )
    async def document(source: str, path: str, start_char: int = 0) -> str:
        return await _read(partial(_document, project, source, path, start_char))

    @server.resource(
        SOURCE,
        name="source",
        title="The top folder of a source",
        description=f"Its folders and documents with their addresses, {ENTRIES_A_PAGE} a page.",
        mime_type="application/json",
        security=_COMPARED,
    )
    async def source_folder(source: str, page: int = 1) -> str:
        return await _read(partial(_folder, project, source, "", page))

    @server.resource(
        FOLDER,
        name="folder",
        title="A folder",
        description=f"Its folders and documents with their addresses, {ENTRIES_A_PAGE} a page.",
        mime_type="application/json",
        security=_COMPARED,
    )
    async def folder(source: str, path: str, page: int = 1) -> str:
        return await _read(partial(_folder, project, source, path, page))


async def _read(work: Callable[[], str]) -> str:
    try:
        return await to_thread.run_sync(work, abandon_on_cancel=True)
    except NotFoundError as error:
        raise ResourceNotFoundError(explained(error)) from error
    except LoreError as error:
        raise ResourceError(explained(error)) from error


def _document(project: Project, source: str, path: str, start_char: int) -> str:
    return document_text(read_document(project, path, source, None, None, max(start_char, 0)))


def _sources(project: Project) -> str:
    counts = Counter(one.source for one in _listed(project))
    entries = [
        {"source": quoted_line(name), "documents": count, "uri": _folder_uri(name, "")}
        for name, count in sorted(counts.items())
    ]
    return _json({"notice": DATA_NOTICE, "sources": entries})


def _folder(project: Project, source: str, path: str, page: int) -> str:
    """Return a page of what a folder holds: the folders in it, then the documents.

    Raises:
        NotFoundError: There is no such folder, or no such page of it.
    """
    prefix = f"{path.strip('/')}/" if path.strip("/") else ""
    inside = [one for one in _listed(project) if one.source == source and one.path.startswith(prefix)]
    entries = _entries(inside, source, prefix)
    shown = entries[(page - 1) * ENTRIES_A_PAGE : page * ENTRIES_A_PAGE] if page > 0 else []
    if not shown:
        raise NotFoundError(
            f"There is no folder {path!r} in {source!r}, or no page {page} of it.", f"read {SOURCES}"
        )
    more = len(entries) > page * ENTRIES_A_PAGE
    answer = {
        "notice": DATA_NOTICE,
        "source": quoted_line(source),
        "folder": quoted_line(prefix),
        "entries": shown,
    }
    return _json(answer | ({"next": f"{_folder_uri(source, prefix)}?page={page + 1}"} if more else {}))


def _entries(inside: Sequence[Listed], source: str, prefix: str) -> list[dict[str, Any]]:
    folders: Counter[str] = Counter()
    documents = []
    for one in sorted(inside, key=lambda one: one.path):
        name, is_deeper, _ = one.path.removeprefix(prefix).partition("/")
        if is_deeper:
            folders[name] += 1
        else:
            documents.append(_entry(one))
    uris = {name: _folder_uri(source, f"{prefix}{name}") for name in folders}
    return [
        *(
            {"folder": quoted_line(name), "documents": folders[name], "uri": uri}
            for name, uri in uris.items()
        ),
        *documents,
    ]


def _entry(one: Listed) -> dict[str, Any]:
    uri = f"{SOURCES}/{quote(one.source, safe='')}/{quote(one.path)}"
    return {"path": quoted_line(one.path), "title": quoted_line(one.title), "kind": one.kind, "uri": uri}


def _folder_uri(source: str, path: str) -> str:
    end = f"/{quote(path.strip('/'))}" if path.strip("/") else ""
    return f"lore://folders/{quote(source, safe='')}{end}"


def _listed(project: Project) -> list[Listed]:
    return listing(project.workspace, project.retriever().run)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
