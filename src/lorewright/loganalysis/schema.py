"""What an analysis of a log says, and how it is asked for."""

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
INSTRUCTION = (
    "You read the end of a task's log and say what went wrong. Answer with one JSON object and nothing else: "
    '"error_message" is the decisive error, copied from the log word for word; '
    f'"category" is one of {", ".join(CATEGORIES)}; "severity" is one of {", ".join(SEVERITIES)}.'
)
