"""Every way to write examples down and to read them again, by name."""

from lorewright.core.registry import Registry
from lorewright.datasets.formats.conversations import prompt_completion
from lorewright.datasets.formats.format import Entry, Format, SourcePlace
from lorewright.datasets.formats.lines import read_lines, write_lines

_HERE = "lorewright.datasets.formats"
FORMATS = Registry(
    "formats",
    {
        "alpaca": f"{_HERE}.instructions:ALPACA",
        "csv": f"{_HERE}.comma_separated:CSV",
        "dataset-dict": f"{_HERE}.table:DATASET_DICT",
        "messages": f"{_HERE}.conversations:MESSAGES",
        "preference": f"{_HERE}.preference:PREFERENCE",
        "prompt-completion": f"{_HERE}.conversations:PROMPT_COMPLETION",
        "qa": f"{_HERE}.repository_pairs:REPOSITORY_PAIRS",
        "sft": f"{_HERE}.instructions:SFT",
        "sharegpt": f"{_HERE}.conversations:SHAREGPT",
        "train-validation": f"{_HERE}.instructions:TRAIN_VALIDATION",
    },
)
"""Other packages add theirs, a `Format`, by an entry point `lorewright.formats`."""


def load_format(name: str) -> Format:
    """Return a format by its name.

    Raises:
        ConfigError: There is none of that name.
    """
    found: Format = FORMATS.load(name)
    return found


__all__ = [
    "FORMATS",
    "Entry",
    "Format",
    "SourcePlace",
    "load_format",
    "prompt_completion",
    "read_lines",
    "write_lines",
]
