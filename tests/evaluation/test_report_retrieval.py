"""What the report shows of retrieval: figures, what thresholds refuse, the worst misses."""

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lorewright.evaluation.line_plots import trade_plot
from lorewright.evaluation.report import render
from lorewright.evaluation.report_data import (
    MissView,
    RecallRow,
    RecallTable,
    ReportData,
    RetrievalView,
    TradeLine,
    figures,
)

VIEW = RetrievalView(
    run="0123456789abcdef",
    notes=("Headings are removed.",),
    tables=(
        RecallTable(
            "Questions made from headings",
            "mode",
            (
                RecallRow("hybrid", 1200, {1: 0.5, 3: 0.625, 5: 0.75, 10: 0.875}, 0.61),
                RecallRow("full-text", 1200, {1: 0.4, 3: 0.5, 5: 0.6, 10: 0.7}, 0.5),
            ),
        ),
    ),
    misses=(
        MissView("Why <b>so</b> hot?", "not found", f"guide/{'very-long-name-' * 12}.md:1-2", "faq.md:7"),
        MissView("Where is it?", "lost", "gone.md:1-2", ""),
    ),
    threshold=0.25,
    chosen=(0.1, 0.5),
    trades=(
        TradeLine("questions made from headings", ((0.1, 0.5), (0.2, 0.75))),
        TradeLine("your questions", ((0.0, 0.25), (0.2, 1.0))),
    ),
    refusals=("Of your questions it refuses 25% of the 8 without an answer.",),
)


@pytest.fixture
def with_retrieval(report_data: ReportData) -> ReportData:
    return replace(report_data, retrieval=VIEW)


def section(page: str) -> str:
    found = re.search(r'<section id="retrieval".*?</section>', page, re.DOTALL)
    return found.group() if found else ""


def test_a_report_without_a_probe_has_no_section(report_data: ReportData) -> None:
    assert section(render(report_data)) == ""


def test_the_section_shows_figures_misses_and_the_run_they_are_from(with_retrieval: ReportData) -> None:
    shown = section(render(with_retrieval))
    cells = [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr>.*?</tr>", shown, re.DOTALL)]
    assert cells[0] == ["Mode", "questions", "recall@1", "recall@3", "recall@5", "recall@10", "MRR"]
    assert cells[1] == ["hybrid", "1,200", "0.50", "0.62", "0.75", "0.88", "0.61"]
    assert cells[2] == ["full-text", "1,200", "0.40", "0.50", "0.60", "0.70", "0.50"]
    for told in ("probe/0123456789abcdef", "Headings are removed.", "Below 0.25 evidence", *VIEW.refusals):
        assert told in shown
    lost = shown[shown.index("Where is it?") :]
    assert "gone.md:1-2</code>, which is in no passage: check the path and lines" in lost
    assert "nothing: no passage has a word of it" in lost
    assert shown.count("in no passage") == 1


def test_what_questions_say_is_escaped(with_retrieval: ReportData) -> None:
    shown = section(render(with_retrieval))
    assert "Why &lt;b&gt;so&lt;/b&gt; hot?" in shown
    assert "<b>so" not in shown


def test_without_a_threshold_there_is_no_plot(report_data: ReportData) -> None:
    bare = replace(VIEW, threshold=None, chosen=None, trades=(), misses=(), refusals=("Nothing is refused.",))
    shown = section(render(replace(report_data, retrieval=bare)))
    assert "<svg" not in shown
    assert "worst misses" not in shown
    assert "Nothing is refused." in shown


def test_the_plot_goes_from_nothing_refused_and_marks_the_threshold() -> None:
    plot = trade_plot(VIEW)
    assert plot is not None
    assert (plot.right.low, plot.right.high, plot.up.low, plot.up.high) == (0.0, 0.2, 0.0, 1.0)
    first, second, dot = re.findall(r'<path class="([^"]+)" d="([^"]+)"', plot.svg)
    assert first == ("training", "M0.00 100.00 L50.00 50.00 L100.00 25.00")
    assert second == ("held-out", "M0.00 100.00 L0.00 75.00 L100.00 0.00")
    assert dot == ("chosen dot", "M50.00 50.00h0")


def test_thresholds_that_refuse_nothing_wrongly_still_make_a_plot() -> None:
    plot = trade_plot(replace(VIEW, trades=(TradeLine("sections", ((0.0, 0.5),)),), chosen=None))
    assert plot is not None
    assert "chosen" not in plot.svg
    assert plot.right.low <= 0.0 < plot.right.high


def test_the_figures_are_json(with_retrieval: ReportData) -> None:
    told = json.loads(json.dumps(figures(with_retrieval), allow_nan=False))["retrieval"]
    assert told["tables"][0]["rows"][0]["recall"] == {"1": 0.5, "3": 0.625, "5": 0.75, "10": 0.875}
    assert told["misses"][1]["fate"] == "lost"


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 1280])
def test_a_browser_shows_the_section_at_any_width(
    with_retrieval: ReportData, tmp_path: Path, width: int
) -> None:
    chromium = shutil.which("chromium")
    if chromium is None and os.environ.get("LORE_REQUIRE_BROWSER") != "1":
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    path = tmp_path / "report.html"
    path.write_text(render(with_retrieval), encoding="utf-8")
    with sync_playwright() as playwright:
        browser: Any = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(path.as_uri())
        page.locator("#retrieval summary").click()
        assert page.locator("#retrieval .misses li").count() == 2
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        chart, plot = (page.locator(f"#retrieval {one}").bounding_box() for one in ("figure", "svg.curve"))
        assert chart["x"] <= plot["x"]
        assert plot["x"] + plot["width"] <= chart["x"] + chart["width"] <= width
        browser.close()
