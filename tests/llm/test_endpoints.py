"""Requests to servers: the key, the address, what is tried again, and what a user is told in the end."""

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from lorewright.core.errors import ConfigError, LoreError, ProviderError
from lorewright.llm.endpoints import Endpoint, connect, headers, post

KEY = "sk-very-secret-0123456789"
FINE = {"fine": True}


def ask(endpoint: Endpoint, *, timeout_s: float = 10.0) -> Any:
    with connect(endpoint, timeout_s=timeout_s) as client:
        return post(client, endpoint, "embeddings", {"input": ["a"]})


def hang_up(handler: BaseHTTPRequestHandler, _: Any) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def speak_nonsense(handler: BaseHTTPRequestHandler, _: Any) -> None:
    handler.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
    handler.close_connection = True


def test_the_key_comes_from_the_environment_and_goes_to_the_server_alone(
    serve_acts: Any, answer: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OFFICE_KEY", f"  {KEY}\n")
    caplog.set_level("DEBUG")
    server = serve_acts(answer(FINE), answer({"error": {"message": f"the key {KEY} is unknown"}}, 401))
    endpoint = server.endpoint(api_key_env="OFFICE_KEY")
    assert ask(endpoint) == FINE
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.asked[0].path == "/v1/embeddings"
    assert server.asked[0].body == {"input": ["a"]}
    with pytest.raises(
        ProviderError, match=r"answered 401 Unauthorized: the key \*\*\* is unknown"
    ) as refused:
        ask(endpoint)
    assert refused.value.hint == "check the key in OFFICE_KEY"
    with connect(endpoint, timeout_s=1) as client:
        told = [repr(endpoint), str(refused.value), repr(client.headers), caplog.text]
    assert not [text for text in told if KEY in text]


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_names_its_variable(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OFFICE_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("OFFICE_KEY", value)
    endpoint = Endpoint(name="office", base_url="http://127.0.0.1:1/v1", api_key_env="OFFICE_KEY")
    with pytest.raises(ConfigError, match=r"OFFICE_KEY, api_key_env of \[providers\.office\], is not set"):
        headers(endpoint)


@pytest.mark.parametrize("key", ["sk-a\nb", "sk-\u00e4", "sk-\x01"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_told(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICE_KEY", key)
    endpoint = Endpoint(name="office", base_url="http://127.0.0.1:1/v1", api_key_env="OFFICE_KEY")
    with pytest.raises(ConfigError, match="holds characters that no key has") as refused:
        headers(endpoint)
    assert "sk-" not in f"{refused.value}{refused.value.hint}"


def test_a_server_without_a_key_gets_none(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(answer(FINE))
    ask(server.endpoint())
    assert "authorization" not in server.asked[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8080/v1",
        "ftp://127.0.0.1/v1",
        "http:///v1",
        "http://[::1/v1",
        "http://a:port/v1",
        "http://127.0.0.1/v1\0",
    ],
)
def test_an_address_that_cannot_be_used_is_named(url: str) -> None:
    with pytest.raises(ConfigError, match=r"base_url of \[providers\.office\] is no HTTP address"):
        ask(Endpoint(name="office", base_url=url))


def test_a_password_in_the_address_is_refused_without_being_told() -> None:
    with pytest.raises(ConfigError, match="holds a password") as refused:
        ask(Endpoint(name="office", base_url=f"http://me:{KEY}@127.0.0.1:1/v1"))
    assert KEY not in f"{refused.value}{refused.value.hint}"


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:1/v1?key={KEY}",
        f"http://127.0.0.1:1/v1#{KEY}",
        f"htp://me:{KEY}@h/v1?{KEY}",
        f"me:{KEY}@h",
    ],
)
def test_a_key_anywhere_in_the_address_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ConfigError, match="base_url of") as refused:
        ask(Endpoint(name="office", base_url=url))
    assert KEY not in f"{refused.value}{refused.value.hint}"


def test_a_wait_without_end_is_one(serve_acts: Any, answer: Any) -> None:
    assert ask(serve_acts(answer(FINE)).endpoint(), timeout_s=float("inf")) == FINE


def test_a_busy_server_is_asked_again_when_it_says(serve_acts: Any, answer: Any, waits: list[float]) -> None:
    server = serve_acts(answer("slow down", 429, retry_after="7"), answer(FINE))
    assert ask(server.endpoint()) == FINE
    assert waits == [7.0]


def test_no_server_is_waited_for_without_end(serve_acts: Any, answer: Any, waits: list[float]) -> None:
    server = serve_acts(
        answer("", 429, retry_after="86400"), answer("", 503, retry_after="soon"), answer(FINE)
    )
    assert ask(server.endpoint()) == FINE
    assert waits == [30.0, 1.0]


def broken(answer: Any) -> dict[str, Any]:
    return {
        "an error of the server": answer("oops", 500),
        "a closed connection": hang_up,
        "nonsense": speak_nonsense,
        "half a body": answer(FINE, length=500),
        "a body that is no gzip": answer(b"plain", content_encoding="gzip"),
    }


TROUBLES = list(broken(lambda *_, **__: None))


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_may_pass_is_tried_three_times_with_growing_waits(
    trouble: str, serve_acts: Any, answer: Any, waits: list[float]
) -> None:
    bad = broken(answer)[trouble]
    server = serve_acts(bad, bad, answer(FINE))
    assert ask(server.endpoint()) == FINE
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_does_not_pass_ends_with_the_servers_name_and_what_to_do(
    trouble: str, serve_acts: Any, answer: Any, waits: list[float]
) -> None:
    server = serve_acts(broken(answer)[trouble])
    with pytest.raises(ProviderError, match=r"^office \(http://127.0.0.1:\d+/v1\) ") as failed:
        ask(server.endpoint())
    assert "log" in failed.value.hint
    assert len(server.asked) == 3


def test_where_nothing_listens_the_user_is_told_how_to_look(waits: list[float]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1/"
        with pytest.raises(ProviderError, match="cannot be reached") as failed:
            ask(Endpoint(name="office", base_url=url))
    assert failed.value.hint == f"is the server running? curl {url}models"
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (400, "check the model's name and the length of what was sent"),
        (401, "set api_key_env in [providers.office]"),
        (404, "does base_url end in /v1"),
        (413, "check the model's name"),
    ],
)
def test_a_refusal_is_final_and_says_what_the_server_said(
    status: int, hint: str, serve_acts: Any, answer: Any, waits: list[float]
) -> None:
    told = "no\x1b[31m such\nmodel " + "x" * 300
    server = serve_acts(answer({"error": {"message": told}}, status))
    with pytest.raises(ProviderError, match=f"answered {status} ") as refused:
        ask(server.endpoint())
    excerpt = refused.value.message.partition(": ")[2]
    assert excerpt.startswith("no [31m such model xxx")
    assert excerpt.endswith("x...")
    assert len(excerpt) == 203
    assert refused.value.hint.startswith(hint)
    assert refused.value.status == status
    assert waits == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"error": "in a word"}, "in a word"),
        ({"error": {"code": 7}}, '{"code": 7}'),
        ({"detail": "elsewhere"}, '{"detail": "elsewhere"}'),
        ("<html>a page</html>", "<html>a page</html>"),
    ],
)
def test_every_spelling_of_an_error_is_understood(body: Any, told: str, serve_acts: Any, answer: Any) -> None:
    with pytest.raises(ProviderError) as refused:
        ask(serve_acts(answer(body, 400)).endpoint())
    assert refused.value.message.endswith(f"answered 400 Bad Request: {told}")


def test_an_answer_that_is_no_json_is_shown(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(answer("<html>log in first</html>"))
    with pytest.raises(ProviderError, match="did not answer in JSON but: <html>log in first") as failed:
        ask(server.endpoint())
    assert "/v1" in failed.value.hint


def test_a_redirect_is_not_followed(serve_acts: Any, answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICE_KEY", KEY)
    other = serve_acts(answer(FINE))
    server = serve_acts(answer("", 307, location=f"{other.address}/v1/embeddings"))
    with pytest.raises(ProviderError, match="answered 307") as refused:
        ask(server.endpoint(api_key_env="OFFICE_KEY"))
    assert "base_url" in refused.value.hint
    assert other.asked == []


def test_a_server_that_is_late_is_not_asked_again(serve_acts: Any, waits: list[float]) -> None:
    over = threading.Event()
    server = serve_acts(lambda *_: over.wait(30))
    try:
        with pytest.raises(ProviderError, match=r"sent nothing for 0\.2 s"):
            ask(server.endpoint(), timeout_s=0.2)
    finally:
        over.set()
    assert len(server.asked) == 1


def test_proxies_are_heeded_for_servers_elsewhere_only(
    serve_acts: Any, answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    proxy = serve_acts(answer({"from": "proxy"}))
    server = serve_acts(answer({"from": "server"}))
    monkeypatch.setenv("http_proxy", proxy.address)
    assert ask(server.endpoint()) == {"from": "server"}
    local = server.address.replace("127.0.0.1", "localhost")
    assert ask(Endpoint(name="office", base_url=f"{local}/v1")) == {"from": "server"}
    assert proxy.asked == []
    assert ask(Endpoint(name="office", base_url="http://models.invalid/v1")) == {"from": "proxy"}
    assert proxy.asked[0].path == "http://models.invalid/v1/embeddings"


def test_every_failure_is_an_error_that_commands_show() -> None:
    assert issubclass(ProviderError, LoreError)
    plain = ProviderError("a", "b")
    assert (plain.message, plain.hint, plain.status, plain.wait_s) == ("a", "b", 0, None)
