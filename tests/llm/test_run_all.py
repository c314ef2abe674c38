"""Work goes on past what is slow, keeps little in memory, and is stopped in order."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asking_child import MODEL, answer, question  # type: ignore[import-not-found]

from lorewright.core.errors import ProviderError
from lorewright.llm.asking import Request
from lorewright.llm.calls import Caller, Stopped
from lorewright.llm.replies import Replies
from lorewright.llm.reply import Reply, reply_key
from lorewright.llm.run_all import Outcome, run_all
from lorewright.llm.scripted import ScriptedProvider

CHILD = Path(__file__).with_name("asking_child.py")


@pytest.fixture
def replies(tmp_path: Path) -> Iterator[Replies]:
    with Replies(tmp_path / "replies.sqlite") as opened:
        yield opened


def run(
    replies: Replies, provider: ScriptedProvider, requests: Any, **options: Any
) -> tuple[Outcome, list[Reply]]:
    got: list[Reply] = []
    window = options.pop("window", 0)

    async def body() -> Outcome:
        async with Caller(provider, replies, model=MODEL, **options) as caller:
            return await run_all(
                requests,
                caller.ask,
                caller=caller,
                on_result=lambda _, reply: got.append(reply),
                window=window,
            )

    return asyncio.run(body()), got


def test_everything_is_worked_on(replies: Replies) -> None:
    outcome, got = run(replies, ScriptedProvider(answer), map(question, range(300)))
    assert outcome == Outcome(done=300, remaining=0, stopped=None)
    assert {reply.text for reply in got} == {f"answer to question {n}" for n in range(300)}


def test_nothing_is_work_too(replies: Replies) -> None:
    assert run(replies, ScriptedProvider(answer), []) == (Outcome(0, 0, None), [])


def test_a_slow_call_holds_up_no_other(replies: Replies) -> None:
    got: list[int] = []

    async def body() -> Outcome:
        others_are_done = asyncio.Event()

        async def work(number: int) -> int:
            if number == 0:
                await others_are_done.wait()
            return number

        def keep(_: int, number: int) -> None:
            got.append(number)
            if len(got) == 99:
                others_are_done.set()

        async with Caller(ScriptedProvider(answer), replies, model=MODEL, concurrency=2) as caller:
            return await run_all(range(100), work, caller=caller, on_result=keep)

    assert asyncio.run(body()).done == 100
    assert got[-1] == 0


def test_items_are_taken_only_as_there_is_room(replies: Replies) -> None:
    taken, most = 0, 0
    got: list[Reply] = []

    def requests() -> Iterator[Request]:
        nonlocal taken, most
        for number in range(200):
            taken += 1
            most = max(most, taken - len(got))
            yield question(number)

    async def body() -> None:
        provider = ScriptedProvider(answer, latency_s=0.0005)
        async with Caller(provider, replies, model=MODEL, concurrency=2) as caller:
            await run_all(
                requests(), caller.ask, caller=caller, on_result=lambda _, reply: got.append(reply), window=5
            )

    asyncio.run(body())
    assert (taken, most) == (200, 5)


def test_an_error_ends_everything_and_leaves_no_task_behind(replies: Replies) -> None:
    wrong_key = ProviderError("office answered 401", status=401)
    provider = ScriptedProvider(lambda request: wrong_key if request == question(3) else answer(request))

    async def body() -> set[asyncio.Task[Any]]:
        async with Caller(provider, replies, model=MODEL) as caller:
            with pytest.raises(ProviderError, match="401"):
                await run_all(
                    map(question, range(10_000)), caller.ask, caller=caller, on_result=lambda *_: None
                )
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(body()) == set()
    assert len(provider.asked) < 50


def test_an_error_of_who_takes_the_results_ends_everything(replies: Replies) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "no space left on device")

    async def body() -> None:
        async with Caller(ScriptedProvider(answer), replies, model=MODEL) as caller:
            await run_all(map(question, range(50)), caller.ask, caller=caller, on_result=refuse)

    with pytest.raises(OSError, match="no space left"):
        asyncio.run(body())


def test_what_a_budget_leaves_is_counted(replies: Replies) -> None:
    requests = [question(n).model_copy(update={"max_new_tokens": 4}) for n in range(100)]
    outcome, got = run(replies, ScriptedProvider(answer), iter(requests), stop_at_tokens=60, concurrency=2)
    assert (outcome.done, outcome.remaining) == (9, 91)
    assert len(got) == 9
    assert isinstance(outcome.stopped, Stopped)
    assert "The budget is used up" in outcome.stopped.message


def test_work_runs_on_another_thread_as_well(replies: Replies, tmp_path: Path) -> None:
    ended: list[int] = []

    def elsewhere() -> None:
        with Replies(tmp_path / "other.sqlite") as mine:
            ended.append(run(mine, ScriptedProvider(answer), map(question, range(20)))[0].done)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert ended == [20]


def start(folder: Path, *, requests: int, concurrency: int, latency_s: float) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        CHILD,
        folder / "replies.sqlite",
        folder / "asked.txt",
        requests,
        concurrency,
        latency_s,
    ]
    process = subprocess.Popen(
        [*map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def wait_for_calls(folder: Path, number: int) -> None:
    asked = folder / "asked.txt"
    while not asked.exists() or asked.read_text().count("\n") < number:
        threading.Event().wait(0.002)


def test_the_first_ctrl_c_lets_calls_under_way_finish_and_keeps_them(tmp_path: Path) -> None:
    process = start(tmp_path, requests=100, concurrency=4, latency_s=0.2)
    wait_for_calls(tmp_path, 6)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert err == ""
    ready, finishing, last = out.splitlines()
    ended = json.loads(last)
    asked = (tmp_path / "asked.txt").read_text().split("\n")[:-1]
    assert (ready, finishing[:-1]) == ("ready", "finishing ")
    assert 1 <= int(finishing[-1]) <= 4
    assert ended["interrupted"]
    assert 6 <= ended["done"] == len(asked) < 100
    assert ended["done"] + ended["remaining"] == 100
    assert ended["handler restored"]
    with Replies(tmp_path / "replies.sqlite") as replies:
        keys = {reply_key(MODEL, question(n)): f"question {n}" for n in range(100)}
        kept = {key for key in keys if replies.get(key, 1024)}
    assert {keys[key] for key in kept} == set(asked)


def test_the_second_ctrl_c_leaves_calls_under_way(tmp_path: Path) -> None:
    process = start(tmp_path, requests=100, concurrency=4, latency_s=500)
    wait_for_calls(tmp_path, 4)
    process.send_signal(signal.SIGINT)
    assert process.stdout
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "finishing 4\n"]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert err == ""
    ended = json.loads(out)
    assert (ended["done"], ended["remaining"], ended["interrupted"]) == (0, 100, True)
    assert ended["handler restored"]


def test_an_ignored_ctrl_c_stays_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start(tmp_path, requests=8, concurrency=2, latency_s=0.05)
    finally:
        signal.signal(signal.SIGINT, before)
    wait_for_calls(tmp_path, 1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    ended = json.loads(out.splitlines()[-1])
    assert (ended["done"], ended["interrupted"]) == (8, False)
