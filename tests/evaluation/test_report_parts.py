"""What the report shows beside verdicts: labels, confidence, learning, the gate, filters of examples."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.evaluation.confusion_grid import grid
from lorewright.evaluation.example_filters import filter_groups, option_ids
from lorewright.evaluation.figures_table import figure_columns
from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.line_plots import calibration_plot, learning_plot
from lorewright.evaluation.report import render
from lorewright.evaluation.report_data import ReportData, figures
from lorewright.evaluation.report_parts import (
    Calibration,
    CalibrationBin,
    Confusion,
    LearningCurve,
    LearningPoint,
)


@pytest.fixture(scope="module")
def html(rich_report: ReportData) -> str:
    return render(rich_report)


def test_a_grid_tells_what_is_no_label_apart() -> None:
    given = ("a", "b", "c", "unknown", "invalid")
    rows = grid(
        Confusion("seen-docs", "tuned", "category", ("a", "b"), given, ((3, 1, 0, 0, 0), (0, 2, 2, 1, 4)))
    )
    assert [row.given for row in rows] == list(given)
    assert [[cell.count for cell in row.cells] for row in rows] == [[3, 0], [1, 2], [0, 2], [0, 1], [0, 4]]
    assert [cell.right for cell in rows[0].cells] == [True, False]
    assert [row.no_label for row in rows] == [False, False, False, True, True]
    assert rows[1].cells[0].share == 0.25


def test_of_many_invented_labels_the_rare_ones_share_a_row() -> None:
    invented = tuple(f"new{number}" for number in range(9))
    counts = (5, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 2)
    rows = grid(Confusion("s", "tuned", "f", ("a",), ("a", *invented, "unknown", "invalid"), (counts,)))
    assert [row.given for row in rows] == ["a", *invented[:6], "unknown", "3 other labels", "invalid"]
    assert rows[-2].cells[0].count == 6
    assert sum(row.cells[0].count for row in rows) == sum(counts)


def test_unknown_may_be_right_and_no_label_never_is() -> None:
    rows = grid(Confusion("seen-docs", "tuned", "category", ("unknown",), ("unknown", "invalid"), ((2, 1),)))
    assert [row.cells[0].right for row in rows] == [True, False]
    assert [row.no_label for row in rows] == [False, True]


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=2, max_size=2))
def test_a_grid_loses_no_example(counts: list[list[int]]) -> None:
    confusion = Confusion(
        "s", "t", "f", ("a", "b"), ("a", "b", "unknown", "invalid"), (tuple(counts[0]), tuple(counts[1]))
    )
    cells = [cell for row in grid(confusion) for cell in row.cells]
    assert sum(cell.count for cell in cells) == sum(map(sum, counts))
    for column in range(2):
        total = sum(row.cells[column].share for row in grid(confusion))
        assert total == pytest.approx(1.0 if sum(counts[column]) else 0.0)


def test_confidence_is_drawn_beside_the_line_of_perfect_confidence() -> None:
    plot = calibration_plot(
        Calibration("s", "tuned", (CalibrationBin(0.5, 1.0, 8, 0.75, 0.25),), 0.5, 0.75, 8)
    )
    assert plot is not None
    assert '<path class="ideal" d="M0.00 100.00 L100.00 0.00"/>' in plot.svg
    assert 'd="M75.00 75.00h0"' in plot.svg
    assert "confidence 0.75: 0.25 of 8 right" in plot.svg
    assert calibration_plot(Calibration("s", "tuned", (), 0.0, 0.0, 0)) is None


def test_learning_is_drawn_with_intervals_where_there_are_any() -> None:
    points = (
        LearningPoint(0.5, 10, Interval(0.2, None, None, 1, 4)),
        LearningPoint(1.0, 20, Interval(0.4, 0.3, 0.5, 50, 60)),
    )
    plot = learning_plot(LearningCurve("qa", "seen-docs", "tuned", "token_f1", points))
    assert plot is not None
    assert plot.svg.count("whisker") == 1
    assert "50% (10 examples): 0.20, no interval" in plot.words
    assert learning_plot(LearningCurve("qa", "seen-docs", "tuned", "token_f1", points[:1])) is None


def test_examples_are_parted_by_outcome_task_test_set_and_category(rich_report: ReportData) -> None:
    groups = filter_groups(rich_report.tasks)
    assert [group.legend for group in groups] == ["Outcome", "Task", "Test set", "Category"]
    examples = [(task, example) for task in rich_report.tasks for example in task.examples]
    for group in groups:
        for option in group.options:
            shown = [one for task, one in examples if option.id in option_ids(groups, task, one).split()]
            assert len(shown) == option.count > 0
    failed = next(option for option in groups[0].options if option.label == "failures")
    assert failed.count == sum(example.failed for _, example in examples)


def test_a_filter_that_parts_nothing_is_left_out(rich_report: ReportData) -> None:
    one = replace(rich_report.tasks[0], examples=rich_report.tasks[0].examples[:1])
    assert filter_groups([one]) == ()
    page = render(replace(rich_report, tasks=(one,)))
    assert 'type="radio"' not in page
    assert '<p class="shown">' not in page


def test_no_word_from_outside_gets_into_the_style_sheet(html: str) -> None:
    style = html[html.index("<style>") : html.index("</style>")]
    assert re.findall(r"#examples:has\((.*?)\)", style)
    assert "timeout_error" not in style


def test_every_part_is_shown_and_escaped(html: str) -> None:
    for told in (
        "Which label was taken for which",
        "Does its confidence mean anything?",
        "Expected calibration error 0.16",
        "Would more data help?",
        "The gate is not passed",
        "By label",
        "Do the figures agree with people?",
        "too few to trust",
        "Did it forget?",
        "+0.50 against its base",
        "&lt;i&gt;x&lt;/i&gt;",
        "&lt;/table&gt;&lt;script&gt;x",
        "&lt;/td&gt;&lt;b&gt;x",
        "&lt;b&gt;production&lt;/b&gt;",
        "&lt;img src=x onerror=alert(1)&gt;",
    ):
        assert told in html
    for harm in ("<script", "<img", "<b>x", "<b>production"):
        assert harm not in html


def test_a_table_tells_what_answers_cost_and_take_only_where_that_is_known(rich_report: ReportData) -> None:
    verdict = rich_report.tasks[0].verdicts[0]
    titles = [column.title for column in figure_columns(verdict)]
    assert titles[0] == "token F1"
    assert titles[1] == "against retrieval alone"
    assert titles[-4:] == ["no answer", "time an answer", "cost an answer", "memory"]
    bare = replace(
        verdict,
        rows=tuple(
            replace(row, latency_s=None, cost_usd=None, memory_bytes=None, failures=None)
            for row in verdict.rows
        ),
    )
    assert [column.title for column in figure_columns(bare)] == titles[:-4]


def test_a_single_group_has_no_interval_and_says_so(rich_report: ReportData) -> None:
    task = rich_report.tasks[0]
    verdict = task.verdicts[0]
    alone = Interval(0.5, None, None, 1, 4)
    rows = tuple(
        replace(row, means=dict.fromkeys(row.means, alone), gap=alone if row.gap else None)
        for row in verdict.rows
    )
    pairs = tuple(replace(pair, difference=alone) for pair in verdict.comparisons)
    page = render(
        replace(
            rich_report, tasks=(replace(task, verdicts=(replace(verdict, rows=rows, comparisons=pairs),)),)
        )
    )
    assert "4 examples in 1 group:" in page
    assert "no interval: too few groups" in page
    assert 'class="whisker" x1' not in page


def test_a_curve_of_one_point_has_no_section(rich_report: ReportData) -> None:
    one = replace(rich_report.learning[0], points=rich_report.learning[0].points[:1])
    loss = replace(rich_report.curves[0], training=((1.0, 2.0),))
    page = render(replace(rich_report, learning=(one,), curves=(loss,)))
    for section in ("learning", "training"):
        assert f'id="{section}"' not in page
        assert f'href="#{section}"' not in page


def test_tasks_with_the_same_leakage_share_a_table(rich_report: ReportData) -> None:
    questions, logs = rich_report.tasks
    page = render(replace(rich_report, tasks=(questions, replace(logs, leakage=questions.leakage))))
    assert page.count("<caption>qa, log_analysis: runs of 10 words") == 1
    assert 'aria-label="Leakage of qa"' not in page


def test_all_parts_are_json(rich_report: ReportData) -> None:
    told = json.loads(json.dumps(figures(rich_report), allow_nan=False))
    assert told["agreements"][0]["kappa"] == 0.55
    assert told["forgetting"]["groups"][0]["name"] == "English"
    assert told["gate"]["checks"][1]["passed"] is False
    assert told["learning"][0]["points"][0]["score"]["mean"] == 0.1
    assert told["tasks"][1]["confusions"][0]["counts"][0][0] == 9
    assert told["tasks"][1]["examples"][0]["category"]
