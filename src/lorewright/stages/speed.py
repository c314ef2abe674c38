"""Where a training would run and how long it would take here, without loading the training libraries."""

import platform
import sys
import time
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# A training step costs about 6 floating-point operations a parameter and token (Kaplan et al. 2020, section 2.1);
# small models reach about this share of what a plain matrix product reaches.
_OPERATIONS = 6.0
_SHARE = 0.35
_SIDE = 768


@cache
def operations_a_second() -> float:
    """Return the speed of a float32 matrix product on this machine's processor, the best of a few."""
    import numpy as np

    matrix = np.ones((_SIDE, _SIDE), dtype=np.float32)
    matrix @ matrix
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - begun)
    return 2.0 * _SIDE**3 / best


def training_minutes(tokens: int, parameters: int) -> float | None:
    """Return about how many minutes a training takes on the processor; None where an accelerator would do it."""
    if _has_nvidia():
        return None
    seconds = _OPERATIONS * parameters * tokens / (operations_a_second() * _SHARE)
    return seconds / 60.0


def resolve_device(device: str) -> str:
    """Return `cpu`, `cuda` or `mps` for a wish that may be `auto`, so that the run's id holds what is used."""
    if device != "auto":
        return device
    if _has_nvidia():
        return "cuda"
    return "mps" if sys.platform == "darwin" and platform.machine() == "arm64" else "cpu"


def _has_nvidia() -> bool:
    """Tell whether there is an NVIDIA device and the installed torch is not the build without it."""
    if not Path("/dev/nvidia0").exists():
        return False
    try:
        return "+cpu" not in version("torch")
    except PackageNotFoundError:
        return False
