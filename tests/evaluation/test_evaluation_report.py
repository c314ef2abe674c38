import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Message, Place, Prediction, Score
from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.line_plots import curve_plot
from lorewright.evaluation.plots import difference_scale, interval_svg, scale
from lorewright.evaluation.report import field_rows, flat_settings, marked_pieces, render
from lorewright.evaluation.report_data import ReportData, curve, figures
from lorewright.evaluation.report_examples import choose_examples, example_view
from lorewright.evaluation.summary import verdict_text
from lorewright.evaluation.wording import number, signed, tick_words


@pytest.fixture(scope="module")
def html(report_data: ReportData) -> str:
    return render(report_data)


def test_the_verdict_comes_first(html: str, report_data: ReportData) -> None:
    body = html[html.index("<main>") :]
    label = report_data.tasks[0].verdicts[0].label
    assert body.index(label) < body.index("<table")


def test_the_page_runs_no_script_and_names_no_other_host(html: str) -> None:
    assert "<script" not in html
    assert "default-src 'none'" in html
    assert not re.search(r"https?://|url\(|@import", html)


def test_what_models_and_documents_say_is_escaped(html: str) -> None:
    assert "&lt;script&gt;alert(1)" in html
    assert "<b>option" not in html


def test_every_example_shows_its_place_and_how_to_trace_it(html: str, report_data: ReportData) -> None:
    for task in report_data.tasks:
        for example in task.examples:
            assert f"lore trace {example.id}" in html
            assert f"{example.evidence[0].path}:{example.evidence[0].place}" in html


def test_an_empty_report_section_is_left_out(report_data: ReportData) -> None:
    bare = ReportData(project="p", created_at="now", tasks=report_data.tasks[1:])
    page = render(bare)
    for section in ("training", "funnel", "leakage", "settings"):
        assert f'id="{section}"' not in page


def test_the_same_data_gives_the_same_page(html: str, report_data: ReportData) -> None:
    assert render(report_data) == html


def test_all_figures_are_json(report_data: ReportData) -> None:
    told = json.loads(json.dumps(figures(report_data), allow_nan=False))
    verdict = report_data.tasks[0].verdicts[0]
    assert told["tasks"][0]["verdicts"][0]["rows"][0]["means"]["token_f1"]["mean"] == pytest.approx(
        verdict.rows[0].means["token_f1"].mean
    )


def test_the_terminal_shows_every_system_and_marks_the_one_to_use(report_data: ReportData) -> None:
    verdict = report_data.tasks[1].verdicts[0]
    text = verdict_text(verdict)
    assert text.rows[text.marked][0] == verdict.use
    assert {len(row) for row in text.rows} == {len(text.columns)}
    assert [row[0] for row in text.rows] == [row.system for row in verdict.rows]
    assert text.lines[0] == verdict.reason
    assert text.rows[0][1].count("–") == 1


@given(st.text(max_size=80), st.text(max_size=80))
def test_marking_shared_words_loses_no_character(text: str, reference: str) -> None:
    pieces = marked_pieces(text, reference)
    assert "".join(piece for piece, _ in pieces) == text


def test_only_shared_words_are_marked() -> None:
    assert marked_pieces("Set  retries, now!", "set RETRIES") == [("Set  retries", True), (", now!", False)]


def test_fields_of_a_json_answer_are_right_wrong_or_missing() -> None:
    rows = field_rows('{"category": "x", "n": 1, "severity": "low"}', '{"category": "x", "n": 2}')
    assert rows == [("category", "x", True), ("n", "2", False), ("severity", "missing", False)]
    assert field_rows('{"category": "x"}', "not JSON") == []
    assert field_rows("plain", '{"category": "x"}') == []


def test_settings_are_shown_flat() -> None:
    assert list(flat_settings({"training": {"epochs": 3, "layers": {}}, "name": "x"})) == [
        ("training.epochs", "3"),
        ("training.layers", "{}"),
        ("name", "x"),
    ]


@pytest.mark.parametrize(
    ("value", "plain", "with_sign"),
    [(0.126, "0.13", "+0.13"), (-0.126, "−0.13", "−0.13"), (-0.001, "0.00", "0.00"), (None, "–", "–")],
)
def test_numbers_read_well(value: float | None, plain: str, with_sign: str) -> None:
    assert (number(value), signed(value)) == (plain, with_sign)


def test_ticks_have_no_superfluous_zeros() -> None:
    assert [tick_words(value) for value in (-0.2, 0.0, 2500.0)] == ["−0.2", "0", "2,500"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5))
def test_a_scale_holds_its_values_between_few_round_ticks(values: list[float]) -> None:
    marks = scale(values)
    # Ticks may fall short by a billionth of their step, so that 0.30000000000000004 needs no further one.
    slack = 1e-6 * max(1.0, marks.high - marks.low)
    assert marks.low <= min(values) + slack
    assert marks.high >= max(values) - slack
    assert 2 <= len(marks.ticks) <= 12
    assert list(marks.ticks) == sorted(set(marks.ticks))


def test_an_interval_is_drawn_where_it_lies() -> None:
    interval = Interval(mean=0.5, low=0.25, high=0.75, clusters=9, n=9)
    svg = interval_svg(interval, scale([0, 1]), role="tuned")
    assert 'x1="25.00%" x2="75.00%"' in svg
    assert 'cx="50.00%"' in svg
    alone = interval_svg(Interval(0.5, None, None, 1, 4), scale([0, 1]), role="tuned")
    assert "whisker" not in alone


def test_differences_have_zero_in_the_middle() -> None:
    marks = difference_scale([Interval(0.3, 0.1, 0.5, 9, 9), Interval(0.0, None, None, 1, 1)])
    assert marks.percent(0) == 50


def test_a_training_curve_takes_either_name_of_the_held_out_loss() -> None:
    history: list[dict[str, Any]] = [
        {"step": 1, "loss": 3.0},
        {"step": 2, "loss": 2.0, "validation_loss": 2.5},
        {"step": 3, "loss": None},
    ]
    drawn = curve("adapter", history)
    assert drawn.training == ((1.0, 3.0), (2.0, 2.0))
    assert drawn.held_out == ((2.0, 2.5),)
    plot = curve_plot(drawn)
    assert plot is not None
    assert plot.words == "3.00 at the first step, 2.00 at the last; 2.50 on held-out text"


def test_long_curves_are_thinned_and_single_points_left_out() -> None:
    long = curve_plot(curve("base", [{"step": n, "loss": 9.0 - n / 1000} for n in range(1, 5001)]))
    assert long is not None
    assert long.svg.count(" L") < 240
    assert curve_plot(curve("base", [{"step": 1, "loss": 2.0}])) is None


def test_examples_are_chosen_by_gain_loss_and_median() -> None:
    gains = {"a": -0.5, "b": 0.0, "c": 0.1, "d": 0.9}
    scores = [
        Score(example_id=name, system=system, metric="token_f1", value=value)
        for name, gain in gains.items()
        for system, value in (("tuned", 0.5 + gain), ("base", 0.5))
    ]
    chosen = choose_examples(scores, metric="token_f1", system="tuned", against="base", count=3)
    assert chosen == ("d", "a", "b")
    assert len(choose_examples(scores, metric="token_f1", system="tuned", against="base", count=9)) == 4


def test_an_example_view_leaves_out_instructions_and_tells_the_place() -> None:
    example = make_example(
        task="qa",
        messages=(
            Message(role="system", content="Be short."),
            Message(role="user", content="How?"),
            Message(role="assistant", content="So."),
        ),
        evidence=(Evidence(chunk_id="c", start=0, end=3, quote="So."),),
        origin="extractive",
    )
    view = example_view(
        example,
        test_set="seen-docs",
        predictions=[Prediction(example_id=example.id, system="base", text="")],
        scores=[
            Score(
                example_id=example.id, system="base", metric="token_f1", value=0.0, explanation="empty answer"
            )
        ],
        metric="token_f1",
        locate={"c": ("a/b.md", Place(unit="line", first=3, last=4))},
    )
    assert view.prompt == "How?"
    assert (view.evidence[0].path, view.evidence[0].place) == ("a/b.md", "3-4")
    assert view.answers[0].explanation == "empty answer"
