"""Resources: a short list, folders that lead to every document, and documents by address."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mcp import MCPError
from served_project import DOCUMENTS, Served  # type: ignore[import-not-found]

from lorewright.serving import mcp_resources
from lorewright.stages.documents import Listed


def test_the_list_of_resources_is_short_and_templates_lead_to_all(mcp: Served) -> None:
    listed = mcp.portal.call(mcp.client.list_resources)
    assert [one.uri for one in listed.resources] == ["lore://documents"]
    templates = mcp.portal.call(mcp.client.list_resource_templates).resource_templates
    assert [one.uri_template for one in templates] == [
        "lore://documents/{source}/{+path}{?start_char}",
        "lore://folders/{source}{?page}",
        "lore://folders/{source}/{+path}{?page}",
    ]
    assert all(one.description for one in (*listed.resources, *templates))


def test_every_document_is_reached_from_the_sources_through_folders(mcp: Served) -> None:
    reached, folders = [], [one["uri"] for one in json.loads(mcp.read("lore://documents"))["sources"]]
    while folders:
        for entry in json.loads(mcp.read(folders.pop()))["entries"]:
            if "folder" in entry:
                folders.append(entry["uri"])
            else:
                reached.append(entry["uri"])
                assert mcp.read(entry["uri"])
    assert len(reached) == len(set(reached)) == len(DOCUMENTS)


def test_a_document_is_read_by_its_address_and_read_on_where_it_is_cut(mcp: Served) -> None:
    assert "end switch confirms" in mcp.read("lore://documents/docs/guide/valves.md")
    cut = mcp.data("get_document", path="guide/readings.md")
    on = mcp.read(f"lore://documents/docs/guide/readings.md?start_char={cut['next_char']}")
    assert f"start_char={cut['next_char']}" in mcp.read("lore://documents/docs/guide/readings.md")
    assert cut["text"].splitlines()[-1] in mcp.read("lore://documents/docs/guide/readings.md")
    assert cut["text"].splitlines()[-1] not in on
    assert "Reading 3000 was normal." in on


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("lore://documents/docs/guide/vales.md", "near to it: guide/valves.md"),
        ("lore://documents/nowhere/README.md", "in the source 'nowhere'"),
        ("lore://documents/docs/..%2F..%2Flore.toml", "There is no document"),
        ("lore://documents/docs/%2Fetc%2Fpasswd", "There is no document"),
        ("lore://folders/docs/nowhere", "There is no folder 'nowhere' in 'docs'"),
        ("lore://folders/docs?page=99", "no page 99"),
        ("lore://folders/docs?page=-1", "no page -1"),
        ("lore://elsewhere", "Unknown resource"),
    ],
)
def test_what_is_not_there_is_one_message(mcp: Served, uri: str, said: str) -> None:
    with pytest.raises(MCPError) as caught:
        mcp.read(uri)
    assert said in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_folder_of_many_documents_is_paged_and_each_page_names_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = [Listed(row, "a/b", f"deep er/doc{row:04}.md", "markdown", f"Doc {row}") for row in range(1201)]
    monkeypatch.setattr(mcp_resources, "_listed", lambda _project: known)
    uri: str | None = "1"
    seen: list[dict[str, Any]] = []
    while uri is not None:
        page = int(uri.rpartition("=")[2])
        answer = json.loads(mcp_resources._folder(SimpleNamespace(), "a/b", "deep er", page))  # type: ignore[arg-type]
        seen += answer["entries"]
        uri = answer.get("next")
        assert uri is None or uri == f"lore://folders/a%2Fb/deep%20er?page={page + 1}"
    assert len(seen) == 1201
    assert seen[0]["uri"] == "lore://documents/a%2Fb/deep%20er/doc0000.md"


def test_kinds_that_the_index_leaves_out_are_not_served(prepared: Path) -> None:
    from lorewright.core.errors import NotFoundError
    from lorewright.core.workspace import Workspace
    from lorewright.stages.documents import find_document, listing

    workspace = Workspace(prepared)
    run = workspace.newest("index")
    assert run is not None
    found = listing(workspace, run)
    assert {one.kind for one in found} == {"markdown", "rest", "text", "python"}
    assert find_document(workspace, run, "valves.py").kind == "python"
    hidden = next((prepared / "logs").rglob("*.log")).relative_to(prepared / "logs").as_posix()
    with pytest.raises(NotFoundError, match="There is no document"):
        find_document(workspace, run, hidden)
