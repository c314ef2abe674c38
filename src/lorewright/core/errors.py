"""The error tree: each error says what happened, with the value that caused it, and what to type next.

LoreError
├── ConfigError            a setting or an argument cannot be used
├── NotFoundError          a project, run, ref, record or file is not there
├── BusyError              somebody else holds the lock of what was asked for
├── MissingDependencyError an optional extra is not installed
├── StorageError           the disk refused (full, read-only, no permission)
├── SourceError            a source cannot be read
├── ParseError             one document cannot be parsed (recorded, never fatal)
├── ProviderError          a model or its server does not answer
├── GenerationError        examples cannot be made
├── InterruptedWorkError   Ctrl-C was pressed; what is finished is kept
├── DatasetError           a dataset cannot be split or written
├── TrainingError          training cannot start or go on
├── EvaluationError        an evaluation cannot be made
├── ExportError            a model cannot be written in another format, or differs after it was
├── DeployError            a model cannot be put into service
└── AccountError           records were lost or doubled on the way: a fault of the program
"""

__all__ = [
    "AccountError",
    "BusyError",
    "ConfigError",
    "DatasetError",
    "DeployError",
    "EvaluationError",
    "ExportError",
    "GenerationError",
    "InterruptedWorkError",
    "LoreError",
    "MissingDependencyError",
    "NotFoundError",
    "ParseError",
    "ProviderError",
    "SourceError",
    "StorageError",
    "TrainingError",
]


class LoreError(Exception):
    """Something a user can act on.

    Attributes:
        message: What happened, with the offending value.
        hint: The next command or the next thing to look at; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(LoreError):
    """A setting or an argument cannot be used."""


class NotFoundError(LoreError):
    """A project, run, ref, record or file is not there."""


class BusyError(LoreError):
    """Somebody else holds the lock of what was asked for."""


class MissingDependencyError(LoreError):
    """An optional extra is not installed."""


class StorageError(LoreError):
    """The disk refused: full, read-only or not permitted."""


class SourceError(LoreError):
    """A source cannot be read."""


class ParseError(LoreError):
    """One document cannot be parsed; it is recorded and the run goes on."""


class ProviderError(LoreError):
    """A model or its server does not answer.

    Attributes:
        status: The HTTP status that a server refused with; 0 where there was none.
        wait_s: Seconds that it asked to wait before another try; None where another makes no sense now.
    """

    def __init__(self, message: str, hint: str = "", *, status: int = 0, wait_s: float | None = None) -> None:
        super().__init__(message, hint)
        self.status = status
        self.wait_s = wait_s


class GenerationError(LoreError):
    """Examples cannot be made."""


class InterruptedWorkError(LoreError):
    """Ctrl-C was pressed during work that says what remains; what is finished is kept."""


class DatasetError(LoreError):
    """A dataset cannot be split or written."""


class TrainingError(LoreError):
    """Training cannot start or go on."""


class EvaluationError(LoreError):
    """An evaluation cannot be made."""


class ExportError(LoreError):
    """A model cannot be written in another format, or differs after it was."""


class DeployError(LoreError):
    """A model cannot be put into service."""


class AccountError(LoreError):
    """Records were lost or doubled on the way: a fault of the program, never of its input."""
