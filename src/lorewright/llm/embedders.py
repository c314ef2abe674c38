"""What turns texts into vectors, by name: a sentence-transformers model in this process, or a model of a server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lorewright.core.errors import ConfigError
from lorewright.llm.embedding_server import embed
from lorewright.llm.endpoints import Endpoint
from lorewright.llm.sentence_embedder import open_sentence_embedder, sentence_embedder_identity
from lorewright.llm.vectors import Vectors

IN_PROCESS = "sentence-transformers"
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Embedder:
    """Texts to vectors: float32, (texts, dimension), rows of length 1; (0, 0) for no texts.

    Attributes:
        name: As it was asked for.
        identity: A JSON value that changes when the vectors of passages may; see `embedder_identity`.
        passages: Vectors of texts to be found.
        queries: Vectors of questions.
        max_tokens: Tokens of a text that the model reads, the rest is cut; None where the server does not tell.
            A model in this process is loaded to answer.
    """

    name: str
    identity: Any
    passages: Embed
    queries: Embed
    max_tokens: Callable[[], int | None]


def open_embedder(
    name: str,
    *,
    endpoints: Mapping[str, Endpoint],
    locate: Callable[[str], Path],
    query_prefix: str = "",
    passage_prefix: str = "",
    batch_size: int = 16,
    threads: int = 0,
    device: str = "auto",
    timeout_s: float = 120.0,
) -> Embedder:
    """Return an embedder that loads its model, or calls its server, when the first text comes.

    Args:
        name: `sentence-transformers/MODEL`, MODEL a Hub name or a folder, or `ENDPOINT/MODEL`.
        endpoints: The servers by name.
        locate: Returns the folder of a sentence-transformers model, by Hub name or path; may fetch it.
        query_prefix: Put before each question, as in "query: "; when empty, a model in this process uses its own.
        passage_prefix: The same for passages.
        batch_size: Texts at a time.
        threads: CPU threads of a model in this process; as many as torch likes when 0.
        device: Of a model in this process: `auto`, `cpu`, `cuda` or `mps`.
        timeout_s: Seconds to wait for a server's next bytes.

    Raises:
        ConfigError: No such server is configured, or the name has no model.
        NotFoundError: `locate` does not find the model.
        MissingDependencyError: The extra `embed` is not installed.
    """
    identity = embedder_identity(name, endpoints=endpoints, locate=locate, passage_prefix=passage_prefix)
    provider, model = _split(name, endpoints)
    if provider == IN_PROCESS:
        local = open_sentence_embedder(locate(model), batch_size=batch_size, threads=threads, device=device)
        return Embedder(
            name,
            identity,
            partial(local.passages, prefix=passage_prefix),
            partial(local.queries, prefix=query_prefix),
            local.max_tokens,
        )
    ask = partial(embed, endpoints[provider], model, batch_size=batch_size, timeout_s=timeout_s)
    return Embedder(
        name,
        identity,
        lambda texts: ask([passage_prefix + text for text in texts]),
        lambda texts: ask([query_prefix + text for text in texts]),
        lambda: None,
    )


def embedder_identity(
    name: str,
    *,
    endpoints: Mapping[str, Endpoint],
    locate: Callable[[str], Path],
    passage_prefix: str = "",
) -> dict[str, str]:
    """Return what the vectors of passages depend on, without loading a model or calling a server.

    A model in this process is known by the content of its files; one behind a server by the server's name and its
    own, since a server does not tell which weights it holds. The prefix of questions touches no stored vector.

    Raises:
        ConfigError: No such server is configured, or the name has no model.
        NotFoundError: `locate` does not find the model.
    """
    provider, model = _split(name, endpoints)
    content = sentence_embedder_identity(locate(model)) if provider == IN_PROCESS else model
    return {"provider": provider, "model": content, "passage_prefix": passage_prefix}


def _split(name: str, endpoints: Mapping[str, Endpoint]) -> tuple[str, str]:
    provider, _, model = name.partition("/")
    if not provider or not model:
        raise ConfigError(
            f"The embedder {name!r} is not PROVIDER/MODEL.",
            f'write for example "{IN_PROCESS}/all-MiniLM-L6-v2"',
        )
    if provider != IN_PROCESS and provider not in endpoints:
        known = ", ".join([IN_PROCESS, *sorted(endpoints)])
        raise ConfigError(
            f"The embedder {name!r} is of the provider {provider!r}, which is not configured; known: {known}.",
            f'add to lore.toml: [providers.{provider}] base_url = "http://127.0.0.1:8080/v1"',
        )
    return provider, model
