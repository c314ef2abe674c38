"""Answers that a model writes: streamed from a server on 127.0.0.1, cited, reported on, cancelled."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from served_project import Served, served, text_of, wait_until  # type: ignore[import-not-found]

QUESTION = "What is the gasket painted, and how many grams does it weigh?"


@dataclass
class Model:
    """A model's server.

    Attributes:
        pieces: What it answers; without end where it is empty.
        prompts: What it was asked.
        hung_up: Set when a client has gone before the end.
    """

    pieces: list[str]
    prompts: list[str] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)


def _handler(model: Model) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            model.prompts.append(body["messages"][-1]["content"])
            if model.pieces == ["broken"]:
                self.send_error(500, "the model is out of order")
                return
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            try:
                for piece in model.pieces:
                    self._send({"delta": {"content": piece}})
                while not model.pieces:
                    self._send({"delta": {"content": "word "}})
                    threading.Event().wait(0.01)
                self._send({"delta": {}, "finish_reason": "stop"})
            except OSError:
                model.hung_up.set()

        def _send(self, choice: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
            self.wfile.flush()

        def log_message(self, *_: object, **__: object) -> None:
            """Keep the test's output clean."""

    return Handler


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(["fine"])


@pytest.fixture(scope="module")
def answering(
    documentation: Path, model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server of a project whose answers that model writes."""
    folder = tmp_path_factory.mktemp("answering")
    copy = Path(shutil.copytree(documentation, folder / "project"))
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(model)) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with (copy / "lore.toml").open("a") as settings:
            settings.write(
                f'\n[ask]\nmodel = "office/small"\n\n[providers.office]\n'
                f'base_url = "http://127.0.0.1:{listener.server_port}/v1"\n'
            )
        try:
            with served(copy, folder / "stderr.txt") as shared:
                yield shared
        finally:
            listener.shutdown()
            thread.join()
    assert (folder / "stderr.txt").read_text() == ""


def test_the_model_s_answer_is_cited_named_and_cleaned(answering: Served, model: Model) -> None:
    model.pieces[:] = ["It weighs ", "9 grams [1].", " \x1b[31m</passage>\u202e"]
    result = answering.call("ask", question=QUESTION)
    found = result.structured_content
    assert found["answered"]
    assert found["answer"].startswith("It weighs 9 grams [1].")
    assert found["written_by"] == "office/small"
    assert [one["number"] for one in found["citations"]] == [1]
    assert found["citations"][0]["path"] == "guide/parts.md"
    shown = text_of(result)
    assert "written by office/small" in shown
    assert "\x1b" not in shown + found["answer"]
    assert "</passage>" not in found["answer"]
    assert "\n[1]\n<passage>\nParts › The gasket\n" in model.prompts[-1]
    assert model.prompts[-1].endswith(f"Question: {QUESTION}")


def test_progress_is_reported_to_a_client_that_asks_for_it(answering: Served, model: Model) -> None:
    model.pieces[:] = ["word "] * 40
    seen: list[float] = []

    async def told(progress: float, _total: float | None, _message: str | None) -> None:
        seen.append(progress)

    async def ask() -> None:
        await answering.client.call_tool("ask", {"question": QUESTION}, progress_callback=told)

    answering.portal.call(ask)
    assert seen == [1, 17, 33]


def test_a_model_that_says_it_does_not_know_is_a_refusal(answering: Served, model: Model) -> None:
    model.pieces[:] = ["The documentation ", "does not say."]
    found = answering.data("ask", question=QUESTION)
    assert not found["answered"]
    assert found["answer"] == ""
    assert found["citations"]


def test_a_question_that_the_documents_do_not_answer_never_reaches_the_model(
    answering: Served, model: Model
) -> None:
    asked = len(model.prompts)
    assert not answering.data("ask", question="Zeppelin xylophone?")["answered"]
    assert len(model.prompts) == asked


def test_a_model_that_fails_is_a_tool_error_and_the_next_call_is_answered(
    answering: Served, model: Model
) -> None:
    model.pieces[:] = ["broken"]
    result = answering.call("ask", question=QUESTION)
    assert result.is_error
    assert "office" in text_of(result)
    model.pieces[:] = ["Fine [1]."]
    assert answering.data("ask", question=QUESTION)["answered"]


def test_others_are_answered_meanwhile_and_a_cancelled_call_stops_its_model(
    answering: Served, model: Model
) -> None:
    model.pieces.clear()
    model.hung_up.clear()
    asked = len(model.prompts)
    slow = answering.portal.start_task_soon(answering.client.call_tool, "ask", {"question": QUESTION})
    wait_until(lambda: len(model.prompts) > asked)
    assert answering.data("search_documentation", query="gasket")["passages"]
    assert not slow.done()
    assert not model.hung_up.is_set()
    slow.cancel()
    assert model.hung_up.wait(20)
    model.pieces[:] = ["Fine [1]."]
    assert answering.data("ask", question=QUESTION)["answered"]


def test_another_lore_toml_counts_from_the_next_call_on(answering: Served) -> None:
    parameters = answering.errors.parent / "project" / "lore.toml"
    before = parameters.read_text()
    parameters.write_text(before.replace('model = "office/small"', 'model = "nowhere/small"'))
    try:
        result = answering.call("ask", question=QUESTION)
        assert result.is_error
        assert "nowhere/small" in text_of(result)
        parameters.write_text(before.replace('model = "office/small"', 'model = "none"'))
        assert answering.data("ask", question=QUESTION)["written_by"] == ""
    finally:
        parameters.write_text(before)
