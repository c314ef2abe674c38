"""A call is made once, tried again where that makes sense, paid for within limits, and its failures are told apart."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from asking_child import MODEL, answer, question  # type: ignore[import-not-found]
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import LoreError, ProviderError
from lorewright.core.records import Message
from lorewright.llm.asking import Completion, Request
from lorewright.llm.budget import Budget, Price
from lorewright.llm.calls import Caller, Progress, Refused, Stopped, Unanswered
from lorewright.llm.replies import Replies
from lorewright.llm.reply import Reply, reply_key
from lorewright.llm.retries import LONGEST_WAIT_S, Tries
from lorewright.llm.run_all import run_all
from lorewright.llm.scripted import ScriptedProvider

LOST = ProviderError("office hung up", "look at its log", wait_s=0.0)
BROKEN = ProviderError("office answered 500", "look at its log", status=500, wait_s=0.0)
BUSY = ProviderError("office answered 429", "later", status=429, wait_s=0.0)
TOO_LONG = ProviderError("office answered 400: 9000 tokens are too many", "shorten it", status=400)
WRONG_KEY = ProviderError("office answered 401", "check the key in OFFICE_KEY", status=401)

CLAIMER = """
import sys
from pathlib import Path
from lorewright.llm.replies import Replies
from lorewright.llm.reply import Reply
from datetime import UTC, datetime

with Replies(Path(sys.argv[1])) as replies:
    print(replies.claims.take(sys.argv[2]), flush=True)
    if sys.stdin.readline():
        reply = Reply(key=sys.argv[2], text="theirs", max_new_tokens=1024, asked_at=datetime.now(UTC))
        replies.put(reply, model="m")
"""


@pytest.fixture
def replies(tmp_path: Path) -> Iterator[Replies]:
    with Replies(tmp_path / "replies.sqlite") as opened:
        yield opened


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lorewright.llm.retries._FIRST_WAIT_S", 0.001)
    monkeypatch.setattr("lorewright.llm.calls._POLL_S", 0.005)


def asked_all(
    provider: ScriptedProvider, replies: Replies, requests: list[Request], **options: Any
) -> tuple[list[Reply | LoreError], Progress]:
    """Ask everything at once and return what came of each request."""

    async def body() -> tuple[list[Reply | LoreError], Progress]:
        async with Caller(provider, replies, model=MODEL, **options) as caller:
            ended = await asyncio.gather(*map(caller.ask, requests), return_exceptions=True)
            assert all(isinstance(one, Reply | LoreError) for one in ended), ended
            return ended, caller.progress()  # type: ignore[return-value]

    return asyncio.run(body())


def test_a_reply_is_what_the_provider_said_and_is_there_the_next_time(replies: Replies) -> None:
    provider = ScriptedProvider(answer)
    (first,), progress = asked_all(provider, replies, [question(1)])
    (second,), progress_then = asked_all(provider, replies, [question(1)])
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert (first.text, first.prompt_tokens, first.completion_tokens) == ("answer to question 1", 2, 4)
    assert (first.served_model, first.finish, first.max_new_tokens) == ("test-1", "stop", 1024)
    assert (first.cached, second.cached) == (False, True)
    assert second == first.model_copy(update={"cached": True})
    assert (progress.asked, progress.done, progress_then.cached, progress_then.done) == (1, 1, 1, 1)
    assert len(provider.asked) == 1
    assert provider.closed


def test_tasks_with_the_same_request_share_a_call(replies: Replies) -> None:
    provider = ScriptedProvider(answer, latency_s=0.01)
    ended, progress = asked_all(provider, replies, [question(n % 3) for n in range(30)])
    assert len(provider.asked) == 3
    assert (progress.asked, progress.waited, progress.done) == (3, 27, 30)
    assert Counter(one.text for one in ended if isinstance(one, Reply)).most_common(1)[0][1] == 10


def test_tasks_with_the_same_request_share_its_failure(replies: Replies) -> None:
    provider = ScriptedProvider([BROKEN])
    ended, progress = asked_all(provider, replies, [question(1)] * 3, tries=2)
    assert [str(one) for one in ended] == ["office answered 500"] * 3
    assert len(provider.asked) == 2
    assert (progress.unanswered, progress.failed, progress.done, progress.retried) == (3, 3, 0, 1)


def test_a_cancelled_task_leaves_its_request_to_the_others(replies: Replies) -> None:
    provider = ScriptedProvider(answer, latency_s=0.02)

    async def body() -> Reply:
        async with Caller(provider, replies, model=MODEL) as caller:
            first, second = (asyncio.create_task(caller.ask(question(1))) for _ in range(2))
            await asyncio.sleep(0.005)
            first.cancel()
            return await second

    assert asyncio.run(body()).text == "answer to question 1"
    assert len(provider.asked) == 2


@pytest.mark.parametrize("error", [LOST, BROKEN, BUSY])
def test_what_passes_is_tried_again(replies: Replies, error: ProviderError) -> None:
    provider = ScriptedProvider([error, error, "at last"])
    (reply,), progress = asked_all(provider, replies, [question(1)])
    assert isinstance(reply, Reply)
    assert reply.text == "at last"
    assert (len(provider.asked), progress.retried, progress.asked) == (3, 2, 1)


def test_a_hang_is_cut_off_and_tried_again(replies: Replies) -> None:
    waits = iter([60.0, 60.0, 0.0])
    provider = ScriptedProvider(answer, latency_s=lambda _: next(waits))
    (reply,), progress = asked_all(provider, replies, [question(1)], total_timeout_s=0.02)
    assert isinstance(reply, Reply)
    assert progress.retried == 2


def test_a_hang_that_goes_on_is_told_in_words(replies: Replies) -> None:
    provider = ScriptedProvider(answer, latency_s=60)
    (error,), _ = asked_all(provider, replies, [question(1)], total_timeout_s=0.01, tries=2)
    assert isinstance(error, Unanswered)
    assert error.message == "scripted/test gave no whole answer within 0.01 s."


def test_a_request_without_an_answer_is_asked_again_the_next_time(replies: Replies) -> None:
    provider = ScriptedProvider([BROKEN, BROKEN, "at last"])
    (error,), progress = asked_all(provider, replies, [question(1)], tries=2)
    assert isinstance(error, Unanswered)
    assert (error.message, error.hint, error.status) == (BROKEN.message, BROKEN.hint, 500)
    assert progress.unanswered == 1
    (reply,), _ = asked_all(provider, replies, [question(1)], tries=2)
    assert isinstance(reply, Reply)


def test_a_refused_request_is_not_asked_again_until_it_is_forgotten(replies: Replies) -> None:
    provider = ScriptedProvider([TOO_LONG, "now it fits"])
    (first,), progress = asked_all(provider, replies, [question(1)])
    (second,), _ = asked_all(provider, replies, [question(1)])
    assert isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert first.message == second.message == TOO_LONG.message
    assert "lore generate --retry-failed" in second.hint
    assert (len(provider.asked), progress.refused, progress.failed) == (1, 1, 1)
    replies.forget([reply_key(MODEL, question(1))])
    (third,), _ = asked_all(provider, replies, [question(1)])
    assert isinstance(third, Reply)


def test_a_wrong_key_ends_everything_with_one_message(replies: Replies) -> None:
    provider = ScriptedProvider([WRONG_KEY], latency_s=0.001)
    ended, progress = asked_all(provider, replies, [question(n) for n in range(500)], concurrency=4)
    assert {str(one) for one in ended} == {"office answered 401"}
    assert not any(isinstance(one, Unanswered | Refused) for one in ended)
    assert len(provider.asked) <= 4
    assert progress.failed == 0
    assert not any(replies.get(reply_key(MODEL, question(n)), 1024) for n in range(500))


def test_what_is_kept_is_given_back_after_the_end(replies: Replies) -> None:
    asked_all(ScriptedProvider(answer), replies, [question(1)])

    async def body() -> Reply:
        async with Caller(ScriptedProvider([WRONG_KEY]), replies, model=MODEL) as caller:
            with pytest.raises(ProviderError, match="401"):
                await caller.ask(question(2))
            return await caller.ask(question(1))

    assert asyncio.run(body()).cached


def test_a_server_that_is_gone_is_not_asked_for_the_rest(replies: Replies) -> None:
    provider = ScriptedProvider([LOST])
    failures: list[LoreError] = []

    async def body() -> Progress:
        async with Caller(provider, replies, model=MODEL, concurrency=4, tries=3) as caller:

            async def failed(request: Request) -> LoreError:
                with pytest.raises(Unanswered) as caught:
                    await caller.ask(request)
                return caught.value

            await run_all(
                map(question, range(1000)),
                failed,
                caller=caller,
                on_result=lambda _, error: failures.append(error),
            )
            return caller.progress()

    assert asyncio.run(body()).unanswered == 1000
    # Eight that failed, and the 32 that were being worked on meanwhile; three tries each.
    assert len(provider.asked) <= 3 * (8 + 32)
    assert failures[-1].message == (
        f"scripted/test is asked no more: 8 calls in a row failed, the last with: {LOST.message}"
    )
    assert failures[0].message == LOST.message


def test_a_server_that_refuses_everything_is_not_asked_for_the_rest(replies: Replies) -> None:
    provider = ScriptedProvider([TOO_LONG], latency_s=0.001)
    _, progress = asked_all(provider, replies, [question(n) for n in range(200)], concurrency=4)
    assert 8 <= progress.refused <= 12
    assert progress.refused + progress.unanswered == 200
    assert len(provider.asked) == progress.refused


def test_refusals_beside_answers_that_are_there_are_no_reason_to_stop(replies: Replies) -> None:
    asked_all(ScriptedProvider(answer), replies, [question(0)])
    provider = ScriptedProvider([TOO_LONG], latency_s=0.001)
    _, progress = asked_all(provider, replies, [question(n) for n in range(50)], concurrency=4)
    assert (progress.cached, progress.refused, progress.unanswered) == (1, 49, 0)


def test_refusals_among_answers_are_no_reason_to_stop(replies: Replies) -> None:
    def script(request: Request) -> Completion | ProviderError:
        return answer(request) if request == question(0) else TOO_LONG

    provider = ScriptedProvider(script, latency_s=0.001)
    _, progress = asked_all(provider, replies, [question(n) for n in range(100)], concurrency=4)
    assert (progress.asked, progress.refused, progress.unanswered) == (1, 99, 0)


def test_a_server_that_comes_back_is_asked_on(replies: Replies) -> None:
    failing = set(range(20, 26))

    def script(request: Request) -> Completion | ProviderError:
        number = int(request.messages[0].content.split()[1])
        return BROKEN if number in failing else answer(request)

    _, progress = asked_all(ScriptedProvider(script), replies, [question(n) for n in range(60)], tries=1)
    assert (progress.asked, progress.unanswered) == (54, 6)


def test_no_more_calls_run_at_once_than_were_allowed(replies: Replies) -> None:
    provider = ScriptedProvider(answer, latency_s=0.002)
    asked_all(provider, replies, [question(n) for n in range(100)], concurrency=7)
    assert provider.most_in_flight == 7
    assert len(provider.asked) == 100


def test_a_server_that_allows_few_calls_at_once_answers_everything_in_the_end(replies: Replies) -> None:
    holder: list[ScriptedProvider] = []

    def script(request: Request) -> Completion | ProviderError:
        return BUSY if holder[0].in_flight > 2 else answer(request)

    holder.append(ScriptedProvider(script, latency_s=0.002))
    _, progress = asked_all(holder[0], replies, [question(n) for n in range(60)], concurrency=8)
    assert (progress.asked, progress.failed) == (60, 0)
    assert progress.retried == len(holder[0].asked) - 60 > 0


def test_all_calls_wait_while_the_server_wants_to_be_left_alone(replies: Replies) -> None:
    begun: list[float] = []

    def latency_s(_: Request) -> float:
        begun.append(asyncio.get_running_loop().time())
        return 0.0

    error = ProviderError("office answered 429", status=429, wait_s=0.15)
    provider = ScriptedProvider([error, "now"], latency_s=latency_s)
    asked_all(provider, replies, [question(n) for n in range(3)], concurrency=1)
    assert len(begun) == 4
    assert begun[1] - begun[0] >= 0.14


def test_a_server_that_wants_to_be_left_alone_for_hours_is_not_waited_for(replies: Replies) -> None:
    provider = ScriptedProvider([ProviderError("come tomorrow", status=429, wait_s=LONGEST_WAIT_S + 1)])
    ended, _ = asked_all(provider, replies, [question(n) for n in range(100)])
    assert all(isinstance(one, Unanswered) for one in ended)
    assert len(provider.asked) < 100


def test_waits_between_tries_double_are_spread_and_heed_the_server() -> None:
    tries = Tries(99, random.Random(1))
    waits = [tries.wait_s(LOST) or 0.0 for _ in range(5)]
    assert all(0.0005 * 2**n <= wait <= 0.0015 * 2**n for n, wait in enumerate(waits))
    assert len({wait / 2**n for n, wait in enumerate(waits)}) == 5
    assert tries.wait_s(ProviderError("", status=503, wait_s=7)) == 7
    assert Tries(1, random.Random(1)).wait_s(LOST) is None
    assert Tries(1, random.Random(1)).wait_s(BUSY) is not None
    assert Tries(9, random.Random(1)).wait_s(ProviderError("no")) is None
    again = Tries(99, random.Random(1))
    assert waits == [again.wait_s(LOST) for _ in range(5)]


def test_a_raised_limit_asks_only_for_what_was_cut(replies: Replies) -> None:
    def script(request: Request) -> Completion:
        number = int(request.messages[0].content.split()[1])
        cut = number % 4 == 0 and request.max_new_tokens < 200
        return Completion(text="x", finish="length" if cut else "stop", completion_tokens=50)

    provider = ScriptedProvider(script)
    under = {
        limit: [question(n).model_copy(update={"max_new_tokens": limit}) for n in range(20)]
        for limit in (100, 300)
    }
    asked_all(provider, replies, under[100])
    ended, progress = asked_all(provider, replies, under[300])
    assert (progress.asked, progress.cached) == (5, 15)
    assert {one.finish for one in ended if isinstance(one, Reply)} == {"stop"}
    _, progress = asked_all(provider, replies, under[100] + under[300])
    assert progress.asked == 0


def test_the_same_request_under_two_limits_at_once_is_asked_again_only_if_cut(replies: Replies) -> None:
    provider = ScriptedProvider(
        lambda request: Completion(text="x", finish="length", completion_tokens=request.max_new_tokens),
        latency_s=0.002,
    )
    requests = [question(1).model_copy(update={"max_new_tokens": limit}) for limit in (10, 20, 10, 20)]
    ended, progress = asked_all(provider, replies, requests)
    assert [request.max_new_tokens for request in provider.asked] == [10, 20]
    assert (progress.asked, progress.waited) == (2, 2)
    assert [one.max_new_tokens for one in ended if isinstance(one, Reply)] in (
        [10, 20, 10, 20],
        [10, 20, 20, 20],
    )


def test_a_request_that_another_process_asks_for_holds_up_no_other(replies: Replies) -> None:
    provider = ScriptedProvider(["mine"])
    ended, progress = with_claimer(
        replies,
        lambda caller, claimer: ask_two(caller, claimer, lambda: claimer.communicate("go\n")),
        provider,
    )
    assert [one.text for one in ended] == ["mine", "theirs"]
    assert (progress.asked, progress.waited) == (1, 1)
    assert provider.asked == [question(2)]


def test_a_request_of_a_process_that_died_is_asked_for(replies: Replies) -> None:
    provider = ScriptedProvider(["mine"])
    ended, progress = with_claimer(
        replies, lambda caller, claimer: ask_two(caller, claimer, claimer.kill), provider
    )
    assert [one.text for one in ended] == ["mine", "mine"]
    assert progress.asked == 2


async def ask_two(caller: Caller, claimer: "subprocess.Popen[str]", end: Callable[[], Any]) -> list[Reply]:
    """Ask for what another process claimed, for something else, and let that process end."""
    claimed = asyncio.create_task(caller.ask(question(1)))
    await asyncio.sleep(0.02)
    free = await caller.ask(question(2))
    assert not claimed.done()
    end()
    return [free, await claimed]


def with_claimer(
    replies: Replies,
    act: Callable[[Caller, "subprocess.Popen[str]"], Coroutine[Any, Any, list[Reply]]],
    provider: ScriptedProvider,
) -> tuple[list[Reply], Progress]:
    key = reply_key(MODEL, question(1))
    with subprocess.Popen(
        [sys.executable, "-c", CLAIMER, str(replies.path), key],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as claimer:
        assert claimer.stdout
        assert claimer.stdout.readline() == "True\n"

        async def body() -> tuple[list[Reply], Progress]:
            async with Caller(provider, replies, model=MODEL, concurrency=1) as caller:
                return await act(caller, claimer), caller.progress()

        return asyncio.run(body())


def test_a_budget_stops_calls_before_it_is_exceeded_and_what_was_answered_is_kept(replies: Replies) -> None:
    provider = ScriptedProvider(
        lambda request: Completion(text="x", prompt_tokens=4, completion_tokens=10), latency_s=0.002
    )
    price = Price(usd_per_million_input=0, usd_per_million_output=100_000)
    requests = [question(n).model_copy(update={"max_new_tokens": 10}) for n in range(100)]
    ended, progress = asked_all(provider, replies, requests, price=price, stop_at_usd=20.0)
    stops = [one for one in ended if isinstance(one, Stopped)]
    assert (progress.asked, len(stops), progress.failed) == (20, 80, 0)
    assert progress.usd == pytest.approx(20)
    assert stops[0].message == "The budget is used up: $20.0000 of $20, and the next call may exceed it."
    ended, progress = asked_all(provider, replies, requests, price=price, stop_at_usd=20.0)
    assert (progress.cached, progress.asked) == (20, 20)


def test_a_budget_of_tokens_stops_calls_too(replies: Replies) -> None:
    provider = ScriptedProvider(lambda request: Completion(text="x" * 30))
    requests = [question(n).model_copy(update={"max_new_tokens": 20}) for n in range(50)]
    ended, progress = asked_all(provider, replies, requests, stop_at_tokens=200)
    # A prompt counts as 4 tokens and an answer as 10, and a call begins while 24 are left.
    assert progress.asked == 13
    assert isinstance(ended[-1], Stopped)
    assert ended[-1].message.startswith("The budget is used up: 182 tokens of 200")


@given(
    limits=st.lists(st.integers(1, 50), min_size=1, max_size=40),
    used=st.randoms(use_true_random=False),
    most=st.integers(0, 400),
)
def test_a_budget_is_never_exceeded_by_calls_within_their_estimate(
    limits: list[int], used: Any, most: int
) -> None:
    budget = Budget(Price(usd_per_million_input=1e6, usd_per_million_output=1e6), stop_at_usd=most)
    under_way: list[Request] = []
    for limit in limits:
        request = Request(
            messages=(Message(role="user", content="x" * used.randint(1, 60)),), max_new_tokens=limit
        )
        if budget.reserve(request):
            under_way.append(request)
        if under_way and used.random() < 0.5:
            ended = under_way.pop(used.randrange(len(under_way)))
            completion = Completion(
                text="y", prompt_tokens=1, completion_tokens=used.randint(1, ended.max_new_tokens)
            )
            budget.settle(ended, used.choice([completion, None]))
        assert budget.usd <= most
    for request in under_way:
        budget.settle(request, Completion(text="", prompt_tokens=1, completion_tokens=request.max_new_tokens))
    assert budget.usd <= most


def test_stopping_ends_waits_at_once_and_lets_calls_under_way_finish(replies: Replies) -> None:
    slow = ScriptedProvider(
        lambda request: answer(request) if request == question(0) else BROKEN,
        latency_s=lambda request: 0.05 if request == question(0) else 0.0,
    )

    async def body() -> list[Any]:
        async with Caller(slow, replies, model=MODEL, concurrency=2) as caller:
            caller._draw = random.Random(1)
            asking = [asyncio.create_task(caller.ask(question(n))) for n in range(5)]
            await asyncio.sleep(0.01)
            caller.stop(Stopped("Enough."))
            return await asyncio.gather(*asking, return_exceptions=True)

    monkey = pytest.MonkeyPatch()
    with monkey.context() as patched:
        patched.setattr("lorewright.llm.retries._FIRST_WAIT_S", 30.0)
        ended = asyncio.run(body())
    assert ended[0].text == "answer to question 0"
    assert [type(one) for one in ended[1:]] == [Stopped] * 4


def test_progress_counts_what_was_asked_read_written_and_paid(replies: Replies) -> None:
    _, told = asked_all(ScriptedProvider(answer), replies, [question(1)])
    assert (told.asked, told.cached) == (1, 0)
    provider = ScriptedProvider([TOO_LONG, "fine"])
    price = Price(usd_per_million_input=1e6, usd_per_million_output=0)
    _, told = asked_all(
        provider, replies, [question(1), question(2), question(3)], concurrency=1, price=price
    )
    assert (told.done, told.failed, told.cached) == (2, 1, 1)
    # The prompt of 10 characters counts as 4 tokens.
    assert (told.prompt_tokens, told.completion_tokens, told.usd) == (4, 2, 4.0)
    assert told.tokens_per_s > 0
