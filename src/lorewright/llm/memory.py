"""Memory that the C library keeps after tensors of ever new sizes are freed."""

import ctypes
import sys


def give_back() -> None:
    """Return freed memory to the system where the C library is glibc, which otherwise hoards it; elsewhere nothing."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
