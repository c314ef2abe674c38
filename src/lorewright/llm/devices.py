"""Which device and which precision, resolved once so that the resolved values can be part of a run's id."""

from lorewright.core.errors import ConfigError, MissingDependencyError

DEVICES = ("auto", "cpu", "cuda", "mps")
DTYPES = ("auto", "float32", "bfloat16", "float16")


def require_train_extra(what: str) -> None:
    """Raise MissingDependencyError, naming what needs them, unless the training libraries are installed."""
    import importlib.util

    wanted = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "safetensors")
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f"{what} needs {', '.join(missing)}, which is not installed",
            hint="pip install 'lorewright[train]'",
        )


def resolve_device(device: str) -> str:
    """Return `cpu`, `cuda` or `mps` for a wish that may be `auto`; ConfigError for a device that is not there."""
    import torch

    if device not in DEVICES:
        raise ConfigError(f"unknown device {device!r}", hint=f"choose one of {', '.join(DEVICES)}")
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there[device]:
        raise ConfigError(f"device {device!r} is not available on this machine", hint="use device = 'auto'")
    return device


def resolve_dtype(dtype: str, device: str) -> str:
    """Return the dtype to compute in for a wish that may be `auto`.

    `auto` is bfloat16 on accelerators that have it and float32 elsewhere.
    """
    import torch

    if dtype not in DTYPES:
        raise ConfigError(f"unknown dtype {dtype!r}", hint=f"choose one of {', '.join(DTYPES)}")
    if dtype != "auto":
        return dtype
    return "bfloat16" if device == "cuda" and torch.cuda.is_bf16_supported() else "float32"


def has_fast_bfloat16(device: str) -> bool:
    """Return whether matrix products in bfloat16 are faster than in float32 there."""
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    # Emulated bfloat16 on an older CPU is slower than float32, so only the real instructions count.
    return device == "cpu" and bool(
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # noqa: SLF001
    )
