"""A person before a row of examples: a key decides, and the next one is shown."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorewright.cli.review_form import edited
from lorewright.cli.review_view import KEYS, print_card, print_summary
from lorewright.core.assessments import Decision
from lorewright.core.errors import ConfigError
from lorewright.core.records import Example, Message
from lorewright.stages.review_examples import Reviewable, Shown
from lorewright.store.decided import Decided

if TYPE_CHECKING:
    from rich.console import Console

Decide = Callable[[Reviewable, Decision, tuple[Message, ...], str], Decided]
_DECISIONS: dict[str, Decision] = {"a": "accept", "e": "edit", "r": "reject", "n": "note"}
_KEY_BYTES = 1
_END = ("q", "", "\x04")


@dataclass(frozen=True)
class Table:
    """What lies before the reviewer.

    Attributes:
        examples: In the order in which they are shown.
        evidence: Of each, by example id.
        before: Earlier decisions, by key.
        twins: Kept examples that others repeat, by id.
        decide: Keeps a decision.
        take_back: Takes one back.
    """

    examples: Sequence[Reviewable]
    evidence: Mapping[str, tuple[Shown, ...]]
    before: Mapping[str, Sequence[Decided]]
    twins: Mapping[str, Example]
    decide: Decide
    take_back: Callable[[Decided], None]


@dataclass(frozen=True)
class Keys:
    """Where keys and lines come from: `key` returns one key, an empty text at the end."""

    key: Callable[[], str]
    line: Callable[[str], str]


def sit(table: Table, keys: Keys, console: "Console") -> None:
    """Show one example after the other until all are decided or the person leaves; then say what it came to."""
    place, counts = 0, Counter[str]()
    past: list[tuple[int, Decided]] = []
    try:
        while place < len(table.examples):
            _show(table, place, console)
            place = _act(table, place, past, counts, keys, console)
    except KeyboardInterrupt:
        console.print()
    print_summary(console, counts, left=len(table.examples) - len(past))


def _show(table: Table, place: int, console: "Console", *, whole: bool = False) -> None:
    one = table.examples[place]
    print_card(
        console,
        one,
        table.evidence.get(one.example.id, ()),
        number=place + 1,
        of=len(table.examples),
        before=table.before.get(one.key, ()),
        twin=table.twins.get(one.twin),
        whole=whole,
    )


def _act(
    table: Table,
    place: int,
    past: list[tuple[int, Decided]],
    counts: Counter[str],
    keys: Keys,
    console: "Console",
) -> int:
    """Do what a key says and return the place of the next example."""
    while True:
        console.print(f"\n[dim]{KEYS.replace('[', chr(92) + '[')}[/dim]", soft_wrap=True)
        key = keys.key().lower()
        if key in _END:
            return len(table.examples)
        if key == "s":
            counts["skipped"] += 1
            return place + 1
        if key == "u":
            return _undo(table, place, past, counts, console)
        if key == "v":
            _show(table, place, console, whole=True)
        elif key in _DECISIONS:
            decided = _decided(table, place, _DECISIONS[key], keys, console)
            if decided is None:
                continue
            counts[decided.decision] += 1
            if decided.decision != "note":
                past.append((place, decided))
                return place + 1


def _decided(table: Table, place: int, decision: Decision, keys: Keys, console: "Console") -> Decided | None:
    """Return the decision once it is kept; None where the person thought better of it or it cannot be kept."""
    one = table.examples[place]
    messages: tuple[Message, ...] = ()
    note = ""
    try:
        if decision == "edit":
            changed = edited(one.example, keys.line)
            if changed is None:
                console.print("[yellow]Nothing was changed.[/yellow]")
                return None
            messages = changed
        elif decision == "reject":
            note = keys.line("why (Enter for no reason): ")
        elif decision == "note":
            note = keys.line("note: ")
        return table.decide(one, decision, messages, note)
    except ConfigError as error:
        console.print(error.message, markup=False, style="red")
        return None


def _undo(
    table: Table, place: int, past: list[tuple[int, Decided]], counts: Counter[str], console: "Console"
) -> int:
    if not past:
        console.print(
            "[yellow]Nothing was decided in this sitting; lore review undo takes back earlier decisions.[/yellow]"
        )
        return place
    back, decided = past.pop()
    table.take_back(decided)
    counts[decided.decision] -= 1
    return back


def keys_of_terminal() -> Keys:
    """Return the keys of whoever sits at the terminal; from a pipe each line is a key, or what is asked for."""
    if sys.stdin.isatty():
        return Keys(_pressed, _typed)
    return Keys(_piped, lambda _prompt: sys.stdin.readline().rstrip("\n"))


def _pressed() -> str:
    """Return the key that is pressed, without waiting for Enter; keys that were pressed ahead are not lost."""
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        return os.read(terminal, _KEY_BYTES).decode("utf-8", "replace")
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _typed(prompt: str) -> str:
    try:
        return input(prompt)
    except EOFError:
        return ""


def _piped() -> str:
    line = sys.stdin.readline()
    return line and (line.strip()[:1] or " ")
