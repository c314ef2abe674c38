"""A process of its own that asks a scripted model; what it asked is appended to a file that outlives it.

Usage: python asking_child.py DATABASE ASKED REQUESTS CONCURRENCY LATENCY_S [CHARS]. It says `ready`, waits for a line,
asks, and writes a line of JSON.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from lorewright.core.errors import LoreError
from lorewright.core.records import Message
from lorewright.llm.asking import Completion, Request
from lorewright.llm.calls import Caller, Interrupted
from lorewright.llm.replies import Replies
from lorewright.llm.reply import Reply
from lorewright.llm.run_all import run_all
from lorewright.llm.scripted import ScriptedProvider

MODEL = {"provider": "scripted", "model": "test"}


def question(number: int) -> Request:
    """Return one of the requests that all processes ask."""
    return Request(messages=(Message(role="user", content=f"question {number}"),))


def answer(request: Request, chars: int = 0) -> Completion:
    """Return what the scripted model answers."""
    text = f"answer to {request.messages[0].content}" + "." * chars
    return Completion(text=text, prompt_tokens=2, completion_tokens=4, served_model="test-1")


async def _ask(
    replies: Replies, asked: int, requests: int, concurrency: int, latency_s: float, chars: int
) -> Any:
    def note(request: Request) -> float:
        os.write(asked, f"{request.messages[0].content}\n".encode())
        return latency_s

    provider = ScriptedProvider(lambda request: answer(request, chars), latency_s=note)
    texts: dict[str, str] = {}

    def keep(request: Request, reply: Reply) -> None:
        texts[request.messages[0].content] = reply.text

    def say(in_flight: int) -> None:
        _say(f"finishing {in_flight}")

    async with Caller(provider, replies, model=MODEL, concurrency=concurrency) as caller:
        every = map(question, range(requests))
        outcome = await run_all(every, caller.ask, caller=caller, on_result=keep, on_interrupt=say)
        return {
            "texts": texts,
            "done": outcome.done,
            "remaining": outcome.remaining,
            "interrupted": isinstance(outcome.stopped, Interrupted),
            "progress": caller.progress().model_dump(),
        }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    database, asked_path, requests, concurrency, latency_s, *chars = sys.argv[1:]
    ended: dict[str, Any]
    asked = os.open(asked_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Replies(Path(database)) as replies:
        _say("ready")
        sys.stdin.readline()
        try:
            ended = asyncio.run(
                _ask(
                    replies,
                    asked,
                    int(requests),
                    int(concurrency),
                    float(latency_s),
                    int((chars or ["0"])[0]),
                )
            )
        except LoreError as error:
            ended = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
    ended["handler restored"] = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    _say(json.dumps(ended))


if __name__ == "__main__":
    main()
