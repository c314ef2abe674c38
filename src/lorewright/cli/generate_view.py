"""What `lore generate` shows: a plan, a preview, what became of the calls."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from lorewright.cli.record_view import safe

if TYPE_CHECKING:
    from typing import Any

    from rich.console import Console

    from lorewright.core.records import Evidence, Message, Run
    from lorewright.stages.generate_plan import GenerationPlan
    from lorewright.stages.generate_preview import Preview

_USABLE = ("as asked", "repaired", "cut", "healed")
_ROLE_COLOURS = {"system": "dim", "user": "cyan", "assistant": "green"}
_LONG = 1500
_REASONS_SHOWN = 5
_QUOTED = re.compile(r": ['\"].*", re.DOTALL)
_PERSONAL = {"user": "home folder name", "email": "e-mail address"}


def print_plan(console: "Console", plan: "GenerationPlan", options: str) -> None:
    """Print what a generation would ask, use, cost and take; `options` are those that choose what is made."""
    rows = [("model", safe(plan.model) + (f" [dim]{safe(plan.place)}[/dim]" if plan.place else ""))]
    chosen = f" of {plan.all_passages:,}" if plan.passages != plan.all_passages else ""
    rows.append(("passages", f"{plan.passages:,}{chosen} in {plan.documents:,} documents"))
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
    _print_next(console, f"lore generate{options} --preview 5, or lore generate{options}")


def print_made(console: "Console", run: "Run") -> None:
    """Print what became of the calls of a run, where it made any, and what was masked."""
    made = run.metrics
    if made.get("calls"):
        outcomes = made["by_outcome"]
        told = ", ".join(f"{outcomes[name]:,} {name}" for name in _USABLE if outcomes.get(name))
        asked = f"{_count(made['asked'], 'call')} made, {made['kept_from_before']:,} kept from before"
        prompts = _count(made["calls"], "prompt")
        console.print(f"  {prompts}: {asked}; replies: {told or 'none of use'}", soft_wrap=True)
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
    _print_left_out(console, made)


def print_preview(console: "Console", shown: "Preview", options: str) -> None:
    """Print examples as they would be kept, and what would be left out with its reason."""
    if not shown.examples and not shown.left_out:
        console.print("None of the passages that were tried suits a task; try more of them.", style="yellow")
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
    kept = "; their replies are kept for lore generate" if shown.asked else ""
    console.print(f"\n{_count(shown.passages, 'passage')} tried, {_count(shown.asked, 'call')} made{kept}.")
    _print_next(console, f"lore generate{options} --dry-run, or lore generate{options}")


def print_nothing_made(console: "Console", run: "Run", options: str) -> None:
    """Print why a run has no examples, as far as its figures say, and what to do about it."""
    if run.metrics["rejected"]:
        _print_next(console, "lore cat generate --file rejections, which says of each why it was left out")
        return
    console.print("  [yellow]nothing was made: no chosen passage suits a task[/yellow]")
    _print_next(
        console, f"lore generate{options} with more passages, or those of another kind: --language, --path"
    )


def _print_left_out(console: "Console", made: "dict[str, Any]") -> None:
    """Print the commonest reasons without what they quote, and where the rest stands."""
    reasons: Counter[str] = Counter()
    for reason, count in made.get("by_reason", {}).items():
        reasons[_QUOTED.sub("", reason)] += count
    shown = reasons.most_common(_REASONS_SHOWN)
    for reason, count in shown:
        console.print(f"  [dim]left out {count:,}: {safe(reason)}[/dim]", soft_wrap=True)
    if shown:
        others = made["rejected"] - sum(count for _, count in shown)
        more = f"left out {others:,} more; all" if others else "all of them"
        console.print(f"  [dim]{more}: lore cat generate --file rejections[/dim]", soft_wrap=True)


def _print_next(console: "Console", command: str) -> None:
    console.print(f"[cyan]next:[/cyan] {safe(command)}", soft_wrap=True)


def _print_turns(console: "Console", messages: "tuple[Message, ...]") -> None:
    for turn in messages:
        console.print(f"[{_ROLE_COLOURS[turn.role]}]{turn.role:<9}[/] {safe(_shortened(turn.content))}")


def _shortened(text: str) -> str:
    """Return a text without its middle, if it is long: a question stands at the end of its passages."""
    if len(text) <= _LONG:
        return text
    half = _LONG // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters …\n{text[-half:]}"


def _print_quote(console: "Console", piece: "Evidence") -> None:
    for line in piece.quote[:_LONG].splitlines():
        console.print(f"  [dim]│ {safe(line)}[/dim]")


def _calls(plan: "GenerationPlan") -> str:
    if not plan.calls:
        return "none: no task asks a model"
    if plan.calls == plan.kept:
        return f"{plan.calls:,}, all kept from before"
    return f"{plan.calls:,}: " + _task(plan.calls, plan.kept)


def _task(calls: int, kept: int) -> str:
    if not calls:
        return "no call"
    if calls == kept:
        return f"all {kept:,} kept from before"
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
    return ", ".join(_count(count, safe(_PERSONAL.get(kind, kind))) for kind, count in counts.items())


def _count(number: int, thing: str) -> str:
    plural = "" if number == 1 else "es" if thing.endswith("s") else "s"
    return f"{number:,} {thing}{plural}"


def _counted(counts: "dict[str, int]") -> str:
    return ", ".join(f"{count:,} {safe(name)}" for name, count in counts.items())
