"""probe: the index asked about itself and with the user's questions, end to end on a made-up handbook."""

import json
import math
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from lorewright.core.records import Run
from lorewright.core.workspace import Workspace
from lorewright.stages import probe
from lorewright.stages.quality_report import quality_report

Lore = Callable[..., CompletedProcess[str]]

SETTINGS = """\
[project]
name = "Handbook"

[[sources]]
path = "handbook"

[ingest]
workers = 0
"""
THINGS = ("valve", "pump", "meter", "gauge", "filter", "motor", "sensor", "relay", "cable", "pipe")
ACTS = ("cleaning", "mounting", "testing", "storing")
DIMENSION = 64


def section(number: int) -> str:
    thing, act = THINGS[number // len(ACTS)], ACTS[number % len(ACTS)]
    return (
        f"## The {act} of a {thing}\n\n"
        f"Before anything is done, part {number} is taken out of the rack and laid on the bench with care.\n"
        f"For {act}, tool number {number * 7 + 11} is used on every {thing}, and the work takes {number + 3} minutes.\n"
        f"Afterwards the {thing} is entered in the book under the letter {chr(ord('A') + number % 26)}.\n\n"
    )


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    """A project of ten pages with four sections each."""
    folder = tmp_path / "project"
    (folder / "handbook").mkdir(parents=True)
    for place, thing in enumerate(THINGS):
        sections = "".join(section(place * len(ACTS) + number) for number in range(len(ACTS)))
        (folder / "handbook" / f"{thing}.md").write_text(f"# Handbook page {place}\n\n{sections}")
    (folder / "lore.toml").write_text(SETTINGS)
    return folder


QUESTIONS: list[dict[str, Any]] = [
    {"question": "Which tool do I need to clean a pump?", "path": "pump.md", "lines": [5, 6]},
    {
        "question": "Where is a tested relay entered?",
        "path": "handbook/relay.md",
        "quote": "entered in the book",
    },
    {"question": "How long does storing a cable take?", "path": "gone.md", "lines": [1, 2]},
    {"question": "How long does mounting a pipe take?", "path": "pipe.md", "lines": [900, 901]},
    {"question": "Who bakes the bread?", "answerable": False},
    {"question": "Which holidays does the kitchen keep?", "answerable": False},
]


def ask_with(folder: Path, questions: list[dict[str, Any]]) -> None:
    (folder / "questions.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in questions))


def runs(folder: Path) -> dict[str, set[str]]:
    base = folder / ".lore" / "runs"
    return {stage.name: {run.name for run in stage.iterdir()} for stage in base.iterdir()}


def indexed(lore: Lore, folder: Path, *options: str) -> tuple[Workspace, Run, Run]:
    done = lore("index", *options, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    workspace = Workspace(folder)
    index_run, probe_run = workspace.newest("index"), workspace.newest("probe")
    assert index_run is not None
    assert probe_run is not None
    return workspace, index_run, probe_run


def test_an_index_is_asked_for_each_of_its_sections_and_learns_when_to_refuse(
    lore: Lore, handbook: Path
) -> None:
    workspace, index_run, run = indexed(lore, handbook)
    found = probe.quality_of(workspace, run)
    assert len(found.outcomes) == 40
    assert {(one.sort, one.mode, one.source) for one in found.outcomes} == {
        ("heading", "full-text", "handbook")
    }
    assert found.passages == index_run.metrics["passages"]
    cleaned = next(
        one for one in found.outcomes if one.question.startswith("How does The cleaning of a pump work")
    )
    assert cleaned.where == "pump.md:1-7"
    # The headings are gone, the sections' own words are not.
    assert run.metrics["recall_at_5"]["heading"] > 0.8
    learned = probe.evidence_of(workspace, index_run)
    assert learned is not None
    assert learned.questions == 40
    assert run.metrics["min_evidence"] == pytest.approx(learned.threshold, abs=1e-4)
    assert (found.support, found.refused) == ({}, None)


def test_questions_of_the_user_are_asked_or_lost_and_the_rest_has_no_answer(
    lore: Lore, handbook: Path
) -> None:
    ask_with(handbook, QUESTIONS)
    workspace, index_run, run = indexed(lore, handbook)
    found = probe.quality_of(workspace, run)
    yours = found.of("yours", "full-text")
    report = quality_report(workspace, index_run, run)
    assert report.yours is not None
    assert (report.yours.questions, report.yours.found, report.yours.lost) == (4, 2, 2)
    assert report.yours.questions == sum("path" in one for one in QUESTIONS)
    assert (report.refusal.answered, report.refusal.unanswered) == (4, 2)
    by_question = {one.question: one for one in yours}
    assert [by_question[one["question"]].lost for one in QUESTIONS[:4]] == [False, False, True, True]
    tool = by_question[QUESTIONS[0]["question"]]
    assert (tool.rank, tool.where, tool.found) == (1, "pump.md:5-6", tool.found)
    assert tool.found.startswith("pump.md:")
    assert set(found.support) == {one["question"] for one in QUESTIONS}
    assert found.support["Who bakes the bread?"] < min(
        found.support[one["question"]] for one in QUESTIONS[:2]
    )
    assert found.refused is not None
    assert found.refused == report.refusal.yours


def test_only_probe_runs_again_when_questions_are_edited(lore: Lore, handbook: Path) -> None:
    indexed(lore, handbook)
    before = runs(handbook)
    ask_with(handbook, QUESTIONS[:1])
    _, _, first = indexed(lore, handbook)
    after = runs(handbook)
    assert {stage for stage in after if after[stage] != before[stage]} == {"probe"}
    assert first.metrics["questions"] == {"heading": 40, "yours": 1}
    ask_with(handbook, QUESTIONS[:2])
    indexed(lore, handbook)
    assert len(runs(handbook)["probe"]) == 3
    ask_with(handbook, QUESTIONS[:1])
    _, _, again = indexed(lore, handbook)
    assert again == first
    assert len(runs(handbook)["probe"]) == 3


def test_a_changed_document_makes_the_index_answer_anew(lore: Lore, handbook: Path) -> None:
    ask_with(handbook, QUESTIONS[2:3])
    workspace, first_index, first = indexed(lore, handbook)
    (handbook / "handbook" / "gone.md").write_text("# Cables\n\nStoring a cable takes an hour.\n")
    _, second_index, second = indexed(lore, handbook)
    (before,), (after,) = (
        probe.quality_of(workspace, run).of("yours", "full-text") for run in (first, second)
    )
    assert (before.lost, after.lost, after.rank) == (True, False, 1)
    assert probe.run_of(workspace, first_index) == first
    assert probe.run_of(workspace, second_index) == second


@pytest.mark.parametrize("command", ["index", "status", "run"])
def test_a_line_that_is_no_question_is_named(lore: Lore, handbook: Path, command: str) -> None:
    indexed(lore, handbook)
    (handbook / "questions.jsonl").write_text(
        '{"question": "How?", "path": "pump.md"}\n{"question": "How?"}\n'
    )
    done = lore(command, cwd=handbook)
    assert done.returncode == 2
    assert "questions.jsonl:2 is no question: an answerable question names the `path`" in done.stderr
    assert " next: " in done.stderr


def test_few_sections_are_asked_for_but_nothing_is_learned_of_them(lore: Lore, project: Path) -> None:
    ask_with(project, [{"question": "Who bakes the bread?", "answerable": False}])
    workspace, index_run, run = indexed(lore, project)
    assert 0 < run.metrics["questions"]["heading"] < 30
    assert run.metrics["min_evidence"] is None
    assert probe.evidence_of(workspace, index_run) is None
    answer = json.loads(lore("ask", "Who bakes the bread?", "--json", cwd=project).stdout)
    assert not answer.get("refused")


def test_an_index_without_sections_is_asked_the_users_questions_alone(lore: Lore, handbook: Path) -> None:
    ask_with(handbook, QUESTIONS)
    workspace, index_run, run = indexed(lore, handbook, "--set", "probe.sections=0")
    report = quality_report(workspace, index_run, run)
    assert report.headings is None
    assert report.yours is not None
    assert report.yours.questions == 4
    assert (report.refusal.threshold, report.refusal.curve) == (None, ())


def test_an_empty_index_is_asked_nothing_that_it_could_find(lore: Lore, handbook: Path) -> None:
    ask_with(handbook, QUESTIONS)
    _, _, run = indexed(lore, handbook, "--set", 'index.exclude_kinds=["markdown"]')
    assert run.metrics["questions"] == {"yours": 4}
    assert run.metrics["recall_at_5"] == {"yours": 0.0}


def test_fewer_passages_are_whole_documents_and_the_same_each_time(lore: Lore, handbook: Path) -> None:
    workspace, index_run, run = indexed(lore, handbook, "--set", "probe.max_passages=20")
    found = probe.quality_of(workspace, run)
    assert 10 < found.passages <= 20 < index_run.metrics["passages"]
    asked = {one.path for one in found.outcomes}
    counts = [sum(one.path == path for one in found.outcomes) for path in asked]
    assert counts == [4] * len(counts)


def vector_of(text: str) -> list[float]:
    """Return a bag of hashed words: near for texts that share words."""
    vector = [0.0] * DIMENSION
    for word in re.findall(r"\w+", text.casefold()):
        vector[zlib.crc32(word.encode()) % DIMENSION] += 1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector] if any(vector) else [1.0, *vector[1:]]


class Words(BaseHTTPRequestHandler):
    """Embeds texts by their words, and keeps what it was shown."""

    shown: list[str]

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["content-length"])))["input"]
        self.shown.extend(texts)
        told = {"data": [{"index": place, "embedding": vector_of(text)} for place, text in enumerate(texts)]}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object, **__: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def embedding(handbook: Path) -> Iterator[list[str]]:
    """The handbook's index has an embedder behind a server; the texts that it was shown."""
    shown: list[str] = []
    handler = type("Handler", (Words,), {"shown": shown})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings = handbook / "lore.toml"
        settings.write_text(
            f'{settings.read_text()}\n[index]\nembedder = "office/words"\n\n'
            f'[providers.office]\nbase_url = "http://127.0.0.1:{server.server_port}/v1"\n'
        )
        yield shown
        server.shutdown()
        thread.join()


def test_an_index_with_vectors_is_asked_in_every_mode_and_learns_from_words_and_meaning(
    lore: Lore, handbook: Path, embedding: list[str]
) -> None:
    ask_with(handbook, QUESTIONS)
    workspace, index_run, run = indexed(lore, handbook)
    report = quality_report(workspace, index_run, run)
    assert report.mode == "hybrid"
    for asked, count in ((report.headings, 40), (report.yours, 4)):
        assert asked is not None
        assert {mode: one.questions for mode, one in asked.modes.items()} == dict.fromkeys(
            ("hybrid", "dense", "full-text"), count
        )
    learned = probe.evidence_of(workspace, index_run)
    assert learned is not None
    assert len(learned.weights) == 2
    # A passage whose heading is gone is another text; no text is embedded for nothing.
    passages = [text for text in embedding if "taken out of the rack" in text]
    assert len(passages) == len(set(passages)) == 80
    assert sum("## The" in text for text in passages) == 40


def test_new_questions_embed_no_passage_of_the_index_again(
    lore: Lore, handbook: Path, embedding: list[str]
) -> None:
    _, index_run, _ = indexed(lore, handbook)
    embedding.clear()
    ask_with(handbook, QUESTIONS)
    _, after, run = indexed(lore, handbook)
    assert after == index_run
    assert run.metrics["questions"] == {"heading": 40, "yours": 4}
    assert not any("## The" in text for text in embedding)


def test_an_evaluation_tells_of_the_index_it_searched_and_asks_new_questions_of_the_same_model(
    lore: Lore, trained: Path
) -> None:
    evaluated = json.loads(lore("show", "evaluate", "--json", cwd=trained).stdout)
    asked = json.loads(lore("show", "probe", "--json", cwd=trained).stdout)
    folder = trained / ".lore" / "runs" / "evaluate" / evaluated["id"]
    page = (folder / "report.html").read_text()
    assert 'id="retrieval"' in page
    assert f"probe/{asked['id']}" in page
    told = json.loads((folder / "figures.json").read_text())["retrieval"]
    assert told["tables"][0]["rows"][0]["questions"] == asked["metrics"]["questions"]["heading"]
    ask_with(trained, [{"question": "Who bakes the bread?", "answerable": False}])
    states = {row["stage"]: row["state"] for row in json.loads(lore("status", "--json", cwd=trained).stdout)}
    assert (states["probe"], states["dataset"]) == ("stale", "stale")
    assert lore("dataset", cwd=trained).returncode == 0
    states = {row["stage"]: row["state"] for row in json.loads(lore("status", "--json", cwd=trained).stdout)}
    assert (states["train"], states["evaluate"]) == ("up to date", "stale")


def test_questions_that_are_not_utf_8_are_an_error_that_names_the_file(lore: Lore, handbook: Path) -> None:
    (handbook / "questions.jsonl").write_bytes(b'{"question": "caf\xe9"}\n')
    done = lore("index", cwd=handbook)
    assert done.returncode != 0
    assert "questions.jsonl cannot be read" in done.stderr


def test_the_current_run_is_asked_for_the_threshold_though_another_was_finished_later(
    lore: Lore, handbook: Path
) -> None:
    workspace = Workspace(handbook)
    assert lore("index", cwd=handbook).returncode == 0
    index_run = workspace.newest("index")
    assert index_run is not None
    first = probe.run_of(workspace, index_run)
    assert lore("index", "--set", "probe.sections=0", cwd=handbook).returncode == 0
    assert lore("index", cwd=handbook).returncode == 0
    assert probe.run_of(workspace, index_run) == first
