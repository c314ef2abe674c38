"""What of a model's text is kept as the JSON that was asked for, and what is asked for again."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from spoilt_json import CORRUPTIONS  # type: ignore[import-not-found]

from lorewright.core.errors import ConfigError
from lorewright.core.records import Message
from lorewright.llm.asking import Completion, Request
from lorewright.llm.json_fitting import list_place, require_schema
from lorewright.llm.structured import Structured, ask_structured, heal_request, read_json

PAIR = {
    "type": "object",
    "properties": {"question": {"type": "string", "minLength": 3}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
    "additionalProperties": False,
}
PAIRS: dict[str, Any] = {
    "type": "object",
    "properties": {"pairs": {"type": "array", "minItems": 1, "maxItems": 3, "items": PAIR}},
    "required": ["pairs"],
    "additionalProperties": False,
}
SUMMARY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "summary": {"type": "string"},
        "level": {"enum": ["low", "high"]},
        "sure": {"type": "boolean"},
        "score": {"type": "number"},
        "actions": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["summary", "level", "sure"],
    "additionalProperties": False,
}
ONE = {"question": "What is it?", "answer": 'A "thing" with {braces}, [brackets] and C:\\new\\path'}
TWO = {"question": "Wie heißt es? 日本語 😀", "answer": "line one\n```python\nprint({'a': [1]})\n```"}
THREE = {"question": "Where, then?", "answer": "It's at http://x.y/z#here // not a comment"}
GOOD = {"pairs": [ONE, TWO, THREE]}


def _read(text: str, schema: dict[str, Any] = PAIRS, *, cut: bool = False) -> Any:
    return read_json(text, schema, cut=cut)


def test_the_value_alone_is_as_asked() -> None:
    assert _read(f" {json.dumps(GOOD)}\n") == (GOOD, "as asked", "", (), False)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: (
            f"Sure, as you asked [1] in {{style}}:\n```json\n{text}\n```\nSee [the docs] for {{more}}."
        ),
        lambda text: f"<think>{{\"pairs\": []}} or [{{'question'}}]?</think>{text}",
        lambda text: f"They want pairs.\n</think>\n{text}",
        lambda text: f"\ufeff{text}.",
        json.dumps,
        lambda text: text.replace('"', "“", 1).replace('"', "”", 1),
        lambda text: text[:-2] + "}",
        lambda text: text.replace("}, {", "} {"),
        lambda text: text.replace('{"pairs"', '{/* here "they" are */ pairs')[:-1] + ", # all\n}",
        lambda text: text[: text.index("[") + 1] + "\n// first\n" + text[text.index("[") + 1 :],
        lambda text: text.replace('"answer": "It', '\n"answer": "It').replace('then?", ', 'then?" '),
    ],
)
def test_what_no_guess_is_needed_for_is_repaired(spoil: Callable[[str], str]) -> None:
    text = spoil(json.dumps(GOOD, ensure_ascii=False))
    reading = _read(text)
    assert (reading.value, reading.step, reading.dropped) == (GOOD, "repaired", ())


def test_quotation_marks_inside_a_string_are_kept_where_the_string_has_an_end() -> None:
    reading = _read('{"pairs": [{"question": "What is a "thing" here?", "answer": "Any "thing" at all."}]}')
    assert reading.step == "repaired"
    assert reading.value == {
        "pairs": [{"question": 'What is a "thing" here?', "answer": 'Any "thing" at all.'}]
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"pairs": [{"question": "use "x", "answer": "y" today", "answer": "z"}]}',
        '{"pairs": [{"question": "use "x", "y" here", "answer": "z"}]}',
        '{"pairs": [{"question": "What?", "answer": "a "b", and "c": d"}]}',
        '{"pairs": [{"question": "What?", "answer": "no end, "more": 1}]}',
        '{"pairs": [{"question": "What?", "answer": "y", "question": "Which?", "answer": "z"}]}',
        '{"pairs": [{"question": "What?", "answer": "y"}, ...]}',
        '{"pairs": [{"question": "What?", "answer": "one" + "two"}]}',
        '{"pairs": [{"question": "What?" "no comma", "answer": "two"}]}',
    ],
)
def test_a_text_of_more_than_one_meaning_is_invalid(text: str) -> None:
    assert _read(text).step == "invalid"


@pytest.mark.parametrize("number", ["1_000", "1,000", "NaN", "Infinity", "007", "0x1F", "1e999", "+1", ".5"])
def test_a_number_that_is_no_json_is_not_guessed(number: str) -> None:
    schema = {"type": "object", "properties": {"n": {}}, "required": ["n"]}
    assert _read(f'{{"n": {number}}}', schema).step == "invalid"


def test_a_list_or_an_item_of_it_is_put_where_it_belongs() -> None:
    assert _read(json.dumps([ONE, TWO])) == ({"pairs": [ONE, TWO]}, "repaired", "", (), False)
    assert _read(json.dumps(ONE)).value == {"pairs": [ONE]}
    bare = {"type": "array", "items": PAIR}
    assert _read(json.dumps(ONE), bare).value == [ONE]
    assert _read("\n".join(map(json.dumps, (ONE, TWO, THREE)))).value == GOOD
    assert _read(f"{json.dumps(ONE)},\n{json.dumps(TWO)}", bare).value == [ONE, TWO]


def test_bad_items_are_dropped_with_their_reasons_and_good_ones_kept() -> None:
    reading = _read(json.dumps({"pairs": [ONE, {"question": "Why?"}, {"question": 1, "answer": "x"}, TWO]}))
    assert reading.value == {"pairs": [ONE, TWO]}
    assert reading.step == "repaired"
    assert reading.dropped == (
        'pairs[1]: "answer" is a required property',
        'pairs[2].question: the value is not of type "string"',
    )


def test_items_beyond_the_wanted_number_are_dropped() -> None:
    reading = _read(json.dumps({"pairs": [ONE, TWO, THREE, ONE, TWO]}))
    assert reading.value == GOOD
    assert reading.dropped == ("pairs: 2 more than the 3 asked for",)


def test_too_few_good_items_are_invalid() -> None:
    assert _read(json.dumps({"pairs": [{"question": "Why?"}]})).problem == (
        'pairs[0]: "answer" is a required property'
    )
    two = {**PAIRS, "properties": {"pairs": {**PAIRS["properties"]["pairs"], "minItems": 2}}}
    assert _read(json.dumps({"pairs": [ONE, {}]}), two).step == "invalid"
    free = {"type": "object", "properties": {"pairs": {"type": "array", "items": PAIR}}}
    assert _read('{"pairs": [{"what": 1}]}', free).step == "invalid"
    assert _read('{"pairs": []}', free).value == {"pairs": []}


def test_keys_that_were_not_asked_for_are_left_out() -> None:
    reading = _read(json.dumps({"pairs": [{**ONE, "explanation": "why"}], "note": {"x": 1}}))
    assert reading.value == {"pairs": [ONE]}
    assert set(reading.dropped) == {"pairs[0].explanation: not asked for", "note: not asked for"}


def test_nothing_is_converted() -> None:
    assert _read('{"summary": "x", "level": "LOW", "sure": true}', SUMMARY).step == "invalid"
    assert _read('{"summary": "x", "level": "low", "sure": "true"}', SUMMARY).problem == (
        'sure: the value is not of type "boolean"'
    )


def test_the_last_of_several_answers_counts() -> None:
    example, answer = json.dumps({"pairs": [ONE]}), json.dumps({"pairs": [TWO]})
    assert _read(f"Example: {example}\nAnswer: {answer}\nSee [1].").value == {"pairs": [TWO]}
    assert _read(f"{example}\n{answer.replace(':', ' ')}").step == "invalid"
    assert _read(f"{json.dumps(PAIRS)}\n{answer}").value == {"pairs": [TWO]}


def test_the_schema_is_no_answer_to_itself() -> None:
    anything: dict[str, Any] = {"type": "object", "properties": {"note": {"type": "string"}}}
    for schema in (PAIRS, anything):
        assert _read(json.dumps(schema), schema).problem == "it repeats the schema instead of filling it in"


@pytest.mark.parametrize(
    ("text", "said"), [("", "empty"), (" \n", "empty"), ("I am sorry, I cannot.", "no JSON")]
)
def test_words_and_nothing_are_invalid(text: str, said: str) -> None:
    reading = _read(text)
    assert (reading.value, reading.step) == (None, "invalid")
    assert said in reading.problem


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        '{"pairs": ' * 10_000,
        '{"pairs": [' + "[" * 800 + "]" * 800 + "]}",
        "{" * 100_000,
        '{"pairs": ["' + 'x" y ' * 30_000 + '"]}',
        '{"' * 100_000,
        '{"a": "' + "\\" * 200_001,
        "".join(map(chr, range(32, 5_000))) * 200,
        '{"pairs": [' + "lorem ipsum " * 80_000,
        '[{"question": "' + "(a" * 90_000 + "'}]",
        '{"pairs": [/*' + "/*" * 90_000,
    ],
)
@pytest.mark.timeout(60)
@pytest.mark.parametrize("cut", [False, True])
def test_garbage_is_invalid_and_harmless(text: str, cut: bool) -> None:
    assert _read(text, cut=cut).step == "invalid"


def test_half_a_character_is_no_answer() -> None:
    assert "surrogate" in _read('{"pairs": [{"question": "What?", "answer": "\\ud83d"}]}').problem
    whole = _read("{'pairs': [{'question': 'What?', 'answer': '\\ud83d\\ude00'}]}")
    assert whole.value == {"pairs": [{"question": "What?", "answer": "😀"}]}


def test_a_cut_single_answer_is_invalid() -> None:
    text = json.dumps({"summary": "It is long", "level": "low", "sure": True, "actions": ["one", "two"]})
    for end in range(1, len(text)):
        for cut in (True, False):
            reading = _read(text[:end], SUMMARY, cut=cut)
            assert (reading.step, reading.value) == ("invalid", None)
    assert _read(text, SUMMARY, cut=True).step == "as asked"
    assert _read("12", {"type": "integer"}, cut=True).step == "invalid"


def test_a_text_that_ends_while_the_model_thinks_is_open() -> None:
    assert _read('<think>Perhaps {"pairs": [{"question": "What?", "answer": "x"}]}', cut=True).open


def test_rows_before_a_cut_one_are_kept() -> None:
    rows = "\n".join(map(json.dumps, (ONE, TWO, THREE)))
    assert _read(rows[:-10], cut=True)[:2] == ({"pairs": [ONE, TWO]}, "cut")


def test_a_list_stands_where_the_schema_says() -> None:
    definitions = {"$defs": {"pair": PAIR}}
    by_name = {"type": "array", "items": {"$ref": "#/$defs/pair"}}
    titled = {"title": {"type": "string"}, "pairs": by_name, "tags": {"type": "array"}}
    assert list_place({"type": "array"}) == (None,)
    assert list_place({"type": "object", "properties": titled, **definitions}) == ("pairs",)
    assert list_place(SUMMARY) is None
    assert list_place({"type": "object", "properties": {"tags": {"type": "array"}}}) == ("tags",)
    assert list_place({"anyOf": [PAIRS, PAIR]}) is None


def test_a_schema_that_is_none_is_refused_and_none_is_fetched() -> None:
    require_schema(PAIRS)
    for bad in ({"type": "objekt"}, {"$ref": "http://127.0.0.1:9/x.json"}, {"$ref": "#/$defs/none"}):
        with pytest.raises(ConfigError, match="is no JSON schema"):
            require_schema(bad)
        with pytest.raises(ConfigError, match="is no JSON schema"):
            _read("I cannot.", bad)


def test_the_request_to_correct_shows_the_answer_and_names_the_problem() -> None:
    request = Request(messages=(Message(role="user", content="Make pairs."),), answer_schema=PAIRS, sample=2)
    healed = heal_request(request, "x" * 50_000, "pairs[0]: wrong")
    assert [message.role for message in healed.messages] == ["user", "assistant", "user"]
    assert len(healed.messages[1].content) < 9_000
    assert "pairs[0]: wrong" in healed.messages[2].content
    assert healed.model_copy(update={"messages": request.messages}) == request
    assert heal_request(request, " ", "empty").messages[1].content


def _asked(*replies: Completion, limit: int = 100) -> tuple[Structured[Completion], list[Request]]:
    seen: list[Request] = []

    async def ask(request: Request) -> Completion:
        seen.append(request)
        return replies[len(seen) - 1]

    messages = (Message(role="user", content="Make pairs."),)
    request = Request(messages=messages, answer_schema=PAIRS, max_new_tokens=limit)
    return asyncio.run(ask_structured(ask, request)), seen


def test_a_good_answer_is_asked_for_once() -> None:
    answer, seen = _asked(Completion(text=json.dumps(GOOD)))
    assert (answer.value, answer.steps, answer.problem, len(seen)) == (GOOD, ("as asked",), "", 1)


def test_an_invalid_answer_is_asked_for_once_more_with_its_problem() -> None:
    answer, seen = _asked(Completion(text="I cannot."), Completion(text=f"Here: {json.dumps(GOOD)}"))
    assert (answer.value, answer.steps, len(answer.replies)) == (GOOD, ("invalid", "repaired"), 2)
    assert "the reply holds no JSON" in seen[1].messages[-1].content


def test_an_answer_that_stays_invalid_is_asked_for_twice_and_no_more() -> None:
    answer, seen = _asked(Completion(text="No."), Completion(text='{"pairs": 1}'))
    assert (answer.value, answer.steps, len(seen)) == (None, ("invalid", "invalid"), 2)
    assert answer.problem == 'pairs: the value is not of type "array"'


def test_an_answer_cut_to_nothing_is_not_asked_for_again() -> None:
    text = json.dumps(GOOD)[:30]
    answer, seen = _asked(Completion(text=text, finish="length"))
    assert (answer.value, len(seen)) == (None, 1)
    assert answer.problem.endswith("(limit 100 tokens): raise max_new_tokens")
    assert "by the provider" in _asked(Completion(text=text, finish="other"))[0].problem
    assert len(_asked(Completion(text=text), Completion(text=text))[1]) == 2
    again, _ = _asked(Completion(text="No."), Completion(text=text, finish="length"))
    assert again.problem.endswith("raise max_new_tokens")


def test_a_request_without_a_schema_has_no_structured_answer() -> None:
    with pytest.raises(ValueError, match="needs a schema"):
        asyncio.run(ask_structured(_never, Request(messages=())))


async def _never(request: Request) -> Completion:
    raise AssertionError(request)


ANSWERS: list[tuple[dict[str, Any], Any]] = [
    *((PAIRS, {"pairs": pairs}) for pairs in ([ONE], [TWO, THREE], [THREE, ONE], [ONE, TWO, THREE])),
    *(
        (SUMMARY, {"summary": text, "level": "low", "sure": True, "score": 0.5, "actions": actions})
        for text in (ONE["answer"], THREE["answer"])
        for actions in ([], ["Set retries to 3.", "Look at the log, then at {it}."])
    ),
]


def _words(value: Any) -> str:
    """Return the letters of a value: some ways to spoil it write blanks or commas into its strings."""
    return "".join(filter(str.isalnum, json.dumps(value, ensure_ascii=False).replace("\\n", "")))


def _salvage(spoil: Callable[[str], str], *, cut: bool) -> tuple[int, int]:
    """Return how many answers a first reply gave, and how many it did after one that corrects it."""
    first = healed = 0
    for schema, value in ANSWERS:
        text = json.dumps(value, ensure_ascii=False)
        reply = Completion(text=spoil(text), finish="length" if cut else "stop")
        replies = [reply, Completion(text=text)]

        async def ask(_: Request, replies: list[Completion] = replies) -> Completion:
            return replies.pop(0)

        request = Request(messages=(Message(role="user", content="?"),), answer_schema=schema)
        answer = asyncio.run(ask_structured(ask, request))
        if answer.value is not None:
            assert answer.value.keys() == value.keys()
            assert _words(answer.value) == _words(value) or "cut" in answer.steps
        first += answer.steps[0] != "invalid"
        healed += answer.value is not None
    return first, healed


def test_most_spoilt_answers_are_salvaged() -> None:
    rows = {kind: _salvage(spoil, cut=False) for kind, spoil in CORRUPTIONS.items()}
    print(f"\n{'of':26}{len(ANSWERS):8}\n" + "\n".join(f"{k:26}{f:8}{h:8}" for k, (f, h) in rows.items()))  # noqa: T201 - seen with -s
    assert len(rows) >= 9
    total = len(ANSWERS) * len(rows)
    assert sum(healed for _, healed in rows.values()) >= 0.95 * total
    ended = {
        kind: row for kind, row in rows.items() if kind not in {"cut in the middle", "missing last brackets"}
    }
    assert all(first == len(ANSWERS) for first, _ in ended.values())
