"""What calls of a model would take, and what became of them, on the terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lorewright.cli.record_view import safe

if TYPE_CHECKING:
    from typing import Any

    from rich.console import Console

    from lorewright.stages.calls_plan import CallsPlan

Row = tuple[str, str]
_USABLE = ("as asked", "repaired", "cut", "healed")


def model_row(plan: "CallsPlan") -> Row:
    """Return who would be asked, and where."""
    return "model", safe(plan.model) + (f" [dim]{safe(plan.place)}[/dim]" if plan.place else "")


def to_ask(calls: int, kept: int) -> str:
    """Return how many of some prompts have yet to be asked."""
    if not calls:
        return "no call"
    if calls == kept:
        return f"all {kept:,} kept from before"
    return f"{calls - kept:,} to ask" + (f", {kept:,} kept from before" if kept else "")


def calls_row(plan: "CallsPlan", *, none: str) -> Row:
    """Return how many calls there would be; `none` says why there are none."""
    if not plan.calls:
        return "calls", f"none: {none}"
    if plan.calls == plan.kept:
        return "calls", f"{plan.calls:,}, all kept from before"
    return "calls", f"{plan.calls:,}: {to_ask(plan.calls, plan.kept)}"


def cost_rows(plan: "CallsPlan") -> list[Row]:
    """Return tokens, price and time of what is to be asked; nothing where nothing is."""
    if not plan.to_ask:
        return []
    tokens = f"about {_short(plan.prompt_tokens)} read, {_short(plan.completion_tokens)} written"
    return [("tokens", tokens), ("price", _price(plan)), ("time", _time(plan))]


def print_rows(console: "Console", rows: Iterable[Row], notes: Iterable[str] = ()) -> None:
    """Print a plan, and below it what a person should know besides."""
    for label, value in rows:
        console.print(f"[bold]{label:<20}[/bold] {value}", soft_wrap=True)
    for note in notes:
        console.print(f"[yellow]{safe(note)}[/yellow]", soft_wrap=True)


def print_outcomes(console: "Console", made: "dict[str, Any]", *, stage: str) -> None:
    """Print what became of the calls of a run, by its metrics; nothing where it made none."""
    if not made.get("calls"):
        return
    outcomes = made["by_outcome"]
    told = ", ".join(f"{outcomes[name]:,} {name}" for name in _USABLE if outcomes.get(name))
    asked = f"{counted(made['asked'], 'call')} made, {made['kept_from_before']:,} kept from before"
    prompts = counted(made["calls"], "prompt")
    console.print(f"  {prompts}: {asked}; replies: {told or 'none of use'}", soft_wrap=True)
    lost = {name: count for name, count in outcomes.items() if name not in _USABLE}
    if lost:
        why = ", ".join(f"{count:,} {safe(name)}" for name, count in lost.items())
        console.print(
            f"  [yellow]{sum(lost.values()):,} failed[/yellow] ({why}); "
            f"why: lore cat {stage} --file calls | jq 'select(.problem != \"\")'; again: lore {stage} --retry-failed",
            soft_wrap=True,
        )


def counted(number: int, thing: str) -> str:
    """Return a number of things, in the plural where there is not one."""
    plural = "" if number == 1 else "es" if thing.endswith("s") else "s"
    return f"{number:,} {thing}{plural}"


def _price(plan: "CallsPlan") -> str:
    if plan.usd is None:
        name = safe(plan.model.partition("/")[0])
        return f"not known: set usd_per_million_input and usd_per_million_output in \\[providers.{name}]"
    return "nothing: it runs on this machine" if plan.free else f"about ${plan.usd:,.2f}"


def _time(plan: "CallsPlan") -> str:
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
