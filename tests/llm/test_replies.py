"""Replies are kept whole, given back to the questions they serve, and survive what befalls their file."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import ConfigError, StorageError
from lorewright.core.records import Message
from lorewright.llm.asking import Finish, Request, Sampling
from lorewright.llm.claims import Claims
from lorewright.llm.replies import Replies, whole
from lorewright.llm.reply import Reply, finish_under, model_id, reply_key, serves

MODEL = {"provider": "office", "model": "small"}
QUESTION = Request(messages=(Message(role="user", content="How is a pump stopped?"),), max_new_tokens=100)
KEY = reply_key(MODEL, QUESTION)

OPENER = """
import sys
from pathlib import Path
from lorewright.llm.replies import Replies

sys.stdin.readline()
with Replies(Path(sys.argv[1])) as replies:
    print(replies.next_epoch())
"""

CLAIMER = """
import sys
from pathlib import Path
from lorewright.llm.claims import Claims

claims = Claims(Path(sys.argv[1]))
print(all(claims.take(key) for key in sys.argv[2:]), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work" / "replies.sqlite"


@pytest.fixture
def replies(path: Path) -> Iterator[Replies]:
    with Replies(path) as opened:
        yield opened


def make_reply(key: str = KEY, text: str = "Press the red button.", limit: int = 100, **fields: Any) -> Reply:
    return Reply(
        key=key, text=text, max_new_tokens=limit, asked_at=datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC), **fields
    )


def test_a_reply_comes_back_as_it_was_kept(replies: Replies) -> None:
    reply = make_reply(
        text="Zeile 1\n\0 \U0001f600 'quoted'",
        finish="other",
        prompt_tokens=12,
        completion_tokens=7,
        served_model="small-2026",
        seconds=1.5,
    )
    assert replies.get(KEY, 100) is None
    replies.put(reply, model="m")
    assert replies.get(KEY, 100) == reply.model_copy(update={"cached": True})


def test_half_a_surrogate_pair_becomes_a_question_mark(replies: Replies) -> None:
    assert whole("a\ud800b") == "a?b"
    assert whole("\U0001f600 é") == "\U0001f600 é"
    replies.put(make_reply(text=whole("\ud800")), model="m")
    kept = replies.get(KEY, 100)
    assert kept
    assert kept.text == "?"


@pytest.mark.parametrize(
    "other",
    [
        {"messages": (Message(role="system", content="How is a pump stopped?"),)},
        {"messages": (Message(role="user", content="How is a pump started?"),)},
        {"messages": (*QUESTION.messages, Message(role="assistant", content=""))},
        {"answer_schema": {}},
        {"answer_schema": {"type": "object"}},
        {"sampling": Sampling(temperature=0.5)},
        {"sampling": Sampling(seed=1)},
        {"sample": 1},
    ],
)
def test_whatever_an_answer_depends_on_is_in_the_key(other: dict[str, Any]) -> None:
    assert reply_key(MODEL, QUESTION.model_copy(update=other)) != KEY


def test_the_order_of_a_schemas_properties_is_in_the_key() -> None:
    first, second = (
        QUESTION.model_copy(update={"answer_schema": {"properties": {name: {} for name in names}}})
        for names in ("ab", "ba")
    )
    assert reply_key(MODEL, first) != reply_key(MODEL, second)


def test_the_limit_and_the_order_of_the_models_fields_are_not_in_the_key() -> None:
    turned = dict(reversed(MODEL.items()))
    assert reply_key(turned, QUESTION.model_copy(update={"max_new_tokens": 5})) == KEY
    assert reply_key(MODEL | {"digest": "1"}, QUESTION) != KEY


def test_a_cut_reply_serves_up_to_its_own_limit(replies: Replies) -> None:
    replies.put(make_reply(finish="length", completion_tokens=100), model="m")
    assert replies.get(KEY, 101) is None
    for limit in (100, 50):
        kept = replies.get(KEY, limit)
        assert kept
        assert kept.finish == "length"


def test_a_longer_reply_counts_as_cut_under_a_smaller_limit(replies: Replies) -> None:
    replies.put(make_reply(completion_tokens=60), model="m")
    ends = {limit: kept.finish for limit in (200, 100, 60, 59) if (kept := replies.get(KEY, limit))}
    assert ends == {200: "stop", 100: "stop", 60: "stop", 59: "length"}


def test_the_length_of_a_reply_without_counted_tokens_is_told_by_its_characters(replies: Replies) -> None:
    replies.put(make_reply(text="x" * 90), model="m")
    ends = {limit: kept.finish for limit in (100, 30, 29) if (kept := replies.get(KEY, limit))}
    assert ends == {100: "stop", 30: "stop", 29: "length"}


def test_a_refusal_holds_under_its_limit_and_larger_ones(replies: Replies) -> None:
    replies.put(make_reply(status="refused", text="too long"), model="m")
    assert replies.get(KEY, 100)
    assert replies.get(KEY, 200)
    assert replies.get(KEY, 50) is None


@given(
    finish=st.sampled_from(["stop", "length", "other"]),
    tokens=st.integers(0, 300),
    chars=st.integers(0, 900),
    asked_under=st.integers(1, 200),
    wanted=st.integers(1, 200),
)
def test_a_reply_that_serves_ends_as_under_its_limit_or_cut(
    finish: Finish, tokens: int, chars: int, asked_under: int, wanted: int
) -> None:
    end = finish_under(finish, tokens, chars, asked_under, wanted)
    assert end in {finish, "length"}
    if wanted >= asked_under:
        assert end == finish
        assert serves("answered", finish, asked_under, wanted) == (
            finish != "length" or wanted == asked_under
        )
    else:
        assert serves("answered", finish, asked_under, wanted)


def test_what_is_forgotten_is_gone_and_the_rest_stays(replies: Replies) -> None:
    replies.put(make_reply("a" * 64), model="m")
    replies.put(make_reply("b" * 64), model="m")
    assert replies.forget(["a" * 64, "c" * 64]) == 1
    assert [key for key in "abc" if replies.get(key * 64, 100)] == ["b"]
    assert replies.forget([]) == 0


def test_an_epoch_is_kept_in_the_file(replies: Replies, path: Path) -> None:
    assert replies.epoch() == 0
    assert replies.next_epoch() == 1
    with Replies(path) as again:
        assert again.epoch() == 1


def test_what_calls_take_is_told_for_each_model(replies: Replies) -> None:
    assert replies.typical("m") == (0, 0, 0, 0)
    for number in range(4):
        key = reply_key(MODEL, QUESTION.model_copy(update={"sample": number}))
        replies.put(
            make_reply(key, seconds=number, prompt_tokens=10 * number, completion_tokens=number), model="m"
        )
    replies.put(make_reply("f" * 64, seconds=99), model="other")
    replies.put(make_reply("e" * 64, status="refused"), model="m")
    assert replies.typical("m") == (1.5, 15, 1.5, 4)


def test_what_stood_behind_a_name_is_remembered(replies: Replies, path: Path) -> None:
    assert replies.resolution("ollama/small") is None
    replies.remember_resolution("ollama/small", {"digest": "1"})
    replies.remember_resolution("ollama/small", {"digest": "2", "name": "größe"})
    with Replies(path) as again:
        assert again.resolution("ollama/small") == {"digest": "2", "name": "größe"}
    assert model_id({"a": 1, "b": 2}) == model_id({"b": 2, "a": 1})


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    Replies(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="newer version of lorewright: its format is 99") as caught:
        Replies(path)
    assert "pip install --upgrade" in caught.value.hint
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "replies.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="another program"):
        Replies(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"This is no database at all. " * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "replies.sqlite"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"replies\.sqlite is no reply cache"):
        Replies(path)
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "work").touch()
    with pytest.raises(StorageError, match=r"replies\.sqlite cannot be used"):
        Replies(tmp_path / "work" / "replies.sqlite")


def test_a_path_that_is_a_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        Replies(tmp_path)


def test_a_full_disk_loses_nothing_that_was_kept(replies: Replies, path: Path) -> None:
    replies._connection.execute("PRAGMA max_page_count = 60")
    keys = [reply_key(MODEL, QUESTION.model_copy(update={"sample": n})) for n in range(100)]
    kept: list[str] = []
    with pytest.raises(StorageError, match="is full or failing") as caught:  # noqa: PT012
        for key in keys:
            replies.put(make_reply(key, "x" * 10_000), model="m")
            kept.append(key)
    assert "lore gc --dry-run" in caught.value.hint
    assert 5 < len(kept) < 100
    with Replies(path) as again:
        assert {key for key in keys if again.get(key, 100)} == set(kept)


def test_processes_that_open_a_new_file_at_once_all_get_it(path: Path) -> None:
    opening = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in opening:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=60) for process in opening]
    assert [error for _, error in printed] == [""] * 4
    assert sorted(int(out) for out, _ in printed) == [1, 2, 3, 4]


def test_a_claim_keeps_others_off_until_its_process_dies(tmp_path: Path) -> None:
    path = tmp_path / "replies.lock"
    keys = [f"{number:064x}" for number in (0, 1 << 255, (1 << 256) - 1)]
    claims = Claims(path)
    with subprocess.Popen(
        [sys.executable, "-c", CLAIMER, str(path), *keys],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        assert [claims.take(key) for key in keys] == [False] * 3
        assert claims.take("7" * 64)
        process.kill()
        process.wait()
    assert [claims.take(key) for key in keys] == [True] * 3
    claims.close()


def test_a_claim_is_given_back_once(tmp_path: Path) -> None:
    claims = Claims(tmp_path / "replies.lock")
    assert claims.take("a" * 64)
    assert not claims.take("a" * 64)
    claims.give("a" * 64)
    assert claims.take("a" * 64)
    claims.close()
    claims.close()
    assert claims.take("a" * 64)
    claims.close()


def test_a_closed_file_can_be_closed_again(path: Path) -> None:
    replies = Replies(path)
    replies.close()
    replies.close()
