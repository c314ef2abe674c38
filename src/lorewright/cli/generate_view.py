"""What `lore generate` shows: a plan, a preview, what became of the calls."""

from typing import TYPE_CHECKING

from lorewright.cli.record_view import safe

if TYPE_CHECKING:
    from rich.console import Console

    from lorewright.core.records import Evidence, Message, Run
    from lorewright.stages.generate_plan import GenerationPlan
    from lorewright.stages.generate_preview import Preview

_USABLE = ("as asked", "repaired", "cut", "healed")
_ROLE_COLOURS = {"system": "dim", "user": "cyan", "assistant": "green"}
_LONG = 1500
_PERSONAL = {"user": "names of home folders", "email": "e-mail addresses"}


def print_plan(console: "Console", plan: "GenerationPlan") -> None:
    """Print what a generation would ask, use, cost and take."""
    rows = [("model", safe(plan.model) + (f" [dim]{safe(plan.place)}[/dim]" if plan.place else ""))]
    chosen = f" of {plan.all_passages:,}" if plan.passages != plan.all_passages else ""
    rows.append(("passages", f"{plan.passages:,}{chosen} of {plan.documents:,} documents"))
    if plan.secrets:
        rows.append(("secrets", f"{_secrets(plan.secrets)}; {plan.secrets_become}"))
    rows.append(("calls", _calls(plan)))
    rows += [(f"  {one.task}", _task(one.calls, one.kept)) for one in plan.tasks]
    if plan.to_ask:
        rows.append(
            ("tokens", f"about {_short(plan.prompt_tokens)} read, {_short(plan.completion_tokens)} written")
        )
        rows.append(("price", _price(plan)))
        rows.append(("time", _time(plan)))
    for label, value in rows:
        console.print(f"[bold]{label:<20}[/bold] {value}", soft_wrap=True)
    for note in plan.notes:
        console.print(f"[yellow]{safe(note)}[/yellow]", soft_wrap=True)
    console.print("[cyan]next:[/cyan] lore generate --preview 5, or lore generate")


def print_made(console: "Console", run: "Run") -> None:
    """Print what became of the calls of a run, where it made any, and what was masked."""
    made = run.metrics
    if made.get("calls"):
        outcomes = made["by_outcome"]
        told = ", ".join(f"{outcomes[name]:,} {name}" for name in _USABLE if outcomes.get(name))
        asked = f"{made['asked']:,} asked, {made['kept_from_before']:,} kept from before"
        console.print(f"  {made['calls']:,} prompts: {asked}; replies {told or 'none'}", soft_wrap=True)
        lost = {name: count for name, count in outcomes.items() if name not in _USABLE}
        if lost:
            console.print(
                f"  [yellow]{sum(lost.values()):,} failed[/yellow] ({_counted(lost)}); "
                "why: lore cat generate --file calls | jq 'select(.problem != \"\")'; again: lore generate "
                "--retry-failed",
                soft_wrap=True,
            )
    if made.get("secrets"):
        console.print(f"  never shown to the model: {_secrets(made['secrets'])}", soft_wrap=True)
    for reason, count in list(made.get("by_reason", {}).items())[:5]:
        console.print(f"  [dim]left out {count:,}: {safe(reason)}[/dim]", soft_wrap=True)


def print_preview(console: "Console", shown: "Preview") -> None:
    """Print examples as they would be kept, and what would be left out with its reason."""
    if not shown.examples and not shown.left_out:
        console.print("Nothing came of the passages that were tried.", style="yellow")
    for number, example in enumerate(shown.examples, 1):
        console.rule(f"{number}  {example.task}  [dim]{safe(example.origin)}[/dim]", align="left")
        _print_turns(console, example.messages)
        for piece in example.evidence:
            _print_quote(console, piece)
    if shown.left_out:
        console.rule("left out", align="left")
    for rejection in shown.left_out[: len(shown.examples) or 5]:
        console.print(
            f"[yellow]{safe(rejection.filter)}[/yellow] {safe(rejection.reason)}  [dim]{safe(rejection.name)}[/dim]",
            soft_wrap=True,
        )
    console.print(
        f"\n{shown.passages:,} passages tried, {shown.asked:,} calls made; their replies are kept for lore generate."
    )
    console.print("[cyan]next:[/cyan] lore generate --dry-run, or lore generate")


def _print_turns(console: "Console", messages: "tuple[Message, ...]") -> None:
    for turn in messages:
        text = turn.content if len(turn.content) <= _LONG else turn.content[:_LONG] + " …"
        console.print(f"[{_ROLE_COLOURS[turn.role]}]{turn.role:<9}[/] {safe(text)}")


def _print_quote(console: "Console", piece: "Evidence") -> None:
    for line in piece.quote[:_LONG].splitlines():
        console.print(f"  [dim]│ {safe(line)}[/dim]")


def _calls(plan: "GenerationPlan") -> str:
    if not plan.calls:
        return "none: no task asks a model"
    return f"{plan.calls:,}: " + _task(plan.calls, plan.kept)


def _task(calls: int, kept: int) -> str:
    if not calls:
        return "no call"
    return f"{calls - kept:,} to ask" + (f", {kept:,} kept from before" if kept else "")


def _price(plan: "GenerationPlan") -> str:
    if plan.usd is None:
        name = safe(plan.model.partition("/")[0])
        return f"not known: set usd_per_million_input and usd_per_million_output in \\[providers.{name}]"
    return "nothing: it runs on this machine" if plan.free else f"about ${plan.usd:,.2f}"


def _time(plan: "GenerationPlan") -> str:
    if plan.seconds is None:
        return "not known before the first calls"
    return f"about {_spoken(plan.seconds)}, {plan.concurrency} at a time, as {plan.measured:,} earlier calls took"


def _spoken(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"


def _short(tokens: int) -> str:
    if tokens < 1000:
        return f"{tokens}"
    return f"{tokens / 1e3:,.0f} thousand" if tokens < 1e6 else f"{tokens / 1e6:,.1f} million"


def _secrets(counts: "dict[str, int]") -> str:
    return _counted({_PERSONAL.get(kind, kind): count for kind, count in counts.items()})


def _counted(counts: "dict[str, int]") -> str:
    return ", ".join(f"{count:,} {safe(name)}" for name, count in counts.items())
