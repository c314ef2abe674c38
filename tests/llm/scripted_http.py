"""A model server on 127.0.0.1 that answers from a script: OpenAI-compatible and Ollama's own API, and all their faults.

    with ScriptedServer() as server: ...            every answer satisfies the schema that is asked for
    with ScriptedServer(in_turn(busy(), answer)) as server: ...

A script is a function from what was asked to an `Answer`. Run as a program, it prints its address and answers until
it is ended: `python tests/llm/scripted_http.py --count-file asked.jsonl`.
"""

import argparse
import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from schema_answers import passage, satisfying  # type: ignore[import-not-found]
from spoilt_json import CORRUPTIONS  # type: ignore[import-not-found]

CHARS_PER_TOKEN = 4


@dataclass(frozen=True)
class Question:
    """One request as it came in.

    Attributes:
        at: When it was read, in seconds of `time.monotonic`.
        in_flight: Requests that were being answered then, this one included.
    """

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    at: float
    in_flight: int

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema that the answer is to satisfy; None where none was sent."""
        wanted = self.body.get("format") or self.body.get("response_format", {}).get("json_schema", {}).get(
            "schema"
        )
        return wanted if isinstance(wanted, dict) else None

    @property
    def prompt(self) -> str:
        """What the messages say."""
        return "\n".join(str(message["content"]) for message in self.body.get("messages", []))

    @property
    def digest(self) -> str:
        """Of the messages and the seed: the same question has the same answer, another sample another one."""
        seed = self.body.get("seed", self.body.get("options", {}).get("seed", 0))
        return hashlib.sha256(json.dumps([self.body.get("messages"), seed]).encode()).hexdigest()

    @property
    def max_tokens(self) -> int | None:
        """The longest answer that was asked for."""
        wanted = self.body.get("max_tokens") or self.body.get("max_completion_tokens")
        found: int | None = wanted or self.body.get("options", {}).get("num_predict")
        return found


@dataclass(frozen=True)
class Answer:
    """What the server does about a question.

    Attributes:
        text: The model's words.
        finish: As the API spells it; text beyond the asked length is cut and says `length`.
        status: Of the answer; another than 200 carries `error`.
        error: The error object, or its message.
        after_s: Seconds before the answer.
        headers: More headers, such as Retry-After.
        end: `whole`, `half` of the body before the connection is cut, `close` at once, `hang` without an answer.
        raw: The whole body, instead of a completion.
        message: More fields of the model's turn.
        usage: False leaves the numbers of tokens out.
    """

    text: str = ""
    finish: str = "stop"
    status: int = 200
    error: Any = None
    after_s: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    end: str = "whole"
    raw: bytes | None = None
    message: Mapping[str, Any] = field(default_factory=dict)
    usage: bool = True


Script = Callable[[Question], Answer]


def answer(question: Question) -> Answer:
    """Answer as a good model would: what the schema asks for, or else a sentence."""
    if question.schema is not None:
        return Answer(
            json.dumps(satisfying(question.schema, question.prompt, question.digest), ensure_ascii=False)
        )
    return Answer(f"An answer of {question.digest[:12]} to {passage(question.prompt)[:80]!r}.")


def in_turn(*scripts: Script | Answer) -> Script:
    """Return a script that plays others one a question, the last one for ever."""
    rest = list(scripts)

    def play(question: Question) -> Answer:
        turn = rest.pop(0) if len(rest) > 1 else rest[0]
        return turn if isinstance(turn, Answer) else turn(question)

    return play


def late(after_s: float, script: Script = answer) -> Script:
    """Return a script that answers after some seconds."""
    return lambda question: replace(script(question), after_s=after_s)


def corrupted(kind: str) -> Script:
    """Return a script of answers spoilt in one of the ways of `CORRUPTIONS`."""
    return lambda question: replace(good := answer(question), text=CORRUPTIONS[kind](good.text))


def busy(retry_after: str | None = None) -> Answer:
    """Return a 429."""
    told = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(status=429, error="slow down", headers=told)


def broken(status: int = 500) -> Answer:
    """Return an error of the server."""
    return Answer(status=status, error="the server stumbled")


HALF_A_BODY = Answer("Half of this is never sent.", end="half")
NOTHING = Answer(end="hang")
CLOSED = Answer(end="close")
PROSE = Answer("I am sorry, but this passage holds nothing that I could make a question of.")
CUT_BY_LENGTH = Answer('{"pairs": [{"question": "What is it?", "answer": "It is a', finish="length")


def wrong_schema(question: Question) -> Answer:
    """Answer in JSON of another shape than was asked for."""
    return Answer(json.dumps({"result": {"status": "done", "digest": question.digest}}))


def wrong_language(question: Question) -> Answer:
    """Answer in the right shape and in German."""
    good = json.loads(answer(question).text) if question.schema else ""
    return Answer(json.dumps(_translated(good), ensure_ascii=False))


def _translated(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _translated(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_translated(part) for part in value]
    if not isinstance(value, str):
        return value
    return "Der Dienst wird beim Start gelesen und danach nicht mehr verändert, weil er sonst neu anlaufen müsste."


class ScriptedServer:
    """A running server; leaving the `with` block stops it, whatever it still had to answer.

    Attributes:
        script: What it does; may be changed while it runs.
        asked: The questions in the order they came.
        most_in_flight: The most that were being answered at once.
        models: Names and digests, as it lists them.
        looked_up: Paths of requests for models.
        listing: What it answers to those, from the path; None for what `models` says.
    """

    def __init__(
        self,
        script: Script | Answer = answer,
        *,
        port: int = 0,
        models: Mapping[str, str] | None = None,
        count_path: Path | None = None,
    ) -> None:
        self.script = script
        self.port = port
        self.models = dict(models or {"scripted-1": "1" * 64})
        self.asked: list[Question] = []
        self.looked_up: list[str] = []
        self.listing: Callable[[str], tuple[int, bytes]] | None = None
        self.most_in_flight = 0
        self.answered = 0
        self._in_flight = 0
        self._count_path = count_path
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="scripted-http")

    @property
    def address(self) -> str:
        """Without a path; what Ollama calls its host."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """Of the OpenAI-compatible API."""
        return f"{self.address}/v1"

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def bodies(self) -> Iterator[dict[str, Any]]:
        """Yield what was sent, in order."""
        return (question.body for question in self.asked)

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=1024, limit=1 << 24)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._one(reader, writer):
                    pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        content = json.loads(body) if body else {}
        if method == "GET" or path.endswith("/api/show"):
            self.looked_up.append(path)
            listed = self._listing(path, content) if self.listing is None else self.listing(path)
            return await _send(writer, *listed)
        self._in_flight += 1
        try:
            return await self._chat(
                Question(path, headers, content, time.monotonic(), self._in_flight), reader, writer
            )
        finally:
            self._in_flight -= 1

    async def _chat(
        self, question: Question, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        self.asked.append(question)
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        self._count(question)
        turn = self.script if isinstance(self.script, Answer) else self.script(question)
        if turn.after_s:
            await asyncio.sleep(turn.after_s)
        if turn.end == "close":
            return False
        if turn.end == "hang":
            await reader.read()
            return False
        payload = _payload(question, turn, len(self.asked))
        self.answered += turn.end == "whole"
        return await _send(writer, turn.status, payload, turn.headers, half=turn.end == "half")

    def _count(self, question: Question) -> None:
        if self._count_path is not None:
            line = {"digest": question.digest, "path": question.path, "in_flight": question.in_flight}
            with self._count_path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def _listing(self, path: str, content: Mapping[str, Any]) -> tuple[int, bytes]:
        if path.endswith("/models"):
            told = [
                {
                    "id": name,
                    "object": "model",
                    "created": time.time_ns(),
                    "owned_by": "script",
                    "digest": digest,
                }
                for name, digest in self.models.items()
            ]
            return 200, json.dumps({"object": "list", "data": told}).encode()
        if path.endswith("/api/tags"):
            names = {name if ":" in name else f"{name}:latest": self.models[name] for name in self.models}
            tags = [{"name": name, "model": name, "digest": digest} for name, digest in names.items()]
            return 200, json.dumps({"models": tags}).encode()
        if path.endswith("/api/show") and content.get("model") in self.models:
            told_of = {"model_info": {"general.architecture": "script", "script.context_length": 8192}}
            return 200, json.dumps({**told_of, "capabilities": ["completion"]}).encode()
        return 404, b'{"error": "not found"}'


def _payload(question: Question, turn: Answer, number: int) -> bytes:
    if turn.raw is not None:
        return turn.raw
    if turn.status != 200:
        error = {"message": turn.error, "type": "scripted"} if isinstance(turn.error, str) else turn.error
        return json.dumps({"error": error}).encode()
    limit = (question.max_tokens or 1 << 30) * CHARS_PER_TOKEN
    text, finish = turn.text[:limit], turn.finish if len(turn.text) <= limit else "length"
    read, written = len(question.prompt) // CHARS_PER_TOKEN + 1, -(-len(text) // CHARS_PER_TOKEN)
    message = {"role": "assistant", "content": text, **turn.message}
    model = question.body.get("model", "")
    if question.path.endswith("/api/chat"):
        counts = {"prompt_eval_count": read, "eval_count": written} if turn.usage else {}
        return json.dumps(
            {"model": model, "message": message, "done": True, "done_reason": finish, **counts}
        ).encode()
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    whole = {"id": f"chat-{number}", "object": "chat.completion", "model": model, "choices": [choice]}
    return json.dumps({**whole, "usage": usage} if turn.usage else whole).encode()


async def _send(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    half: bool = False,
) -> bool:
    told = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        *(f"{name}: {value}" for name, value in told.items()),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + (body[: len(body) // 2] if half else body))
    await writer.drain()
    return not half


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--count-file", type=Path, help="a JSON line is added for each question")
    parser.add_argument("--after-s", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument(
        "--fail-after", type=int, default=0, help="questions answered before the rest get a 500"
    )
    parser.add_argument("--corruption", choices=sorted(CORRUPTIONS), help="how each answer is spoilt")
    options = parser.parse_args()
    script = late(options.after_s, corrupted(options.corruption) if options.corruption else answer)
    if options.fail_after:
        script = in_turn(*[script] * options.fail_after, broken())
    with ScriptedServer(script, port=options.port, count_path=options.count_file) as server:
        print(server.base_url, flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
