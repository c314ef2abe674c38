"""Streamed answers over HTTP: every spelling of the stream, what breaks it, and the real llama.cpp server."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ProviderError
from lorewright.core.records import Message
from lorewright.llm.chat_server import stream_chat
from lorewright.llm.endpoints import Endpoint
from lorewright.llm.gguf_runtime import open_gguf

QUESTION = [Message(role="system", content="Be brief."), Message(role="user", content="Why?")]


def delta(finish: str | None = None, **turn: Any) -> str:
    chunk = {"choices": [{"index": 0, "delta": turn, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def chat(endpoint: Endpoint, **options: Any) -> Iterator[str]:
    return stream_chat(endpoint, "small", QUESTION, 12, **options)


def test_a_question_goes_out_and_its_answer_comes_in_pieces(serve_acts: Any, answer: Any) -> None:
    body = (
        delta(role="assistant", content=None) + delta(content="Be") + delta(content="cause") + delta("stop")
    )
    server = serve_acts(answer(body + "data: [DONE]\n\n"))
    stream: Callable[[Sequence[Message], int], Iterator[str]] = partial(
        stream_chat, server.endpoint(), "small", temperature=0.5
    )
    assert list(stream(QUESTION, 12)) == ["Be", "cause"]
    assert server.asked[0].path == "/v1/chat/completions"
    assert server.asked[0].body == {
        "model": "small",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
        "max_tokens": 12,
        "temperature": 0.5,
        "stream": True,
    }


@pytest.mark.parametrize(
    "body",
    [
        delta(content="ab") + delta("length"),
        delta("stop", content="ab"),
        delta(content="ab") + "data: [DONE]\n\n",
        delta(content="ab") + 'data: {"choices": [], "usage": {"total_tokens": 9}}\n\ndata: [DONE]\n\n',
        'data: {"usage": {"total_tokens": 9}}\n\n' + delta(content="ab") + delta("stop"),
        delta() + delta(content="") + delta(content="ab") + delta("stop", content=None),
        ": ping\n\n" + delta(content="ab").replace("\n", "\r\n") + delta("stop").replace("\n", "\r\n"),
        delta(reasoning_content="Let me see.") + delta(reasoning="Hm.") + delta(content="ab") + delta("stop"),
        'data: {"choices": [{"delta": null}]}\n\n' + delta("stop", content="ab"),
    ],
)
def test_every_spelling_of_a_stream_is_understood(body: str, serve_acts: Any, answer: Any) -> None:
    assert list(chat(serve_acts(answer(body)).endpoint())) == ["ab"]


def test_an_answer_may_hold_any_character(serve_acts: Any, answer: Any) -> None:
    text = "a\u2028b\x85\u20ac\U0001f600\r\n\x0b"
    server = serve_acts(answer(delta("stop", content=text)))
    assert list(chat(server.endpoint())) == [text]


def test_a_server_without_streams_gives_its_answer_whole(serve_acts: Any, answer: Any) -> None:
    turn = {"role": "assistant", "content": "ab", "reasoning_content": "Let me see."}
    server = serve_acts(answer({"choices": [{"message": turn, "finish_reason": "stop"}]}))
    assert list(chat(server.endpoint())) == ["ab"]


@pytest.mark.parametrize("body", [{"choices": []}, {}, {"choices": ["ab"]}])
def test_a_whole_answer_without_a_choice_is_an_error(body: Any, serve_acts: Any, answer: Any) -> None:
    with pytest.raises(ProviderError, match="office sent an answer without a choice"):
        list(chat(serve_acts(answer(body)).endpoint()))


def test_a_parameter_that_is_refused_is_left_out(serve_acts: Any, answer: Any) -> None:
    refusals = [
        "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
        "Unsupported value: 'temperature' does not support 0 with this model.",
    ]
    refused = [answer({"error": {"message": told}}, 400) for told in refusals]
    server = serve_acts(*refused, answer(delta("stop", content="ab")))
    assert list(chat(server.endpoint())) == ["ab"]
    assert set(server.asked[-1].body) == {"model", "messages", "stream", "max_completion_tokens"}
    assert server.asked[-1].body["max_completion_tokens"] == 12


def pieces_until_failure(stream: Iterator[str]) -> tuple[list[str], ProviderError]:
    pieces: list[str] = []
    with pytest.raises(ProviderError) as failed:
        pieces.extend(stream)
    return pieces, failed.value


def test_an_error_within_the_stream_is_told(serve_acts: Any, answer: Any) -> None:
    body = delta(content="ab") + 'data: {"error": {"message": "out of memory", "code": 500}}\n\n'
    pieces, failure = pieces_until_failure(chat(serve_acts(answer(body)).endpoint()))
    assert pieces == ["ab"]
    assert failure.message == "office broke off its answer: out of memory"


@pytest.mark.parametrize("length", [None, 5000])
def test_a_stream_that_breaks_off_is_told_after_its_pieces(
    length: int | None, serve_acts: Any, answer: Any
) -> None:
    server = serve_acts(answer(delta(content="ab") + delta(content="cd")[:-9], length=length))
    pieces, failure = pieces_until_failure(chat(server.endpoint()))
    assert pieces == ["ab"]
    assert failure.message.endswith("hung up before the end of its answer: it is cut.")
    assert len(server.asked) == 1


def test_a_stream_that_stalls_is_told_after_its_pieces(serve_acts: Any) -> None:
    over = threading.Event()

    def stall(handler: BaseHTTPRequestHandler, _: Any) -> None:
        begin(handler)
        handler.wfile.write(delta(content="ab").encode())
        over.wait(30)

    try:
        pieces, failure = pieces_until_failure(chat(serve_acts(stall).endpoint(), timeout_s=0.2))
    finally:
        over.set()
    assert pieces == ["ab"]
    assert "sent nothing for 0.2 s" in failure.message


def begin(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("connection", "close")
    handler.end_headers()
    handler.close_connection = True


def test_what_is_no_stream_at_all_is_told(serve_acts: Any, answer: Any) -> None:
    page = answer("<html>log in first</html>", content_type="text/html")
    with pytest.raises(ProviderError, match="office sent no answer, only text/html") as failed:
        list(chat(serve_acts(page).endpoint()))
    assert "/v1" in failed.value.hint
    with pytest.raises(ProviderError, match=r"did not answer in JSON but: \{oops"):
        list(chat(serve_acts(answer("data: {oops\n\n")).endpoint()))


def test_a_busy_server_is_asked_again_before_the_answer_begins(
    serve_acts: Any, answer: Any, waits: list[float]
) -> None:
    server = serve_acts(
        answer("", 503), answer("", 429, retry_after="2"), answer(delta("stop", content="ab"))
    )
    assert list(chat(server.endpoint())) == ["ab"]
    assert waits == [0.5, 2.0]


def test_thoughts_are_no_answer(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(answer(delta(reasoning_content="Let me see.") + delta("length")))
    with pytest.raises(ProviderError, match="small of office used its 12 tokens for thinking") as failed:
        list(chat(server.endpoint()))
    assert "max_new_tokens" in failed.value.hint


def test_leaving_the_stream_hangs_up(serve_acts: Any) -> None:
    gone = threading.Event()

    def talk(handler: BaseHTTPRequestHandler, _: Any) -> None:
        begin(handler)
        try:
            while not gone.wait(0.001):
                handler.wfile.write(delta(content="and so on ").encode())
        except OSError:
            gone.set()

    stream = chat(serve_acts(talk).endpoint())
    assert next(stream) == "and so on "
    assert not gone.is_set()
    stream.close()  # type: ignore[attr-defined]
    assert gone.wait(30)


def test_nothing_is_asked_before_the_first_piece_is_wanted(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(answer(delta("stop", content="ab")))
    stream = chat(server.endpoint())
    assert server.asked == []
    assert list(stream) == ["ab"]


def test_the_real_llama_server_is_understood(
    write_gguf: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_gguf(write_gguf(tmp_path / "tiny.gguf"), threads=1) as model:
        monkeypatch.setenv("LLAMA_KEY", model._key)
        address = model._server.listening_address
        endpoint = Endpoint(name="llama", base_url=f"{address}/v1", api_key_env="LLAMA_KEY")
        question: Sequence[Message] = [Message(role="user", content="Why?")]
        pieces = list(stream_chat(endpoint, "tiny", question, 12))
        assert len(pieces) > 1
        assert "".join(pieces).strip() == model.chat(question, 12)
        for _piece in stream_chat(endpoint, "tiny", question, 60):
            break
        too_long = [Message(role="user", content="x" * 200)]
        with pytest.raises(ProviderError, match=r"answered 400 .*exceeds the available context size"):
            list(stream_chat(endpoint, "tiny", too_long, 3))
        monkeypatch.setenv("LLAMA_KEY", "wrong")
        with pytest.raises(ProviderError, match="answered 401") as refused:
            list(stream_chat(endpoint, "tiny", question, 3))
        assert refused.value.hint == "check the key in LLAMA_KEY"
