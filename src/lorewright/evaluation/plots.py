"""Plots as inline SVG: no script, no fixed width, colours from the page's style sheet.

Positions are percentages, so that a plot takes the width it is given and text beside it keeps its size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.report_data import Curve, RetrievalView

MAX_POINTS = 240


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


@dataclass(frozen=True)
class CurvePlot:
    """A training curve's drawing with the numbers that stand beside it."""

    name: str
    svg: str
    losses: Scale
    steps: Scale
    summary: str
    has_held_out: bool


def curve_plot(curve: Curve) -> CurvePlot | None:
    """Return the plot of a curve, None when it has fewer than two points."""
    points = [*curve.training, *curve.held_out]
    if len(curve.training) < 2:
        return None
    losses = scale([loss for _, loss in points], wanted_ticks=4)
    last = max(step for step, _ in points)
    steps = Scale(0.0, last, (0.0, last / 2, last))
    grid = "".join(
        f'<line class="grid" x1="0" x2="100" y1="{y:.2f}" y2="{y:.2f}"/>'
        for y in (100 - losses.percent(tick) for tick in losses.ticks)
    )
    training = _path(_thinned(curve.training), steps, losses)
    held_out = _path(_thinned(curve.held_out), steps, losses) if curve.held_out else ""
    dots = "".join(
        f'<path class="held-out dot" d="M{steps.percent(step):.2f} {100 - losses.percent(loss):.2f}h0"/>'
        for step, loss in (curve.held_out if len(curve.held_out) <= 12 else curve.held_out[-1:])
    )
    svg = (
        '<svg class="curve" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'{grid}<path class="training" d="{training}"/><path class="held-out" d="{held_out}"/>{dots}</svg>'
    )
    return CurvePlot(curve.name, svg, losses, steps, _curve_words(curve), bool(curve.held_out))


@dataclass(frozen=True)
class TradePlot:
    """What thresholds refuse: wrongly to the right, rightly upwards; a dot is the one that was chosen."""

    svg: str
    right: Scale
    up: Scale


def trade_plot(retrieval: RetrievalView) -> TradePlot | None:
    """Return the plot of what thresholds refuse, None where none was learned."""
    points = [point for line in retrieval.trades for point in line.points]
    if not points:
        return None
    right, up = (
        scale([0.0, *(wrong for wrong, _ in points)], wanted_ticks=4),
        scale([0.0, 1.0], wanted_ticks=3),
    )
    grid = "".join(
        f'<line class="grid" x1="0" x2="100" y1="{100 - up.percent(tick):.2f}" y2="{100 - up.percent(tick):.2f}"/>'
        for tick in up.ticks
    )
    lines = "".join(
        f'<path class="{role}" d="{_path([(0.0, 0.0), *line.points], right, up)}"/>'
        for role, line in zip(("training", "held-out"), retrieval.trades, strict=False)
    )
    dot = (
        f'<path class="chosen dot" d="M{right.percent(retrieval.chosen[0]):.2f} '
        f'{100 - up.percent(retrieval.chosen[1]):.2f}h0"/>'
        if retrieval.chosen
        else ""
    )
    svg = (
        '<svg class="curve" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f"{grid}{lines}{dot}</svg>"
    )
    return TradePlot(svg, right, up)


def _curve_words(curve: Curve) -> str:
    words = f"{curve.training[0][1]:.2f} at the first step, {curve.training[-1][1]:.2f} at the last"
    return f"{words}; {curve.held_out[-1][1]:.2f} on held-out text" if curve.held_out else words


def _path(points: Sequence[tuple[float, float]], steps: Scale, losses: Scale) -> str:
    placed = [f"{steps.percent(step):.2f} {100 - losses.percent(loss):.2f}" for step, loss in points]
    return f"M{' L'.join(placed)}"


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    # Means of equal stretches: a line of thousands of noisy points is a smear.
    if len(points) <= MAX_POINTS:
        return list(points)
    size = math.ceil(len(points) / MAX_POINTS)
    parts = [points[start : start + size] for start in range(0, len(points), size)]
    return [
        (sum(step for step, _ in part) / len(part), sum(loss for _, loss in part) / len(part))
        for part in parts
    ]
