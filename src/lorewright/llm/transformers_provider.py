"""A model in this process, through transformers: `transformers/MODEL`."""

import asyncio
import copy
import json
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from lorewright.core.errors import LoreError, ProviderError
from lorewright.core.ids import digest, text_digest
from lorewright.core.making import turns_of
from lorewright.core.records import Metadata
from lorewright.llm.asking import Completion, Request
from lorewright.llm.devices import require_train_extra, resolve_device, resolve_dtype
from lorewright.llm.json_end import JsonEnd
from lorewright.llm.libraries import prepare
from lorewright.llm.local import LocalModel, Quantization, load
from lorewright.llm.model_files import revision
from lorewright.llm.row_generation import Row, RowAnswer, generate_rows
from lorewright.llm.templates import PLAIN, encode_prompt

# Requests that are sent together arrive together: time to hand them over, not to wait for more.
_HANDOVER_S = 0.005
# Of all prompts of a batch together, filled up to the longest: with more, reading them takes longer than one by one.
_MOST_TOKENS = 8192


@dataclass(frozen=True)
class _Asked:
    request: Request
    answer: "Future[Completion]"
    ids: list[int]


def open_transformers_provider(
    model: str,
    *,
    path: Path,
    adapter: Path | None = None,
    content: str = "",
    quantization: Quantization = "none",
    device: str = "auto",
    dtype: str = "auto",
    threads: int | None = None,
    slots: int = 8,
    batches: int = 1,
) -> "TransformersProvider":
    """Return a provider that has loaded nothing yet.

    Args:
        model: Its name in lore.toml.
        path: The model's folder.
        adapter: Folder of a LoRA adapter to put on it.
        content: What the model is, where the caller knows: the id of the run that made it, say. Otherwise the files
            tell.
        quantization: `nf4` holds the weights in 4 bits.
        device: `auto`, `cpu`, `cuda` or `mps`.
        dtype: `auto`, `float32`, `bfloat16` or `float16`.
        threads: CPU threads to compute with; all when None.
        slots: Most answers that are computed at a time.
        batches: In how many batches side by side, each with its part of the threads: for small models on a CPU, whose
            steps are too short to be shared among threads.
    """
    loading = partial(
        load, path, adapter=adapter, device=device, dtype=dtype, threads=threads, quantization=quantization
    )
    known = {"quantization": quantization, "device": device, "dtype": dtype, "content": content}
    each = max(1, threads // batches) if threads else None
    pool = _Pool(batches, each, rows=-(-slots // batches))
    return TransformersProvider(f"transformers/{model}", path, adapter, known, loading, pool)


class _Pool:
    """Threads that compute batches side by side, so many rows each.

    Every one has a tokenizer of its own, for those of the library are not to be used by two threads at once.
    """

    def __init__(self, batches: int, threads: int | None, *, rows: int) -> None:
        self.rows = rows
        self.free = threading.Semaphore(batches)
        self._threads = threads
        self._own = threading.local()
        self._workers = ThreadPoolExecutor(batches, "transformers-batch")

    def run(self, answer: Callable[[], None]) -> None:
        """Compute a batch in a thread that is free, and give its place back afterwards."""
        self._workers.submit(self._compute, answer)

    def own(self, model: LocalModel) -> LocalModel:
        """Return a model as the calling thread may use it."""
        if not hasattr(self._own, "model"):
            self._own.model = replace(model, tokenizer=copy.deepcopy(model.tokenizer))
            if self._threads:
                import torch

                torch.set_num_threads(self._threads)
        found: LocalModel = self._own.model
        return found

    def close(self) -> None:
        """Wait for what is being computed."""
        self._workers.shutdown()

    def _compute(self, answer: Callable[[], None]) -> None:
        try:
            answer()
        finally:
            self.free.release()


class TransformersProvider:
    """Answers requests that are waiting at the same time together, on threads of its own.

    Greedy at temperature 0. An answer under a schema ends with its JSON value, whatever the model would add. It does
    not depend on what else is asked, except that a batch's shape changes the last digits of probabilities.

    Attributes:
        name: `transformers/MODEL`.
        batches: How many answers were computed together, batch by batch.
    """

    def __init__(
        self, name: str, path: Path, adapter: Path | None, known: Metadata, loading: Any, pool: _Pool
    ) -> None:
        self.name = name
        self.batches: list[int] = []
        self._path = path
        self._adapter = adapter
        self._known = known
        self._load = loading
        self._pool = pool
        self._model: LocalModel | None = None
        self._queue: queue.Queue[tuple[Request, Future[Completion]] | None] = queue.Queue()
        self._worker: threading.Thread | None = None
        self._closing = threading.Event()

    def loaded(self) -> LocalModel:
        """Return the model itself, loaded if it is not yet, for what answers do not tell: how likely it finds a text.

        Raises:
            LoreError: It cannot be loaded.
        """
        if self._model is None:
            self._model = self._load()
        return self._model

    async def resolve(self) -> Metadata:
        """Return what the model is by its content, its template and its precision; the folder's place is no part.

        Raises:
            MissingDependencyError: The training extra is not installed.
            ConfigError: The device is not there.
        """
        return await asyncio.to_thread(self._identity)

    async def complete(self, request: Request) -> Completion:
        """Return the answer to a request; a task that is cancelled frees its place in the batch.

        Raises:
            ProviderError: The prompt leaves no room for an answer (status 413), the template refuses the
                conversation (status 400), or the model failed.
            LoreError: The model cannot be loaded.
        """
        if self._closing.is_set():
            raise _closed(self.name)
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="transformers-provider", daemon=True)
            self._worker.start()
        answer: Future[Completion] = Future()
        self._queue.put((request, answer))
        return await asyncio.wrap_future(answer)

    async def aclose(self) -> None:
        """Stop what is being answered and free the model; closing twice is harmless."""
        self._closing.set()
        if self._worker is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._worker.join)
        self._worker = self._model = None

    def _identity(self) -> Metadata:
        require_train_extra("A model in this process")
        prepare()
        content = self._known["content"]
        found = content or [revision(folder) for folder in (self._path, self._adapter) if folder is not None]
        dtype = resolve_dtype(self._known["dtype"], resolve_device(self._known["device"]))
        return {
            "provider": "transformers",
            "content": digest(found),
            "template": text_digest(_template(self._path)),
            "quantization": self._known["quantization"],
            "dtype": dtype,
        }

    def _work(self) -> None:
        waiting: list[_Asked] = []
        while True:
            self._pool.free.acquire()
            if not self._gather(waiting):
                break
            batch = self._take(waiting) if waiting else []
            if batch:
                self.batches.append(len(batch))
                self._pool.run(partial(self._answer, batch, self.loaded()))
            else:
                self._pool.free.release()
        self._pool.close()
        for asked in waiting:
            _fail(asked.answer, _closed(self.name))

    def _gather(self, waiting: list[_Asked]) -> bool:
        """Take in what was asked, waiting for it only where there is nothing to do; return whether to go on."""
        wait_s: float | None = _HANDOVER_S if waiting else None
        while len(waiting) < self._pool.rows or not self._queue.empty():
            try:
                entry = self._queue.get(timeout=wait_s)
            except queue.Empty:
                break
            if entry is None:
                return False
            self._admit(*entry, waiting)
            wait_s = _HANDOVER_S
        return not self._closing.is_set()

    def _admit(self, request: Request, answer: "Future[Completion]", waiting: list[_Asked]) -> None:
        try:
            if self._closing.is_set():
                raise _closed(self.name)
            ids = _prompt(self.loaded(), request)
        except LoreError as error:
            _fail(answer, error)
        except Exception as error:  # noqa: BLE001 - whatever the library raises is this request's failure
            _fail(answer, ProviderError(f"{self.name} cannot be asked: {error}"))
        else:
            waiting.append(_Asked(request, answer, ids))

    def _take(self, waiting: list[_Asked]) -> list[_Asked]:
        """Take the one that waits longest out of those waiting, and those that are most like it in length."""
        lengths = [len(asked.ids) for asked in waiting]
        order = sorted(range(len(waiting)), key=lambda i: (i > 0, abs(lengths[i] - lengths[0]), i))
        chosen = {0}
        longest = lengths[0]
        for i in order[1 : self._pool.rows]:
            longest = max(longest, lengths[i])
            if longest * (len(chosen) + 1) > _MOST_TOKENS:
                break
            chosen.add(i)
        batch = [asked for i, asked in enumerate(waiting) if i in chosen]
        waiting[:] = [asked for i, asked in enumerate(waiting) if i not in chosen]
        return [asked for asked in batch if not asked.answer.cancelled()]

    def _answer(self, batch: list[_Asked], shared: LocalModel) -> None:
        try:
            model = self._pool.own(shared)
            answers = generate_rows(model, [self._row(model, asked) for asked in batch])
        except Exception as error:  # noqa: BLE001 - carried to whoever asked
            failure = ProviderError(
                f"{self.name} failed while answering: {error}",
                "lower generation.concurrency, or evaluation.batch_size",
            )
            for asked in batch:
                _fail(asked.answer, failure)
            return
        for asked, answered in zip(batch, answers, strict=True):
            if self._closing.is_set():
                _fail(asked.answer, _closed(self.name))
            else:
                _succeed(asked.answer, self._completion(asked, answered))

    def _row(self, model: LocalModel, asked: _Asked) -> Row:
        request = asked.request
        return Row(
            ids=asked.ids,
            limit=min(request.max_new_tokens, model.max_length - len(asked.ids)),
            sampling=request.sampling.model_copy(update={"seed": _seed(request)}),
            end=None if request.answer_schema is None else JsonEnd(request.answer_schema),
            is_dropped=lambda: asked.answer.cancelled() or self._closing.is_set(),
        )

    def _completion(self, asked: _Asked, answered: RowAnswer) -> Completion:
        is_full = answered.finish == "length" and answered.tokens < asked.request.max_new_tokens
        return Completion(
            text=answered.text,
            # A higher limit would not help where the model can read no more.
            finish="other" if is_full else answered.finish,
            prompt_tokens=len(asked.ids),
            completion_tokens=answered.tokens,
            served_model=self.name,
        )


def _prompt(model: LocalModel, request: Request) -> list[int]:
    try:
        ids = encode_prompt(model.tokenizer, request.messages)
    except Exception as error:  # templates raise what they like
        raise ProviderError(
            f"the chat template of {model.name} refuses the conversation: {error}", status=400
        ) from error
    if len(ids) >= model.max_length:
        raise ProviderError(
            f"a prompt of {len(ids)} tokens leaves no room for an answer in the {model.max_length} of {model.name}",
            "shorten the prompt, or use a model that reads more",
            status=413,
        )
    return ids


def _seed(request: Request) -> int:
    """Return a seed of the request's own: of what is asked, of the draw's seed and the sample's number."""
    turns = turns_of(request.messages)
    schema = json.dumps(request.answer_schema, ensure_ascii=False)
    return int(digest([turns, schema, request.sampling.seed + request.sample])[:15], 16)


def _template(folder: Path) -> str:
    """Return a model's chat template, by its files; the plain one where it has none."""
    own = folder / "chat_template.jinja"
    if own.is_file():
        return own.read_text(encoding="utf-8")
    config = folder / "tokenizer_config.json"
    told = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    return json.dumps(told.get("chat_template") or PLAIN)


def _closed(name: str) -> ProviderError:
    return ProviderError(f"{name} was closed", "open it again")


def _fail(answer: "Future[Completion]", error: Exception) -> None:
    try:
        answer.set_exception(error)
    except InvalidStateError:
        """Nobody waits for it any more."""


def _succeed(answer: "Future[Completion]", completion: Completion) -> None:
    try:
        answer.set_result(completion)
    except InvalidStateError:
        """Nobody waits for it any more."""
