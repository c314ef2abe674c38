"""`lore index --report` on the terminal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lorewright.core.printable import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.retrieval.quality import Figures, Outcome
    from lorewright.stages.quality_report import Asked, QualityReport, Refusal


def print_report(console: "Console", report: "QualityReport") -> None:
    """Print how well an index finds what it was asked for."""
    console.print(
        f"[bold]{report.passages:,} passages[/bold], searched by {report.mode}  [dim]run {report.probe_run}[/dim]"
    )
    _print_headings(console, report)
    _print_yours(console, report)
    _print_misses(console, report)
    _print_refusal(console, report.refusal)


def _print_headings(console: "Console", report: "QualityReport") -> None:
    console.print("\n[bold]questions made from headings[/bold]")
    if report.headings is None:
        console.print(
            "  None: no section of prose has a heading and enough text below it, or probe.sections is 0.",
            style="dim",
        )
        return
    part = (
        f", in {report.searched:,} of the passages (probe.max_passages)"
        if report.searched < report.passages
        else ""
    )
    console.print(
        f"Each asks for a section by its heading; the heading is removed from what is searched{part}.",
        style="dim",
    )
    _print_asked(console, report.headings, report.mode)


def _print_yours(console: "Console", report: "QualityReport") -> None:
    name = _plain(report.questions_file or "questions.jsonl")
    console.print(f"\n[bold]your questions[/bold] [dim]{name}[/dim]")
    if report.yours is None:
        _print_how_to_ask(console, report)
        return
    lost = report.yours.lost
    if lost:
        console.print(
            f"[yellow]{lost:,} of {report.yours.questions:,} name a place that is in no passage[/yellow]; they count "
            "as not found. Check their paths and lines."
        )
    _print_asked(console, report.yours, report.mode)


def _print_how_to_ask(console: "Console", report: "QualityReport") -> None:
    from rich.markup import escape

    from lorewright.retrieval.questions import EXAMPLE

    unanswered = report.refusal.unanswered
    said = f"{unanswered:,} without an answer, none with one" if unanswered else "None yet"
    console.print(
        f"{said}. Headings are the documents' own words; only questions in the words of those who ask tell how often "
        "they will be answered, and whether a change of settings helps. Some thirty are enough to begin with. "
        f"{_where_to_write(report)}, one a line:"
    )
    console.print(f"  {escape(EXAMPLE)}", soft_wrap=True)
    console.print('  {"question": "...", "answerable": false}', soft_wrap=True)


def _where_to_write(report: "QualityReport") -> str:
    if not report.questions_file:
        return "Name a file as dataset.questions in lore.toml and write them there"
    return f"Write them into {_plain(report.questions_file)} beside lore.toml"


def _print_asked(console: "Console", asked: "Asked", mode: str) -> None:
    _print_figures(console, "mode", asked.modes)
    better = max(asked.modes, key=lambda name: (asked.modes[name].recall[5], name == mode))
    if better != mode:
        console.print(f"More are among the first five by {better}: lore search --mode {better}", style="dim")
    for name, groups in (("source", asked.sources), ("kind", asked.kinds)):
        if len(groups) > 1:
            _print_figures(console, f"{mode}, by {name}", groups)


def _print_figures(console: "Console", name: str, rows: "Mapping[str, Figures]") -> None:
    from rich.table import Table

    from lorewright.retrieval.quality import RECALL_AT

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(name, min_width=18, overflow="fold")
    table.add_column("n", justify="right")
    for k in RECALL_AT:
        table.add_column(f"recall@{k}", justify="right")
    table.add_column("MRR", justify="right")
    for key, one in rows.items():
        shares = (f"{one.recall[k]:.2f}" for k in RECALL_AT)
        table.add_row(_plain(key), f"{one.questions:,}", *shares, f"{one.mrr:.2f}")
    console.print(table)


def _print_misses(console: "Console", report: "QualityReport") -> None:
    from rich.padding import Padding
    from rich.table import Table

    from lorewright.stages.quality_report import fate

    if not report.misses:
        return
    console.print("\n[bold]worst misses[/bold]")
    for miss in report.misses:
        asked = Table.grid(padding=(0, 2))
        asked.add_row(f"[yellow]{fate(miss):<9}[/yellow]", _plain(miss.question))
        console.print(Padding(asked, (0, 0, 0, 2), expand=False))
        where = _plain(miss.where or miss.path)
        note = "  in no passage: check the path and lines" if miss.lost else ""
        console.print(f"             [dim]stands in[/dim] {where}{note}", soft_wrap=True)
        console.print(f"             [dim]first was[/dim] {_first(miss)}", soft_wrap=True)


def _first(miss: "Outcome") -> str:
    return _plain(miss.found) if miss.found else "nothing: no passage has a word of it"


def _print_refusal(console: "Console", refusal: "Refusal") -> None:
    from lorewright.stages.quality_report import yours_refused

    console.print("\n[bold]refusal[/bold]")
    if refusal.threshold is None:
        console.print(
            f"Nothing is refused: it takes {refusal.needed} questions made from headings to learn when the documents "
            "do not answer."
            if refusal.setting is None
            else f"Nothing was learned: it takes {refusal.needed} questions made from headings."
        )
    else:
        console.print(
            f"A question with less evidence than [bold]{refusal.threshold:.2f}[/bold] is refused as not in the "
            "documents. Learned from the questions made from headings, asked once as they are and once with their "
            "document left out. Shares refused:"
        )
        _print_curve(console, refusal)
    if refusal.setting is not None:
        console.print(f"lore.toml outranks it: ask.min_evidence is {refusal.setting:.2f}.")
    elif refusal.threshold is not None:
        console.print("[dim]Another threshold: ask.min_evidence in lore.toml[/dim]")
    if told := yours_refused(refusal):
        console.print(told)


def _print_curve(console: "Console", refusal: "Refusal") -> None:
    from rich.table import Table

    yours = any(one.yours for one in refusal.curve)
    table = Table(box=None, pad_edge=False, header_style="dim")
    columns = ["", "below", "sections", "document left out"]
    columns += ["yours with answer", "yours without"] if yours else []
    for name in columns:
        table.add_column(name, justify="right")
    for one in refusal.curve:
        shares = [one.sections.false_refusals, one.sections.refusals]
        if one.yours:
            shares += [one.yours.false_refusals, one.yours.refusals]
        table.add_row(
            "→" if one.chosen else "",
            f"{one.threshold:.3f}",
            *(f"{share:.0%}" for share in shares),
            style="bold" if one.chosen else "",
        )
    console.print(table)


def _plain(text: str) -> str:
    """Return what files and people said, as one line that is neither markup nor terminal control."""
    from rich.markup import escape

    return escape(one_line(text))
