"""The report for a pull request: verdicts, one table a task, differences and the gate, in GitHub's Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

from lorewright.evaluation.decisive import deciding_pair
from lorewright.evaluation.figures_table import Cell, deciding_columns
from lorewright.evaluation.report_data import ReportData, TaskReport
from lorewright.evaluation.report_parts import Gate
from lorewright.evaluation.verdict import Verdict, headline
from lorewright.evaluation.wording import (
    metric_name,
    range_words,
    sentence,
    signed,
    system_name,
    system_title,
    test_set_words,
)

_SPECIAL = re.compile(r"[\\`*\[\]<>|~$&]|(?<!\w)_|_(?!\w)|^[-+#=]")
_NUMBERED = re.compile(r"^(\d+)(?=[.)](\s|$))")
# What GitHub would make a mention, a link to an issue or to a page of, also where it is escaped.
_LINKED = re.compile(r"@(?=\w)|#(?=\d)|(?<=\bhttp)(?=s?://)|(?<=\bwww)(?=\.)", re.IGNORECASE)


def render_markdown(report: ReportData) -> str:
    """Return a report as Markdown of a page or two; everything from outside is plain text in it."""
    lines = [f"## {plain(report.project)}: is the model worth having?", ""]
    for task in report.tasks:
        verdict = headline(task.verdicts)
        lines.append(
            f"- {plain(task.task)}, on {test_set_words(verdict.test_set)}: **{plain(verdict.label)}**"
        )
    lines.append("")
    if report.gate:
        lines += [*_gate(report.gate), ""]
    for task in report.tasks:
        lines += [*_task(task), ""]
    if report.runs:
        told = ", ".join(f"{plain(stage)} `{run[:12]}`" for stage, run in report.runs.items())
        lines += [f"<sub>Runs: {told}</sub>", ""]
    return "\n".join(lines)


def plain(text: str) -> str:
    """Return a text as one line of Markdown that shows it as it is: no markup, mention or link comes of it."""
    one_line = " ".join(text.split())
    escaped = _NUMBERED.sub(r"\1\\", _SPECIAL.sub(r"\\\g<0>", one_line))
    return _LINKED.sub(lambda match: f"{match.group()}<!-- -->", escaped)


def _gate(gate: Gate) -> Iterator[str]:
    yield f"**The gate is {'passed' if gate.passed else 'not passed'}.**"
    yield ""
    for check in gate.checks:
        yield f"- {'✅' if check.passed else '❌'} {plain(check.words)}"


def _task(task: TaskReport) -> Iterator[str]:
    verdict = headline(task.verdicts)
    yield f"### {plain(task.task)}: {plain(verdict.label)}"
    yield ""
    yield plain(verdict.reason)
    for warning in verdict.warnings:
        yield f"\n> {plain(warning)}"
    yield ""
    yield from _figures(verdict)
    if verdict.comparisons:
        yield ""
        yield from _differences(verdict)
    for other in task.verdicts:
        if other is not verdict:
            yield ""
            yield f"On {test_set_words(other.test_set)}: **{plain(other.label)}**.{_difference(other)}"


def _difference(verdict: Verdict) -> str:
    pair = deciding_pair(verdict)
    if pair is None:
        return ""
    figures = f"{signed(pair.difference.mean)} ({range_words(pair.difference, sign=True)})"
    return " " + plain(
        f"{sentence(system_name(pair.system))} against {system_name(pair.against)}: {figures}."
    )


def _figures(verdict: Verdict) -> Iterator[str]:
    columns = deciding_columns(verdict)
    size = verdict.rows[0].means[verdict.metric]
    yield f"Means with 95% intervals over {size.n:,} examples in {size.clusters:,} groups; report.html has all metrics."
    yield ""
    yield from _table(
        ["", *(column.title for column in columns)],
        (
            [
                _name(row.system, row.system == verdict.use),
                *(_cell(column.cells[place]) for column in columns),
            ]
            for place, row in enumerate(verdict.rows)
        ),
    )


def _differences(verdict: Verdict) -> Iterator[str]:
    yield from _table(
        [f"Difference in {metric_name(verdict.metric)}", "", "95% interval"],
        (
            [
                _bold(
                    plain(f"{sentence(system_name(pair.system))} against {system_name(pair.against)}"),
                    pair.decisive,
                ),
                signed(pair.difference.mean),
                range_words(pair.difference, sign=True),
            ]
            for pair in verdict.comparisons
        ),
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(plain(head) for head in heads)} |"
    yield f"|{'|'.join([':--', *('--:' for _ in heads[1:])])}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _cell(cell: Cell) -> str:
    return f"{plain(cell.text)}<br><sub>{plain(cell.range)}</sub>" if cell.range else plain(cell.text)


def _name(system: str, used: bool) -> str:
    return f"{_bold(plain(system_title(system)), used)}{' ← use' if used else ''}"


def _bold(text: str, bold: bool) -> str:
    return f"**{text}**" if bold else text
