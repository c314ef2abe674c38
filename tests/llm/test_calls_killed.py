"""Processes that are killed, share a file, or find the disk full: what was kept stays, and is not asked again."""

import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from asking_child import MODEL, question  # type: ignore[import-not-found]

from lorewright.llm.replies import Replies
from lorewright.llm.reply import reply_key

CHILD = Path(__file__).with_name("asking_child.py")
REQUESTS = 240
CONCURRENCY = 8
KEYS = {f"question {number}": reply_key(MODEL, question(number)) for number in range(REQUESTS)}


def start(folder: Path, *, latency_s: float, asked: str = "asked.txt", chars: int = 0, **options: Any) -> Any:
    """Start a process that asks everything, and return it when it is about to begin."""
    folder.mkdir(exist_ok=True)
    command = [
        sys.executable, CHILD, folder / "replies.sqlite", folder / asked, REQUESTS, CONCURRENCY, latency_s, chars
    ]  # fmt: skip
    process = subprocess.Popen(
        [*map(str, command)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: Any) -> Any:
    out, err = process.communicate(timeout=120)
    assert err == ""
    return json.loads(out)


def go(process: Any) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def asked(folder: Path, name: str = "asked.txt") -> list[str]:
    path = folder / name
    return path.read_text().split("\n")[:-1] if path.exists() else []


def committed(folder: Path) -> set[str]:
    with Replies(folder / "replies.sqlite") as replies:
        kept = {key for key in KEYS.values() if replies.get(key, 1024)}
    return {name for name, key in KEYS.items() if key in kept}


def contents(folder: Path) -> dict[str, tuple[Any, ...]]:
    found = {}
    with Replies(folder / "replies.sqlite") as replies:
        for name, key in KEYS.items():
            reply = replies.get(key, 1024)
            assert reply
            found[name] = (
                reply.text,
                reply.finish,
                reply.prompt_tokens,
                reply.completion_tokens,
                reply.served_model,
            )
    return found


def wait_for_calls(folder: Path, number: int) -> None:
    while len(asked(folder)) < number:
        time.sleep(0.001)


def test_a_run_killed_twenty_times_ends_as_an_undisturbed_one_and_repeats_only_what_was_under_way(
    tmp_path: Path,
) -> None:
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    texts = finish(start(quiet, latency_s=0))["texts"]
    draw = random.Random(20)
    kept: set[str] = set()
    for _ in range(20):
        before = len(asked(killed))
        process = start(killed, latency_s=0.01)
        go(process)
        wait_for_calls(killed, before + draw.randint(1, 18))
        time.sleep(draw.uniform(0, 0.012))
        process.kill()
        process.communicate()
        this_time = asked(killed)[before:]
        assert not kept.intersection(this_time)
        assert len(set(this_time)) == len(this_time)
        kept_now = committed(killed)
        assert kept_now >= kept
        assert len(set(this_time) - kept_now) <= CONCURRENCY
        kept = kept_now
    assert 20 < len(kept) < REQUESTS
    before = len(asked(killed))
    ended = finish(start(killed, latency_s=0))
    assert set(asked(killed)[before:]) == set(KEYS) - kept
    assert ended["texts"] == texts
    assert contents(killed) == contents(quiet)
    assert len(asked(killed)) - REQUESTS <= 20 * CONCURRENCY


def test_two_processes_ask_each_request_once(tmp_path: Path) -> None:
    processes = [start(tmp_path, latency_s=0.01) for _ in range(2)]
    for process in processes:
        go(process)
    ended = [finish(process) for process in processes]
    assert Counter(asked(tmp_path)) == dict.fromkeys(KEYS, 1)
    assert [one["done"] for one in ended] == [REQUESTS, REQUESTS]
    assert ended[0]["texts"] == ended[1]["texts"]
    assert sum(one["progress"]["asked"] for one in ended) == REQUESTS


def test_a_process_finishes_what_another_was_killed_over(tmp_path: Path) -> None:
    first, second = start(tmp_path, latency_s=0.02), start(tmp_path, latency_s=0.02)
    go(first)
    go(second)
    wait_for_calls(tmp_path, REQUESTS // 3)
    first.kill()
    first.communicate()
    ended = finish(second)
    assert ended["done"] == REQUESTS
    times = Counter(asked(tmp_path))
    assert set(times) == set(KEYS)
    assert sum(times.values()) - REQUESTS <= CONCURRENCY
    assert committed(tmp_path) == set(KEYS)


def test_a_full_disk_ends_a_run_in_words_and_the_next_asks_for_the_rest(tmp_path: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    ended = finish(start(tmp_path, latency_s=0.001, chars=50_000, preexec_fn=little_room))
    assert ended["error"] == "StorageError"
    assert "is full or failing" in ended["message"]
    assert "lore gc --dry-run" in ended["hint"]
    kept = committed(tmp_path)
    assert 10 < len(kept) < REQUESTS
    before = len(asked(tmp_path))
    assert finish(start(tmp_path, latency_s=0))["done"] == REQUESTS
    assert set(asked(tmp_path)[before:]) == set(KEYS) - kept
