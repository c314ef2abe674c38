"""A chat server without a model: it answers at once or late, always the same, and counts how many wait for an answer.

    python benchmarks/answering_server.py --latency 0.2 --answer ANSWER.txt

Prints its port, serves `/v1/chat/completions` and `/v1/models` on 127.0.0.1, and when its input ends prints JSON:
calls, the most in flight at once, seconds from the first moment that two were in flight until the last call came in,
and the integral of those in flight over that time (busy slots x seconds). `{number}` in the answer becomes the number
of the call. Standard library only.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

MODEL = "fixed"


class Counts:
    """How many calls are in flight, over time."""

    def __init__(self) -> None:
        self.calls = self.in_flight = self.most = 0
        self._busy = self._busy_at_last_call = 0.0
        self._changed = self._last_call = time.perf_counter()
        self._first: float | None = None

    def came(self) -> None:
        """Count a call."""
        self._move(1)
        self.calls += 1
        self.most = max(self.most, self.in_flight)
        if self._first is None and self.in_flight == 2:
            self._first = self._changed
        self._busy_at_last_call, self._last_call = self._busy, self._changed

    def left(self) -> None:
        """Count an answer."""
        self._move(-1)

    def _move(self, by: int) -> None:
        now = time.perf_counter()
        if self._first is not None:
            self._busy += self.in_flight * (now - self._changed)
        self._changed = now
        self.in_flight += by

    def told(self) -> dict[str, Any]:
        """Return the figures."""
        seconds = self._last_call - self._first if self._first is not None else 0.0
        return {
            "calls": self.calls,
            "most": self.most,
            "seconds": seconds,
            "busy": self._busy_at_last_call,
        }


class Connection(asyncio.Protocol):
    """One connection, kept until the client closes it or says so."""

    def __init__(
        self, counts: Counts, arguments: argparse.Namespace, answer: str, draw: random.Random
    ) -> None:
        self._counts, self._answer, self._draw = counts, answer, draw
        self._latency, self._spread = arguments.latency, arguments.spread
        self._read = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is there in full."""
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            length = 0
            if (place := head.find(b"\r\ncontent-length:")) >= 0:
                length = int(head[place + 17 :].split(b"\r\n", 1)[0])
            if len(self._read) < end + 4 + length:
                return
            self._read = self._read[end + 4 + length :]
            self._serve(head)

    def _serve(self, head: bytes) -> None:
        close = b"connection: close" in head
        line = head.split(b"\r\n", 1)[0]
        if line.startswith(b"post ") and b"/chat/completions" in line:
            self._counts.came()
            body = completion(self._answer, self._counts.calls)
            if self._latency:
                late = self._latency * (1 + self._spread * self._draw.uniform(-1, 1))
                asyncio.get_running_loop().call_later(late, self._reply, body, close)
            else:
                self._reply(body, close)
        else:
            self._write({"object": "list", "data": [{"id": MODEL, "object": "model"}]}, close)

    def _reply(self, body: dict[str, Any], close: bool) -> None:
        self._counts.left()
        self._write(body, close)

    def _write(self, body: dict[str, Any], close: bool) -> None:
        if self._transport.is_closing():
            return
        text = json.dumps(body).encode()
        ending = "Connection: close\r\n" if close else ""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n{ending}\r\n"
        self._transport.write(head.encode() + text)
        if close:
            self._transport.close()


def completion(answer: str, number: int) -> dict[str, Any]:
    """Return the body of an answer."""
    message = {"role": "assistant", "content": answer.replace("{number}", str(number))}
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 200, "completion_tokens": 40, "total_tokens": 240},
    }


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until the input ends."""
    counts, draw = Counts(), random.Random(1)
    answer = arguments.answer.read_text(encoding="utf-8")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(counts, arguments, answer, draw), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(counts.told()), flush=True)
    server.close()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--answer", type=Path, required=True)
    parser.add_argument("--spread", type=float, default=0.0, help="part of the latency that it varies by")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
