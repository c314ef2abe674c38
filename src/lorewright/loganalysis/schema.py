"""What an analysis of a log says, and how it is asked for."""

from collections.abc import Sequence

CATEGORIES = (
    "resource_error",
    "data_quality",
    "dependency_failure",
    "configuration_error",
    "permission_error",
    "timeout_error",
    "unknown",
)
SEVERITIES = ("low", "medium", "high", "critical")
FIELDS = ("error_message", "category", "severity")


def instruction(categories: Sequence[str], severities: Sequence[str]) -> str:
    """Return the system turn that asks for the error message, category and severity of a log."""
    return (
        "You read the end of a task's log and say what went wrong. Answer with one JSON object and nothing else: "
        '"error_message" is the decisive error, copied from the log word for word; '
        f'"category" is one of {", ".join(categories)}; "severity" is one of {", ".join(severities)}.'
    )
