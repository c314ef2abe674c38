"""The report of a curation: what it holds, and the one HTML file that shows it."""

from lorewright.core.records import Example, Record
from lorewright.curation.coverage import Coverage
from lorewright.curation.edge_cases import EDGE
from lorewright.curation.turns import answer
from lorewright.pages.funnel import FunnelStep
from lorewright.pages.render import environment

_LEVELS = {"document": "documents", "section": "sections", "symbol": "classes and functions"}


class EdgeCase(Record):
    """An example that a person should see before others, and why."""

    id: str
    task: str
    why: str
    question: str
    answer: str


class CurateReport(Record):
    """What became of candidates.

    Attributes:
        steps: What came into generate and curate, stayed, and was left out, with ten examples of each reason.
        by_task: Examples that stayed, by task.
        accepted: How many of them a person accepted or edited.
        edge_cases: Those a person should see before others.
        coverage: What the examples are about, with the largest gaps.
        gaps: How many gaps there are in all.
        judged: What the judge's scores are worth, in one line; empty where none was asked.
    """

    steps: tuple[FunnelStep, ...]
    by_task: dict[str, int]
    accepted: int = 0
    edge_cases: tuple[EdgeCase, ...] = ()
    coverage: Coverage
    gaps: int
    judged: str = ""


def edge_case(example: Example) -> EdgeCase:
    """Return what is shown of an edge case."""
    return EdgeCase(
        id=example.id,
        task=example.task,
        why=str(example.metadata.get(EDGE, "")),
        question=example.prompt,
        answer=answer(example),
    )


def level_words(level: str) -> str:
    """Return what the units of a level are called, in the plural."""
    return _LEVELS[level]


def render(report: CurateReport) -> str:
    """Return the report as an HTML page that loads nothing; everything from outside is escaped."""
    templates = environment("lorewright.curation")
    templates.filters.update(level=level_words)
    return templates.get_template("curation.html.j2").render(report=report)
