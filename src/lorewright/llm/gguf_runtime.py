"""A GGUF file answering in this process, through the llama.cpp server inside `xllamacpp`.

The server listens on a random port of 127.0.0.1 behind a random key, because its tokenizer can be reached in no
other way; conversations and log-probabilities never leave the process. It writes nothing to stderr.
"""

import json
import queue
import secrets
import threading
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lorewright.core.errors import MissingDependencyError, ProviderError
from lorewright.core.records import Message, Metadata
from lorewright.llm.gguf_header import read_metadata

NORMALIZER_KEY = "lorewright.tokenizer.normalizer"
TOKENIZER_TIMEOUT_S = 60.0
LARGEST_BIAS = 1e6
# Of llguidance, which holds answers to their schema: with blanks free, a small model writes them until it is cut off.
_ONE_LINE = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


class GgufAnswer(NamedTuple):
    """An answer whole.

    Attributes:
        text: Without surrounding blanks.
        finish: `length` at the limit that was set; `other` where the context is full before, or it was stopped.
        prompt_tokens: Tokens read.
        tokens: Tokens written.
    """

    text: str
    finish: Literal["stop", "length", "other"]
    prompt_tokens: int
    tokens: int


class GgufModel:
    """An open GGUF model; `chat` and `stream` are greedy.

    llama.cpp does not normalise Unicode. A file whose tokenizer was trained on NFC text gets NFC text here.

    Attributes:
        path: The file.
        context: Tokens of prompt and answer together that fit, of each conversation.
    """

    def __init__(self, server: Any, *, path: Path, context: int, key: str, normalizer: str) -> None:
        self.path = path
        self.context = context
        self._server = server
        self._key = key
        self._normalizer = normalizer

    def chat(self, messages: Sequence[Message], max_new_tokens: int) -> str:
        """Return the answer to a conversation rendered by the file's own chat template.

        Raises:
            ProviderError: the conversation does not fit the context, or the runtime refused it.
        """
        reply = self._open_server().handle_chat_completions(self._request(messages, max_new_tokens))
        message = _checked(reply, self.path)["choices"][0]["message"]
        return str(message.get("content") or "").strip()

    def stream(self, messages: Sequence[Message], max_new_tokens: int) -> Iterator[str]:
        """Yield the answer in pieces as they are made; leaving the loop stops the model.

        Raises:
            ProviderError: the conversation does not fit the context, or the runtime refused it.
        """
        server = self._open_server()
        request = self._request(messages, max_new_tokens) | {"stream": True}
        pieces: queue.Queue[dict[str, Any] | BaseException | None] = queue.Queue()
        stopped = threading.Event()

        def receive(piece: dict[str, Any]) -> bool:
            pieces.put(piece)
            return stopped.is_set()

        def ask() -> None:
            try:
                server.handle_chat_completions(request, receive)
                pieces.put(None)
            except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
                pieces.put(error)

        worker = threading.Thread(target=ask, name="gguf-stream", daemon=True)
        worker.start()
        try:
            while (piece := pieces.get()) is not None:
                if isinstance(piece, BaseException):
                    raise ProviderError(f"{self.path.name} stopped answering: {piece}") from piece
                if text := _delta(_checked(piece, self.path)):
                    yield text
        finally:
            stopped.set()
            worker.join()

    def answer(
        self,
        messages: Sequence[Message],
        *,
        max_new_tokens: int,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
        schema: Metadata | None = None,
        is_dropped: Callable[[], bool] = lambda: False,
    ) -> GgufAnswer:
        """Return an answer drawn as told; as many threads as there are slots can ask at once.

        Args:
            messages: The conversation.
            max_new_tokens: Longest answer.
            temperature: 0 takes the likeliest token each time.
            top_p: Share of probability that is drawn from.
            seed: Of the draw.
            schema: JSON schema that the answer is held to by a grammar; one that llama.cpp cannot read is not heeded.
            is_dropped: Asked after each token whether nobody waits for the answer any more.

        Raises:
            ProviderError: the conversation does not fit the context (status 400), or the runtime refused it.
        """
        request = {
            "prompt": self.prompt(messages),
            "n_predict": max_new_tokens,
            "temperature": temperature,
            "top_p": top_p,
            # llama.cpp's own defaults would narrow the draw further.
            "top_k": 0,
            "min_p": 0.0,
            "seed": seed,
            # What was asked before leaves no trace in the last digits.
            "cache_prompt": False,
            "stream": True,
        }
        if schema is not None:
            request["json_schema"] = {**schema, "x-guidance": _ONE_LINE}
        pieces: list[dict[str, Any]] = []

        def receive(piece: dict[str, Any]) -> bool:
            pieces.append(piece)
            return is_dropped()

        self._open_server().handle_completions(request, receive)
        for piece in pieces:
            _checked(piece, self.path)
        usage = (pieces[-1].get("usage") if pieces else None) or {}
        tokens = int(usage.get("completion_tokens", 0))
        told = pieces[-1]["choices"][0]["finish_reason"] if pieces else None
        finish: Literal["stop", "length", "other"] = "stop" if told == "stop" else "other"
        if told == "length" and tokens >= max_new_tokens:
            finish = "length"
        text = "".join(str(piece["choices"][0]["text"]) for piece in pieces)
        return GgufAnswer(text.strip(), finish, int(usage.get("prompt_tokens", 0)), tokens)

    def tokenize(self, text: str, *, add_special: bool = False) -> list[int]:
        """Return the token ids of a text; special tokens written out in it count as such.

        Args:
            text: Any text.
            add_special: Put the beginning-of-sequence token first, if the file asks for one.
        """
        body = {"content": self._normalized(text), "add_special": add_special, "parse_special": True}
        return [int(token) for token in self._post("/tokenize", body)["tokens"]]

    def prompt(self, messages: Sequence[Message]) -> str:
        """Return the text that `chat` feeds to the model for a conversation."""
        return str(self._post("/apply-template", self._conversation(messages))["prompt"])

    def end_of_answer(self) -> str:
        """Return the text of the token that ends an answer."""
        return str(self._post("/props", None)["eos_token"])

    def logprobs(self, token_ids: Sequence[int], *, size: int) -> list[float]:
        """Return the natural-log probability of each token of the vocabulary to come next, by token id.

        Args:
            token_ids: The tokens before, at least one; nothing is added to them.
            size: Number of tokens in the vocabulary.

        Raises:
            ProviderError: an id is unknown, there are none, or too many for the context.
        """
        request = {
            "prompt": list(token_ids),
            "n_predict": 1,
            "n_probs": size,
            "temperature": 0,
            "cache_prompt": False,
            # A part of a character or an end of answer comes back without probabilities, so a letter is made to
            # come. What is reported is from before this bias.
            "logit_bias": [[self.tokenize("a")[0], LARGEST_BIAS]],
        }
        reply = _checked(self._open_server().handle_completions(request), self.path)
        found = [float("-inf")] * size
        for entry in reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]:
            found[entry["id"]] = entry["logprob"]
        return found

    def close(self) -> None:
        """Free the model; closing twice is harmless."""
        self._server = None

    def __enter__(self) -> "GgufModel":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_server(self) -> Any:
        if self._server is None:
            raise ProviderError(f"{self.path.name} was closed", hint="open it again")
        return self._server

    def _request(self, messages: Sequence[Message], max_new_tokens: int) -> dict[str, Any]:
        return {**self._conversation(messages), "max_tokens": max_new_tokens, "temperature": 0}

    def _conversation(self, messages: Sequence[Message]) -> dict[str, Any]:
        turns = [{"role": m.role, "content": self._normalized(m.content)} for m in messages]
        # As `templates.encode_prompt`: families that can think aloud answer directly.
        return {"messages": turns, "chat_template_kwargs": {"enable_thinking": False}}

    def _normalized(self, text: str) -> str:
        return unicodedata.normalize("NFC", text) if self._normalizer == "nfc" else text

    def _post(self, route: str, body: dict[str, Any] | None) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - our own server on 127.0.0.1
            self._open_server().listening_address + route,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TOKENIZER_TIMEOUT_S) as reply:
                answer: dict[str, Any] = json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read().decode("utf-8", "replace")
            raise ProviderError(f"{self.path.name}: {route} answered {error.code}: {detail}") from error
        return answer


def open_gguf(
    path: Path, *, threads: int = 1, context: int = 4096, slots: int = 1, exact: bool = False
) -> GgufModel:
    """Load a GGUF file for inference on this machine.

    Args:
        path: The file.
        threads: CPU threads; as many as there are busy cores slows llama.cpp down to a crawl.
        context: Tokens of prompt and answer together; cut to what the model was trained for.
        slots: Conversations that are answered at once; each takes memory for a context of its own.
        exact: Attend in float32 with an unrounded cache: slower, and a thousand times closer to the arithmetic
            of training, so that a comparison shows the file and not the runtime.

    Raises:
        NotFoundError: there is no such file.
        ProviderError: it is not a GGUF file, or llama.cpp cannot load it.
        MissingDependencyError: the extra `gguf` is not installed.
    """
    metadata = read_metadata(path, ("general.architecture", "tokenizer.ggml.pre", NORMALIZER_KEY))
    architecture = str(metadata.get("general.architecture", ""))
    length_key = f"{architecture}.context_length"
    context = min(context, int(read_metadata(path, (length_key,)).get(length_key, context)))
    # Every published tokenizer of this kind was trained on NFC text, and other exporters have no key to say so.
    usual = "nfc" if metadata.get("tokenizer.ggml.pre") == "qwen2" else "none"
    key = secrets.token_urlsafe(24)
    server = _start(path, threads=threads, context=context, slots=slots, key=key, exact=exact)
    normalizer = str(metadata.get(NORMALIZER_KEY, usual))
    return GgufModel(server, path=path, context=context, key=key, normalizer=normalizer)


def _start(path: Path, *, threads: int, context: int, slots: int, key: str, exact: bool) -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingDependencyError(
            "running a GGUF file needs xllamacpp, which is not installed",
            hint="pip install 'lorewright[gguf]'",
        ) from error
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context * slots
    params.n_parallel = slots
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.verbosity = 0
    params.offline = True
    params.ui = False
    params.api_keys = [key]
    params.cors_origins = ""
    params.cache_ram_mib = 0
    params.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_NONE
    params.force_pure_content_parser = True
    if exact:
        params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ProviderError(
            f"llama.cpp cannot load {path}",
            hint="the file may be cut short or of an unknown architecture: lore export",
        ) from error
    # A server that is freed before its loop has begun waits for the end of that loop for ever.
    server.handle_completions({"prompt": [0], "n_predict": 1})
    return server


def _checked(reply: dict[str, Any], path: Path) -> dict[str, Any]:
    if "error" not in reply:
        return reply
    detail = reply["error"].get("message", reply["error"])
    is_long = reply["error"].get("type") == "exceed_context_size_error"
    raise ProviderError(
        f"{path.name} refused: {detail}",
        hint="shorten the prompt" if is_long else "",
        status=400 if is_long else 0,
    )


def _delta(piece: dict[str, Any]) -> str:
    choices = piece.get("choices") or [{}]
    return str(choices[0].get("delta", {}).get("content") or "")
