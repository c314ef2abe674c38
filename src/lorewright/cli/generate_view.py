"""What `lore generate` shows: a plan, a preview, what became of the calls."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from lorewright.cli.calls_view import (
    calls_row,
    cost_rows,
    counted,
    model_row,
    print_outcomes,
    print_rows,
    to_ask,
)
from lorewright.cli.next_line import print_next
from lorewright.cli.record_view import safe

if TYPE_CHECKING:
    from typing import Any

    from rich.console import Console

    from lorewright.core.records import Evidence, Message, Run
    from lorewright.stages.generate_plan import GenerationPlan
    from lorewright.stages.generate_preview import Preview

_ROLE_COLOURS = {"system": "dim", "user": "cyan", "assistant": "green"}
_LONG = 1500
_REASONS_SHOWN = 5
_QUOTED = re.compile(r": ['\"].*", re.DOTALL)
_PERSONAL = {"user": "home folder name", "email": "e-mail address"}


def print_plan(console: "Console", plan: "GenerationPlan", options: str) -> None:
    """Print what a generation would ask, use, cost and take; `options` are those that choose what is made."""
    chosen = f" of {plan.all_passages:,}" if plan.passages != plan.all_passages else ""
    rows = [
        model_row(plan),
        ("passages", f"{plan.passages:,}{chosen} in {plan.documents:,} documents"),
        *([("secrets", f"{_secrets(plan.secrets)}; {plan.secrets_become}")] if plan.secrets else []),
        calls_row(plan, none="no task asks a model"),
        *((f"  {one.task}", to_ask(one.calls, one.kept)) for one in plan.tasks),
        *cost_rows(plan),
    ]
    print_rows(console, rows, plan.notes)
    print_next(console, f"lore generate{options} --preview 5, or lore generate{options}")


def print_made(console: "Console", run: "Run") -> None:
    """Print what became of the calls of a run, where it made any, and what was masked."""
    made = run.metrics
    print_outcomes(console, made, stage="generate")
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
    console.print(f"\n{counted(shown.passages, 'passage')} tried, {counted(shown.asked, 'call')} made{kept}.")
    print_next(console, f"lore generate{options} --dry-run, or lore generate{options}")


def print_nothing_made(console: "Console", run: "Run", options: str) -> None:
    """Print why a run has no examples, as far as its figures say, and what to do about it."""
    if run.metrics["rejected"]:
        print_next(console, "lore cat generate --file rejections, which says of each why it was left out")
        return
    console.print("  [yellow]nothing was made: no chosen passage suits a task[/yellow]")
    print_next(
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


def _secrets(counts: "dict[str, int]") -> str:
    return ", ".join(counted(count, safe(_PERSONAL.get(kind, kind))) for kind, count in counts.items())
