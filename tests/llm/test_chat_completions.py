"""The provider before OpenAI-compatible servers: what it asks, what it learns from refusals, every fault on the way."""

import asyncio
import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

import pytest
from asked_server import QUESTION, SCHEMA, STRUCTURED, ask, failure  # type: ignore[import-not-found]
from hypothesis import given
from hypothesis import strategies as st
from scripted_http import (  # type: ignore[import-not-found]
    CLOSED,
    HALF_A_BODY,
    NOTHING,
    Answer,
    ScriptedServer,
    broken,
    busy,
)

from lorewright.core.errors import ConfigError, ProviderError
from lorewright.core.records import Message
from lorewright.llm.asking import Completion, Request, Sampling
from lorewright.llm.chat_completions import ChatCompletions, without_thoughts
from lorewright.llm.endpoints import Endpoint

KEY = "sk-very-secret-0123456789"


def test_a_question_goes_out_and_its_answer_comes_back_counted() -> None:
    drawn = QUESTION.model_copy(
        update={"sampling": Sampling(temperature=0.7, top_p=0.9, seed=40), "sample": 2, "max_new_tokens": 12}
    )
    with ScriptedServer(Answer("Because.")) as server:
        assert ask(server, drawn) == [
            Completion(text="Because.", prompt_tokens=4, completion_tokens=2, served_model="scripted-1")
        ]
    assert server.asked[0].path == "/v1/chat/completions"
    assert server.asked[0].body == {
        "model": "scripted-1",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
        "max_tokens": 12,
        "temperature": 0.7,
        "top_p": 0.9,
        "seed": 42,
    }


def test_a_greedy_question_says_nothing_of_shares() -> None:
    greedy = QUESTION.model_copy(update={"sampling": Sampling(top_p=0.5)})
    with ScriptedServer() as server:
        ask(server, greedy)
    assert "top_p" not in server.asked[0].body


def test_a_schema_is_sent_and_satisfied() -> None:
    with ScriptedServer() as server:
        (told,) = ask(server, STRUCTURED)
    assert set(json.loads(told.text)) == {"pairs"}
    assert server.asked[0].body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "pairs", "schema": SCHEMA, "strict": True},
    }


@pytest.mark.parametrize(
    "schema",
    [
        {**SCHEMA, "required": []},
        {key: SCHEMA[key] for key in SCHEMA if key != "additionalProperties"},
        {**SCHEMA, "$defs": {"open": {"type": "object", "properties": {"a": {}}}}},
    ],
)
def test_a_schema_that_openai_cannot_keep_to_the_word_is_not_called_strict(schema: dict[str, Any]) -> None:
    with ScriptedServer() as server:
        ask(server, STRUCTURED.model_copy(update={"answer_schema": schema}))
    assert server.asked[0].body["response_format"]["json_schema"]["strict"] is False


def test_a_title_that_is_no_name_is_none() -> None:
    with ScriptedServer() as server:
        ask(server, STRUCTURED.model_copy(update={"answer_schema": {**SCHEMA, "title": "Two words"}}))
    assert server.asked[0].body["response_format"]["json_schema"]["name"] == "answer"


@pytest.mark.parametrize(
    ("told", "finish"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "other"),
        ("tool_calls", "other"),
        (None, "stop"),
    ],
)
def test_why_an_answer_ended_is_told(told: Any, finish: str) -> None:
    with ScriptedServer(Answer("ab", finish=told)) as server:
        assert ask(server, QUESTION)[0].finish == finish


def test_an_answer_beyond_the_limit_is_cut_and_says_so() -> None:
    with ScriptedServer(Answer("word " * 100)) as server:
        (cut,) = ask(server, QUESTION.model_copy(update={"max_new_tokens": 5}))
    assert (cut.finish, cut.text, cut.completion_tokens) == ("length", "word " * 4, 5)


def test_a_refusal_to_answer_is_an_answer_that_was_broken_off() -> None:
    with ScriptedServer(Answer("", message={"content": None, "refusal": "I cannot."})) as server:
        (refused,) = ask(server, QUESTION)
    assert (refused.text, refused.finish) == ("I cannot.", "other")


@pytest.mark.parametrize(
    "message",
    [
        {"content": "<think>\nLet me see.\n</think>\n\nab"},
        {"content": "ab", "reasoning_content": "Let me see."},
        {
            "content": [
                {"type": "thinking", "thinking": []},
                {"type": "text", "text": "a"},
                {"type": "text", "text": "b"},
            ]
        },
    ],
)
def test_thoughts_are_no_part_of_an_answer(message: dict[str, Any]) -> None:
    with ScriptedServer(Answer(message=message)) as server:
        assert ask(server, QUESTION)[0].text == "ab"


@given(st.text(), st.text().filter(lambda text: "</think>" not in text))
def test_only_thoughts_before_an_answer_are_taken_off(text: str, thoughts: str) -> None:
    kept = text.lstrip()
    assert without_thoughts(f"<think>{thoughts}</think>{kept}") == kept
    assert without_thoughts(f"<think>{thoughts}") == ""
    assert without_thoughts(f"a{text}<think>{thoughts}") == f"a{text}<think>{thoughts}"


def test_an_answer_without_counts_has_none() -> None:
    with ScriptedServer(Answer("ab", usage=False)) as server:
        (told,) = ask(server, QUESTION)
    assert (told.prompt_tokens, told.completion_tokens) == (0, 0)


def test_nothing_is_tried_twice() -> None:
    """Trying again is for the caller alone."""
    for fault in (busy("3"), broken(), HALF_A_BODY, CLOSED):
        with ScriptedServer(fault) as server:
            failure(server)
            assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("fault", "wait_s", "status", "told"),
    [
        (busy("7"), 7.0, 429, "answered 429 Too Many Requests: slow down"),
        (busy("1.5"), 1.5, 429, "slow down"),
        (busy(), 0.0, 429, "slow down"),
        (busy("soon"), 0.0, 429, "slow down"),
        (busy("-3"), 0.0, 429, "slow down"),
        (busy("nan"), 0.0, 429, "slow down"),
        (busy("Wed, 21 Oct 2015 07:28:00 GMT"), 0.0, 429, "slow down"),
        (broken(500), 0.0, 500, "answered 500 Internal Server Error: the server stumbled"),
        (broken(503), 0.0, 503, "answered 503"),
        (HALF_A_BODY, 0.0, 0, "hung up before the end of its answer"),
        (CLOSED, 0.0, 0, "hung up before the end of its answer"),
        (
            Answer(raw=b'{"error": {"message": "out of memory", "code": 500}}'),
            0.0,
            0,
            "broke off its answer: out of m",
        ),
        (Answer(raw=b'{"choices": []}'), 0.0, 0, "sent an answer without a choice"),
        (Answer(raw=b'{"choices": [{"message": "ab"}]}'), 0.0, 0, "sent an answer without a choice"),
        (Answer(raw=b"[]"), 0.0, 0, "sent an answer without a choice"),
        (Answer(raw=b"<html>log in</html>"), None, 0, "did not answer in JSON but: <html>log in"),
        (Answer(status=402, error="pay first"), None, 402, "pay first"),
        (
            Answer(status=429, error={"message": "over", "code": "insufficient_quota"}),
            None,
            402,
            "answered 429",
        ),
        (Answer(status=400, error="Your credit balance is too low to go on."), None, 402, "answered 400"),
        (
            Answer(status=307, error="elsewhere", headers={"Location": "http://192.0.2.1/"}),
            None,
            307,
            "elsewhere",
        ),
        (Answer(status=404, raw=b'[{"error": {"message": "no such model"}}]'), None, 404, "no such model"),
    ],
)
def test_every_fault_says_whether_to_ask_again(
    fault: Answer, wait_s: float | None, status: int, told: str
) -> None:
    with ScriptedServer(fault) as server:
        error = failure(server)
    assert (error.wait_s, error.status) == (wait_s, status)
    assert told in error.message
    assert error.message.startswith(f"office ({server.base_url})")
    assert error.hint


def test_a_date_to_come_back_at_is_a_wait() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    with ScriptedServer(busy(at)) as server:
        wait_s = failure(server).wait_s
    assert wait_s is not None
    assert 50 < wait_s <= 100


def test_a_server_that_hangs_may_be_asked_again() -> None:
    with ScriptedServer(NOTHING) as server:
        error = failure(server, timeout_s=0.2)
    assert error.message.endswith("sent nothing for 0.2 s.")
    assert error.wait_s == 0.0


def test_where_nothing_listens_the_user_is_told_how_to_look() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = Endpoint(name="office", base_url=f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
        with pytest.raises(ProviderError, match="cannot be reached") as failed:
            asyncio.run(ChatCompletions(endpoint, "a").complete(QUESTION))
    assert failed.value.wait_s == 0.0
    assert failed.value.hint.startswith("is the server running? curl http")


def test_the_key_goes_to_the_server_and_into_no_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OFFICE_KEY", KEY)
    caplog.set_level("DEBUG")
    with ScriptedServer(Answer(status=401, error=f"the key {KEY} is unknown")) as server:
        error = failure(server, api_key_env="OFFICE_KEY")
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert error.hint == "check the key in OFFICE_KEY"
    assert KEY not in f"{error}{error.hint}{error!r}{vars(error)}{caplog.text}"


def test_a_key_that_the_server_repeats_in_its_answer_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICE_KEY", KEY)
    with ScriptedServer(Answer(f"You are {KEY}.")) as server:
        (told,) = ask(server, QUESTION, api_key_env="OFFICE_KEY")
    assert told.text == "You are ***."


def test_a_missing_key_is_told_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OFFICE_KEY", raising=False)
    endpoint = Endpoint(name="office", base_url="http://127.0.0.1:1/v1", api_key_env="OFFICE_KEY")
    with pytest.raises(ConfigError, match="OFFICE_KEY"):
        ChatCompletions(endpoint, "a")


def test_as_many_are_asked_at_once_as_are_wanted() -> None:
    everyone = 150
    with ScriptedServer(Answer("ab", after_s=0.3)) as server:
        assert len(ask(server, *[QUESTION] * everyone)) == everyone
        assert server.most_in_flight == everyone


class OneAnswer(BaseHTTPRequestHandler):
    """Answers the same to every question, on connections that stay."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        told = b'{"choices": [{"message": {"content": "ab"}}]}'
        self.send_response(200)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def test_a_server_with_one_thread_is_not_kept_from_the_other_questions() -> None:
    """As in llama.cpp, a thread serves one connection until that is closed."""

    class Handler(OneAnswer):
        server_version = "llama.cpp"

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        endpoint = Endpoint(name="office", base_url=f"http://127.0.0.1:{server.server_port}/v1", timeout_s=5)

        async def six() -> list[Completion]:
            provider = ChatCompletions(endpoint, "a")
            try:
                return await asyncio.gather(*(provider.complete(QUESTION) for _ in range(6)))
            finally:
                await provider.aclose()

        try:
            assert [told.text for told in asyncio.run(six())] == ["ab"] * 6
        finally:
            server.shutdown()
            thread.join()


def test_connections_are_kept_once_a_server_has_told_that_it_is_another() -> None:
    opened: list[int] = []

    class Handler(OneAnswer):
        def setup(self) -> None:
            super().setup()
            opened.append(1)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        endpoint = Endpoint(name="office", base_url=f"http://127.0.0.1:{server.server_port}/v1", timeout_s=5)

        async def five() -> None:
            provider = ChatCompletions(endpoint, "a")
            try:
                for _ in range(5):
                    await provider.complete(QUESTION)
            finally:
                await provider.aclose()

        try:
            asyncio.run(five())
        finally:
            server.shutdown()
            thread.join()
    assert len(opened) == 2


def test_a_closed_provider_can_be_used_in_another_loop() -> None:
    with ScriptedServer() as server:
        provider = ChatCompletions(Endpoint(name="office", base_url=server.base_url), "scripted-1")

        async def one() -> Completion:
            try:
                return await provider.complete(QUESTION)
            finally:
                await provider.aclose()
                await provider.aclose()

        assert asyncio.run(one()) == asyncio.run(one())


def test_a_model_may_be_looked_up_in_another_loop_than_it_is_asked_in() -> None:
    with ScriptedServer() as server:
        provider = ChatCompletions(Endpoint(name="office", base_url=server.base_url), "scripted-1")
        asyncio.run(provider.resolve())

        async def one() -> Completion:
            try:
                return await provider.complete(QUESTION)
            finally:
                await provider.aclose()

        assert asyncio.run(one()).text


def test_any_text_can_be_asked() -> None:
    odd = "a\u2028b\x00\ud800\U0001f600 </s>"
    with ScriptedServer(Answer("ab")) as server:
        ask(server, Request(messages=(Message(role="user", content=odd),)))
    assert server.asked[0].body["messages"][0]["content"] == odd.replace("\ud800", "?")
