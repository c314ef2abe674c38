"""A verdict as the rows and lines that a terminal shows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.means import SystemRow
from lorewright.evaluation.verdict import Verdict
from lorewright.evaluation.wording import dollars, memory_words, metric_name, number, signed, test_set_words

Column = tuple[str, list[str]]


@dataclass(frozen=True)
class VerdictText:
    """A verdict for the terminal.

    Attributes:
        title: Task and test set.
        label: What to do, as a short sentence.
        columns: Headings of the table.
        rows: Cells in the order of `columns`, best system first.
        marked: The number of the row of the system to use.
        lines: The reason, then warnings.
    """

    title: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: int
    lines: tuple[str, ...]


def verdict_text(verdict: Verdict) -> VerdictText:
    """Return a verdict's table and sentences; a mean or a difference has its 95% interval behind it."""
    columns = [_scores(verdict), *_against_best(verdict), *_other_means(verdict), *operating(verdict.rows)]
    return VerdictText(
        title=f"{verdict.task} on {test_set_words(verdict.test_set)} ({verdict.test_set})",
        label=verdict.label,
        columns=("system", *(name for name, _ in columns)),
        rows=tuple(zip((row.system for row in verdict.rows), *(cells for _, cells in columns), strict=True)),
        marked=next(index for index, row in enumerate(verdict.rows) if row.system == verdict.use),
        lines=(verdict.reason, *verdict.warnings),
    )


def _scores(verdict: Verdict) -> Column:
    return metric_name(verdict.metric), [_with_interval(row.means[verdict.metric]) for row in verdict.rows]


def _against_best(verdict: Verdict) -> Iterator[Column]:
    best = next((row.system for row in verdict.rows if row.gap is None), "")
    if len(verdict.rows) > 1:
        cells = ["" if row.gap is None else _with_interval(row.gap, sign=True) for row in verdict.rows]
        yield f"against {best}", cells


def _other_means(verdict: Verdict) -> Iterator[Column]:
    for name in dict.fromkeys(name for row in verdict.rows for name in row.means if name != verdict.metric):
        yield (
            metric_name(name),
            [number(row.means[name].mean) if name in row.means else "" for row in verdict.rows],
        )


def operating(rows: Sequence[SystemRow]) -> Iterator[Column]:
    """Yield what answers took, cost and lacked, where that is known of any system."""
    columns: tuple[tuple[str, list[float | None], Callable[[float], str]], ...] = (
        ("no answer", [row.failures for row in rows], "{:,.0f}".format),
        ("time an answer", [row.latency_s for row in rows], "{:.2f} s".format),
        ("cost an answer", [row.cost_usd for row in rows], dollars),
        ("memory", [row.memory_bytes for row in rows], memory_words),
    )
    for name, values, words in columns:
        if any(value is not None for value in values):
            yield name, ["" if value is None else words(value) for value in values]


def _with_interval(interval: Interval, *, sign: bool = False) -> str:
    show = signed if sign else number
    if interval.low is None or interval.high is None:
        return show(interval.mean)
    ends = (
        f"{show(interval.low)} to {show(interval.high)}"
        if sign
        else f"{show(interval.low)}–{show(interval.high)}"
    )
    return f"{show(interval.mean)} ({ends})"
