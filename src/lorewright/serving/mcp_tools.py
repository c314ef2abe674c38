"""The tools of the MCP server: what a client's model can call."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar

from anyio import from_thread, to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from lorewright.core.errors import LoreError
from lorewright.llm.retrieval_template import quoted
from lorewright.retrieval.answer import Answer
from lorewright.retrieval.citing import cited
from lorewright.retrieval.filters import Filters
from lorewright.retrieval.search import Mode
from lorewright.serving.mcp_project import Project
from lorewright.serving.mcp_quoting import explained, quoted_line
from lorewright.serving.mcp_results import (
    MAX_CHARS,
    NEAREST,
    NOT_ANSWERED,
    NOTHING_FOUND,
    AnswerResult,
    DocumentResult,
    SearchResult,
    answer_text,
    document_result,
    document_text,
    quoted_passages,
    search_text,
)
from lorewright.stages.answer_models import AnswerModel
from lorewright.stages.ask import Retriever, finished, reply
from lorewright.stages.documents import find_document

SEARCH = (
    "Find passages of the documentation by words and, where the index has vectors, by meaning. Returns numbered "
    "passages, best first, each with its document's source, path and lines (or page), title, headings and commit. "
    "Use the words that the documentation itself would use; cite passages by path and lines."
)
GET = (
    "Read a document, or some lines of it, by the path that a search has named. Long texts are cut at "
    f"{MAX_CHARS:,} characters, with a word on how to read on."
)
ASK = (
    "Answer a question from the documentation, with [n] citations. Says so where the documentation does not answer, "
    "and names the nearest passages. Ask one whole question in plain words."
)
READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

Query = Annotated[str, Field(description="Words or a question; it has no syntax.", max_length=10_000)]
Limit = Annotated[int, Field(description="How many passages at most.", ge=1, le=50)]
Kinds = Annotated[
    list[str],
    Field(description="Only documents of these kinds, such as markdown, rest, pdf, python; empty for all."),
]
Sources = Annotated[list[str], Field(description="Only these sources, by name; empty for all.")]
Glob = Annotated[
    str,
    Field(description="Only paths that fit this gitignore-style pattern, such as guide/**; empty for all."),
]
How = Annotated[
    Mode | None,
    Field(description="How to look; by default the best way that the index has."),
]
Path = Annotated[str, Field(description="Path of the document, as a search names it.", max_length=4096)]
Source = Annotated[str, Field(description="Name of the source, where two sources have that path.")]
FirstLine = Annotated[
    int | None, Field(description="First line of the file (page of a PDF), from 1; null for the first.", ge=1)
]
LastLine = Annotated[
    int | None, Field(description="Last line of the file (page of a PDF), inclusive; null for the end.", ge=1)
]
StartChar = Annotated[
    int, Field(description="Characters to leave out at the beginning, to read on where a text was cut.", ge=0)
]
Question = Annotated[str, Field(description="One question in plain words.", max_length=10_000)]
Passages = Annotated[
    int | None,
    Field(description="Passages to answer from; by default as many as the project says.", ge=1, le=20),
]
Report = Callable[[int], None]
T = TypeVar("T", bound=BaseModel)
_PIECES_A_REPORT = 16


def add_tools(server: MCPServer[Any], project: Project) -> None:
    """Add the tools that search, read and ask a project."""

    async def search_documentation(
        query: Query,
        limit: Limit = 5,
        kinds: Kinds = [],  # noqa: B006 - the default that the schema shows
        sources: Sources = [],  # noqa: B006
        path: Glob = "",
        mode: How = None,
    ) -> Annotated[CallToolResult, SearchResult]:
        filters = Filters(tuple(kinds), tuple(sources), path)
        return await _answered(partial(_search, project, query, limit, filters, mode), search_text)

    async def get_document(
        path: Path,
        source: Source = "",
        first_line: FirstLine = None,
        last_line: LastLine = None,
        start_char: StartChar = 0,
    ) -> Annotated[CallToolResult, DocumentResult]:
        get = partial(read_document, project, path, source, first_line, last_line, start_char)
        return await _answered(get, document_text)

    async def ask(
        question: Question, context: Context[Any, Any], passages: Passages = None
    ) -> Annotated[CallToolResult, AnswerResult]:
        return await _answered(partial(_ask, project, question, passages, _reporter(context)), answer_text)

    for tool, title, description in (
        (search_documentation, "Search the documentation", SEARCH),
        (get_document, "Read a document", GET),
        (ask, "Ask the documentation", ASK),
    ):
        server.add_tool(tool, title=title, description=description, annotations=READ_ONLY)


def read_document(
    project: Project, path: str, source: str, first: int | None, last: int | None, start_char: int
) -> DocumentResult:
    """Return a document, or a part of it, as it leaves.

    Raises:
        NotFoundError: There is no such document.
    """
    run = project.retriever().run
    document = find_document(project.workspace, run, path, source=source)
    return document_result(document, first=first, last=last, start_char=start_char)


async def _answered(work: Callable[[], T], text: Callable[[T], str]) -> CallToolResult:
    """Return what some work finds out, done beside that of other calls; a cancelled call is not waited for."""
    try:
        result = await to_thread.run_sync(work, abandon_on_cancel=True)
    except LoreError as error:
        return CallToolResult(content=[TextContent(type="text", text=explained(error))], is_error=True)
    return CallToolResult(
        content=[TextContent(type="text", text=text(result))],
        structured_content=result.model_dump(mode="json"),
    )


def _search(project: Project, query: str, limit: int, filters: Filters, mode: Mode | None) -> SearchResult:
    found = project.retriever().find(query, k=limit, filters=filters, mode=mode)
    return SearchResult(
        query=quoted_line(query),
        passages=quoted_passages(found, with_text=True),
        message="" if found else NOTHING_FOUND,
    )


def _ask(project: Project, question: str, passages: int | None, report: Report) -> AnswerResult:
    retriever = project.retriever()
    model = project.answer_model()
    k = passages or (model or project.settings().ask).passages
    if model is None:
        return _result(reply(retriever, None, question, k=k).answer)
    with project.turn():
        return _written(retriever, model, question, k, report)


def _written(retriever: Retriever, model: AnswerModel, question: str, k: int, report: Report) -> AnswerResult:
    begun = reply(retriever, model, question, k=k)
    pieces: list[str] = []
    for piece in begun.pieces or ():
        pieces.append(piece)
        report(len(pieces))
    return _result(finished(begun, "".join(pieces).strip()), written_by=model.name)


def _result(answer: Answer, *, written_by: str = "") -> AnswerResult:
    text = "" if answer.refused else answer.text
    nearest = quoted_passages(answer.passages, with_text=False)
    failure = f"{NOT_ANSWERED} {NEAREST if nearest else NOTHING_FOUND}"
    return AnswerResult(
        question=quoted_line(answer.question),
        answered=bool(text),
        answer=quoted(text),
        written_by=quoted_line(written_by),
        support=answer.support,
        citations=cited(text, nearest),
        message="" if text else failure,
    )


def _reporter(context: Context[Any, Any]) -> Report:
    """Return what tells a client how many pieces of an answer there are, and ends the work of a cancelled call."""

    def report(pieces: int) -> None:
        from_thread.check_cancelled()
        if pieces % _PIECES_A_REPORT == 1:
            from_thread.run(context.report_progress, pieces, None, "writing the answer")

    return report
