"""The pages tell the truth about the program: anchors, commands, files, settings."""

import re
from pathlib import Path

import pytest

from lorewright.cli.failures import ANCHORS
from lorewright.cli.main import COMMANDS
from lorewright.core import errors

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def headings(page: Path) -> set[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    titles = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_error_leads_to_a_part_of_the_troubleshooting_page() -> None:
    there = headings(ROOT / "docs" / "troubleshooting.md")
    assert set(ANCHORS.values()) <= there
    raised = {getattr(errors, name) for name in errors.__all__} - {errors.LoreError, errors.DeployError}
    assert raised <= set(ANCHORS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        linked = page.parent / name if name else page
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in headings(linked), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_named_on_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    spans = re.findall(r"`lore ([^`]*)`", text) + re.findall(r"^lore (.+)$", text, flags=re.M)
    for span in spans:
        words = re.sub(r"-C \S+|--log-level \S+", "", span).split()
        verbs = [word for word in words if re.fullmatch(r"[a-z]+", word)]
        first = words[0] if words else ""
        if re.fullmatch(r"[a-z]+", first):
            assert first in COMMANDS, f"{page.name}: lore {span}"
            if "stages" in span or span.startswith("ingest chunk"):
                assert set(verbs) <= set(COMMANDS)


def test_the_readme_lists_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text[text.index("## Commands") : text.index("## From Python")]
    assert set(COMMANDS) <= set(re.findall(r"[a-z]+", table))


def test_the_readme_names_the_targets_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, flags=re.M)
    assert "make check" in ci
    assert "make test" in ci


def test_the_version_stands_once_more_in_the_package() -> None:
    import tomllib

    import lorewright

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == lorewright.__version__
