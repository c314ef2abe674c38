"""Causes of wrong answers on the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lorewright.cli.record_view import safe
from lorewright.core.printable import one_line
from lorewright.evaluation.wording import metric_name, number, test_set_words

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.stages.why_report import AnswerWhy, Causes, Explained, ShownView, Worst

_LONG = 1200
_PASSAGE_CHARS = 240
_ID_CHARS = 8
_HEADS = {"contradicted": "contra-\ndicted", "unanswerable": "unanswer-\nable"}


def print_explained(console: "Console", told: "Explained") -> None:
    """Print one test question: the reference with its evidence, what was shown, what each system answered and why."""
    words = f"{told.task}, {test_set_words(told.test_set)} ({told.test_set})"
    console.print(f"[bold]example[/bold]   {told.id}  [dim]{safe(words)}[/dim]")
    for turn in told.messages:
        console.print(f"[bold]{turn.role:<9}[/bold] {_cut(turn.content, _LONG)}")
    console.print(f"[bold]{'reference':<9}[/bold] {_cut(told.reference, _LONG)}")
    for piece in told.evidence:
        mark = " " if piece.place and piece.place.unit == "page" else ":"
        where = f"{piece.path}{mark}{piece.place}" if piece.place else "its passage is gone"
        console.print(f"[bold]{'evidence':<9}[/bold] [cyan]{safe(where)}[/cyan]", soft_wrap=True)
        for line in piece.quote[:_LONG].splitlines():
            console.print(f"  [green]│[/green] {safe(line)}")
    if told.shown:
        console.print("\n[bold]what systems with retrieval were shown[/bold]")
    for passage in told.shown:
        _print_passage(console, passage)
    for answer in told.answers:
        _print_answer(console, answer, told.metric)


def _print_passage(console: "Console", passage: "ShownView") -> None:
    mark = " " if passage.place.unit == "page" else ":"
    where = f"{passage.path}{mark}{passage.place}"
    if passage.holds:
        told = "[green]holds the evidence[/green]"
        told += "" if passage.given else "[yellow], which the budget of the prompt cut off[/yellow]"
    else:
        told = "[dim]no evidence[/dim]" + ("" if passage.given else "[dim], and no room in the prompt[/dim]")
    console.print(f"  {passage.rank}. [cyan]{safe(where)}[/cyan]  {told}", soft_wrap=True)
    console.print(f"     [dim]{_cut(one_line(passage.text), _PASSAGE_CHARS)}[/dim]")


def _print_answer(console: "Console", answer: "AnswerWhy", metric: str) -> None:
    colour = "green" if answer.cause == "right" else "red"
    score = f"{metric_name(metric)} {number(answer.value)}"
    console.print(
        f"\n[bold]{safe(answer.system)}[/bold]  [dim]{score}[/dim]  [{colour}]{answer.meaning}[/{colour}]",
        soft_wrap=True,
    )
    for line in (answer.text.strip() or "(nothing)")[:_LONG].splitlines():
        console.print(f"  [{colour}]│[/{colour}] {safe(line)}")
    console.print(f"  {safe(one_line(answer.detail))}")
    if answer.elsewhere:
        console.print(f"  it stands in [cyan]{safe(answer.elsewhere)}[/cyan]", soft_wrap=True)
    if answer.next:
        console.print(f"  [cyan]next:[/cyan] {safe(answer.next)}")


def print_causes(console: "Console", rows: "Sequence[Causes]") -> None:
    """Print how many answers have which cause: a line a system, a table a task and test set."""
    from rich.table import Table

    from lorewright.evaluation.why import CAUSES

    for task, test_set in dict.fromkeys((one.task, one.test_set) for one in rows):
        own = [one for one in rows if (one.task, one.test_set) == (task, test_set)]
        found = [cause for cause in CAUSES if any(one.counts.get(cause) for one in own)]
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("")
        for name in ("answers", *found):
            table.add_column(_HEADS.get(name, name.replace("-", "\n")), justify="right", vertical="bottom")
        for one in own:
            counts = (f"{one.counts[cause]:,}" if one.counts.get(cause) else "" for cause in found)
            table.add_row(safe(one.system), f"{one.answers:,}", *counts)
        console.print(f"\n[bold]{safe(task)} on {test_set_words(test_set)}[/bold] [dim]({test_set})[/dim]")
        console.print(table)


def print_worst(console: "Console", found: "Worst") -> None:
    """Print wrong answers in brief, the worst first."""
    if not found.answers:
        console.print("\n[green]No answer is wrong.[/green]")
        console.print("[cyan]next:[/cyan] lore why --all counts the answers of every system")
        return
    console.print(f"\n[bold]the worst of {found.wrong:,} wrong answers[/bold]")
    for one in found.answers:
        console.print(
            f"  [cyan]{one.id[:_ID_CHARS]}[/cyan] {number(one.value)} [dim]{safe(one.system)}, {one.test_set}[/dim]  "
            f"[red]{one.meaning}[/red]",
            soft_wrap=True,
        )
        console.print(f"           {_cut(one_line(one.question), _PASSAGE_CHARS)}")
    console.print(
        f"\n[cyan]next:[/cyan] lore why {found.answers[0].id[:_ID_CHARS]} shows what each system saw; "
        "lore why --all counts causes"
    )


def _cut(text: str, chars: int) -> str:
    return safe(text if len(text) <= chars else f"{text[:chars].rstrip()} …")
