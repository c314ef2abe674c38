"""Hugging Face libraries as this project uses them: no telemetry, no progress bars, no chatter."""

import os


def silence() -> None:
    """Turn off telemetry and chatter. Call it before transformers, trl, peft or datasets are imported."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
