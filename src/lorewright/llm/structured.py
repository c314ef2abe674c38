"""From a model's text to a JSON value that satisfies a schema, honestly: nothing half or invalid is ever kept.

What is asked for under a schema comes back strict, wrapped in prose, broken or cut. Whatever can be kept without
guessing is; the rest is asked for once more, with the problem named.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

from lorewright.core.records import Message, Metadata
from lorewright.llm.asking import Finish, Request
from lorewright.llm.json_fitting import Fitted, fit, list_place, require_schema
from lorewright.llm.json_mending import mend, mend_open
from lorewright.llm.json_reading import ListPlace, find_start, read_open, read_plainly, read_strict
from lorewright.llm.json_wording import in_strict_words

Step = Literal["as asked", "repaired", "cut", "invalid"]

_LONGEST_SHOWN = 8_000
_THOUGHTS = re.compile(r"\s*<think(?:ing)?>(.*?)</think(?:ing)?>", re.DOTALL)
_CUT = "the reply is cut before its end"


class Reading(NamedTuple):
    """What a reply holds.

    Attributes:
        value: It satisfies the schema; None where the step is `invalid`.
        step: `as asked`: the reply is that value and no more. `repaired`: it stands among other words, was mended,
            or items and keys were left out. `cut`: the end is missing; what is there is complete. `invalid`.
        problem: Why there is no value; empty otherwise.
        dropped: What was left out of the value, each with its place and reason.
        open: Whether the text ends inside a value: a longer reply might have been good.
    """

    value: Any
    step: Step
    problem: str = ""
    dropped: tuple[str, ...] = ()
    open: bool = False


class Answer(Protocol):
    """What asking returns, as far as it matters here."""

    @property
    def text(self) -> str:
        """The model's words."""
        ...

    @property
    def finish(self) -> Finish:
        """Why they end."""
        ...


A = TypeVar("A", bound=Answer)


class Structured(NamedTuple, Generic[A]):
    """A value as asked for, or the reason why there is none.

    Attributes:
        value: It satisfies the request's schema; None where there is a problem.
        steps: How each reply was read, in order; the second is the one to the request to correct the first.
        replies: The replies, as many.
        problem: Of the last reply; empty where there is a value.
        dropped: What was left out of the value, each with its place and reason.
    """

    value: Any
    steps: tuple[Step, ...]
    replies: tuple[A, ...]
    problem: str = ""
    dropped: tuple[str, ...] = ()


async def ask_structured(ask: Callable[[Request], Awaitable[A]], request: Request) -> Structured[A]:
    """Return the value that a model answers a request with; an invalid answer is asked for once more.

    One that was cut to nothing is not: it would be cut again.

    Args:
        ask: Asks once; what it raises is passed on.
        request: One with an `answer_schema`.

    Raises:
        ConfigError: The request's schema is none.
        ValueError: The request has no schema.
    """
    if request.answer_schema is None:
        raise ValueError("a structured answer needs a schema")
    reply = await ask(request)
    reading = read_json(reply.text, request.answer_schema, cut=reply.finish != "stop")
    if reading.step != "invalid":
        return Structured(reading.value, (reading.step,), (reply,), dropped=reading.dropped)
    if reading.open and reply.finish != "stop":
        return Structured(None, (reading.step,), (reply,), _cut_short(reading, reply.finish, request))
    second = await ask(heal_request(request, reply.text, reading.problem))
    healed = read_json(second.text, request.answer_schema, cut=second.finish != "stop")
    problem = _cut_short(healed, second.finish, request) if healed.open else healed.problem
    steps, replies = (reading.step, healed.step), (reply, second)
    return Structured(healed.value, steps, replies, problem, healed.dropped)


def _cut_short(reading: Reading, finish: Finish, request: Request) -> str:
    if finish == "length":
        return f"{reading.problem} (limit {request.max_new_tokens} tokens): raise max_new_tokens"
    return f"{reading.problem}, broken off by the provider" if finish == "other" else reading.problem


def heal_request(request: Request, text: str, problem: str) -> Request:
    """Return the request to correct an answer: the conversation, the answer, and what is wrong with it."""
    shown = text.strip() or "(nothing)"
    if len(shown) > _LONGEST_SHOWN:
        half = _LONGEST_SHOWN // 2
        shown = f"{shown[:half]}\n[...]\n{shown[-half:]}"
    wish = (
        f"That answer cannot be used: {problem}. Answer again with the JSON alone: "
        "one complete value that satisfies the schema, no words before or after it."
    )
    turns = (Message(role="assistant", content=shown), Message(role="user", content=wish))
    return request.model_copy(update={"messages": (*request.messages, *turns)})


def read_json(text: str, schema: Metadata, *, cut: bool) -> Reading:
    """Return the value that a model's text holds under a schema.

    Tried in turn: the text as it stands; whole values among other words, of which the last counts, for models
    first repeat an example; a broken value, mended where its meaning is plain; the complete part of one that ends
    too soon. Of a cut list the items are kept whose own end stands in the text; a cut single object is invalid.

    Args:
        text: As it came.
        schema: JSON schema, draft 2020-12.
        cut: Whether the text ends because it was too long. A text that ends inside a value counts as cut anyway.

    Raises:
        ConfigError: The schema is none.
    """
    require_schema(schema)
    text = text.lstrip("\ufeff").strip()
    if not text:
        return Reading(None, "invalid", "the reply is empty")
    try:
        value = read_strict(text)
    except ValueError:
        pass
    else:
        return _read_whole(value, schema, cut=cut)
    words, thinking = _without_thoughts(text)
    if thinking:
        return Reading(None, "invalid", "the reply ends while the model is thinking aloud", open=True)
    return _read_among_words(words, schema, cut=cut)


def _read_whole(value: Any, schema: Metadata, *, cut: bool) -> Reading:
    if cut and type(value) in (int, float):
        return Reading(None, "invalid", _CUT, open=True)
    fitted = fit(value, schema)
    if fitted.problem and isinstance(value, str):
        return _read_among_words(value, schema, cut=cut)
    return _reading(fitted, "repaired" if fitted.dropped or fitted.wrapped else "as asked")


def _reading(fitted: Fitted, step: Step) -> Reading:
    if fitted.problem:
        return Reading(None, "invalid", fitted.problem, open=step == "cut")
    return Reading(fitted.value, step, "", fitted.dropped)


def _without_thoughts(text: str) -> tuple[str, bool]:
    """Return a text without the thoughts at its beginning, and whether they have no end."""
    if found := _THOUGHTS.match(text):
        return text[found.end() :], False
    head, mark, rest = text.partition("</think>")
    # Templates that open the thoughts themselves leave only their end in the answer.
    if mark and find_start(head, 0) < 0:
        return rest, False
    return text, text.startswith(("<think>", "<thinking>"))


def _read_among_words(text: str, schema: Metadata, *, cut: bool) -> Reading:
    values: list[Any] = []
    between = ""
    start, end = find_start(text, 0), -1
    while start >= 0:
        between += text[end:start] if end >= 0 else ""
        try:
            value, end = read_plainly(text, start)
        except ValueError as error:
            broken = _read_broken(text[start:], schema, cut=cut, problem=f"the reply is no JSON: {error}")
            if broken.open and _are_rows(values, between, schema):
                return _reading(fit(values, schema), "cut")
            return broken
        values.append(value)
        start = find_start(text, end)
    return _read_values(values, between, schema)


def _read_values(values: list[Any], between: str, schema: Metadata) -> Reading:
    """Return the last good one of the whole values in a text, or all of them where they are a list's items."""
    if len(values) > 1 and _are_rows(values, between, schema):
        together = _reading(fit(values, schema), "repaired")
        if together.step != "invalid":
            return together
    readings = [_reading(fit(value, schema), "repaired") for value in values]
    good = [reading for reading in readings if reading.step != "invalid"]
    return [Reading(None, "invalid", "the reply holds no JSON"), *readings, *good][-1]


def _are_rows(values: list[Any], between: str, schema: Metadata) -> bool:
    """Return whether objects stand one after another, with no word in between, where a list of them is wanted."""
    objects = bool(values) and all(isinstance(value, dict) for value in values)
    return objects and not between.strip(" \t\r\n,") and list_place(schema) is not None


def _read_broken(text: str, schema: Metadata, *, cut: bool, problem: str) -> Reading:
    """Return what a value that is no JSON holds; what follows it is not looked at, being perhaps inside."""
    text = text if cut else text.rstrip().removesuffix("```").rstrip()
    strict = in_strict_words(text, 0)
    if strict.end == "open":
        return _read_cut(strict.text, None, schema)
    mended = mend(text[: max(text.rfind("}"), text.rfind("]")) + 1])
    reading = (
        Reading(None, "invalid", problem) if mended is None else _reading(fit(mended, schema), "repaired")
    )
    if reading.step == "invalid" and cut:
        return _read_cut(strict.text, text, schema)
    return reading


def _read_cut(strict: str, broken: str | None, schema: Metadata) -> Reading:
    """Return the complete items of a list whose end is missing: those in strict JSON, or more from a broken one."""
    place = list_place(schema)
    if place is None:
        return Reading(None, "invalid", _CUT, open=True)
    best = Reading(None, "invalid", f"{_CUT}, with no complete item", open=True)
    for value in (read_open(strict, 0, place), mend_open(broken, place) if broken else None):
        if value is None or not _count(value, place):
            continue
        reading = _reading(fit(value, schema), "cut")
        if _count(reading.value, place) > _count(best.value, place) or best.value is None:
            best = reading
    return best


def _count(value: Any, place: ListPlace) -> int:
    items = value.get(place.key) if isinstance(value, dict) else value
    return len(items) if isinstance(items, list) else 0
