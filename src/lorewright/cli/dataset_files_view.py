"""What the commands for files of datasets print."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from lorewright.cli.next_line import print_next
from lorewright.cli.pushing import seen_by
from lorewright.cli.record_view import safe
from lorewright.core.printable import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.core.records import Example
    from lorewright.datasets.lengths import Spread
    from lorewright.stages.dataset_export import Export
    from lorewright.stages.dataset_import import Dealt
    from lorewright.stages.dataset_inspect import Inspection
    from lorewright.stages.dataset_versions import Version

_FILES_SHOWN, _REASONS_SHOWN, _ROWS_SHOWN, _REJECTIONS_SHOWN = 8, 5, 3, 5
_LONG = 400
_FEW_EXAMPLES = 100
_TRAINED = frozenset({"train", "validation", "file"})
_OPTIONAL = frozenset({"form", "json", "exact_duplicate"})
_BAR_WIDTH = 36
_ROLE_COLOURS = {"system": "dim", "user": "cyan", "assistant": "green"}


def print_formats(console: "Console", formats: Sequence[Mapping[str, Any]]) -> None:
    """Print every format, what it is for and what it cannot hold."""
    for one in formats:
        console.print(f"[bold]{one['name']}[/bold]")
        console.print(f"  {safe(one['about'])}")
        lost = ", ".join(one["cannot_hold"]) or "nothing"
        console.print(f"  [dim]cannot hold: {lost}[/dim]")
    print_next(console, "lore dataset export --format NAME")


def print_exports(console: "Console", label: str, exports: "Sequence[Export]", *, dry_run: bool) -> None:
    """Print what was written, or would be, format by format."""
    for one in (one for one in exports if not one.problem):
        mark = "[dim]·[/dim]" if dry_run else "[green]✓[/green]"
        size = f" [dim]{_size(one.bytes)}[/dim]" if one.files else ""
        would = "would hold " if dry_run else ""
        console.print(
            f"{mark} [bold]{one.format}[/bold] {would}{one.tally.written:,} of {one.tally.given:,} "
            f"examples of {safe(label)}{size}",
            soft_wrap=True,
        )
        console.print(f"  {safe(str(one.folder))}", soft_wrap=True)
        _print_files(console, one)
        _print_not_held(console, one, dry_run=dry_run)
    if any(one.problem for one in exports):
        return
    if dry_run:
        print_next(console, "the same without --dry-run")
    elif len(exports) == 1 and exports[0].format == "dataset-dict":
        print_next(console, f'datasets.load_from_disk("{exports[0].folder}")')
    else:
        print_next(console, "lore dataset inspect, for the lengths that the model sees")


def _print_files(console: "Console", one: "Export") -> None:
    with_rows = [file for file in one.files if file.rows is not None and file.name != "left_out.jsonl"]
    width = max((len(file.name) for file in with_rows[:_FILES_SHOWN]), default=0)
    for file in with_rows[:_FILES_SHOWN]:
        console.print(
            f"    {safe(file.name):<{width}}  {file.rows:>9,} rows  {_size(file.bytes):>9}"
            f"  [dim]sha256 {file.sha256[:12]}[/dim]",
            soft_wrap=True,
        )
    if len(with_rows) > _FILES_SHOWN:
        more = len(with_rows) - _FILES_SHOWN
        console.print(f"    [dim]… and {more:,} more files; all: lorewright.json[/dim]")


def _print_not_held(console: "Console", one: "Export", *, dry_run: bool) -> None:
    for reason, count in one.tally.left_out.most_common(_REASONS_SHOWN):
        console.print(f"  [yellow]left out[/yellow] {count:,}: {safe(reason)}", soft_wrap=True)
    if one.tally.left_out and not dry_run:
        console.print("  [dim]each of them: left_out.jsonl[/dim]")
    if one.tally.lost:
        lost = ", ".join(f"{part} ({count:,})" for part, count in one.tally.lost.most_common())
        console.print(f"  [yellow]cannot hold[/yellow] {lost}", soft_wrap=True)


def print_import(console: "Console", dealt: "Dealt", version: "Version | None", *, name: str) -> None:
    """Print how files were read, what became of their rows, and where they are."""
    for file in dealt.files:
        _print_columns(console, file.told())
    if version is None:
        shown = islice((one for members in dealt.sets.values() for one in members), _ROWS_SHOWN)
        for example in shown:
            _print_example(console, example)
    _print_rows(console, dealt)
    _print_leaks(console, dealt)
    few = len(dealt.sets.get("train", ()))
    if few < _FEW_EXAMPLES:
        console.print(f"  [yellow]few[/yellow] {few:,} examples are little to train on", soft_wrap=True)
    if version is None:
        if few:
            print_next(console, f"the same without --dry-run, which makes a version of datasets/{name}")
        return
    state = "" if version.fresh else " [dim](nothing changed since)[/dim]"
    console.print(f"[green]✓[/green] [bold]{version.label}[/bold]{state}")
    console.print(f"  {safe(str(version.folder))}", soft_wrap=True)
    print_next(
        console, f"lore dataset inspect {version.label}, or lore dataset export --version {version.label}"
    )


def _print_columns(console: "Console", told: Mapping[str, Any]) -> None:
    if "columns" in told:
        places = ", ".join(f"{what} ← {one_line(column)!r}" for what, column in told["columns"].items())
        rest = f"; metadata: {', '.join(map(repr, told['metadata']))}" if told["metadata"] else ""
        line = f"{places}{rest}"
    else:
        kept = f", stays in {told['set']}" if told["set"] else ""
        line = f"written by lore as {told['format']}{kept}"
    console.print(f"[bold]{safe(one_line(told['file']))}[/bold]  {safe(one_line(line))}", soft_wrap=True)


def _print_example(console: "Console", example: "Example") -> None:
    place = safe(str(example.metadata["imported_from"]))
    console.rule(f"{place}  [dim]{safe(one_line(example.task))}[/dim]", align="left")
    for turn in example.messages:
        said = turn.content if len(turn.content) <= _LONG else turn.content[:_LONG] + " …"
        console.print(f"[{_ROLE_COLOURS[turn.role]}]{turn.role:<9}[/] {safe(said)}")
    others = {name: value for name, value in example.metadata.items() if name != "imported_from"}
    if others:
        console.print(f"[dim]metadata  {safe(one_line(str(others)))[:_LONG]}[/dim]", soft_wrap=True)


def _print_rows(console: "Console", dealt: "Dealt") -> None:
    kept = ", ".join(f"{len(members):,} {name}" for name, members in dealt.sets.items()) or "none kept"
    console.print(f"{dealt.rows:,} rows: {kept}; {len(dealt.rejections):,} left out", soft_wrap=True)
    for name, count in dealt.by_filter.items():
        off = f"  [dim]--set 'curation.off=\\[\"{name}\"]' keeps them[/dim]" if name in _OPTIONAL else ""
        console.print(f"  [yellow]left out[/yellow] {count:,} by {safe(name)}{off}", soft_wrap=True)
        own = [one for one in dealt.rejections if one.filter == name]
        for one in own[:_REJECTIONS_SHOWN]:
            line = f"{one.name}: {one.reason}"
            console.print(f"    [dim]{safe(one_line(line))[:_LONG]}[/dim]", soft_wrap=True)
        if len(own) > _REJECTIONS_SHOWN:
            console.print("    [dim]… all of them: rejections.jsonl[/dim]")


def _print_leaks(console: "Console", dealt: "Dealt") -> None:
    for name, figures in dealt.leakage.get("tests", {}).items():
        leaking = figures["leaking_examples"]
        if leaking:
            runs = dealt.leakage["ngram_words"]
            console.print(
                f"  [yellow]shared[/yellow] {leaking:,} of {figures['examples']:,} examples of {name} share a run of "
                f"{runs} words with training; --split-by COLUMN keeps what belongs together in one set",
                soft_wrap=True,
            )


def print_inspection(console: "Console", found: "Inspection") -> None:
    """Print lengths as bars and tables, and what becomes of what is too long."""
    console.print(
        f"[bold]{safe(found.label)}[/bold]: {found.all.examples:,} examples, {found.all.tokens:,} tokens of "
        f"{safe(found.tokenizer)}, which reads {found.max_length:,}",
        soft_wrap=True,
    )
    if found.unreadable:
        console.print(f"  [yellow]{found.unreadable:,} rows are no conversation[/yellow], left out here")
    most = max(bar.examples for bar in found.bars)
    for bar in found.bars:
        over = bar.end > found.max_length
        drawn = _bar(bar.examples, most)
        colour = "yellow" if over else "cyan"
        label = f"{bar.first:,}-{bar.end - 1:,}"
        console.print(f"  {label:>15} [{colour}]{drawn}[/{colour}] {bar.examples:,}", soft_wrap=True)
    if any(bar.end > found.max_length for bar in found.bars):
        console.print(f"  [dim]yellow: reaches over {found.max_length:,} tokens[/dim]")
    _print_spreads(console, found)
    _print_fates(console, found)


def _bar(examples: int, most: int) -> str:
    width = examples * _BAR_WIDTH / most if most else 0
    return "█" * int(width) or ("▏" if examples else "")


def _print_spreads(console: "Console", found: "Inspection") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("tokens", "examples", "half", "90%", "99%", "longest"):
        table.add_column(name, justify="left" if name == "tokens" else "right")
    groups: list[tuple[str, Mapping[str, Spread]]] = [("set", found.by_split), ("task", found.by_task)]
    for kind, spreads in groups:
        for name, one in spreads.items():
            lengths = [f"{value:,}" for value in one.quantiles.values()]
            table.add_row(f"[dim]{kind}[/dim] {safe(one_line(name))}", f"{one.examples:,}", *lengths)
    console.print(table)


def _print_fates(console: "Console", found: "Inspection") -> None:
    lost = False
    for name, one in found.fates.items():
        is_test = name not in _TRAINED
        left_out = (
            "" if is_test else "; lore train leaves such out: training.max_length, or a base that reads more"
        )
        told = [
            (one.left_out, f"longer than {found.max_length:,} tokens{left_out}"),
            (one.cut, "of these a trainer that cuts would take the end of the answer away"),
            (one.dropped, "of these the prompt alone fills the limit: nothing of the answer is left"),
            (one.unsupervised, "with an answer of no token: nothing to learn but to stop"),
            (one.without_end, "without an end mark: they teach no stopping"),
        ]
        for count, what in told:
            if count:
                lost = True
                console.print(f"  [yellow]{safe(name)}[/yellow] {count:,} {what}", soft_wrap=True)
    if not lost:
        console.print("  [green]all fit[/green]: nothing is cut, dropped or without supervision")


def print_pushed(console: "Console", told: Mapping[str, Any]) -> None:
    """Print where a version went, or would go."""
    sets = ", ".join(f"{rows:,} {name}" for name, rows in told["sets"].items() if rows)
    if "url" not in told:
        console.print(f"would push {told['version']} ({sets}) to {safe(told['repo_id'])}", soft_wrap=True)
        print_next(console, "the same without --dry-run")
        return
    console.print(
        f"[green]✓[/green] [bold]{told['version']}[/bold] {sets} [dim]{_size(told['bytes'])}[/dim]",
        soft_wrap=True,
    )
    console.print(f"  {safe(told['url'])} ({seen_by(private=told['private'])})", soft_wrap=True)
    print_next(console, f'datasets.load_dataset("{told["repo_id"]}")')


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"
