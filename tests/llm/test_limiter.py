"""Slots are given out in order, fewer under complaint, all of them again after, and none is lost."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.llm.limiter import Limiter


async def turns(rounds: int = 5) -> None:
    for _ in range(rounds):
        await asyncio.sleep(0)


def test_slots_are_halved_once_for_calls_that_were_under_way_together() -> None:
    async def body() -> None:
        limiter = Limiter(16)
        async with AsyncExitStack() as stack:
            slots = [await stack.enter_async_context(limiter.slot()) for _ in range(16)]
            for slot in slots:
                limiter.overloaded(slot)
            assert limiter.limit == 8
        async with limiter.slot() as slot:
            limiter.overloaded(slot)
        assert limiter.limit == 4

    asyncio.run(body())


def test_a_slot_comes_back_for_each_row_of_answers_up_to_the_most() -> None:
    async def body() -> None:
        limiter = Limiter(4)
        async with limiter.slot() as before:
            limiter.overloaded(before)
        limits = []
        for _ in range(9):
            limiter.answered(before)
            async with limiter.slot() as slot:
                limiter.answered(slot)
            limits.append(limiter.limit)
        assert limits == [2, 3, 3, 3, 4, 4, 4, 4, 4]

    asyncio.run(body())


def test_one_slot_is_left_whatever_a_server_says() -> None:
    async def body() -> None:
        limiter = Limiter(3)
        for _ in range(5):
            async with limiter.slot() as slot:
                limiter.overloaded(slot)
        assert limiter.limit == 1

    asyncio.run(body())


def test_no_slot_is_given_out_while_a_server_wants_to_be_left_alone() -> None:
    async def body() -> None:
        limiter = Limiter(4)
        async with limiter.slot() as slot:
            limiter.overloaded(slot, 0.1)
            told = time.monotonic()

        async def enter() -> float:
            async with limiter.slot():
                return time.monotonic() - told

        assert min(await asyncio.gather(*(enter() for _ in range(6)))) >= 0.1

    asyncio.run(body())


def test_whoever_waits_or_comes_later_is_told_why_no_slot_is_given_out() -> None:
    async def body() -> None:
        limiter = Limiter(1)

        async def enter() -> None:
            async with limiter.slot():
                pytest.fail("entered")

        async with limiter.slot() as slot:
            limiter.overloaded(slot, 60)
            waiting = [asyncio.create_task(enter()) for _ in range(3)]
            await turns()
            limiter.close(ValueError("enough"))
            ended = await asyncio.gather(*waiting, enter(), return_exceptions=True)
            assert [str(error) for error in ended] == ["enough"] * 4
        assert limiter.busy == 0

    asyncio.run(body())


def test_a_slot_that_was_given_out_just_before_the_end_is_not_used() -> None:
    async def body() -> None:
        limiter = Limiter(1)

        async def enter() -> None:
            async with limiter.slot():
                pytest.fail("entered")

        async with limiter.slot():
            waiting = asyncio.create_task(enter())
            await turns()
        limiter.close(ValueError("enough"))
        with pytest.raises(ValueError, match="enough"):
            await waiting
        assert limiter.busy == 0

    asyncio.run(body())


def test_who_is_cancelled_in_the_moment_of_getting_a_slot_leaves_it_to_the_next() -> None:
    async def body() -> None:
        limiter = Limiter(1)
        entered = []

        async def enter(number: int) -> None:
            async with limiter.slot():
                entered.append(number)

        async with limiter.slot():
            first, second = (asyncio.create_task(enter(number)) for number in (1, 2))
            await turns()
        first.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        assert entered == [2]
        assert limiter.busy == 0

    asyncio.run(body())


@given(
    most=st.integers(1, 5),
    steps=st.lists(st.sampled_from(["enter", "answer", "complain", "leave", "cancel"]), max_size=60),
    picks=st.randoms(use_true_random=False),
)
def test_slots_are_never_exceeded_never_lost_and_given_out_in_order(
    most: int, steps: list[str], picks: Any
) -> None:
    async def body() -> None:
        limiter = Limiter(most)
        inside: dict[int, asyncio.Event] = {}
        slots: dict[int, int] = {}
        order: list[int] = []
        tasks: dict[int, asyncio.Task[None]] = {}

        async def enter(number: int) -> None:
            async with limiter.slot() as slot:
                assert limiter.busy <= limiter.limit
                order.append(number)
                inside[number], slots[number] = asyncio.Event(), slot
                try:
                    await inside[number].wait()
                finally:
                    del inside[number]

        for number, step in enumerate(steps):
            if step == "enter":
                tasks[number] = asyncio.create_task(enter(number))
            elif step == "cancel" and tasks:
                picks.choice(list(tasks.values())).cancel()
            elif inside:
                chosen = picks.choice(list(inside))
                if step == "answer":
                    limiter.answered(slots[chosen])
                elif step == "complain":
                    limiter.overloaded(slots[chosen])
                else:
                    inside[chosen].set()
            await turns()
            waiting = [n for n, task in tasks.items() if not task.done() and n not in inside]
            assert 1 <= limiter.limit <= most
            assert limiter.busy == len(inside) <= most
            assert not waiting or limiter.busy >= limiter.limit or step == "answer"
        assert order == sorted(order)
        while inside:
            for event in list(inside.values()):
                event.set()
            await turns()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        assert limiter.busy == 0

    asyncio.run(body())
