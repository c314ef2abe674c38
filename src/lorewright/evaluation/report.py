"""The report: one HTML file that asks nothing of the network and runs no script."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from lorewright.evaluation import line_plots, plots, wording
from lorewright.evaluation.confusion_grid import grid
from lorewright.evaluation.decisive import deciding_pair, is_tuned
from lorewright.evaluation.example_filters import filter_groups, option_ids
from lorewright.evaluation.figures_table import figure_columns, metric_names
from lorewright.evaluation.json_answers import field_matches, json_answer
from lorewright.evaluation.report_data import ReportData, TaskReport
from lorewright.evaluation.tokenizing import tokens
from lorewright.evaluation.verdict import Verdict, headline
from lorewright.pages.render import environment
from lorewright.text.calibration import FEWEST

_PIECE = re.compile(r"\w+|\W+")


def render(report: ReportData) -> str:
    """Return the report as an HTML page under 1 MB for reports of a few dozen examples.

    Everything from outside is escaped: documents and models may say anything.
    """
    from markupsafe import Markup

    templates = environment("lorewright.evaluation")
    templates.filters.update(
        system=wording.system_title,
        metric=wording.metric_name,
        in_text=wording.system_name,
        note=wording.metric_note,
        test_set=wording.test_set_words,
        number=wording.number,
        signed=wording.signed,
        role=system_role,
        tone=tone,
        pieces=marked_pieces,
        settings=flat_settings,
        tick=wording.tick_words,
        headline=headline,
        sentence=wording.sentence,
    )
    templates.globals.update(
        interval_svg=lambda *args, **kwargs: Markup(plots.interval_svg(*args, **kwargs)),  # noqa: S704
        line_svg=lambda plot: Markup(plot.svg),  # noqa: S704
        curve_plot=line_plots.curve_plot,
        learning_plot=line_plots.learning_plot,
        calibration_plot=line_plots.calibration_plot,
        trade_plot=line_plots.trade_plot,
        grid=grid,
        score_scale=plots.score_scale,
        difference_scale=plots.difference_scale,
        range_words=wording.range_words,
        fields=field_rows,
        metric_names=metric_names,
        figure_columns=figure_columns,
        deciding_pair=deciding_pair,
        option_ids=option_ids,
        leakages=leakages,
        enough_ratings=FEWEST,
    )
    drawn = replace(
        report,
        curves=tuple(filter(line_plots.curve_plot, report.curves)),
        learning=tuple(filter(line_plots.learning_plot, report.learning)),
    )
    return templates.get_template("report.html.j2").render(report=drawn, filters=filter_groups(report.tasks))


def system_role(system: str) -> str:
    """Return the CSS class of a system: the tuned model stands out, all others are the same."""
    return "tuned" if is_tuned(system) else "other"


def tone(verdict: Verdict) -> str:
    """Return the CSS class of a verdict: `better`, `unsure` or `no`."""
    if verdict.better:
        return "better"
    return "unsure" if verdict.choice == "more-data" else "no"


def leakages(tasks: Iterable[TaskReport]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what the leakage counts found, with the names of the tasks that share a count."""
    found: list[tuple[list[str], Mapping[str, Any]]] = []
    for task in tasks:
        names = next((names for names, known in found if known == task.leakage), None)
        if names is not None:
            names.append(task.task)
        elif task.leakage:
            found.append(([task.task], task.leakage))
    return [(", ".join(names), leakage) for names, leakage in found]


def marked_pieces(text: str, reference: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether the reference holds its words.

    Space and punctuation count as shared only between shared words.
    """
    expected = set(tokens(reference))
    parts = [(match.group(), tokens(match.group())) for match in _PIECE.finditer(text)]
    shared = [bool(found) and expected.issuperset(found) for _, found in parts]
    marks = [
        mark or (not found and 0 < at < len(parts) - 1 and shared[at - 1] and shared[at + 1])
        for at, (mark, (_, found)) in enumerate(zip(shared, parts, strict=True))
    ]
    pairs = zip((piece for piece, _ in parts), marks, strict=True)
    return [
        ("".join(piece for piece, _ in group), mark)
        for mark, group in groupby(pairs, key=lambda pair: pair[1])
    ]


def field_rows(reference: str, text: str) -> list[tuple[str, str, bool]]:
    """Return name, given value and rightness of each of the reference's fields; nothing unless both texts are JSON."""
    given = json_answer(text)
    if given is None or not json_answer(reference):
        return []
    return [
        (name, _value_words(given[name]) if name in given else "missing", right == 1.0)
        for name, right in field_matches(reference, text).items()
    ]


def flat_settings(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield dotted names and values of nested settings."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from flat_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _value_words(value)


def _value_words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
