"""The report in a real browser: light and dark, at the desk and on a phone, by keyboard, on paper."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

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

pytestmark = pytest.mark.browser

RETRIEVAL = RetrievalView(
    run="0123456789abcdef",
    notes=("Headings are removed.",),
    tables=(RecallTable("Your questions", "mode", (RecallRow("hybrid", 1200, {1: 0.5, 3: 0.625}, 0.61),)),),
    misses=(MissView("Why so hot?", "not found", f"guide/{'very-long-name-' * 12}.md:1-2", "faq.md:7"),),
    threshold=0.25,
    chosen=(0.1, 0.5),
    trades=(TradeLine("questions made from headings", ((0.1, 0.5), (0.2, 0.75))),),
    refusals=("Of your questions it refuses 25% of the 8 without an answer.",),
)
EVERY_WAY = pytest.mark.parametrize(
    ("scheme", "width"), [("light", 390), ("light", 1280), ("dark", 390), ("dark", 1280)]
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if chromium is None and os.environ.get("LORE_REQUIRE_BROWSER") != "1":
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def path(rich_report: ReportData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("report") / "report.html"
    written.write_text(render(replace(rich_report, retrieval=RETRIEVAL)), encoding="utf-8")
    return written


@EVERY_WAY
def test_the_page_fits_and_asks_for_nothing(browser: Any, path: Path, scheme: str, width: int) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert requests == [path.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background, ink = (
        page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("backgroundColor", "color")
    )
    assert luminance(background) < 60 if scheme == "dark" else luminance(background) > 230
    assert abs(luminance(background) - luminance(ink)) > 150
    dot = page.locator("svg.interval circle").first.bounding_box()
    assert 0 <= dot["x"] <= width
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_long_names_widen_no_page(browser: Any, rich_report: ReportData, tmp_path: Path, width: int) -> None:
    long = f"office/{'a-model-with-a-name-' * 6}"
    told = json.dumps(figures(rich_report)).replace(': "base"', f': "{long}"').replace('"qa"', f'"{long}"')
    told = told.replace("timeout_error", "timeout_" * 12).replace("Flow <img", f"{'Flow' * 30} <img")
    written = tmp_path / "report.html"
    written.write_text(render(TypeAdapter(ReportData).validate_json(told)), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(written.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.locator("nav").inner_text().count(long) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for box in ("table.plot", ".verdict", "figure.panel"):
        for found in page.locator(box).all():
            assert found.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), box
    page.close()


@EVERY_WAY
def test_axe_finds_no_fault(browser: Any, path: Path, scheme: str, width: int) -> None:
    if os.environ.get("LORE_REQUIRE_BROWSER") != "1":
        pytest.importorskip("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    # The page's own policy forbids scripts, axe's too.
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page)
    assert found.response["passes"]
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_filters_work_by_keyboard_and_together(browser: Any, path: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    examples = page.locator(".example")
    total = examples.count()

    def shown() -> int:
        return sum(examples.nth(place).is_visible() for place in range(total))

    assert shown() == total
    page.locator("#f0-all").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#f0-0").is_checked()
    label = page.locator("label:has(#f0-0)").inner_text().split()
    assert label[:-1] == ["tuned", "wins"]
    assert 0 < shown() == int(label[-1]) < total
    assert page.locator(".example .tag.wins:visible").count() == shown()
    first = shown()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("#f1-0").is_checked()
    both = shown()
    assert both <= first
    tasks = set(page.locator(".example:visible header strong").all_inner_texts())
    assert tasks <= {page.locator("label:has(#f1-0)").inner_text().split()[0]}
    counted = page.evaluate("getComputedStyle(document.querySelector('.shown'), '::before').content")
    assert counted == "counter(shown)"
    page.close()


def test_every_control_is_reached_and_seen_by_keyboard(browser: Any, path: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(path.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the verdict"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.locator("#f0-all").focus()
    page.keyboard.press("ArrowRight")
    outline = page.evaluate("getComputedStyle(document.querySelector('#f0-0 + span')).outlineStyle")
    assert outline == "solid"
    page.close()


def test_paper_has_the_whole_report_and_no_controls(browser: Any, path: Path) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    assert not page.locator(".filters").is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator("details .figures td").first.is_visible()
    page.close()


def test_a_drawing_says_in_words_what_it_shows(browser: Any, path: Path) -> None:
    page = browser.new_page()
    page.goto(path.as_uri())
    drawings = page.locator("svg[role=img]")
    assert drawings.count() >= 5
    for place in range(drawings.count()):
        assert drawings.nth(place).locator("title").text_content()
    assert page.locator("svg:not([role=img]):not([aria-hidden=true])").count() == 0
    page.close()


def luminance(colour: str) -> float:
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
