"""The product connects to the configured host and to no other, whatever it asks and whatever goes wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scripted_http import (  # type: ignore[import-not-found]
    HALF_A_BODY,
    Answer,
    ScriptedServer,
    answer,
    broken,
    in_turn,
)

# An audit hook hears of every connection and look-up that Python makes, below each library, and cannot be taken off.
# Native code that makes its own is heard of by nobody here: the provider runs none.
PROGRAM = """
import asyncio, json, sys

base_url, api = sys.argv[1:]
heard = []

def listen(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        heard.append([event, str(arguments[1])])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        heard.append([event, str(arguments[0])])

sys.addaudithook(listen)

from lorewright.core.errors import ProviderError
from lorewright.core.records import Message
from lorewright.llm.asking import Request
from lorewright.llm.endpoints import Endpoint
from lorewright.llm.providers import open_provider

schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
request = Request(messages=(Message(role="user", content="Why?"),), answer_schema=schema)

async def use():
    endpoint = Endpoint(name="office", base_url=base_url, api=api)
    provider = open_provider("office/scripted-1", endpoints={"office": endpoint})
    told = [await provider.resolve()]
    for _ in range(6):
        try:
            told.append((await provider.complete(request)).text)
        except ProviderError as error:
            told.append(error.message)
    await provider.aclose()
    return told

print(json.dumps({"told": asyncio.run(use()), "heard": heard}))
"""
PROXY = "http://192.0.2.1:9"


def use(server: ScriptedServer, api: str, host: str = "127.0.0.1") -> dict[str, Any]:
    base_url = server.base_url.replace("127.0.0.1", host)
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"), PROXY)
    environment = {"PATH": "/usr/bin", "HOME": "/nonexistent", **proxies}
    source = str(Path(__file__).parents[2] / "src")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, base_url, api],
        env=environment | {"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    told: dict[str, Any] = json.loads(run.stdout)
    return told


@pytest.mark.parametrize("api", ["openai", "ollama"])
def test_no_other_host_is_connected_to_or_looked_up(api: str) -> None:
    elsewhere = Answer(status=307, error="moved", headers={"Location": "http://192.0.2.2/v1"})
    script = in_turn(broken(), HALF_A_BODY, elsewhere, answer)
    with ScriptedServer(script) as server:
        heard = use(server, api)
    assert len(server.asked) == 6
    assert "moved" in heard["told"][3]
    assert heard["told"][-1].startswith('{"a":')
    assert heard["heard"]
    allowed = {str(("127.0.0.1", server.port)), "127.0.0.1"}
    assert {place for _, place in heard["heard"]} <= allowed


def test_the_name_of_this_machine_goes_through_no_proxy() -> None:
    with ScriptedServer() as server:
        heard = use(server, "openai", host="localhost")
    assert heard["told"][-1].startswith('{"a":')
    places = {place for _, place in heard["heard"]}
    assert {place for place in places if "192.0.2" in place} == set()
    assert all("localhost" in place or str(server.port) in place for place in places)
