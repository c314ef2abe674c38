"""The report for a pull request, and the results for programs."""

import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.markdown_report import plain, render_markdown
from lorewright.evaluation.report_data import ReportData
from lorewright.evaluation.results_json import FIELDS, evaluation_results
from lorewright.evaluation.verdict import headline

WHEN = "2025-08-10T16:13:23+00:00"


@pytest.fixture(scope="module")
def shown(rich_report: ReportData) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(render_markdown(rich_report)))


def test_a_pull_request_shows_verdict_table_differences_and_gate(rich_report: ReportData, shown: str) -> None:
    assert shown.index("The gate is not passed") < shown.index("<table>")
    for task in rich_report.tasks:
        verdict = headline(task.verdicts)
        assert verdict.label in shown
        for row in verdict.rows:
            assert f"{row.means[verdict.metric].mean:.2f}<br>" in shown
    tables = re.findall(r"<table>.*?</table>", shown, re.DOTALL)
    assert len(tables) == 2 * len(rich_report.tasks)
    for table in tables:
        widths = {len(re.findall(r"<t[hd]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)}
        assert len(widths) == 1


def test_the_system_to_use_stands_out(rich_report: ReportData) -> None:
    told = render_markdown(rich_report)
    assert told.count("← use") == len(rich_report.tasks)


def test_it_is_short(rich_report: ReportData) -> None:
    assert len(render_markdown(rich_report).splitlines()) < 40 * len(rich_report.tasks)


def test_names_make_no_markup_mention_or_link(rich_report: ReportData) -> None:
    told = render_markdown(rich_report)
    assert "@everyone" not in told
    shown = MarkdownIt("commonmark").enable("table").render(told)
    assert "Flow &lt;img src=x onerror=alert(1)&gt; | `x` @<!-- -->everyone" in shown


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60))
@example("&lt;b&gt; &#64;x <b>*x*</b> [a](b) ![c](d) | `e` ~~f~~ \\ $g$ <!-- h -->")
def test_any_text_is_shown_as_it_is(text: str) -> None:
    html = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .render(f"| a |\n|---|\n| x{plain(text)}x |\n")
    )
    cell = html[html.index("<td>") + 4 : html.index("</td>")].replace("<!-- -->", "")
    assert "<" not in cell
    told = cell.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert told == f"x{' '.join(text.split())}x" if text.split() else told == "xx"


@pytest.mark.parametrize(
    "text", ["# a", "- a", "+ a", "1. a", "1) a", "=", "---", "> a", "* a", "12. a", "    a", "***"]
)
def test_no_line_begins_a_list_a_heading_or_a_rule(text: str) -> None:
    html = MarkdownIt("commonmark").render(f"told\n\n{plain(text)}\n\n{plain(text)}")
    assert set(re.findall(r"</?(\w+)", html)) == {"p"}


@pytest.mark.parametrize("text", ["@user", "see #12", "https://x.org", "www.x.org", "HTTP://x.org"])
def test_nothing_that_github_links_by_itself_is_left(text: str) -> None:
    assert "<!-- -->" in plain(text)


def test_results_have_the_five_fields(report_data: ReportData) -> None:
    told = evaluation_results(report_data, model_path="runs/train/x/adapter", evaluated_at=WHEN)
    assert tuple(told) == FIELDS
    losses = [
        row.means["answer_nll"]
        for task in report_data.tasks
        for verdict in task.verdicts
        for row in verdict.rows
        if row.system == "tuned"
    ]
    assert told["num_test_examples"] == sum(one.n for one in losses) == 336
    assert told["average_loss"] == pytest.approx(sum(one.mean * one.n for one in losses) / 336)
    assert told["perplexity"] == math.exp(told["average_loss"])
    assert told["model_path"] == "runs/train/x/adapter"
    assert told["evaluated_at"] == WHEN
    json.dumps(told, allow_nan=False)


def test_what_cannot_be_known_is_null_and_said(report_data: ReportData) -> None:
    told = evaluation_results(replace(report_data, tasks=()), model_path=None, evaluated_at=WHEN)
    assert (told["average_loss"], told["perplexity"], told["num_test_examples"]) == (None, None, 0)
    assert told["model_path"] is None
    assert [note.split()[0] for note in told["notes"]] == ["average_loss", "model_path"]


def test_a_loss_beyond_all_numbers_has_no_perplexity(report_data: ReportData) -> None:
    task = report_data.tasks[0]
    rows = tuple(
        replace(row, means={**row.means, "answer_nll": Interval(5000.0, None, None, 1, 1)})
        for row in task.verdicts[0].rows
    )
    huge = replace(report_data, tasks=(replace(task, verdicts=(replace(task.verdicts[0], rows=rows),)),))
    told = evaluation_results(huge, model_path="m", evaluated_at=WHEN)
    assert (told["average_loss"], told["perplexity"]) == (5000.0, None)
    assert told["notes"] == ["perplexity is null: it is beyond the largest number."]
