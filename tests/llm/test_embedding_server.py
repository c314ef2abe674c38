"""Vectors over HTTP: order, halving and shortening, what is no vector, and the real llama.cpp server."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lorewright.core.errors import ProviderError
from lorewright.llm.embedding_server import embed
from lorewright.llm.endpoints import Endpoint
from lorewright.llm.vectors import Vectors


def vector_of(text: str) -> list[float]:
    return [float(len(text)), float(text.count("a")), 1.0]


def unit(text: str) -> Vectors:
    vector = np.array(vector_of(text))
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def entries(texts: list[str]) -> list[dict[str, Any]]:
    return [{"index": index, "embedding": vector_of(text)} for index, text in enumerate(texts)]


def embedding(answer: Any, *, most: int = 1000, longest: int = 10_000, status: int = 400) -> Any:
    """Return an act that embeds, with its answers in another order, and refuses what is too much."""

    def act(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        texts = body["input"]
        if len(texts) > most or max(map(len, texts)) > longest:
            told = {"error": {"message": f"input is too large to process: {len(texts)} texts"}}
            answer(told, status)(handler, body)
        else:
            answer({"data": entries(texts)[::-1]})(handler, body)

    return act


def sent(server: Any) -> list[list[str]]:
    return [request.body["input"] for request in server.asked]


def test_each_text_gets_its_own_vector_of_length_one(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(embedding(answer))
    texts = ["a", "banana", "bcd", "", "aa"]
    vectors = embed(server.endpoint(), "minilm", texts, batch_size=2)
    assert vectors.dtype == np.float32
    assert vectors.shape == (5, 3)
    np.testing.assert_allclose(vectors, [unit(text) for text in texts], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert sent(server) == [["a", "banana"], ["bcd", ""], ["aa"]]
    assert server.asked[0].path == "/v1/embeddings"
    assert server.asked[0].body == {"model": "minilm", "input": ["a", "banana"], "encoding_format": "float"}


def test_a_text_may_hold_anything(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(embedding(answer))
    texts = ["\0", "\u2028\u20ac\U0001f600", "a\ud83db"]
    assert embed(server.endpoint(), "minilm", texts).shape == (3, 3)
    assert sent(server) == [[*texts[:2], "a?b"]]


def test_no_texts_need_no_server() -> None:
    vectors = embed(Endpoint(name="office", base_url="http://127.0.0.1:1/v1"), "minilm", [])
    assert vectors.shape == (0, 0)
    assert vectors.dtype == np.float32


def test_entries_without_an_index_are_in_the_order_of_the_texts(serve_acts: Any, answer: Any) -> None:
    data = [{"embedding": vector_of("a")}, {"embedding": vector_of("bcd"), "index": None}]
    vectors = embed(serve_acts(answer({"data": data})).endpoint(), "minilm", ["a", "bcd"])
    np.testing.assert_allclose(vectors, [unit("a"), unit("bcd")], atol=1e-6)


@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_a_batch_that_is_too_much_is_halved(
    status: int, serve_acts: Any, answer: Any, waits: list[float]
) -> None:
    server = serve_acts(embedding(answer, most=2, status=status))
    texts = ["a", "bb", "ccc", "dddd", "eeeee"]
    vectors = embed(server.endpoint(), "minilm", texts, batch_size=5)
    np.testing.assert_allclose(vectors, [unit(text) for text in texts], atol=1e-6)
    assert sent(server) == [texts, texts[:2], texts[2:], texts[2:3], texts[3:]]
    assert waits == []


def test_a_text_that_is_too_long_is_shortened_and_never_skipped(
    serve_acts: Any, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve_acts(embedding(answer, longest=30))
    long = "ab" * 50
    vectors = embed(server.endpoint(), "minilm", ["short", long, "aaa"])
    np.testing.assert_allclose(vectors, [unit("short"), unit(long[:25]), unit("aaa")], atol=1e-6)
    assert "minilm of office read 25 of 100 characters" in caplog.text


def test_a_text_that_is_refused_at_any_length_is_an_error(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(embedding(answer, longest=-1))
    with pytest.raises(ProviderError, match="answered 400 Bad Request: input is too large"):
        embed(server.endpoint(), "minilm", ["x" * 1000])
    assert [len(texts[0]) for texts in sent(server)] == [1000, 500, 250, 125, 62, 31, 15]
    for text in ("", "x"):
        with pytest.raises(ProviderError, match="answered 400"):
            embed(server.endpoint(), "minilm", [text])


def test_other_refusals_are_neither_halved_nor_shortened(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(answer({"error": {"message": "no such model"}}, 404))
    with pytest.raises(ProviderError, match="no such model"):
        embed(server.endpoint(), "minilm", ["a", "b"])
    first_too_long = embedding(answer, longest=4)
    broken_later = serve_acts(first_too_long, answer({"error": "gone"}, 404))
    with pytest.raises(ProviderError, match="answered 404 Not Found: gone"):
        embed(broken_later.endpoint(), "minilm", ["x" * 8])


def test_a_server_that_stumbles_once_is_asked_again(serve_acts: Any, answer: Any, waits: list[float]) -> None:
    server = serve_acts(answer("", 503), embedding(answer))
    np.testing.assert_allclose(embed(server.endpoint(), "minilm", ["a"]), [unit("a")], atol=1e-6)
    assert waits == [0.5]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"data": entries(["a"])}, "1 vectors for 2 texts"),
        ({"data": entries(["a", "b", "c"])}, "3 vectors for 2 texts"),
        ({"data": [*entries(["a"]), *entries(["b"])]}, "no vector for text 1 but None"),
        ({"data": [{"index": 0, "embedding": "AACAPw=="}] * 2}, "no vector for text 0 but AACAPw=="),
        ({"data": [{"embedding": [[1.0], [2.0]]}] * 2}, r"no vector for text 0 but \[\[1\.0\], \[2\.0\]\]"),
        ({"data": [{"embedding": [1.0, None]}] * 2}, r"no vector for text 0 but \[1\.0, None\]"),
        ({"data": [[1.0], [2.0]]}, "no vector for text 0"),
        ({"data": None}, "no list of vectors but {'data': None}"),
        ({"data": [{"embedding": [1.0]}, {"embedding": [1.0, 2.0]}]}, "vectors of 1 and 2 numbers"),
        ({"data": [{"embedding": []}] * 2}, "vectors of 0 numbers"),
        ({"data": [{"embedding": [1.0]}, {"embedding": [0.0]}]}, "a vector that is zero, for text 2 of 2"),
        ({"data": [{"embedding": [float("nan")]}] * 2}, r"not finite \(length nan\), for text 1 of 2"),
        ({"data": [{"embedding": [10**400]}] * 2}, "a number that is too large"),
        ({"data": [{"embedding": [float("inf")]}] * 2}, r"not finite \(length inf\), for text 1 of 2"),
    ],
)
def test_what_is_no_vector_is_told_with_its_value(body: Any, told: str, serve_acts: Any, answer: Any) -> None:
    with pytest.raises(ProviderError, match=f"^minilm of office gave .*{told}"):
        embed(serve_acts(answer(body)).endpoint(), "minilm", ["a", "b"])


def test_a_dimension_that_changes_between_batches_is_an_error(serve_acts: Any, answer: Any) -> None:
    server = serve_acts(
        answer({"data": [{"embedding": [1.0, 2.0]}]}), answer({"data": [{"embedding": [1.0, 2.0, 3.0]}]})
    )
    with pytest.raises(ProviderError, match="vectors of 2 and 3 numbers"):
        embed(server.endpoint(), "minilm", ["a", "b"], batch_size=1)


def test_the_real_llama_server_embeds_and_shortens(
    write_gguf: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    import xllamacpp

    monkeypatch.setenv("LLAMA_KEY", "between us")
    params = xllamacpp.CommonParams()
    params.model.path = str(write_gguf(tmp_path / "tiny.gguf"))
    params.n_ctx = 96
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = 0
    params.offline = True
    params.ui = False
    params.cache_ram_mib = 0
    params.api_keys = ["between us"]
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    server = xllamacpp.Server(params)
    endpoint = Endpoint(name="llama", base_url=f"{server.listening_address}/v1", api_key_env="LLAMA_KEY")
    texts = ["pump", "the pump", "pump", "valve " * 50]
    vectors = embed(endpoint, "tiny", texts)
    assert vectors.shape == (4, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-5)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-3)
    np.testing.assert_allclose(vectors[3], embed(endpoint, "tiny", ["valve " * 12 + "val"])[0], atol=1e-5)
    assert waits == []
