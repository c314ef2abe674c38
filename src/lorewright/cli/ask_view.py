"""Answers and passages on a terminal, and as JSON."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lorewright.core.printable import one_line, printable
from lorewright.core.records import PROSE_KINDS, Passage
from lorewright.llm.citing import marks
from lorewright.retrieval.answer import Answer, Citation, cite
from lorewright.retrieval.citing import cited

if TYPE_CHECKING:
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

NOTHING_FOUND = "Nothing in the index shares a word with this question."
NOTHING_TO_QUOTE = "The passages that were found hold no sentence to quote."
NEAREST = 3
SNIPPET_CHARS = 240
# They stand in the citation already.
_LEADING_HEADINGS = re.compile(r"\A(?:\s*#{1,6} .*(?:\n|\Z))+")
INDENT = 4


def render_answer(
    answer: Answer, console: "Console", *, stemming: str = "english", whole: bool = False
) -> None:
    """Print an answer in the documents' own words and what stands below it, or why there is none."""
    if answer.text and not answer.refused:
        print_text(answer.text, console)
        console.print()
    render_below(answer, console, stemming=stemming, whole=whole)


def render_below(
    answer: Answer,
    console: "Console",
    *,
    model: str = "",
    stemming: str = "english",
    whole: bool = False,
) -> None:
    """Print what belongs below an answer's text: the citations it uses, or the nearest passages of a refused one.

    Args:
        answer: Whose text has been printed.
        console: Where to.
        model: Who wrote it; what a model cites is checked. Empty for the documents' own words.
        stemming: Of the index.
        whole: Print each passage whole below its citation.
    """
    if not answer.passages:
        if not answer.text:
            say(NOTHING_FOUND, console)
        return
    if answer.refused or not answer.text:
        say(f"{_why(answer, model)}\nNearest:", console)
        _render_nearest(answer, console, stemming=stemming, whole=whole)
        return
    if model:
        _check_marks(answer, console)
    used = cited(answer.text, answer.citations)
    if whole:
        _render_whole(used, answer, console)
    else:
        render_citations(used, console)


def _why(answer: Answer, model: str) -> str:
    """Return why a question has no answer."""
    if answer.text:
        return f"{model} found no answer in what it was given."
    if not answer.refused:
        return f"{model} wrote nothing." if model else NOTHING_TO_QUOTE
    found, taken = _apart(answer.support or 0.0, answer.min_support)
    return (
        f"Not in the documentation, as far as the index can tell (evidence {found}, it takes {taken}; "
        "--min-evidence 0 answers anyway)."
    )


def _apart(low: float, high: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to tell them apart, two at least."""
    pairs = ((f"{low:.{digits}f}", f"{high:.{digits}f}") for digits in (2, 3, 4, 6))
    return next((pair for pair in pairs if pair[0] != pair[1]), (repr(low), repr(high)))


def _render_nearest(answer: Answer, console: "Console", *, stemming: str, whole: bool) -> None:
    if whole:
        _render_whole(answer.citations[:NEAREST], answer, console)
    else:
        render_passages(answer.passages[:NEAREST], console, query=answer.question, stemming=stemming)


def _render_whole(citations: Sequence[Citation], answer: Answer, console: "Console") -> None:
    for number, citation in enumerate(citations):
        if number:
            console.print()
        render_citations([citation], console)
        print_passage(answer.passages[citation.number - 1], console)


def _check_marks(answer: Answer, console: "Console") -> None:
    count = len(answer.passages)
    marked = marks(answer.text)
    for number in marked:
        if not 1 <= number <= count:
            read = "1 passage" if count == 1 else f"{count} passages"
            say(f"[{number}] cites nothing: the model was given {read}.", console, style="yellow")
    if not any(1 <= number <= count for number in marked):
        say("The answer cites no passage. It was given:", console, style="yellow")


def render_citations(citations: Sequence[Citation], console: "Console") -> None:
    """Print a line a citation: `[1] core/tasks.rst:88-104  Tasks › Retries  (commit)`; two where it is too long."""
    from rich.text import Text

    for citation in citations:
        _print_citation(citation, Text(one_line(citation.trail)), console)


def _print_citation(citation: Citation, trail: "Text", console: "Console") -> None:
    from rich.text import Text

    head = Text.assemble((f"[{citation.number}] ", "bold"), (one_line(citation.label), "cyan"))
    commit = Text(f"  ({printable(citation.commit)[:10]})" if citation.commit else "", style="dim")
    if trail and console.is_terminal and head.cell_len + 2 + trail.cell_len + commit.cell_len > console.width:
        console.print(head + commit, soft_wrap=True)
        _print_indented(trail, console)
    else:
        console.print(Text.assemble(head, "  " if trail else "", trail, commit), soft_wrap=True)


def render_passages(
    passages: Sequence[Passage], console: "Console", *, query: str = "", stemming: str = "english"
) -> None:
    """Print what a search found: each passage's citation and the part of it that has the words searched for."""
    from lorewright.retrieval.words import terms

    asked = terms(query, stemming)
    for number, (passage, citation) in enumerate(zip(passages, cite(passages), strict=True)):
        if number and console.is_terminal:
            console.print()
        trail = citation.trail
        _print_citation(citation, _matching(trail, asked, stemming, max_chars=len(trail)), console)
        text = _LEADING_HEADINGS.sub("", passage.text) if passage.kind in PROSE_KINDS else passage.text
        found = _matching(text.strip() or passage.text, asked, stemming, max_chars=SNIPPET_CHARS)
        _print_indented(found, console)


def _matching(text: str, asked: Sequence[str], stemming: str, *, max_chars: int) -> "Text":
    """Return the part of a text with the stems that were asked for, the words emphasised."""
    from rich.text import Text

    from lorewright.retrieval.snippets import snippet

    found = snippet(text, asked, stemming=stemming, max_chars=max_chars)
    shown = Text(found.text)
    for start, end in found.matches:
        shown.stylize("bold green", start, end)
    return shown


def print_passage(passage: Passage, console: "Console") -> None:
    """Print the text of a passage as it stands in its document, set in a little."""
    from rich.text import Text

    text = printable(passage.text.strip("\n"))
    if console.is_terminal:
        _print_indented(Text(text, "dim"), console)
    else:
        for line in text.splitlines():
            say(f"{'':{INDENT}}{line}" if line.strip() else "", console)


def _print_indented(text: "Text", console: "Console") -> None:
    if console.is_terminal:
        for line in text.wrap(console, max(console.width - INDENT, 1), tab_size=4):
            line.rstrip()
            line.pad_left(INDENT if line else 0)
            console.print(line)
    else:
        console.print(" " * INDENT + text.plain, markup=False, highlight=False, soft_wrap=True)


def answer_json(answer: Answer, *, model: str = "") -> dict[str, Any]:
    """Return an answer as plain data for `--json`: what was asked and answered, citations, and what was read."""
    return {
        "question": answer.question,
        "answer": answer.text,
        "model": model or None,
        "refused": answer.refused,
        "support": answer.support,
        "min_support": answer.min_support,
        "cited": [number for number in marks(answer.text) if 1 <= number <= len(answer.passages)],
        "citations": [citation_json(citation) for citation in answer.citations],
        "passages": [passage.model_dump(mode="json") for passage in answer.passages],
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation as plain data, its place also as the text a person reads."""
    return {**citation.model_dump(mode="json"), "label": citation.label}


def passages_json(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Return what a search found as plain data, each with the place that a person reads."""
    return [
        {**passage.model_dump(mode="json"), "label": citation.label}
        for passage, citation in zip(passages, cite(passages), strict=True)
    ]


def print_text(text: str, console: "Console") -> None:
    """Print Markdown: laid out on a terminal, as it is where the output goes to a file or another program."""
    if console.is_terminal:
        console.print(_markdown(printable(text)))
    else:
        say(text, console)


def say(text: str, console: "Console", *, style: str = "") -> None:
    """Print a text as it is but for what would control the terminal."""
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True, style=style or None)


def _markdown(text: str) -> "Markdown":
    from markdown_it import MarkdownIt
    from rich.markdown import Markdown

    shown = Markdown(text, hyperlinks=False)
    # Parsed again without HTML, which would swallow placeholders such as <name>.
    parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
    shown.parsed = parser.parse(text)
    return shown
