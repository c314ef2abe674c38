"""Model folders as transformers reads them: local only, and without a word on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lorewright.core.errors import ExportError, MissingDependencyError, NotFoundError


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' progress bars off the terminal."""
    try:
        from transformers.utils import logging
    except ImportError as error:
        raise MissingDependencyError(
            "exporting a model needs transformers, which is not installed",
            hint="pip install 'lorewright[train]'",
        ) from error
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def load_model(model: Path | str) -> Any:
    """Return a causal language model in float32 on the CPU, in evaluation mode.

    Raises:
        NotFoundError: neither a folder nor a model of the local cache has that name.
        ExportError: it is there and cannot be read.
    """
    import torch
    from transformers import AutoModelForCausalLM

    _require(model)
    with quiet():
        try:
            loaded = AutoModelForCausalLM.from_pretrained(
                model, dtype=torch.float32, local_files_only=True, attn_implementation="eager"
            )
        except OSError as error:
            raise _missing(model) from error
        except ValueError as error:
            raise ExportError(f"cannot read the model {model}: {error}") from error
    return loaded.eval()


def load_tokenizer(model: Path | str) -> Any:
    """Return a model's tokenizer with its chat template.

    Raises:
        NotFoundError: the model is not there or has none.
    """
    from transformers import AutoTokenizer

    _require(model)
    with quiet():
        try:
            return AutoTokenizer.from_pretrained(model, local_files_only=True)
        except (OSError, ValueError) as error:
            raise NotFoundError(
                f"there is no tokenizer for {model}", hint="name the folder of a complete model"
            ) from error


def _require(model: Path | str) -> None:
    folder = Path(model)
    if (isinstance(model, Path) or folder.is_absolute()) and not (folder / "config.json").is_file():
        raise _missing(model)


def _missing(model: Path | str) -> NotFoundError:
    return NotFoundError(
        f"there is no model at {model}", hint="give the folder of a model, or train one first: lore train"
    )
