"""A sentence-transformers model in this process: texts to vectors, loaded when the first text comes."""

import json
import logging
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lorewright.core.errors import ConfigError, MissingDependencyError
from lorewright.core.ids import digest
from lorewright.llm.devices import resolve_device
from lorewright.llm.libraries import prepare
from lorewright.llm.model_files import revision
from lorewright.llm.vectors import Vectors, no_vectors, unit_rows

_DOCUMENT_PROMPTS = ("document", "passage", "corpus")


class SentenceEmbedder:
    """Texts to vectors by one model, in float32 on every device, so that an index means the same everywhere.

    Attributes:
        folder: Where the model lies.
    """

    def __init__(self, folder: Path, *, batch_size: int, threads: int, device: str) -> None:
        self.folder = folder
        self._batch_size = batch_size
        self._threads = threads
        self._device = device
        self._model: Any = None
        # One batch keeps all of torch's threads busy, and filters of warnings belong to the process.
        self._one_at_a_time = threading.Lock()

    def passages(self, texts: Sequence[str], prefix: str = "") -> Vectors:
        """Return the vectors of texts to be found, (texts, dimension).

        Args:
            texts: What exceeds `max_tokens` is cut at its end.
            prefix: Put before each text; when empty, the model's own prompt for documents is, if it has one.

        Raises:
            ConfigError: The folder holds no such model.
            ProviderError: A vector is zero or not finite.
        """
        if not texts:
            return no_vectors()
        model = self._loaded()
        return self._encoded(model.encode_document, texts, prefix or _own_prompt(model, _DOCUMENT_PROMPTS))

    def queries(self, texts: Sequence[str], prefix: str = "") -> Vectors:
        """Return the vectors of questions, (texts, dimension); as `passages`, with the prompt for queries."""
        if not texts:
            return no_vectors()
        model = self._loaded()
        return self._encoded(model.encode_query, texts, prefix or _own_prompt(model, ("query",)))

    def max_tokens(self) -> int | None:
        """Return how many tokens of a text the model reads, its marks and the prefix included; it is loaded for it."""
        length = self._loaded().max_seq_length
        return None if length is None else int(length)

    def _encoded(self, encode: Any, texts: Sequence[str], prompt: str) -> Vectors:
        with self._one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # The tokenizer refuses half a surrogate pair, which a text may hold.
            whole = [text.encode("utf-8", "replace").decode() for text in texts]
            rows = encode(whole, prompt=prompt, batch_size=self._batch_size, show_progress_bar=False)
        return unit_rows(rows, of=self.folder.name)

    def _loaded(self) -> Any:
        with self._one_at_a_time:
            if self._model is None:
                self._model = _load(self.folder, threads=self._threads, device=self._device)
        return self._model


def open_sentence_embedder(
    folder: Path, *, batch_size: int = 16, threads: int = 0, device: str = "auto"
) -> SentenceEmbedder:
    """Return an embedder whose model is loaded when the first text comes.

    Args:
        folder: A folder that sentence-transformers wrote, or that of an encoder, whose token vectors are averaged.
        batch_size: Texts at a time. On a CPU 8 to 16 were the fastest, 32 and 64 7% slower.
        threads: CPU threads to compute with; as many as torch likes when 0.
        device: `auto`, `cpu`, `cuda` or `mps`.

    Raises:
        MissingDependencyError: The extra `embed` is not installed.
    """
    import importlib.util

    if importlib.util.find_spec("sentence_transformers") is None:
        raise MissingDependencyError(
            "Embedding in this process needs sentence-transformers, which is not installed.",
            "pip install 'lorewright[embed]'",
        )
    return SentenceEmbedder(folder, batch_size=batch_size, threads=threads, device=device)


def sentence_embedder_identity(folder: Path) -> str:
    """Return a digest of the files that decide a model's vectors, those of its modules' folders included.

    The same content has the same identity wherever it lies. No model is loaded.

    Raises:
        ConfigError: The list of modules cannot be read.
    """
    return digest({path: revision(folder / path) for path in sorted({"", *_module_folders(folder)})})


def _module_folders(folder: Path) -> list[str]:
    """Return the folders named in `modules.json` that are there; those of modules without files are not."""
    listed = folder / "modules.json"
    if not listed.is_file():
        return []
    try:
        paths = [str(module["path"]) for module in json.loads(listed.read_bytes())]
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{listed} is no list of a model's modules: {error!r}.", "fetch or save the model again"
        ) from error
    return [path for path in paths if (folder / path).is_dir()]


def _own_prompt(model: Any, names: Sequence[str]) -> str:
    """Return the first prompt of those names that is not empty.

    The library takes the first that is there, and puts an empty one for documents where a model calls its own
    `passage`, as its documentation says.
    """
    return next((prompt for name in names if (prompt := model.prompts.get(name))), "")


def _load(folder: Path, *, threads: int, device: str) -> Any:
    prepare()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    for name in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if threads:
        torch.set_num_threads(threads)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SentenceTransformer(
                str(folder),
                device=resolve_device(device),
                local_files_only=True,
                model_kwargs={"dtype": torch.float32},
            ).eval()
    except Exception as error:
        told = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise ConfigError(
            f"The model in {folder} cannot be used to embed texts: {told}",
            "name a sentence-transformers model that needs no code of its own, such as all-MiniLM-L6-v2",
        ) from error
