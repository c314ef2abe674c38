"""A cited file in the user's pager or editor, at its line."""

import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.records import Passage
from lorewright.stages.source_settings import SourceSettings

# Programs that go to a line with `+N`, and those that want `FILE:N`; any other is given the file alone.
_PLUS = frozenset(
    {
        "less",
        "more",
        "most",
        "vi",
        "vim",
        "nvim",
        "view",
        "nano",
        "pico",
        "emacs",
        "emacsclient",
        "micro",
        "kak",
        "joe",
        "jed",
        "ne",
        "mg",
        "mcedit",
    }
)
_COLON = frozenset({"subl", "hx", "helix", "zed", "mate"})
_GO = frozenset({"code", "codium", "cursor", "windsurf"})


def local_file(passage: Passage, sources: Sequence[SourceSettings], project_dir: Path) -> Path | None:
    """Return the file that a passage is from, if its source is a folder or file of this machine and has it."""
    for source in sources:
        if source.path and source.label == passage.source:
            root = (project_dir / Path(source.path).expanduser()).resolve()
            file = root if root.is_file() else (root / passage.path).resolve()
            if file.is_file() and file.is_relative_to(root):
                return file
    return None


def viewer(file: Path, line: int, environ: Mapping[str, str]) -> list[str] | None:
    """Return the command that shows a file at a line: of PAGER, VISUAL or EDITOR, or else less; None without any.

    Raises:
        ConfigError: The variable cannot be read as a command.
    """
    name = next((name for name in ("PAGER", "VISUAL", "EDITOR") if environ.get(name, "").strip()), "")
    try:
        command = shlex.split(environ[name]) if name else [shutil.which("less") or ""]
    except ValueError as error:
        raise ConfigError(
            f"{name} is no command: {environ[name]!r} ({error}).", f"export {name}=less"
        ) from error
    if not command[0]:
        return None
    program = Path(command[0]).name
    if program in _PLUS:
        return [*command, f"+{line}", str(file)]
    if program in _COLON:
        return [*command, f"{file}:{line}"]
    if program in _GO:
        return [*command, "--goto", f"{file}:{line}"]
    return [*command, str(file)]


def show(command: Sequence[str]) -> None:
    """Run a viewer until its user leaves it; Ctrl-C is the viewer's.

    Raises:
        NotFoundError: It cannot be started.
    """
    try:
        with _ignoring_interrupts():
            subprocess.run(command, check=False)
    except OSError as error:
        raise NotFoundError(
            f"{command[0]} cannot be started: {error.strerror}.", "export PAGER=less, or EDITOR=nano"
        ) from error


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    # A handler, for one that ignores would be inherited by the program.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
