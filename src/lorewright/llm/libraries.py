"""torch and the Hugging Face libraries as this project uses them: no telemetry, no chatter, bounded caches."""

import logging
import os

_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    # torch keeps a prepared product for each shape it has met: gigabytes, where every batch has a length of its own.
    "LRU_CACHE_CAPACITY": "32",
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
}


def prepare() -> None:
    """Set what the libraries read once. Call it before torch, transformers, trl, peft or datasets are imported."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    # It warns of a faster kernel that it would fetch from the Hub.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
