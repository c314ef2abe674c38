"""An example under review on the terminal, the list of decisions, and what they add up to."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lorewright.cli.record_view import safe
from lorewright.core.printable import one_line, printable
from lorewright.curation.editing import asked

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from lorewright.core.records import Example
    from lorewright.stages.review_examples import Reviewable, Shown
    from lorewright.stages.review_stats import Agreement, Listed, ReviewStats
    from lorewright.store.decided import Decided

KEYS = "[a]ccept  [e]dit  [r]eject  [n]ote  [s]kip  [u]ndo  [v]iew all  [q]uit"
_AROUND, _LONG = 300, 1500
_COLOURS = {"accept": "green", "edit": "cyan", "reject": "red", "note": "yellow"}
_PAST = {"accept": "accepted", "edit": "edited", "reject": "rejected", "note": "noted"}


def print_card(
    console: "Console",
    one: "Reviewable",
    shown: "Sequence[Shown]",
    *,
    number: int,
    of: int,
    before: "Sequence[Decided]" = (),
    twin: "Example | None" = None,
    whole: bool = False,
) -> None:
    """Print an example with its evidence and what filters, judge and people said of it.

    Args:
        console: Where to.
        one: The example.
        shown: Its evidence in its passages.
        number: Its place in the sitting, from 1.
        of: Examples of the sitting.
        before: Earlier decisions about its words.
        twin: What it repeats.
        whole: Print all passages of the prompt, and nothing shortened.
    """
    example = one.example
    console.print()
    console.rule(
        f"[bold]{number} of {of}[/bold]  {safe(example.task)}  [dim]{safe(example.origin)}  {example.id}[/dim]",
        align="left",
    )
    for line in _opinions(one, before):
        console.print(line, soft_wrap=True)
    console.print()
    _print_turns(console, example, whole=whole)
    if twin is not None:
        console.print("\n[bold]its twin, which is kept[/bold]")
        _print_turns(console, twin, whole=whole)
    for pieces in _by_passage(shown):
        _print_evidence(console, pieces, whole=whole)


def _opinions(one: "Reviewable", before: "Sequence[Decided]") -> list[str]:
    if one.filter:
        lines = [f"[red]left out[/red] by {safe(one.filter)}: {safe(one.reason)}"]
    else:
        lines = ["[green]kept[/green] [dim]by every filter[/dim]"]
    if one.edge:
        lines.append(f"[yellow]edge case[/yellow] {safe(one.edge)}")
    if one.score is not None:
        lines.append(f"[magenta]judge[/magenta] {one.score:.2f} [dim]{safe(one_line(one.explanation))}[/dim]")
    for decided in before:
        gone = " [dim](taken back)[/dim]" if decided.undone else ""
        note = f": {safe(one_line(decided.note))}" if decided.note else ""
        colour = _COLOURS[decided.decision]
        lines.append(
            f"[{colour}]{_PAST[decided.decision]}[/{colour}] by {safe(decided.reviewer)} "
            f"[dim]{decided.reviewed_at:%Y-%m-%d}[/dim]{note}{gone}"
        )
    return lines


def _print_turns(console: "Console", example: "Example", *, whole: bool) -> None:
    from rich.padding import Padding

    last = max((at for at, turn in enumerate(example.messages) if turn.role == "user"), default=-1)
    colours = {"system": "dim", "user": "cyan", "assistant": "green"}
    for at, turn in enumerate(example.messages):
        said = turn.content
        passages = ""
        if at == last and not whole and asked(example) != said:
            said, passages = asked(example), "  [dim]below passages; v shows them[/dim]"
        colour = colours[turn.role]
        console.print(f"[bold {colour}]{turn.role}[/bold {colour}]{passages}", highlight=False)
        console.print(Padding(safe(said if whole else _shortened(said)), (0, 0, 0, 2)), highlight=False)


def _print_evidence(console: "Console", pieces: "Sequence[Shown]", *, whole: bool) -> None:
    """Print one passage with all its quotes."""
    from rich.padding import Padding

    first = pieces[0]
    if not first.path:
        console.print("\n[bold]evidence[/bold]  [yellow]its passage is gone[/yellow]")
    else:
        mark = " " if first.place and first.place.unit == "page" else ":"
        places = ", ".join(str(piece.place) for piece in pieces)
        where = safe(f"{one_line(first.path)}{mark}{places}")
        trail = safe(one_line(" › ".join(first.headings)))
        console.print(
            f"\n[bold]evidence[/bold]  [cyan]{where}[/cyan]  [dim]{trail}[/dim]",
            soft_wrap=True,
        )
    console.print(Padding(_highlighted(pieces, whole=whole), (0, 0, 0, 2)))


def _highlighted(pieces: "Sequence[Shown]", *, whole: bool) -> "Text":
    """Return a passage with its quotes marked, cut to what stands around them."""
    from rich.text import Text

    text = pieces[0].text
    first = 0 if whole else max(min(piece.start for piece in pieces) - _AROUND, 0)
    last = len(text) if whole else min(max(piece.end for piece in pieces) + _AROUND, len(text))
    shown = Text("… " if first else "", "dim")
    position = first
    for piece in sorted(pieces, key=lambda piece: piece.start):
        shown.append(printable(text[position : piece.start]), "dim")
        shown.append(printable(text[max(position, piece.start) : piece.end]), "bold green")
        position = max(position, piece.end)
    shown.append(printable(text[position:last]), "dim")
    return shown.append(" …" if last < len(text) else "", "dim")


def _by_passage(shown: "Sequence[Shown]") -> "list[list[Shown]]":
    found: dict[tuple[str, str], list[Shown]] = {}
    for piece in shown:
        found.setdefault((piece.path, piece.text), []).append(piece)
    return list(found.values())


def _shortened(text: str) -> str:
    if len(text) <= _LONG:
        return text
    half = _LONG // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters: v shows all …\n{text[-half:]}"


def print_summary(console: "Console", counts: Mapping[str, int], *, left: int) -> None:
    """Print what a sitting came to and what to type next."""
    told = ", ".join(
        f"{count:,} {_PAST.get(name, name)}" for name, count in counts.items() if count and name != "note"
    )
    console.print(f"\n[bold]{told or 'Nothing was decided'}[/bold]" + (f", {left:,} left" if left else "."))
    if any(counts.get(name) for name in ("accept", "edit", "reject")):
        console.print("[cyan]next:[/cyan] lore curate" + (", or lore review to go on" if left else ""))
    elif left:
        console.print("[cyan]next:[/cyan] lore review goes on from here")


def print_decided(console: "Console", decided: "Decided") -> None:
    """Print one decision that was just kept, and what to type next."""
    question = safe(one_line(decided.seen.question)[:120])
    console.print(
        f"[green]✓[/green] {_PAST[decided.decision]} {decided.seen.example_id}  [dim]{question}[/dim]",
        soft_wrap=True,
    )
    if decided.decision != "note":
        console.print("[cyan]next:[/cyan] lore curate; lore review undo takes it back")


def print_listed(console: "Console", decisions: "Sequence[Listed]", *, shown: int) -> None:
    """Print decisions, newest first, with what has become of them."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("when", "who", "decision", "example", "question and note"):
        table.add_column(name, no_wrap=name != "question and note", overflow="fold")
    for one in decisions[:shown]:
        decided = one.decided
        colour = _COLOURS[decided.decision]
        state = "" if one.state in {"stands", "note"} else f" [dim]({one.state})[/dim]"
        became = f"\n[cyan]→ {safe(_became(decided)[:160])}[/cyan]" if decided.messages else ""
        note = f"\n[yellow]{safe(one_line(decided.note))}[/yellow]" if decided.note else ""
        table.add_row(
            f"[dim]{decided.reviewed_at:%Y-%m-%d %H:%M}[/dim]",
            safe(one_line(decided.reviewer)),
            f"[{colour}]{decided.decision}[/{colour}]{state}",
            f"[dim]{decided.seen.example_id[:10] or decided.key[:10]}[/dim]",
            f"{safe(one_line(decided.seen.question)[:160])}{became}{note}",
        )
    console.print(table)
    if len(decisions) > shown:
        console.print(f"[dim]{len(decisions) - shown:,} more: --limit, or --json for all[/dim]")
    orphans = sum(one.state == "orphan" for one in decisions)
    if orphans:
        console.print(
            f"[dim]orphan: the words that were decided about are made no more; they are kept ({orphans:,})[/dim]"
        )


def _became(decided: "Decided") -> str:
    """Return what an edit changed: the new answer, or else the new turn before it."""
    before = decided.seen.messages
    changed = [turn for turn in reversed(decided.messages) if turn not in before] or decided.messages[-1:]
    return one_line(changed[0].content)


def print_stats(console: "Console", found: "ReviewStats", *, few: int) -> None:
    """Print counts over decisions, and how far filters and judge agree with people."""
    notes = f", {_count(found.notes, 'note')}" if found.notes else ""
    orphans = f", {found.orphans:,} of them about words that are made no more" if found.orphans else ""
    console.print(f"[bold]{_count(found.decided, 'example')} decided[/bold]{orphans}{notes}")
    for label, counts in (
        ("decision", found.by_decision),
        ("task", found.by_task),
        ("reviewer", found.by_reviewer),
    ):
        told = ", ".join(f"{safe(one_line(name))} {count:,}" for name, count in counts.items())
        console.print(f"  [dim]{label:<9}[/dim] {told}", soft_wrap=True)
    _print_agreement(console, "filters", found.filters, few)
    for name, counts in found.by_filter.items():
        told = ", ".join(f"{count:,} {_PAST[decision]}" for decision, count in counts.items())
        console.print(f"  [dim]{safe(name):<20}[/dim] {told}", soft_wrap=True)
    _print_agreement(console, "judge", found.judge, few)


def _print_agreement(console: "Console", name: str, found: "Agreement", few: int) -> None:
    if not found.compared:
        console.print(f"[bold]{name:<9}[/bold] nothing to compare with people yet")
        return
    same = found.both_good + found.both_bad
    kappa = "not defined" if found.kappa is None else f"{found.kappa:.2f}"
    doubt = f" [yellow](fewer than {few}: says little)[/yellow]" if found.compared < few else ""
    console.print(
        f"[bold]{name:<9}[/bold] agree with people on {same:,} of {found.compared:,}, kappa {kappa}{doubt}; "
        f"{found.people_only:,} good ones left out, {found.other_only:,} bad ones let through",
        soft_wrap=True,
    )


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
