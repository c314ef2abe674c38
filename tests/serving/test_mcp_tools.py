"""The tools, called by the real client over standard streams."""

import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from served_project import COLOURS, Served, served, text_of  # type: ignore[import-not-found]

Lore = Callable[..., CompletedProcess[str]]


def tools(mcp: Served) -> dict[str, Any]:
    return {tool.name: tool for tool in mcp.portal.call(mcp.client.list_tools).tools}


def test_the_server_says_whose_documentation_it_has(mcp: Served) -> None:
    assert mcp.client.server_info.name == "lorewright"
    assert "The documentation of Pumphouse" in str(mcp.client.instructions)


def test_tools_are_read_only_and_describe_every_parameter_and_field(mcp: Served) -> None:
    found = tools(mcp)
    assert list(found) == ["search_documentation", "get_document", "ask"]
    for tool in found.values():
        assert tool.annotations.read_only_hint
        assert not tool.annotations.destructive_hint
        assert len(tool.description) > 80
        assert all(one["description"] for one in tool.input_schema["properties"].values())
        assert all(one["description"] for one in tool.output_schema["properties"].values())
    wanted = ["query", "limit", "kinds", "sources", "path", "mode"]
    assert list(found["search_documentation"].input_schema["properties"]) == wanted


def test_a_search_gives_numbered_passages_with_their_place_as_data_and_as_text(mcp: Served) -> None:
    result = mcp.call("search_documentation", query="end switch confirms valve closed")
    found = result.structured_content["passages"]
    first = found[0]
    place = (first["source"], first["path"], first["unit"], first["first"], first["last"])
    assert place == ("docs", "guide/valves.md", "line", 6, 10)
    assert first["headings"] == ["Valves", "Closing"]
    assert "end switch confirms" in first["text"]
    assert [one["number"] for one in found] == list(range(1, len(found) + 1))
    shown = text_of(result)
    assert "[1]\n<passage>\npath: guide/valves.md\nlines: 6-10\nsource: docs\n" in shown
    assert first["text"] in shown


def test_limit_kinds_sources_and_path_narrow_a_search(mcp: Served) -> None:
    def paths(**options: Any) -> list[tuple[str, str]]:
        found = mcp.data("search_documentation", query="valve alarm", **options)["passages"]
        return [(one["source"], one["path"]) for one in found]

    assert len(paths(limit=1)) == 1
    assert {path for _, path in paths(kinds=["rest"])} == {"guide/alarms.rst"}
    assert {source for source, _ in paths(sources=["more"])} == {"more"}
    assert {path for _, path in paths(path="guide/val*")} == {"guide/valves.md"}


def test_a_search_without_a_result_says_what_to_try(mcp: Served) -> None:
    result = mcp.call("search_documentation", query="zeppelin xylophone")
    assert not result.is_error
    assert result.structured_content["passages"] == []
    assert text_of(result) == result.structured_content["message"]
    assert "Try other words" in text_of(result)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search_documentation", {}, "query"),
        ("search_documentation", {"query": "valve", "limit": 0}, "greater than or equal to 1"),
        ("search_documentation", {"query": "valve", "limit": "many"}, "valid integer"),
        ("search_documentation", {"query": "valve", "mode": "magic"}, "'full-text', 'dense' or 'hybrid'"),
        ("search_documentation", {"query": "valve", "mode": "dense"}, "This index has no vectors"),
        ("search_documentation", {"query": "valve", "kinds": ["markdwon"]}, "Next: --kind markdown"),
        ("search_documentation", {"query": "valve", "sources": ["mroe"]}, "no source 'mroe'"),
        ("search_documentation", {"query": "valve", "path": "nowhere/**"}, "No path in the index fits"),
        ("get_document", {"path": "valves.md"}, "near to it: guide/valves.md"),
        ("get_document", {"path": "README.md"}, "name the source: docs, more"),
        ("get_document", {"path": "../lore.toml"}, "There is no document '../lore.toml'"),
        ("get_document", {"path": "/etc/passwd"}, "There is no document '/etc/passwd'"),
        ("get_document", {"path": "guide/valves.md", "source": "more"}, "in the source 'more'"),
        ("get_document", {"path": "guide/valves.md", "first_line": 0}, "greater than or equal to 1"),
        ("ask", {"question": "valve?", "passages": 100}, "less than or equal to 20"),
        ("no_such_tool", {}, "Unknown tool"),
    ],
)
def test_wrong_arguments_are_tool_errors_that_help_and_the_server_goes_on(
    mcp: Served, tool: str, arguments: dict[str, Any], said: str
) -> None:
    result = mcp.call(tool, **arguments)
    assert result.is_error
    assert said in text_of(result)
    assert "Traceback" not in text_of(result)
    assert mcp.data("search_documentation", query="valve")["passages"]


def test_a_document_is_read_with_what_is_known_of_it(mcp: Served) -> None:
    found = mcp.data("get_document", path="guide/valves.md")
    known = {name: found[name] for name in ("source", "title", "kind", "unit", "total", "next_char")}
    assert known == {
        "source": "docs",
        "title": "Valves",
        "kind": "markdown",
        "unit": "line",
        "total": 15,
        "next_char": None,
    }
    assert found["text"].startswith("# Valves\n")
    assert found["text"].rstrip().endswith("up to date.")


def test_a_source_chooses_between_documents_with_one_path(mcp: Served) -> None:
    assert "spare valves" in mcp.text("get_document", path="README.md", source="more")
    assert "water pumps" in mcp.text("get_document", path="README.md", source="docs")


def test_lines_are_those_of_the_file_whatever_its_text_was_made_into(mcp: Served) -> None:
    markdown = mcp.data("get_document", path="guide/valves.md", first_line=8, last_line=9)["text"]
    assert markdown == "The end switch confirms that the valve is closed.\nIt reports within two seconds."
    rest = mcp.data("get_document", path="guide/alarms.rst", first_line=6, last_line=9)["text"]
    assert "Silencing" in rest
    assert "twelve hours" in rest
    assert "leaves its range" not in rest


def test_lines_after_the_end_are_said_not_to_be_there(mcp: Served) -> None:
    found = mcp.data("get_document", path="guide/valves.md", first_line=500)
    assert found["text"] == ""
    assert "ends at line 15" in found["message"]


@pytest.mark.parametrize("path", ["guide/readings.md", "guide/one-line.txt"])
def test_a_huge_document_is_cut_and_read_on_to_its_end_without_gap_or_overlap(mcp: Served, path: str) -> None:
    parts: list[str] = []
    start: int | None = 0
    while start is not None:
        found = mcp.data("get_document", path=path, start_char=start)
        assert len(found["text"]) <= 40_000
        parts.append(found["text"])
        start = found["next_char"]
        if start is not None:
            assert f"start_char={start}" in found["message"]
            assert found["message"] in mcp.text("get_document", path=path, start_char=found["start_char"])
    whole = "".join(parts)
    assert len(parts) > 1
    assert len(whole) == found["chars"]
    assert whole.count("flamingo") == 10_000 or "Reading 4000 was normal." in whole


def test_an_answer_cites_the_lines_it_comes_from(mcp: Served) -> None:
    result = mcp.call("ask", question="How heavy is the gasket and what is it painted?")
    found = result.structured_content
    assert found["answered"]
    assert "9 grams" in found["answer"]
    assert COLOURS[6] in found["answer"]
    assert "[1]" in found["answer"]
    assert found["citations"][0]["path"] == "guide/parts.md"
    assert found["citations"][0]["headings"] == ["Parts", "The gasket"]
    assert found["answer"] in text_of(result)
    assert "guide/parts.md, lines" in text_of(result)


def test_a_question_that_is_not_answered_is_refused_and_the_nearest_passages_are_named(mcp: Served) -> None:
    result = mcp.call("ask", question="Which football club won with a painted goalkeeper in stormy weather?")
    found = result.structured_content
    assert not result.is_error
    assert not found["answered"]
    assert found["answer"] == ""
    assert found["citations"]
    assert all(one["text"] == "" for one in found["citations"])
    assert "does not seem to answer" in text_of(result)
    assert found["citations"][0]["path"] in text_of(result)


def test_a_question_that_shares_no_word_is_refused_with_what_to_try(mcp: Served) -> None:
    result = mcp.call("ask", question="Zeppelin xylophone?")
    assert not result.structured_content["answered"]
    assert "Try other words" in text_of(result)


def test_a_client_of_the_older_protocol_gets_the_same(
    documentation: Path, mcp: Served, tmp_path: Path
) -> None:
    errors = tmp_path / "stderr.txt"
    with served(documentation, errors, mode="legacy") as older:
        assert older.client.protocol_version != mcp.client.protocol_version
        for tool, arguments in (
            ("search_documentation", {"query": "valve"}),
            ("get_document", {"path": "guide/alarms.rst"}),
            ("ask", {"question": "What does the gasket weigh?"}),
        ):
            assert older.data(tool, **arguments) == mcp.data(tool, **arguments)
    assert errors.read_text() == ""


def test_the_next_call_sees_a_new_index_and_what_was_opened_before_goes_on(
    documentation: Path, tmp_path: Path, lore: Lore
) -> None:
    from lorewright.core.workspace import Workspace
    from lorewright.serving.mcp_project import Project

    copy = Path(shutil.copytree(documentation, tmp_path / "copy"))
    project = Project(Workspace(copy))
    with served(copy, tmp_path / "stderr.txt") as alone:
        assert not alone.data("search_documentation", query="zeppelin")["passages"]
        old = project.retriever()
        assert project.retriever() is old
        (copy / "docs" / "airships.md").write_text("# Airships\n\nA zeppelin is moored at the pump house.\n")
        assert lore("index", cwd=copy).returncode == 0
        found = alone.data("search_documentation", query="zeppelin")["passages"]
        assert [one["path"] for one in found] == ["airships.md"]
        assert "moored" in alone.text("get_document", path="airships.md")
    assert not old.find("zeppelin", k=1)
    assert project.retriever().find("zeppelin", k=1)


def test_a_project_without_an_index_says_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "lore.toml").write_text('[project]\nname = "New"\n[[sources]]\npath = "docs"\n')
    with served(tmp_path, tmp_path / "stderr.txt") as fresh:
        result = fresh.call("search_documentation", query="valve")
        assert result.is_error
        assert "Nothing is indexed yet" in text_of(result)
        assert "Next: lore index" in text_of(result)
