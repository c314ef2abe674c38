"""Answers of a model behind an OpenAI-compatible server, streamed.

Format: https://platform.openai.com/docs/api-reference/chat-streaming
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from lorewright.core.errors import ProviderError
from lorewright.core.records import Message
from lorewright.llm.concessions import Wording, concessions_of
from lorewright.llm.endpoints import Endpoint, connect, post_for_stream
from lorewright.llm.event_stream import event_data
from lorewright.llm.server_errors import RefusalError, decoded, error_message, excerpt, hung_up

if TYPE_CHECKING:
    import httpx2

_DONE = "[DONE]"


def stream_chat(
    endpoint: Endpoint,
    model: str,
    messages: Sequence[Message],
    max_new_tokens: int,
    *,
    temperature: float = 0.0,
    timeout_s: float = 120.0,
) -> Iterator[str]:
    """Yield the answer to one conversation in pieces, as they come; closing the iterator hangs up.

    What a model thinks aloud, as far as the server keeps it apart (`reasoning_content`), is no part of it.

    Args:
        endpoint: The server.
        model: As the server calls it.
        messages: The conversation.
        max_new_tokens: Longest answer, thoughts included.
        temperature: 0 for the likeliest answer.
        timeout_s: Seconds to wait for the next piece.

    Raises:
        ConfigError: The endpoint cannot be used as it is configured.
        ProviderError: The server cannot be reached or refuses, or the answer is cut: what came of it was given out.
    """
    parameters = {endpoint.dialect.max_tokens: max_new_tokens, "temperature": temperature}
    body = {
        "model": model,
        "messages": [message.model_dump() for message in messages],
        "stream": True,
    }
    with (
        connect(endpoint, timeout_s=timeout_s) as client,
        _opened(client, endpoint, body, parameters) as response,
    ):
        thought = answered = False
        for choice in _choices(endpoint, response):
            turn = choice.get("delta") or choice.get("message") or {}
            thought = thought or bool(turn.get("reasoning_content") or turn.get("reasoning"))
            if text := turn.get("content"):
                answered = True
                yield str(text)
        if thought and not answered:
            raise ProviderError(
                f"{model} of {endpoint.name} used its {max_new_tokens} tokens for thinking and gave no answer.",
                "raise max_new_tokens, or switch thinking off in the server",
            )


@contextmanager
def _opened(
    client: "httpx2.Client", endpoint: Endpoint, body: dict[str, Any], parameters: dict[str, Any]
) -> Iterator["httpx2.Response"]:
    """Yield the answer, asked for without those parameters that the server refuses."""
    known, wording = concessions_of(endpoint), Wording()
    with ExitStack() as stack:
        while True:
            told = body | wording.of(parameters)
            try:
                response = stack.enter_context(post_for_stream(client, endpoint, "chat/completions", told))
                break
            except RefusalError as refusal:
                if (simpler := known.simpler(wording, refusal)) is None:
                    raise
                wording = simpler.wording
        yield response


def _choices(endpoint: Endpoint, response: "httpx2.Response") -> Iterator[dict[str, Any]]:
    """Yield the first choice of each chunk that has one, to the end of the answer."""
    # Some servers know no streams and send the whole answer at once.
    if "json" in response.headers.get("content-type", ""):
        if (whole := _first_choice(endpoint, response.read())) is None:
            raise ProviderError(f"{endpoint.name} sent an answer without a choice.", "look at its log")
        yield whole
        return
    received = False
    for data in event_data(response.iter_bytes()):
        received = True
        if data.strip() == _DONE:
            return
        if choice := _first_choice(endpoint, data):
            yield choice
            if choice.get("finish_reason"):
                return
    if received:
        raise hung_up(endpoint)
    kind = response.headers.get("content-type", "no content type")
    raise ProviderError(
        f"{endpoint.name} sent no answer, only {kind}.",
        "does base_url end in /v1, and is an OpenAI-compatible server behind it?",
    )


def _first_choice(endpoint: Endpoint, data: bytes | str) -> dict[str, Any] | None:
    """Return what the answer is made of; None for a chunk without it, such as the one that counts tokens."""
    chunk = decoded(endpoint, data)
    if told := error_message(chunk):
        raise ProviderError(
            f"{endpoint.name} broke off its answer: {excerpt(endpoint, told)}", "look at the server's log"
        )
    choices = chunk.get("choices") if isinstance(chunk, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None
