"""Answers of a model in this process: in batches, each for itself, ended with its JSON, refused, stopped."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_local_model import build_model  # type: ignore[import-not-found]

from lorewright.core.errors import NotFoundError, ProviderError
from lorewright.core.records import Message
from lorewright.llm import transformers_provider
from lorewright.llm.asking import Completion, Request, Sampling
from lorewright.llm.json_end import JsonEnd
from lorewright.llm.local import LocalModel, load
from lorewright.llm.templates import encode_answer, encode_prompt
from lorewright.llm.transformers_provider import TransformersProvider, open_transformers_provider

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
ROWS = {"type": "array", "items": SCHEMA}
WRITTEN = 'As [asked]: {"a": "it {fails} \\"often\\""} and so it goes on and on'


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that answers `go` by heart and anything else at random."""
    import torch

    folder: Path = build_model(tmp_path_factory.mktemp("model"), max_length=256)
    model = load(folder, device="cpu", dtype="float32", threads=1)
    turns = [Message(role="user", content="go"), Message(role="assistant", content=WRITTEN)]
    prompt, answer = encode_answer(model.tokenizer, turns)
    ids = torch.tensor([prompt + answer])
    labels = torch.tensor([[-100] * len(prompt) + answer])
    optimizer = torch.optim.AdamW(model.model.parameters(), lr=0.02)
    for _ in range(80):
        loss = model.model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.model.save_pretrained(folder)
    return folder


def request(text: str, **options: Any) -> Request:
    return Request(messages=(Message(role="user", content=text),), **({"max_new_tokens": 12} | options))


Asking = Callable[[TransformersProvider], Any]


def run(model_dir: Path, asking: Asking, **options: Any) -> Any:
    async def opened() -> Any:
        provider = open_transformers_provider(
            "tiny", path=model_dir, device="cpu", dtype="float32", threads=1, **options
        )
        try:
            return await asking(provider)
        finally:
            await provider.aclose()

    return asyncio.run(opened())


def answers(model_dir: Path, requests: Sequence[Request], **options: Any) -> list[Completion]:
    async def all_at_once(provider: TransformersProvider) -> Any:
        return await asyncio.gather(*map(provider.complete, requests))

    found: list[Completion] = run(model_dir, all_at_once, **options)
    return found


@pytest.fixture(scope="module")
def model(model_dir: Path) -> LocalModel:
    return load(model_dir, device="cpu", dtype="float32", threads=1)


def test_what_waits_together_is_answered_together_and_as_if_alone(model_dir: Path, model: LocalModel) -> None:
    requests = [request("why " * (n % 5) + str(n)) for n in range(11)]

    async def asked(provider: TransformersProvider) -> Any:
        found = await asyncio.gather(*map(provider.complete, requests))
        return found, provider.batches

    found, batches = run(model_dir, asked, slots=4)
    assert [answer.text for answer in found] == model.generate(
        [one.messages for one in requests], max_new_tokens=12
    )
    assert batches == [4, 4, 3]
    assert all(answer.prompt_tokens > 5 and answer.served_model == "transformers/tiny" for answer in found)


def test_long_prompts_are_read_in_smaller_batches(
    model_dir: Path, model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [request("why " * 20 + str(n)) for n in range(6)]
    longest = max(len(encode_prompt(model.tokenizer, one.messages)) for one in requests)
    monkeypatch.setattr(transformers_provider, "_MOST_TOKENS", 2 * longest)

    async def asked(provider: TransformersProvider) -> Any:
        await asyncio.gather(*map(provider.complete, requests))
        return provider.batches

    assert run(model_dir, asked, slots=4) == [2, 2, 2]
    monkeypatch.setattr(transformers_provider, "_MOST_TOKENS", 1)
    assert run(model_dir, asked, slots=4) == [1] * 6, "one prompt is read however long it is"


def test_an_answer_under_a_schema_ends_with_its_json(model_dir: Path) -> None:
    free, bound, random = answers(
        model_dir,
        [
            request("go", max_new_tokens=200),
            request("go", max_new_tokens=200, answer_schema=SCHEMA),
            request("something else", max_new_tokens=30),
        ],
    )
    assert (free.text, free.finish) == (WRITTEN, "stop")
    assert bound.text.startswith(WRITTEN[: WRITTEN.index("}") + 1])
    assert bound.finish == "stop"
    assert json.loads(bound.text[bound.text.index("{") : bound.text.rindex("}") + 1]) == {
        "a": 'it {fails} "often"'
    }
    assert bound.completion_tokens < free.completion_tokens
    assert random.completion_tokens <= 30


def test_each_answer_has_its_own_limit_and_says_why_it_ends(model_dir: Path) -> None:
    short, long = answers(model_dir, [request("go", max_new_tokens=3), request("go", max_new_tokens=200)])
    assert (short.finish, short.completion_tokens) == ("length", 3)
    assert (long.text, long.finish) == (WRITTEN, "stop")
    (full,) = answers(
        model_dir, [request("task " * 150, max_new_tokens=250, sampling=Sampling(temperature=1.0))]
    )
    assert full.finish in {"stop", "other"}
    assert full.prompt_tokens + full.completion_tokens <= 256


def test_a_sample_does_not_depend_on_its_companions(model_dir: Path) -> None:
    drawn = [
        request(text, sampling=Sampling(temperature=1.5, top_p=0.9, seed=seed), sample=sample)
        for text in ("why?", "where does it fail?")
        for seed in (0, 1)
        for sample in (0, 1)
    ]
    together = [answer.text for answer in answers(model_dir, [*drawn, request("go")])]
    alone = [answers(model_dir, [one], slots=1)[0].text for one in drawn]
    assert together[:-1] == alone
    # The seed and the number of the sample are added: one of four is another's twin.
    assert len(set(alone)) == 6


def test_a_small_share_of_probability_leaves_the_likeliest_word(model_dir: Path) -> None:
    greedy, drawn = answers(
        model_dir, [request("why?"), request("why?", sampling=Sampling(temperature=2.0, top_p=1e-6))]
    )
    assert drawn.text == greedy.text


def test_a_prompt_without_room_is_refused_alone_and_never_shortened(model_dir: Path) -> None:
    async def both(provider: TransformersProvider) -> Any:
        asked = [request("task " * 400), request("go")]
        return await asyncio.gather(*map(provider.complete, asked), return_exceptions=True)

    refused, answered = run(model_dir, both)
    assert isinstance(refused, ProviderError)
    assert (refused.status, refused.wait_s) == (413, None)
    assert "256" in refused.message
    assert isinstance(answered, Completion)


def test_a_conversation_that_the_template_refuses_is_refused_alone(model_dir: Path) -> None:
    async def asked(provider: TransformersProvider) -> Any:
        await provider.complete(request("go"))
        model = provider._model
        assert model is not None
        model.tokenizer.chat_template = "{{ raise_exception('no system here') }}"
        return await asyncio.gather(provider.complete(request("go")), return_exceptions=True)

    (refused,) = run(model_dir, asked)
    assert isinstance(refused, ProviderError)
    assert (refused.status, refused.wait_s) == (400, None)
    assert "no system here" in refused.message


def test_a_cancelled_request_and_a_closed_provider_stop_the_model(model_dir: Path) -> None:
    long = request("why?", max_new_tokens=200, sampling=Sampling(temperature=5.0))

    async def asked(provider: TransformersProvider) -> Any:
        await provider.complete(request("go", max_new_tokens=1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(provider.complete(long), 0.02)
        assert (await provider.complete(request("go", max_new_tokens=2))).completion_tokens == 2
        waiting = asyncio.gather(*(provider.complete(long) for _ in range(12)), return_exceptions=True)
        await asyncio.sleep(0.02)
        await provider.aclose()
        found = await waiting
        with pytest.raises(ProviderError, match="transformers/tiny was closed"):
            await provider.complete(long)
        return found

    for failed in run(model_dir, asked, slots=4):
        assert isinstance(failed, ProviderError)
        assert "was closed" in failed.message


def test_a_model_is_known_by_content_template_and_precision(model_dir: Path, tmp_path: Path) -> None:
    def identity(path: Path = model_dir, **options: Any) -> Any:
        return asyncio.run(
            open_transformers_provider(path.name, path=path, device="cpu", **options).resolve()
        )

    copy = tmp_path / "copy"
    copy.mkdir()
    for file in model_dir.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert identity(copy) == identity()
    assert identity(quantization="nf4") != identity()
    assert identity(dtype="bfloat16") != identity(dtype="float32") == identity()
    assert identity(content="run-1") != identity(content="run-2") == identity(copy, content="run-2")
    assert identity(adapter=copy) != identity()
    (copy / "chat_template.jinja").write_text("{{ messages }}")
    assert identity(copy, content="run-1") != identity(content="run-1")


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="cannot be opened"):
        answers(tmp_path, [request("go")])


def test_weights_in_four_bits_answer_without_a_word_on_the_terminal(model_dir: Path, tmp_path: Path) -> None:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    if find_spec("bitsandbytes") is None:
        pytest.skip("bitsandbytes is not installed")
    # Its blocks are 64 numbers of a row.
    config = Qwen2Config.from_pretrained(model_dir, hidden_size=64, intermediate_size=128)
    wide = shutil.copytree(model_dir, tmp_path / "wide")
    Qwen2ForCausalLM(config).save_pretrained(wide)
    script = tmp_path / "nf4.py"
    script.write_text(
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from lorewright.core.records import Message\n"
        "from lorewright.llm.asking import Request\n"
        "from lorewright.llm.transformers_provider import open_transformers_provider as opened\n"
        "async def main():\n"
        "    provider = opened('tiny', path=Path(sys.argv[1]), device='cpu', threads=1, quantization='nf4')\n"
        "    turn = Message(role='user', content='go')\n"
        "    answer = await provider.complete(Request(messages=(turn,), max_new_tokens=8))\n"
        "    layers = {type(module).__name__ for module in provider._model.model.modules()}\n"
        "    assert 'Linear4bit' in layers, layers\n"
        "    print(answer.completion_tokens)\n"
        "    await provider.aclose()\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, str(script), str(wide)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "8\n", "")


@pytest.mark.parametrize(
    ("schema", "text", "end"),
    [
        (SCHEMA, 'As {you} asked [1]: {"a": "}{"} more', "}{"),
        (SCHEMA, "{'b': 1} {'a': 'x'} more", "'x'"),
        (SCHEMA, '{"a": {"b": [{}]}} more', "[{}]}"),
        (ROWS, '{"a": "x"}\n{"a": "y"} [{"a": "z"}] more', '"z"}'),
        (ROWS, "[] more", "["),
    ],
)
def test_the_end_of_an_answer_is_found(schema: dict[str, Any], text: str, end: str) -> None:
    found = JsonEnd(schema)
    length = next(n for n, character in enumerate(text, 1) if found.feed(character))
    closed = text.index(end) + len(end)
    assert text[closed:length].strip('"]}') == ""
    assert text[length:] == " more"


VALUES = st.recursive(
    st.text(max_size=6) | st.integers() | st.none(),
    lambda v: st.lists(v) | st.dictionaries(st.text(max_size=3), v),
    max_leaves=8,
)


@given(
    value=st.dictionaries(st.just("a"), VALUES, min_size=1), cuts=st.lists(st.integers(0, 200), max_size=4)
)
def test_an_answer_in_any_pieces_ends_with_its_last_character(value: Any, cuts: list[int]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    borders = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    found = JsonEnd(SCHEMA)
    fed = [found.feed(text[start:end]) for start, end in pairwise(borders)]
    assert fed == [False] * (len(fed) - 1) + [True]
