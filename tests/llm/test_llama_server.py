"""The provider before llama.cpp's own server: answers held to a schema, cut ones, refusals, and whose they are."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from lorewright.core.errors import ProviderError
from lorewright.core.records import Message
from lorewright.llm.asking import Completion, Request, Sampling
from lorewright.llm.endpoints import Endpoint
from lorewright.llm.presets import PRESETS
from lorewright.llm.providers import open_provider

KEY = "sk-random-0123456789"
PAIR = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "pattern": "^[a-z ]{1,12}$"},
        "level": {"enum": ["easy", "hard"]},
        "answerable": {"type": "boolean"},
    },
    "required": ["question", "level", "answerable"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {"pairs": {"type": "array", "items": PAIR, "minItems": 1, "maxItems": 2}},
    "required": ["pairs"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def endpoint(write_gguf: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(write_gguf(tmp_path_factory.mktemp("gguf") / "random.gguf", context=2048))
    params.n_ctx = 2048
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = 0
    params.offline = True
    params.ui = False
    params.api_keys = [KEY]
    server = xllamacpp.Server(params)
    # A server that is freed before its loop has begun waits for the end of that loop for ever.
    server.handle_completions({"prompt": [0], "n_predict": 1})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RANDOM_KEY", KEY)
        address = f"{server.listening_address}/v1"
        yield PRESETS["llamacpp"].model_copy(update={"base_url": address, "api_key_env": "RANDOM_KEY"})


def ask_all(endpoint: Endpoint, *requests: Request, steps: Counter[str] | None = None) -> list[Completion]:
    async def all_at_once() -> list[Completion]:
        provider = open_provider("llamacpp/random", endpoints={"llamacpp": endpoint})
        try:
            return await asyncio.gather(*map(provider.complete, requests))
        finally:
            if steps is not None:
                steps.update(provider.steps)  # type: ignore[attr-defined]
            await provider.aclose()

    return asyncio.run(all_at_once())


def request(text: str, **options: Any) -> Request:
    options = {"answer_schema": SCHEMA, "max_new_tokens": 400} | options
    return Request(messages=(Message(role="user", content=text),), **options)


def test_every_answer_satisfies_its_schema_or_is_cut(endpoint: Endpoint) -> None:
    sampling = Sampling(temperature=1.0, seed=7)
    asked = [request(f"Question {n}?", sampling=sampling, sample=n % 3) for n in range(12)]
    steps: Counter[str] = Counter()
    answers = ask_all(endpoint, *asked, steps=steps)
    assert steps == {"json_schema": 12}
    validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    whole = [answer for answer in answers if answer.finish == "stop"]
    assert whole
    for answer in whole:
        validator.validate(json.loads(answer.text))
    assert {answer.finish for answer in answers} <= {"stop", "length"}
    assert all(answer.prompt_tokens > 5 and 0 < answer.completion_tokens <= 400 for answer in answers)


def test_a_short_limit_cuts_the_answer_and_says_so(endpoint: Endpoint) -> None:
    (answer,) = ask_all(endpoint, request("Why?", max_new_tokens=5))
    assert (answer.finish, answer.completion_tokens) == ("length", 5)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_a_seed_draws_the_same_answer_again_and_another_sample_another(endpoint: Endpoint) -> None:
    drawn = request("Why?", sampling=Sampling(temperature=1.5, seed=3), answer_schema=None, max_new_tokens=24)
    other = drawn.model_copy(update={"sample": 1})
    first, second, third = (ask_all(endpoint, one)[0].text for one in (drawn, drawn, other))
    assert first == second
    assert first != third


def test_a_prompt_that_is_too_long_is_refused_for_good(endpoint: Endpoint) -> None:
    with pytest.raises(ProviderError, match="context") as refused:
        ask_all(endpoint, request("ab" * 3000))
    assert (refused.value.status, refused.value.wait_s) == (400, None)


def test_an_answer_that_the_server_cannot_read_itself_is_asked_for_without_its_help(
    endpoint: Endpoint,
) -> None:
    free = {"type": "object", "properties": {"a": {"type": "string", "minLength": 30}}, "required": ["a"]}
    sampling, steps = Sampling(temperature=1.0), Counter[str]()
    asked = [
        request("Why?", answer_schema=free, sampling=sampling, sample=n, max_new_tokens=60) for n in range(6)
    ]
    ask_all(endpoint, *asked, steps=steps)
    assert steps["answer lost by the server"] == steps["none"] > 0
    assert steps["json_schema"] == 6 - steps["none"] > 0


def test_a_schema_that_it_cannot_read_goes_into_the_prompt(endpoint: Endpoint) -> None:
    unreadable = {"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}}
    (answer,) = ask_all(endpoint, request("Why?", answer_schema=unreadable, max_new_tokens=200))
    assert answer.finish in {"stop", "length"}
    assert answer.prompt_tokens > 100


def test_what_it_tells_of_its_model_stays_while_the_file_does(endpoint: Endpoint) -> None:
    async def resolved() -> Any:
        provider = open_provider("llamacpp/random", endpoints={"llamacpp": endpoint})
        first = await provider.resolve()
        await provider.aclose()
        return first

    first, second = asyncio.run(resolved()), asyncio.run(resolved())
    assert first == second
    assert first["provider"] == "llamacpp"
    assert first["meta"]["n_params"] > 0
    assert not {"created", "n_ctx"} & {*first, *first["meta"]}


def test_a_wrong_key_is_refused_without_being_told(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG_KEY", "sk-wrong-0123456789")
    wrong = endpoint.model_copy(update={"api_key_env": "WRONG_KEY"})
    with pytest.raises(ProviderError, match="answered 401") as refused:
        ask_all(wrong, request("Why?"))
    assert refused.value.hint == "check the key in WRONG_KEY"
    assert "sk-wrong" not in f"{refused.value}{refused.value.hint}"
