"""Scales, and the rows of interval plots as inline SVG: no script, no fixed width, colours from the style sheet.

Positions are percentages, so that a plot takes the width it is given and text beside it keeps its size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lorewright.evaluation.intervals import Interval


@dataclass(frozen=True)
class Scale:
    """A range of values with the round numbers to mark on it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def percent(self, value: float) -> float:
        """Return where a value lies from 0 to 100, clipped to the range."""
        return min(max(100 * (value - self.low) / (self.high - self.low), 0.0), 100.0)


def scale(values: Sequence[float], *, wanted_ticks: int = 5) -> Scale:
    """Return a scale over values that begins and ends at round numbers."""
    low, high = min(values), max(values)
    if high - low < 1e-9:
        low, high = low - 0.05, high + 0.05
    rough = (high - low) / max(wanted_ticks - 1, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough - 1e-12)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(number * step, 10) for number in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def score_scale(intervals: Sequence[Interval]) -> Scale:
    """Return a scale from 0 to the least round number that holds all intervals, at most 1."""
    return scale([0.0, *(value for interval in intervals for value in (interval.mean, interval.high or 0.0))])


def difference_scale(intervals: Sequence[Interval]) -> Scale:
    """Return a scale over differences with zero in its middle."""
    reach = max(
        abs(value)
        for interval in intervals
        for value in (interval.mean, interval.low or 0.0, interval.high or 0.0)
    )
    return scale([-max(reach, 0.05), max(reach, 0.05)], wanted_ticks=3)


def interval_svg(interval: Interval, marks: Scale, *, role: str, zero: bool = False) -> str:
    """Return one row of an interval plot: a whisker over the interval and a dot at the mean.

    Args:
        interval: What to draw.
        marks: Shared by all rows of a plot.
        role: CSS class of the whisker and the dot.
        zero: Whether to draw the line of no difference.
    """
    lines = [
        f'<line class="grid" x1="{marks.percent(tick):.2f}%" x2="{marks.percent(tick):.2f}%" y1="0" y2="100%"/>'
        for tick in marks.ticks
    ]
    if zero:
        at = f"{marks.percent(0):.2f}%"
        lines.append(f'<line class="zero" x1="{at}" x2="{at}" y1="0" y2="100%"/>')
    if interval.low is not None and interval.high is not None:
        start, end = marks.percent(interval.low), marks.percent(interval.high)
        lines.append(f'<line class="whisker" x1="{start:.2f}%" x2="{end:.2f}%" y1="50%" y2="50%"/>')
    lines.append(f'<circle class="mean" cx="{marks.percent(interval.mean):.2f}%" cy="50%" r="4.5"/>')
    return f'<svg class="interval {role}" aria-hidden="true" focusable="false">{"".join(lines)}</svg>'
