"""Answers and passages on a terminal, and as JSON."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lorewright.core.records import Passage
from lorewright.retrieval.answer import Answer, Citation, cite

if TYPE_CHECKING:
    from rich.console import Console
    from rich.markdown import Markdown

NOTHING_FOUND = "Nothing in the index shares a word with this question."
SNIPPET_CHARS = 240

# Escape sequences could rewrite the screen, bidirectional controls the order of what is read.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def render_answer(answer: Answer, console: "Console") -> None:
    """Print an answer and, below it, the citations it uses; all of them where it marks none."""
    if not answer.text:
        console.print(NOTHING_FOUND, markup=False, highlight=False)
        return
    print_text(answer.text, console)
    console.print()
    render_citations(cited(answer.text, answer.citations), console)


def render_citations(citations: Sequence[Citation], console: "Console") -> None:
    """Print one line a citation: `[1] core/tasks.rst:88-104  Tasks › Retries  (commit)`."""
    from rich.text import Text

    for citation in citations:
        line = Text.assemble((f"[{citation.number}] ", "bold"), (printable(citation.label), "cyan"))
        if citation.trail:
            line.append(f"  {one_line(citation.trail)}")
        if citation.commit:
            line.append(f"  ({printable(citation.commit)[:10]})", style="dim")
        console.print(line, soft_wrap=True)


def render_passages(passages: Sequence[Passage], console: "Console") -> None:
    """Print what a search found: each passage's citation and the beginning of its text."""
    if not passages:
        console.print(NOTHING_FOUND, markup=False, highlight=False)
    for passage, citation in zip(passages, cite(passages), strict=True):
        render_citations([citation], console)
        snippet = one_line(passage.text)
        ending = " …" if len(snippet) > SNIPPET_CHARS else ""
        console.print(
            f"    {snippet[:SNIPPET_CHARS]}{ending}",
            markup=False,
            highlight=False,
            soft_wrap=True,
            style="dim",
        )


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain data for `--json`: question, answer, citations and the passages that were read."""
    return {
        "question": answer.question,
        "answer": answer.text,
        "citations": [citation_json(citation) for citation in answer.citations],
        "passages": [passage.model_dump(mode="json") for passage in answer.passages],
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation as plain data, its place also as the text a person reads."""
    return {**citation.model_dump(mode="json"), "label": citation.label}


def cited(text: str, citations: Sequence[Citation]) -> list[Citation]:
    """Return the citations whose `[n]` occurs in a text, or all where none does."""
    marks = {int(number) for number in re.findall(r"\[(\d{1,3})\]", text)}
    return [citation for citation in citations if citation.number in marks] or list(citations)


def print_text(text: str, console: "Console") -> None:
    """Print Markdown: laid out on a terminal, as it is where the output goes to a file or another program."""
    if console.is_terminal:
        console.print(_markdown(printable(text)))
    else:
        console.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def printable(text: str) -> str:
    """Return a text without control characters, newline and tab excepted."""
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """Return a text as one printable line."""
    return " ".join(printable(text).split())


def _markdown(text: str) -> "Markdown":
    from markdown_it import MarkdownIt
    from rich.markdown import Markdown

    shown = Markdown(text, hyperlinks=False)
    # Parsed again without HTML, which would swallow placeholders such as <name>.
    parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
    shown.parsed = parser.parse(text)
    return shown
