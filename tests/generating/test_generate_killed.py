"""`lore generate` killed at any moment: the same examples in the end, and no answer paid for twice."""

import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from generated_project import Project, check, kept_texts, lines, page, wait_until  # type: ignore[import-not-found]

SERVER = Path(__file__).parents[1] / "llm" / "scripted_http.py"
CONCURRENCY = 4
KILLS = 20
PAGES = 60
PROMPTS = 3 * PAGES
LATENCY_S = 0.04
_DIGEST = re.compile(r"\b([0-9a-f]{12})-\d")


class CountingServer:
    """A server in a process of its own, which writes down what it is asked before it answers."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "asked.jsonl"
        command = [
            sys.executable, SERVER, "--count-file", self._path, "--after-s", LATENCY_S
        ]  # fmt: skip
        self.process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.base_url = self.process.stdout.readline().strip()

    def asked(self) -> list[str]:
        """Return the beginnings of the digests of all questions so far."""
        text = self._path.read_text() if self._path.exists() else ""
        return [str(line["digest"])[:12] for line in lines(text[: text.rfind("\n") + 1])]


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[CountingServer]:
    server = CountingServer(tmp_path)
    yield server
    server.process.kill()
    server.process.communicate()


@pytest.fixture
def many(pumps: Project, counting: CountingServer) -> Project:
    """The project with more documents, asking the counting server."""
    for number in range(PAGES - 4):
        pumps.write(f"docs/pump-{number}.md", page(f"Pump-{number}"))
    pumps.configure(counting.base_url)
    return pumps


def answered(project: Project) -> set[str]:
    """Return the beginnings of the digests of the questions whose replies are kept: they stand in the replies."""
    return {match[1] for text in kept_texts(project) if (match := _DIGEST.search(text))}


def undisturbed(project: Project, counting: CountingServer, folder: Path) -> Project:
    """Return the same project, made in one go in another workspace."""
    other = Project(folder, project.lore)
    for path in (project.folder / "docs").iterdir():
        other.write(f"docs/{path.name}", path.read_text())
    other.configure(counting.base_url)
    other.generate()
    return other


def kill_and_go_on(project: Project, counting: CountingServer) -> None:
    """Kill the command at random moments; after each, look at what was kept."""
    draw = random.Random(20)
    kept: set[str] = set()
    for _ in range(KILLS):
        before = len(counting.asked())
        process = project.start("generate")
        wanted = before + draw.randint(0, (PROMPTS - len(kept)) // 10)
        wait_until(lambda wanted=wanted: len(counting.asked()) >= wanted, process)
        time.sleep(draw.uniform(0, LATENCY_S))
        process.kill()
        process.communicate()
        this_time = counting.asked()[before:]
        kept_now = answered(project)
        assert kept_now >= kept
        assert kept.isdisjoint(this_time)
        assert len(this_time) == len(set(this_time))
        assert len(set(this_time) - kept_now) <= CONCURRENCY
        kept = kept_now
    assert len(kept) < PROMPTS


def test_a_run_killed_twenty_times_ends_as_an_undisturbed_one_and_asks_nothing_twice_that_was_kept(
    many: Project, counting: CountingServer, tmp_path: Path
) -> None:
    quiet = undisturbed(many, counting, tmp_path / "quiet")
    first = len(counting.asked())
    assert first == PROMPTS
    kill_and_go_on(many, counting)
    kept, before = answered(many), len(counting.asked())
    many.generate()
    check(many)
    again = counting.asked()[before:]
    assert len(again) == PROMPTS - len(kept)
    assert kept.isdisjoint(again)
    assert len(counting.asked()) - first - PROMPTS <= KILLS * CONCURRENCY

    assert many.run().id == quiet.run().id
    assert many.run().outputs == quiet.run().outputs
    assert many.examples() == quiet.examples()
    assert many.calls() == quiet.calls()
    assert [path.name for path in (many.workspace / "runs" / "generate").iterdir()] == [many.run().id]
