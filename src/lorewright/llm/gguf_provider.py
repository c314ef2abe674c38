"""A GGUF file answering in this process, through llama.cpp: `gguf/PATH`."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from lorewright.core.errors import ConfigError, NotFoundError, ProviderError
from lorewright.core.records import Metadata
from lorewright.llm.asking import Completion, Request
from lorewright.llm.gguf_runtime import GgufAnswer, GgufModel, open_gguf
from lorewright.llm.model_files import content

CONTEXT = 4096
# Each takes memory for a whole context, and a CPU gains little from more.
MOST_SLOTS = 4


def open_gguf_provider(
    model: str, *, path: Path, threads: int = 1, slots: int = MOST_SLOTS, context: int = CONTEXT
) -> "GgufProvider":
    """Return a provider that has loaded nothing yet.

    Args:
        model: Its name in lore.toml.
        path: The file.
        threads: CPU threads; as many as there are busy cores slows llama.cpp down to a crawl.
        slots: Answers at once, of which `MOST_SLOTS` are made use of.
        context: Tokens of prompt and answer together; cut to what the model was trained for.
    """
    return GgufProvider(f"gguf/{model}", path, threads=threads, slots=min(slots, MOST_SLOTS), context=context)


class GgufProvider:
    """Answers by the file's own chat template; answers under a schema are held to it by a grammar.

    Attributes:
        name: `gguf/PATH`.
    """

    def __init__(self, name: str, path: Path, *, threads: int, slots: int, context: int) -> None:
        self.name = name
        self._path = path
        self._open = partial(open_gguf, path, threads=threads, slots=slots, context=context)
        self._workers = ThreadPoolExecutor(slots, thread_name_prefix="gguf-provider")
        self._loading = threading.Lock()
        self._closing = threading.Event()
        self._model: GgufModel | None = None

    async def resolve(self) -> Metadata:
        """Return the file's content, which its template is part of; its place is no part.

        Raises:
            NotFoundError: There is no such file.
        """
        if not self._path.is_file():
            raise NotFoundError(
                f"there is no model file {self._path}", hint="check the path; it is seen from lore.toml"
            )
        size = self._path.stat().st_size
        return {"provider": "gguf", "content": await asyncio.to_thread(content, self._path), "bytes": size}

    async def complete(self, request: Request) -> Completion:
        """Return the answer to a request; a task that is cancelled stops the model.

        Raises:
            ProviderError: The prompt does not fit the context (status 400), or llama.cpp failed.
            ConfigError: The file cannot be loaded.
            NotFoundError: There is no such file.
            MissingDependencyError: The extra `gguf` is not installed.
        """
        self._require_open()
        dropped = threading.Event()
        loop = asyncio.get_running_loop()
        try:
            answered = await loop.run_in_executor(self._workers, self._answer, request, dropped)
        finally:
            dropped.set()
        return Completion(
            text=answered.text,
            finish=answered.finish,
            prompt_tokens=answered.prompt_tokens,
            completion_tokens=answered.tokens,
            served_model=self._path.name,
        )

    async def aclose(self) -> None:
        """Stop what is being answered and free the model; closing twice is harmless."""
        self._closing.set()
        await asyncio.to_thread(self._workers.shutdown)
        if self._model is not None:
            self._model.close()

    def _answer(self, request: Request, dropped: threading.Event) -> GgufAnswer:
        with self._loading:
            self._require_open()
            model = self._model = self._model or self._opened()
        sampling = request.sampling
        answered = model.answer(
            request.messages,
            max_new_tokens=request.max_new_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            # The highest one asks llama.cpp for a seed of its own choice.
            seed=(sampling.seed + request.sample) % (2**32 - 1),
            schema=request.answer_schema,
            is_dropped=lambda: dropped.is_set() or self._closing.is_set(),
        )
        self._require_open()
        return answered

    def _opened(self) -> GgufModel:
        try:
            return self._open()
        except ProviderError as error:
            raise ConfigError(
                f"{self.name} cannot be used: {error.message}.",
                "it may be cut short or of an unknown architecture",
            ) from error

    def _require_open(self) -> None:
        if self._closing.is_set():
            raise ProviderError(f"{self.name} was closed", hint="open it again")
