"""Answers of a GGUF file in this process: held to a schema, several at once, refused, stopped, known by content."""

import asyncio
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from lorewright.core.errors import NotFoundError, ProviderError
from lorewright.core.records import Message
from lorewright.llm.asking import Completion, Request, Sampling
from lorewright.llm.gguf_provider import open_gguf_provider
from lorewright.llm.gguf_runtime import open_gguf

SCHEMA = {
    "type": "object",
    "properties": {
        "word": {"type": "string", "pattern": "^[a-z ]{1,12}$"},
        "level": {"enum": ["easy", "hard"]},
    },
    "required": ["word", "level"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, write_gguf: Callable[..., Path]) -> Path:
    return write_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf", context=512)


def request(text: str, **options: Any) -> Request:
    return Request(messages=(Message(role="user", content=text),), **({"max_new_tokens": 24} | options))


def answers(file: Path, requests: Sequence[Request], **options: Any) -> list[Completion]:
    async def all_at_once() -> list[Completion]:
        provider = open_gguf_provider(file.name, path=file, **options)
        try:
            return await asyncio.gather(*map(provider.complete, requests))
        finally:
            await provider.aclose()

    return asyncio.run(all_at_once())


def test_greedy_answers_are_the_runtimes_own_however_many_are_asked_at_once(file: Path) -> None:
    requests = [request(f"Question {n}?") for n in range(9)]
    with open_gguf(file, threads=1) as model:
        alone = [model.chat(one.messages, one.max_new_tokens) for one in requests]
    together = answers(file, requests, slots=8)
    assert [answer.text for answer in together] == alone
    assert len(set(alone)) > 1
    assert all(answer.prompt_tokens > 10 and answer.served_model == "tiny.gguf" for answer in together)


def test_every_answer_satisfies_its_schema(file: Path) -> None:
    sampling = Sampling(temperature=1.0, seed=5)
    asked = [
        request("Why?", answer_schema=SCHEMA, sampling=sampling, sample=n, max_new_tokens=300)
        for n in range(6)
    ]
    validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    whole = [answer.text for answer in answers(file, asked, slots=3) if answer.finish == "stop"]
    assert len(set(whole)) > 1
    for text in whole:
        validator.validate(json.loads(text))
        assert text == json.dumps(json.loads(text))


def test_a_sample_is_drawn_alike_again_and_another_one_differently(file: Path) -> None:
    drawn = request("Why?", sampling=Sampling(temperature=1.2, seed=2**32 - 2))
    first, other = answers(file, [drawn, drawn.model_copy(update={"sample": 1})])
    assert answers(file, [drawn])[0].text == first.text != other.text


def test_a_limit_cuts_an_answer_and_a_full_context_breaks_it_off(file: Path) -> None:
    (cut,) = answers(file, [request("Why?", max_new_tokens=3)])
    assert (cut.finish, cut.completion_tokens) == ("length", 3)
    endless = {"type": "array", "items": {"const": 1}, "minItems": 300}
    (full,) = answers(file, [request("y" * 480, max_new_tokens=400, answer_schema=endless)])
    assert (full.finish, full.prompt_tokens + full.completion_tokens) == ("other", 512)


def test_a_prompt_beyond_the_context_is_refused_alone(file: Path) -> None:
    async def both() -> list[Any]:
        provider = open_gguf_provider("tiny", path=file)
        asked = [request("x" * 600), request("Why?")]
        found = await asyncio.gather(*map(provider.complete, asked), return_exceptions=True)
        await provider.aclose()
        return found

    refused, answered = asyncio.run(both())
    assert isinstance(refused, ProviderError)
    assert (refused.status, refused.wait_s, refused.hint) == (400, None, "shorten the prompt")
    assert isinstance(answered, Completion)


def test_a_cancelled_request_and_a_closed_provider_stop_the_model(file: Path) -> None:
    async def cancelled() -> Completion:
        provider = open_gguf_provider("tiny", path=file, slots=1)
        long = request("Why?", max_new_tokens=400, answer_schema={"type": "string", "minLength": 390})
        await provider.complete(request("Load.", max_new_tokens=1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(provider.complete(long), 0.002)
        answer = await provider.complete(request("Why?", max_new_tokens=2))
        waiting = asyncio.gather(*(provider.complete(long) for _ in range(3)), return_exceptions=True)
        await asyncio.sleep(0)
        await provider.aclose()
        await provider.aclose()
        for failed in await waiting:
            assert isinstance(failed, ProviderError)
            assert "was closed" in failed.message
        with pytest.raises(ProviderError, match="gguf/tiny was closed"):
            await provider.complete(long)
        return answer

    assert asyncio.run(cancelled()).completion_tokens == 2


def test_a_file_is_known_by_its_content_wherever_it_lies(file: Path, tmp_path: Path) -> None:
    def identity(path: Path) -> Any:
        return asyncio.run(open_gguf_provider(str(path), path=path).resolve())

    copy = Path(shutil.copy(file, tmp_path / "copy.gguf"))
    assert identity(copy) == identity(file)
    changed = bytearray(copy.read_bytes())
    changed[-1] ^= 1
    copy.write_bytes(changed)
    assert identity(copy) != identity(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    provider = open_gguf_provider("none.gguf", path=tmp_path / "none.gguf")
    for asked in (provider.resolve(), provider.complete(request("Why?"))):
        with pytest.raises(NotFoundError, match="no model file"):
            asyncio.run(_awaited(asked))


async def _awaited(coroutine: Any) -> Any:
    return await coroutine
