"""Plots of points and lines as inline SVG: losses, learning, confidence, refusals.

A drawing fills the box it is given, so strokes do not scale and dots are ends of lines of no length. What it shows is
in its title in words; the numbers on its axes stand beside it as text.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from lorewright.evaluation.plots import Scale, scale
from lorewright.evaluation.report_data import Curve, RetrievalView
from lorewright.evaluation.report_parts import Calibration, LearningCurve
from lorewright.evaluation.wording import number, range_words

MAX_POINTS = 240
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class LinePlot:
    """A drawing, the scales of its two axes, and in words what it shows."""

    svg: str
    right: Scale
    up: Scale
    words: str


def curve_plot(curve: Curve) -> LinePlot | None:
    """Return the plot of a training curve, None when it has fewer than two points."""
    if len(curve.training) < 2:
        return None
    points = [*curve.training, *curve.held_out]
    up = scale([loss for _, loss in points], wanted_ticks=4)
    last = max(step for step, _ in points)
    right = Scale(0.0, last, (0.0, last / 2, last))
    parts = [_line("training", _thinned(curve.training), right, up)]
    if curve.held_out:
        parts.append(_line("held-out", _thinned(curve.held_out), right, up))
        shown = curve.held_out if len(curve.held_out) <= 12 else curve.held_out[-1:]
        parts += [_dot("held-out", point, right, up) for point in shown]
    return _plot(parts, right, up, _curve_words(curve))


def trade_plot(retrieval: RetrievalView) -> LinePlot | None:
    """Return the plot of what thresholds refuse, wrongly to the right and rightly upwards; None where none was learned.

    A dot is the threshold that was chosen.
    """
    points = [point for line in retrieval.trades for point in line.points]
    if not points:
        return None
    right = scale([0.0, *(wrong for wrong, _ in points)], wanted_ticks=4)
    up = scale([0.0, 1.0], wanted_ticks=3)
    parts = [
        _line(role, [(0.0, 0.0), *line.points], right, up)
        for role, line in zip(("training", "held-out"), retrieval.trades, strict=False)
    ]
    words = "Questions refused rightly against questions refused wrongly, by threshold."
    if retrieval.chosen:
        wrong, rightly = retrieval.chosen
        parts.append(_dot("chosen", retrieval.chosen, right, up))
        words += f" The chosen one refuses {rightly:.0%} rightly and {wrong:.0%} wrongly."
    return _plot(parts, right, up, words)


def learning_plot(curve: LearningCurve) -> LinePlot | None:
    """Return the plot of a metric by the share of the data that was trained on, None with fewer than two points.

    Upright lines are 95% intervals.
    """
    points = [(point.fraction, point.score.mean) for point in curve.points]
    if len(points) < 2:
        return None
    ends = [(point.fraction, point.score.low, point.score.high) for point in curve.points]
    values = [
        *(value for _, value in points),
        *(v for _, low, high in ends for v in (low, high) if v is not None),
    ]
    right, up = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0)), scale([0.0, *values], wanted_ticks=4)
    parts = [_line("held-out", points, right, up)]
    for at, low, high in ends:
        if low is not None and high is not None:
            parts.append(_line("whisker", [(at, low), (at, high)], right, up))
    parts += [_dot("held-out", point, right, up) for point in points]
    told = (
        f"{point.fraction:.0%} ({point.examples:,} examples): {number(point.score.mean)}, {range_words(point.score)}"
        for point in curve.points
    )
    return _plot(parts, right, up, "; ".join(told))


def calibration_plot(calibration: Calibration) -> LinePlot | None:
    """Return the plot of the share of right answers by stated confidence, None without an answer that states one.

    On the dashed line, both are the same.
    """
    if not calibration.bins:
        return None
    unit = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    points = [(one.confidence, one.accuracy) for one in calibration.bins]
    parts = [_line("ideal", [(0.0, 0.0), (1.0, 1.0)], unit, unit), _line("held-out", points, unit, unit)]
    parts += [_dot("held-out", point, unit, unit) for point in points]
    told = (
        f"confidence {number(one.confidence)}: {number(one.accuracy)} of {one.n:,} right"
        for one in calibration.bins
    )
    return _plot(parts, unit, unit, "; ".join(told))


def _plot(parts: Iterable[str], right: Scale, up: Scale, words: str) -> LinePlot:
    grid = "".join(
        f'<line class="grid" x1="0" x2="100" y1="{y:.2f}" y2="{y:.2f}"/>'
        for y in (100 - up.percent(tick) for tick in up.ticks)
    )
    svg = (
        '<svg class="curve" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" focusable="false">'
        f"<title>{escape(words)}</title>{grid}{''.join(parts)}</svg>"
    )
    return LinePlot(svg, right, up, words)


def _line(role: str, points: Points, right: Scale, up: Scale) -> str:
    placed = [f"{right.percent(x):.2f} {100 - up.percent(y):.2f}" for x, y in points]
    return f'<path class="{role}" d="M{" L".join(placed)}"/>'


def _dot(role: str, point: tuple[float, float], right: Scale, up: Scale) -> str:
    return f'<path class="{role} dot" d="M{right.percent(point[0]):.2f} {100 - up.percent(point[1]):.2f}h0"/>'


def _curve_words(curve: Curve) -> str:
    words = f"{curve.training[0][1]:.2f} at the first step, {curve.training[-1][1]:.2f} at the last"
    return f"{words}; {curve.held_out[-1][1]:.2f} on held-out text" if curve.held_out else words


def _thinned(points: Points) -> Points:
    # Means of equal stretches: a line of thousands of noisy points is a smear.
    if len(points) <= MAX_POINTS:
        return points
    size = math.ceil(len(points) / MAX_POINTS)
    parts = [points[start : start + size] for start in range(0, len(points), size)]
    return [
        (sum(step for step, _ in part) / len(part), sum(loss for _, loss in part) / len(part))
        for part in parts
    ]
