"""Vectors of texts from a model behind an OpenAI-compatible server.

Format: https://platform.openai.com/docs/api-reference/embeddings
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lorewright.core.errors import ProviderError
from lorewright.llm.endpoints import Endpoint, connect, post
from lorewright.llm.server_errors import TOO_LARGE, excerpt
from lorewright.llm.vectors import Vectors, no_vectors, unit_rows

if TYPE_CHECKING:
    import httpx2

_LOG = logging.getLogger(__name__)
_TOO_LONG = {400, 413, 422}
_SHORTENINGS = 6


def embed(
    endpoint: Endpoint, model: str, texts: Sequence[str], *, batch_size: int = 32, timeout_s: float = 120.0
) -> Vectors:
    """Return the vectors of texts, (texts, dimension), rows of length 1; (0, 0) for no texts.

    A batch that the server refuses as too much is halved. A single text that it refuses is too long for the model:
    the first half of it is sent, or the first quarter, down to a 64th, and that is logged.

    Args:
        endpoint: The server.
        model: As the server calls it.
        texts: Any texts.
        batch_size: Texts a request.
        timeout_s: Seconds to wait for an answer's next bytes.

    Raises:
        ConfigError: The endpoint cannot be used as it is configured.
        ProviderError: The server cannot be reached or refuses, or its vectors are not one usable vector a text.
    """
    if not texts:
        return no_vectors()
    rows: list[list[float]] = []
    with connect(endpoint, timeout_s=timeout_s) as client:
        for start in range(0, len(texts), batch_size):
            rows += _batch(client, endpoint, model, texts[start : start + batch_size])
    return unit_rows(rows, of=f"{model} of {endpoint.name}")


def _batch(
    client: "httpx2.Client", endpoint: Endpoint, model: str, texts: Sequence[str]
) -> list[list[float]]:
    try:
        return _asked(client, endpoint, model, texts)
    except ProviderError as error:
        if not _is_too_long(error):
            raise
        if len(texts) == 1:
            return [_shortened(client, endpoint, model, texts[0], error)]
    middle = len(texts) // 2
    return [
        *_batch(client, endpoint, model, texts[:middle]),
        *_batch(client, endpoint, model, texts[middle:]),
    ]


def _shortened(
    client: "httpx2.Client", endpoint: Endpoint, model: str, text: str, refusal: ProviderError
) -> list[float]:
    for halvings in range(1, _SHORTENINGS + 1):
        part = text[: len(text) >> halvings]
        if not part:
            break
        try:
            (row,) = _asked(client, endpoint, model, [part])
        except ProviderError as error:
            if not _is_too_long(error):
                raise
        else:
            _LOG.warning("%s of %s read %d of %d characters", model, endpoint.name, len(part), len(text))
            return row
    raise refusal


def _is_too_long(error: ProviderError) -> bool:
    return error.status in _TOO_LONG or (error.status == 500 and TOO_LARGE in error.message)


def _asked(
    client: "httpx2.Client", endpoint: Endpoint, model: str, texts: Sequence[str]
) -> list[list[float]]:
    body = {"model": model, "input": list(texts), "encoding_format": "float"}
    answer = post(client, endpoint, "embeddings", body)
    found = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise _unusable(endpoint, model, f"no list of vectors but {excerpt(endpoint, str(answer))}")
    if len(found) != len(texts):
        raise _unusable(endpoint, model, f"{len(found)} vectors for {len(texts)} texts")
    by_index = {_index(entry, position): entry for position, entry in enumerate(found)}
    return [_row(endpoint, model, by_index.get(index), index) for index in range(len(texts))]


def _index(entry: Any, position: int) -> int:
    told = entry.get("index") if isinstance(entry, dict) else None
    return told if isinstance(told, int) else position


def _row(endpoint: Endpoint, model: str, entry: Any, index: int) -> list[float]:
    row = entry.get("embedding") if isinstance(entry, dict) else None
    if not isinstance(row, list) or not all(isinstance(number, (int, float)) for number in row):
        raise _unusable(endpoint, model, f"no vector for text {index} but {excerpt(endpoint, str(row))}")
    return row


def _unusable(endpoint: Endpoint, model: str, told: str) -> ProviderError:
    return ProviderError(
        f"{model} of {endpoint.name} gave {told}.", "is it an embedding model, served with pooling?"
    )
