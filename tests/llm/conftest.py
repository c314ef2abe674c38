"""What the tests of models share: a tiny GGUF file of random weights, and a server on 127.0.0.1 that acts as told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lorewright.llm.endpoints import Endpoint

WriteGguf = Callable[..., Path]
PLAIN = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WIDTH = 32


def _write_gguf(
    path: Path,
    *,
    template: str = PLAIN,
    size: int = 300,
    context: int = 96,
    normalizer: str = "",
    pre_tokenizer: str = "gpt-2",
) -> Path:
    """Write a one-layer Llama of random weights, with a token a byte and `a b` merged."""
    import gguf
    import numpy as np
    from gguf.vocab import bytes_to_unicode

    from lorewright.llm.gguf_runtime import NORMALIZER_KEY

    letters = list(bytes_to_unicode().values())
    special = ["<|end|>", "<|user|>", "<|assistant|>"]
    tokens = [*letters, *special, *(f"[PAD{i}]" for i in range(len(letters) + len(special), size))]
    kinds = [1] * len(letters) + [3] * len(special) + [5] * (size - len(letters) - len(special))
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(2)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(WIDTH // 2)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre_tokenizer)
    if normalizer:
        writer.add_string(NORMALIZER_KEY, normalizer)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(tokens.index("<|end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)
    random = np.random.default_rng(5)
    square, row = (WIDTH, WIDTH), (WIDTH,)
    shapes: dict[str, tuple[int, ...]] = {"token_embd": (size, WIDTH), "output_norm": row}
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        shapes[f"blk.0.{name}"] = square
    shapes |= {"blk.0.attn_norm": row, "blk.0.ffn_norm": row}
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", random.normal(0, 0.4, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="session")
def write_gguf() -> WriteGguf:
    return _write_gguf


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: Any


Act = Callable[[BaseHTTPRequestHandler, Any], None]


@dataclass
class ActingServer:
    """A running server: its acts are played one a request, the last one for ever."""

    address: str
    acts: list[Act]
    asked: list[Asked] = field(default_factory=list)

    def endpoint(self, *, api_key_env: str = "") -> Endpoint:
        return Endpoint(name="office", base_url=f"{self.address}/v1", api_key_env=api_key_env)


ServeActs = Callable[..., ActingServer]


@pytest.fixture
def serve_acts() -> Iterator[ServeActs]:
    """`serve_acts(act, ...)` starts a server; an act gets the handler and the JSON that came."""
    with ExitStack() as stack:

        def start(*acts: Act) -> ActingServer:
            server = ActingServer("", list(acts))
            listener = stack.enter_context(_Listener(("127.0.0.1", 0), _handler(server)))
            server.address = f"http://127.0.0.1:{listener.server_port}"
            thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(thread.join)
            stack.callback(listener.shutdown)
            return server

        yield start


class _Listener(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up early is part of some tests."""


def _handler(server: ActingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.asked.append(Asked(self.path, headers, body))
            act = server.acts.pop(0) if len(server.acts) > 1 else server.acts[0]
            act(self, body)

        def log_message(self, *_: object, **__: object) -> None:
            """Keep the test's output clean."""

    return Handler


def _answer(
    body: bytes | str | dict[str, Any], status: int = 200, *, length: int | None = None, **headers: str
) -> Act:
    """Return an act that answers and hangs up.

    Args:
        body: JSON for a dict.
        status: Of the answer.
        length: What Content-Length says, if it lies.
        headers: With `_` for `-`.
    """
    text = json.dumps(body) if isinstance(body, dict) else body
    data = text.encode() if isinstance(text, str) else text
    kind = "application/json" if isinstance(body, dict) else "text/event-stream"

    def act(handler: BaseHTTPRequestHandler, _: Any) -> None:
        handler.send_response(status)
        sent = {"content-type": kind} | {name.replace("_", "-"): told for name, told in headers.items()}
        for name, told in sent.items():
            handler.send_header(name, told)
        handler.send_header("content-length", str(len(data) if length is None else length))
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.wfile.write(data)
        handler.close_connection = True

    return act


@pytest.fixture
def answer() -> Callable[..., Act]:
    return _answer


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited for between tries, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr("lorewright.llm.endpoints.time.sleep", waited.append)
    return waited
