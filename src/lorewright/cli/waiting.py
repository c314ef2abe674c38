"""A sign of life on standard error while something takes its time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# What is done sooner shows nothing.
_QUIET_S = 0.4


@contextmanager
def waiting(label: str) -> Iterator[None]:
    """Show a spinner with a label while the block runs, if standard error is a terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield
        return
    from rich.status import Status

    status = Status(Text(f"{label} …", "dim"), console=console)
    timer = threading.Timer(_QUIET_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
