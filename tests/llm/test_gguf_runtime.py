"""The GGUF runtime on a tiny file of random weights: answers, pieces, tokens, probabilities, refusals."""

import math
import socket
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import NotFoundError, ProviderError
from lorewright.core.records import Message
from lorewright.llm.gguf_header import read_metadata
from lorewright.llm.gguf_runtime import GgufModel, open_gguf

SIZE, CONTEXT = 300, 96
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if enable_thinking is not defined or enable_thinking %}<|think|>{% endif %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


WriteGguf = Callable[..., Path]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, write_gguf: WriteGguf) -> Path:
    folder = tmp_path_factory.mktemp("gguf")
    return write_gguf(folder / "tiny.gguf", template=TEMPLATE, size=SIZE, context=CONTEXT)


@pytest.fixture(scope="module")
def model(file: Path) -> Iterator[GgufModel]:
    with open_gguf(file, threads=1) as opened:
        yield opened


def ask(text: str) -> list[Message]:
    return [Message(role="user", content=text)]


def test_the_context_is_never_longer_than_the_model_was_trained_for(model: GgufModel) -> None:
    assert model.context == CONTEXT


def test_the_same_question_gets_the_same_answer_whole_or_in_pieces(model: GgufModel) -> None:
    answer = model.chat(ask("why?"), 12)
    assert answer
    assert model.chat(ask("why?"), 12) == answer
    pieces = list(model.stream(ask("why?"), 12))
    assert len(pieces) > 1
    assert "".join(pieces).strip() == answer


def test_leaving_a_stream_early_stops_the_model(model: GgufModel) -> None:
    for _piece in model.stream(ask("why?"), 60):
        break
    assert not [thread for thread in threading.enumerate() if thread.name == "gguf-stream"]
    assert model.chat(ask("why?"), 3)


def test_a_conversation_is_rendered_by_the_files_own_template_without_thinking_aloud(
    model: GgufModel,
) -> None:
    turns = [*ask("x"), Message(role="assistant", content="y"), Message(role="user", content=" z")]
    assert model.prompt(turns) == "<|user|>x<|end|><|assistant|>y<|end|><|user|> z<|end|><|assistant|>"
    assert model.end_of_answer() == "<|end|>"


def test_special_tokens_in_a_text_count_as_such(model: GgufModel) -> None:
    assert model.tokenize("a<|end|>a") == [*model.tokenize("a"), 256, *model.tokenize("a")]
    assert model.tokenize("") == []


@given(text=st.text(max_size=20))
def test_every_text_has_at_most_a_token_a_byte(model: GgufModel, text: str) -> None:
    assert len(model.tokenize(text)) <= len(text.encode())


@given(ids=st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=8))
def test_probabilities_cover_the_vocabulary_and_sum_to_one(model: GgufModel, ids: list[int]) -> None:
    logprobs = model.logprobs(ids, size=SIZE)
    assert len(logprobs) == SIZE
    assert math.fsum(math.exp(value) for value in logprobs) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("pre_tokenizer", "normalizer", "normalised"),
    [("gpt-2", "", False), ("gpt-2", "nfc", True), ("qwen2", "", True), ("qwen2", "none", False)],
)
def test_text_is_normalised_where_the_file_or_its_family_says_so(
    pre_tokenizer: str, normalizer: str, normalised: bool, tmp_path: Path, write_gguf: WriteGguf
) -> None:
    path = write_gguf(tmp_path / "m.gguf", pre_tokenizer=pre_tokenizer, normalizer=normalizer)
    with open_gguf(path, threads=1) as opened:
        assert (opened.tokenize("e\u0301") == opened.tokenize("\u00e9")) == normalised
        assert (opened.prompt(ask("e\u0301")) == opened.prompt(ask("\u00e9"))) == normalised


def test_what_does_not_fit_is_refused_with_the_numbers(model: GgufModel) -> None:
    with pytest.raises(
        ProviderError, match=f"exceeds the available context size \\({CONTEXT} tokens\\)"
    ) as refusal:
        model.chat(ask("x" * 200), 3)
    assert refusal.value.hint == "shorten the prompt"
    with pytest.raises(ProviderError, match="exceeds the available context size"):
        list(model.stream(ask("x" * 200), 3))
    with pytest.raises(ProviderError, match="invalid tokens"):
        model.logprobs([SIZE + 7], size=SIZE)
    with pytest.raises(ProviderError, match="must not be empty"):
        model.logprobs([], size=SIZE)


def test_nothing_is_written_to_the_terminal(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with open_gguf(file, threads=1) as opened:
        opened.chat(ask("why?"), 3)
        opened.tokenize("x")
    assert capfd.readouterr() == ("", "")


def test_strangers_on_this_machine_get_no_answer(model: GgufModel) -> None:
    address = model._server.listening_address
    assert address.startswith("http://127.0.0.1:")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError, match="401") as refusal:
        opener.open(urllib.request.Request(f"{address}/completion", data=b'{"prompt": "a"}'), timeout=10)
    refusal.value.close()


def test_only_this_machine_is_spoken_to_whatever_the_proxy_settings(
    model: GgufModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:9")
    connect = socket.socket.connect
    seen: list[Any] = []

    def watch(self: socket.socket, address: Any) -> None:
        seen.append(address[0])
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watch)
    model.tokenize("x")
    assert set(seen) == {"127.0.0.1"}


def test_a_closed_model_says_so(file: Path) -> None:
    opened = open_gguf(file, threads=1)
    opened.close()
    opened.close()
    with pytest.raises(ProviderError, match=r"tiny\.gguf was closed"):
        opened.chat(ask("why?"), 3)


def test_metadata_is_read_without_the_arrays(file: Path) -> None:
    keys = (
        "general.architecture",
        "llama.block_count",
        "tokenizer.chat_template",
        "tokenizer.ggml.tokens",
        "none",
    )
    assert read_metadata(file, keys) == {
        "general.architecture": "llama",
        "llama.block_count": 1,
        "tokenizer.chat_template": TEMPLATE,
    }


def test_files_that_are_no_gguf_are_refused_by_name(file: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no model file"):
        open_gguf(tmp_path / "none.gguf", threads=1)
    path = tmp_path / "m.gguf"
    for content, message in (
        (b"", "not a whole GGUF file"),
        (b"PK" + b"\0" * 100, "begins with b'PK"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (file.read_bytes()[:200], "not a whole GGUF file"),
        (file.read_bytes()[:-1000], "llama.cpp cannot load"),
    ):
        path.write_bytes(content)
        with pytest.raises(ProviderError, match=message):
            open_gguf(path, threads=1)
