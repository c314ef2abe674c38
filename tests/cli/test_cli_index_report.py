"""`lore index` tells how well the index finds things; `--report` says what it misses and when it refuses."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]
PAGES = ("valve", "pump", "meter", "gauge", "filter", "motor", "sensor", "relay", "cable", "pipe")
PARTS = ("Cleaning", "Mounting", "Testing", "Storing")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _page(place: int, name: str) -> str:
    sections = "".join(
        f"## {part} the {name}\n\n"
        f"Part {place * 4 + number} of the rack is laid on the bench before anything else is done with it.\n"
        f"For {part.lower()} the {name} tool {place * 4 + number + 11} is used, and it takes {number + 3} minutes.\n"
        "Afterwards it is oiled with care, put back, and entered in the book by the one who did it.\n\n"
        for number, part in enumerate(PARTS)
    )
    return f"# Page {place}\n\n{sections}"


@pytest.fixture(scope="module")
def handbook_once(tmp_path_factory: pytest.TempPathFactory, lore: Lore) -> Path:
    folder = tmp_path_factory.mktemp("handbook")
    for place, name in enumerate(PAGES):
        _write(folder / ("wiki" if place % 2 else "handbook") / f"{name}.md", _page(place, name))
    _write(
        folder / "lore.toml",
        '[project]\nname = "Handbook"\n\n[[sources]]\npath = "handbook"\n\n[[sources]]\npath = "wiki"\n\n'
        "[ingest]\nworkers = 0\n",
    )
    done = lore("index", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def handbook(handbook_once: Path, tmp_path: Path) -> Path:
    """An indexed project of two sources with forty sections and no questions of the user's."""
    return Path(shutil.copytree(handbook_once, tmp_path / "project"))


QUESTIONS: list[dict[str, Any]] = [
    {"question": "Which tool is it for mounting the pump?", "path": "pump.md", "lines": [7, 7]},
    {"question": "How long does it take [bold]to oil\x1b[31m a motor?", "path": "motor.md", "lines": [1, 99]},
    {"question": "How are sausages made?", "path": "kitchen.md", "lines": [1, 2]},
    {"question": "Who bakes the bread?", "answerable": False},
]


def ask_with(folder: Path, questions: list[dict[str, Any]]) -> None:
    (folder / "questions.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in questions))


def report(lore: Lore, folder: Path, *options: str) -> str:
    done = lore("index", "--report", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def report_json(lore: Lore, folder: Path, *options: str) -> Any:
    return json.loads(report(lore, folder, "--json", *options))


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_index_tells_of_the_index_and_of_how_well_it_finds_things(lore: Lore, project: Path) -> None:
    lines = lore("index", cwd=project).stdout.splitlines()
    assert [line.split()[1] for line in lines[:4]] == ["ingest", "chunk", "index", "probe"]
    assert "recall@5" in lines[3]
    assert lines[-1].startswith("next: lore ask")
    assert "lore index --report" in lines[-1]


def test_a_dry_run_shows_the_way_to_the_figures_and_runs_nothing(lore: Lore, project: Path) -> None:
    done = lore("index", "--dry-run", "--json", cwd=project)
    assert [row["stage"] for row in json.loads(done.stdout)] == ["ingest", "chunk", "index", "probe"]
    assert not (project / ".lore" / "runs").exists()


def test_json_without_a_report_is_the_run_of_the_index(lore: Lore, handbook: Path) -> None:
    run = json.loads(lore("index", "--json", cwd=handbook).stdout)
    assert run == json.loads(lore("show", "latest/index", "--json", cwd=handbook).stdout)


def test_the_report_as_json_is_counted_from_the_outcomes_of_probe(lore: Lore, handbook: Path) -> None:
    ask_with(handbook, QUESTIONS)
    told = report_json(lore, handbook)
    quality = json.loads(lore("cat", "probe", "--file", "quality", cwd=handbook).stdout)
    assert told["probe_run"] == json.loads(lore("show", "probe", "--json", cwd=handbook).stdout)["id"]
    for name, sort in (("headings", "heading"), ("yours", "yours")):
        ranks = [one["rank"] for one in quality["outcomes"] if one["sort"] == sort]
        counted = told[name]["modes"]["full-text"]
        assert counted["questions"] == told[name]["questions"] == len(ranks)
        for k in (1, 3, 5, 10):
            found = sum(rank is not None and rank <= k for rank in ranks)
            assert counted["recall"][str(k)] == pytest.approx(found / len(ranks))
        assert counted["mrr"] == pytest.approx(sum(1 / rank for rank in ranks if rank) / len(ranks))
    by_source = told["headings"]["sources"]
    assert {name: one["questions"] for name, one in by_source.items()} == {"handbook": 20, "wiki": 20}
    assert (told["yours"]["found"], told["yours"]["lost"]) == (2, 1)
    assert (told["refusal"]["answered"], told["refusal"]["unanswered"]) == (3, 1)
    chosen = [one for one in told["refusal"]["curve"] if one["chosen"]]
    assert [one["threshold"] for one in chosen] == [told["refusal"]["threshold"]]
    assert told["refusal"]["yours"] == chosen[0]["yours"]


def test_the_report_shows_figures_misses_and_refusals_on_a_narrow_terminal(
    lore: Lore, handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ask_with(handbook, QUESTIONS)
    shown = report(lore, handbook)
    told = report_json(lore, handbook)
    assert max(map(len, shown.splitlines())) <= 80
    assert "the heading is removed from what is searched" in one_line(shown)
    for asked in (told["headings"], told["yours"]):
        one = asked["modes"]["full-text"]
        figures = [f"{one['recall'][k]:.2f}" for k in ("1", "3", "5", "10")]
        row = ["full-text", str(one["questions"]), *figures, f"{one['mrr']:.2f}"]
        assert row in [line.split() for line in shown.splitlines()]
    assert "full-text, by source" in shown
    assert "by kind" not in shown, "one kind is no group"
    threshold = told["refusal"]["threshold"]
    assert f"less evidence than {threshold:.2f} is refused" in one_line(shown)
    (marked,) = [line for line in shown.splitlines() if line.startswith("→")]
    chosen = next(one for one in told["refusal"]["curve"] if one["chosen"])
    assert marked.split() == [
        "→",
        f"{threshold:.3f}",
        f"{chosen['sections']['false_refusals']:.0%}",
        f"{chosen['sections']['refusals']:.0%}",
        f"{chosen['yours']['false_refusals']:.0%}",
        f"{chosen['yours']['refusals']:.0%}",
    ]
    assert "of the 1 without an answer and" in one_line(shown)


def test_a_lost_question_says_that_its_place_is_to_be_checked(lore: Lore, handbook: Path) -> None:
    ask_with(handbook, QUESTIONS)
    shown = report(lore, handbook)
    assert "1 of 3 name a place that is in no passage" in one_line(shown)
    misses = shown[shown.index("worst misses") :].splitlines()
    assert misses[1].split(maxsplit=1) == ["lost", "How are sausages made?"]
    assert misses[2].strip() == "stands in kitchen.md:1-2 in no passage: check the path and lines".replace(
        ":1-2 ", ":1-2  "
    )


def test_what_a_question_says_is_neither_markup_nor_terminal_control(lore: Lore, handbook: Path) -> None:
    ask_with(
        handbook, [{"question": "Who said [red]no\x1b[2J[/red]?", "path": "[b]x\x1b[1m.md", "lines": [1, 2]}]
    )
    shown = report(lore, handbook)
    assert "\x1b" not in shown
    assert "Who said [red]no[2J[/red]?" in shown
    assert "[b]x[1m.md:1-2" in shown


def test_without_questions_the_report_says_how_to_write_one_and_why(lore: Lore, handbook: Path) -> None:
    shown = report(lore, handbook)
    (example,) = [line for line in shown.splitlines() if '"path"' in line]
    _, _, rest = shown.partition("your questions questions.jsonl")
    assert "only questions in the words of those who ask tell how often they will be answered" in one_line(
        rest
    )
    assert "Write them into questions.jsonl beside lore.toml" in one_line(rest)
    # What is shown can be copied.
    (handbook / "questions.jsonl").write_text(example.strip() + "\n")
    assert report_json(lore, handbook)["yours"]["lost"] == 1


def test_questions_without_an_answer_alone_still_ask_for_others(lore: Lore, handbook: Path) -> None:
    ask_with(handbook, QUESTIONS[3:])
    shown = one_line(report(lore, handbook))
    assert "1 without an answer, none with one" in shown
    assert "of the 1 without an answer." in shown


def test_few_sections_are_said_to_be_too_few_to_learn_from(lore: Lore, project: Path) -> None:
    shown = one_line(report(lore, project))
    assert "Nothing is refused: it takes 30 questions made from headings" in shown
    told = report_json(lore, project)
    assert told["headings"]["questions"] < 30
    assert (told["refusal"]["threshold"], told["refusal"]["curve"]) == (None, [])


def test_without_sections_the_report_says_so(lore: Lore, handbook: Path) -> None:
    shown = one_line(report(lore, handbook, "--set", "probe.sections=0"))
    assert (
        "None: no section of prose has a heading and enough text below it, or probe.sections is 0." in shown
    )
    assert "worst misses" not in shown


def test_a_threshold_of_the_settings_is_told_and_what_it_does(lore: Lore, handbook: Path) -> None:
    ask_with(handbook, QUESTIONS)
    shown = one_line(report(lore, handbook, "--set", "ask.min_evidence=1.0"))
    assert "lore.toml outranks it: ask.min_evidence is 1.00." in shown
    assert "Of your questions it refuses 100% of the 1 without an answer and 100% of the 3 with one." in shown
    assert report_json(lore, handbook, "--set", "ask.min_evidence=0")["refusal"]["yours"]["refusals"] == 0.0


def test_a_part_of_the_passages_is_said_to_be_one(lore: Lore, handbook: Path) -> None:
    told = report_json(lore, handbook, "--set", "probe.max_passages=20")
    shown = one_line(report(lore, handbook, "--set", "probe.max_passages=20"))
    assert f"in {told['searched']} of the passages (probe.max_passages)" in shown


def test_settings_of_one_command_are_laid_over_the_file(lore: Lore, handbook: Path) -> None:
    told = report_json(lore, handbook, "--set", "probe.sections=31")
    assert told["headings"]["questions"] == 31


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("show", "probe"),
        ("cat", "probe"),
        ("cat", "probe", "--file", "evidence"),
        ("show", "latest/probe"),
    ],
)
def test_the_other_commands_know_of_it(lore: Lore, handbook: Path, arguments: tuple[str, ...]) -> None:
    done = lore(*arguments, cwd=handbook)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_only_stages_with_a_report_have_the_option(lore: Lore, project: Path) -> None:
    done = lore("chunk", "--report", cwd=project)
    assert done.returncode == 2
    assert "No such option" in done.stderr
