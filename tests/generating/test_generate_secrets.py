"""Secrets in documents of every kind reach no model and stand in nothing that generation writes."""

import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from generated_project import VALVES, Lore, Project  # type: ignore[import-not-found]
from planted_secrets import TOKENS, password, plant_all, private_key  # type: ignore[import-not-found]
from scripted_http import ScriptedServer  # type: ignore[import-not-found]

WINDOW = 14
"""So many characters of a secret in a row are a leak."""
PLANTED = 60
ENDINGS = {
    "markdown": "md", "markdown table": "md", "fence": "md", "rest": "rst", "python": "py", "yaml": "yaml",
    "log": "log", "json": "txt", "query": "log", "comment": "js", "sentence": "txt", "env": "txt",
    "export": "sh", "python typed": "py", "python dict": "py", "java": "java", "go": "go", "rest field": "rst",
    "toml": "toml", "ini": "txt", "log list": "log", "kubernetes": "yaml", "flag": "sh",
}  # fmt: skip
TASKS = (
    "qa", "grounded_qa", "refusal", "code_explanation", "code_completion", "code_documentation", "summary",
    "conversation", "log_analysis", "queries",
)  # fmt: skip
SENTENCE = (
    "The pump house of Ajax is inspected each spring by two people who write down what the meter shows. "
)
_PASSAGE = re.compile(r"<passage>\n(.*?)\n</passage>", re.DOTALL)
AROUND = {
    "md": f"\n\n## Inspections\n\n{SENTENCE * 5}\n",
    "rst": f"\n\nInspections\n-----------\n\n{SENTENCE * 5}\n",
    "txt": f"\n\n{SENTENCE * 5}\n",
    "log": "2024-05-01T10:00:04Z ERROR acme.pump: Ajax runs dry, stopped after 10 seconds\n" * 3,
    "py": "\n" + VALVES.partition('"""\n\n')[2],
}


def documents(seed: int) -> tuple[dict[str, str], list[str]]:
    """Return documents by path, and the 60 secrets that stand in them: in texts, titles, headings and questions."""
    draw = random.Random(seed)
    suitable = [one for one in plant_all(seed) if one.context in ENDINGS]
    chosen = draw.sample(suitable, PLANTED - 11)
    files = {}
    for number, one in enumerate(chosen):
        ending = ENDINGS[one.context]
        files[f"docs/{number}.{ending}"] = one.text + AROUND.get(ending, "")
    titles = [make(draw) for _, make in draw.sample(sorted(TOKENS.values(), key=str), 4)]
    files["docs/title.md"] = f"# Signing in with {titles[0]}\n\n{SENTENCE * 3}{AROUND['md']}"
    files["docs/heading.md"] = f"# Signing in\n\n{SENTENCE}\n\n## With {titles[1]}\n\n{SENTENCE * 5}\n"
    title = f"Signing in with {titles[2]}"
    files["docs/title.rst"] = f"{title}\n{'=' * len(title)}\n\n{SENTENCE * 3}{AROUND['rst']}"
    title = f"With {titles[3]}"
    files["docs/heading.rst"] = (
        f"Signing in\n==========\n\n{SENTENCE}\n\n{title}\n{'-' * len(title)}\n\n{SENTENCE * 5}\n"
    )
    keys = [private_key(draw), private_key(draw, "OPENSSH PRIVATE KEY", 20)]
    for number, key in enumerate(keys):
        files[f"docs/key{number}.md"] = f"# Keys of Ajax\n\n{SENTENCE * 2}\n\n```\n{key}\n```\n{AROUND['md']}"
    login = password(draw)
    files["docs/login.rst"] = (
        f"Login\n=====\n\n{SENTENCE}\n\n:db-password: {login}\n:host: db\n{AROUND['rst']}"
    )
    kinds = sorted(TOKENS)
    cells = [TOKENS[kind][1](draw) for kind in draw.sample(kinds, 2)]
    source = f"import acme\n\nclient = acme.Client('{cells[0]}')\n"
    files["docs/run.ipynb"] = json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "metadata": {}, "source": f"# Runs of Ajax\n\n{SENTENCE * 4}"},
                {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": 1},
            ],
            "metadata": {"language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    )
    files["docs/page.html"] = f"<h1>Signing in</h1><p>{SENTENCE * 4}</p><p>Paste <b>{cells[1]}</b> there.</p>"
    asked = [TOKENS[kind][1](draw) for kind in draw.sample(kinds, 2)]
    questions = [f"How often is the pump house of Ajax inspected with {value}?" for value in asked]
    lines = [json.dumps({"question": question}) for question in [*questions, questions[0]]]
    files["asked.jsonl"] = "\n".join(lines) + "\n"
    return files, [*(one.value for one in chosen), *titles, *keys, login, *cells, *asked]


def pieces(value: str) -> set[str]:
    """Return the stretches of a secret of which none may be seen; the frame of a private key is none of them."""
    lines = [line for line in value.splitlines() if not line.startswith("-----")]
    return {line[at : at + WINDOW] for line in lines for at in range(max(len(line) - WINDOW + 1, 1))}


def leaks(values: Iterable[str], texts: Iterable[str]) -> set[str]:
    """Return the secrets of which a stretch stands in some text."""
    together = "\n\n".join(texts)
    return {value for value in values if any(piece in together for piece in pieces(value))}


def written(project: Project) -> Iterator[str]:
    """Yield all that generation wrote: tables, JSON files, logs, replies."""
    for path in (project.workspace / "runs" / "generate").rglob("*"):
        if path.suffix == ".parquet":
            yield project.lore("cat", "generate", "--file", path.stem, cwd=project.folder).stdout
        elif path.is_file():
            yield path.read_text()
    for path in project.workspace.glob("replies.sqlite*"):
        yield path.read_bytes().decode("utf-8", "replace")
    for path in project.workspace.glob("*.log"):
        yield path.read_text()


@pytest.fixture(params=[106])
def planted(
    tmp_path: Path, lore: Lore, server: ScriptedServer, request: pytest.FixtureRequest
) -> tuple[Project, list[str]]:
    """A project with 60 secrets, and their values."""
    project = Project(tmp_path / "project", lore)
    files, values = documents(request.param)
    for path, text in files.items():
        project.write(path, text)
    project.configure(server.base_url, tasks=TASKS, generation='queries = ["asked.jsonl"]\nmax_failed = 1.0')
    return project, values


def test_no_secret_reaches_the_server_or_stands_in_what_is_written(
    planted: tuple[Project, list[str]], server: ScriptedServer
) -> None:
    project, values = planted
    assert len(set(values)) == PLANTED
    done = project.generate()
    assert {call.task for call in project.calls()} >= set(TASKS) - {"grounded_qa", "code_completion"}
    assert len(server.asked) > PLANTED
    assert leaks(values, (json.dumps(body, ensure_ascii=False) for body in server.bodies())) == set()
    assert leaks(values, [done.stdout, done.stderr, *written(project)]) == set()
    assert project.examples()


def test_what_was_masked_is_reported_by_kind_and_place(
    planted: tuple[Project, list[str]], server: ScriptedServer
) -> None:
    project, values = planted
    done = project.generate()
    report: list[dict[str, Any]] = json.loads(
        (project.workspace / "runs" / "generate" / project.run().id / "masked.json").read_text()
    )
    assert {key for row in report for key in row} == {"kind", "source", "path", "place"}
    files = {path.name for path in (project.folder / "docs").iterdir()}
    assert {row["path"] for row in report} >= files - {"title.md", "title.rst", "heading.md", "heading.rst"}
    assert len({row["kind"] for row in report}) >= 12
    assert sum(project.run().metrics["secrets"].values()) == len(report)
    assert "never shown to the model:" in done.stdout
    assert leaks(values, [json.dumps(report)]) == set()


@pytest.mark.parametrize("planted", [106, 109], indirect=True)
def test_no_part_of_a_secret_gets_past_the_border_of_a_passage(
    planted: tuple[Project, list[str]], server: ScriptedServer
) -> None:
    project, values = planted
    small = ("chunking.max_chars=110", "chunking.overlap_chars=20", 'chunking.strategies=["windows"]')
    done = project.generate(*(part for one in small for part in ("--set", one)))
    chunks = [chunk.text for chunk in project.chunks().values()]
    divided = [
        value
        for value in values
        if not any(value in text for text in chunks)
        and any(piece in text for piece in pieces(value) for text in chunks)
    ]
    assert len(divided) >= 5
    assert leaks(values, (json.dumps(body, ensure_ascii=False) for body in server.bodies())) == set()
    assert leaks(values, [done.stdout, done.stderr, *written(project)]) == set()


def test_passages_with_secrets_can_be_held_back_from_every_task(
    planted: tuple[Project, list[str]], server: ScriptedServer
) -> None:
    project, values = planted
    done = project.generate("--set", "generation.secrets=hold back")
    held = {one.record_id for one in project.rejections() if one.filter == "secrets"}
    holding = {chunk.id for chunk in project.chunks().values() if leaks(values, [chunk.text])}
    assert len(holding) >= PLANTED - 10
    assert held >= holding
    told = [question.prompt for question in server.asked]
    assert leaks(values, told) == set()
    shown = [one for text in told for one in _PASSAGE.findall(text)]
    assert shown
    assert not [one for one in shown if "[secret: " in one]
    assert leaks(values, [done.stdout, done.stderr, *written(project)]) == set()


def test_addresses_and_names_of_people_are_masked(served: Project, server: ScriptedServer) -> None:
    served.write(
        "docs/people.md",
        "# Who to ask about Ajax\n\nAsk anna.lindqvist@waterworks.se about Ajax; the plans of Ajax lie in "
        "/home/anna.lindqvist/plans and in C:\\Users\\anna.lindqvist\\plans of the computer beside Ajax.\n",
    )
    served.generate()
    (asked,) = [question.prompt for question in server.asked if "Who to ask about Ajax" in question.prompt]
    assert "[email]" in asked
    assert "lindqvist" not in asked
    assert served.run().metrics["secrets"] == {"user": 2, "email": 1}


def test_what_is_masked_in_questions_and_in_passages_found_for_them_is_reported(
    served: Project, server: ScriptedServer
) -> None:
    served.write(
        "docs/people.md",
        "# Who to ask about Ajax\n\nAsk anna.lindqvist@waterworks.se about the plans of Ajax, which lie in the hall.\n",
    )
    served.write(
        "asked.jsonl", '{"question": "Who told bert.holm@waterworks.se where the plans of Ajax lie?"}\n'
    )
    served.generate("--task", "queries", "--set", 'generation.queries=["asked.jsonl"]')
    (asked,) = [question.prompt for question in server.asked]
    assert "lindqvist" not in asked
    assert "holm" not in asked
    assert served.run().metrics["secrets"] == {"email": 2}
    masked = served.workspace / "runs" / "generate" / served.run().id / "masked.json"
    places = {(one["path"], one["place"]) for one in json.loads(masked.read_text())}
    assert places == {("asked.jsonl", "1"), ("people.md", "3")}
