"""The baseline that a trained model has to beat: patterns that an operator of Airflow knows by heart."""

import re

from lorewright.loganalysis.candidates import normalise

_PREFIX = re.compile(r"^(?:[\w.]+\s+)?(?:-\s*)?(?:ERROR|CRITICAL|FATAL|SEVERE|WARNING|WARN)\s*(?:-|:|\|)?\s*")
_RAISED = re.compile(
    r"^(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Timeout|Failure|Interrupt|NotFound|Denied|Exit)\b"
)
_LEVEL = re.compile(r"\b(?:ERROR|CRITICAL|FATAL|SEVERE)\b")
_GENERIC = re.compile(
    r"(?:task failed with exception|failed to execute job|marking task as|traceback|immediate failure|task exited"
    r"|failed to execute task|^\s+|during handling|state changed|process exited)",
    re.I,
)
_CATEGORY_WORDS = {
    "timeout_error": r"""time[d -]?out|deadline exceeded
        |took too long|TimeoutError|AirflowTaskTimeout|ReadTimeout|lock wait""",
    "permission_error": r"""permission|access ?denied|forbidden|unauthori[sz]ed|not authori[sz]ed|\b40[13]\b|authenticat
        |credentials|EACCES|insufficient privilege|invalid token|token (?:has )?expired|password|signature""",
    "resource_error": r"""out of memory|MemoryError|\bOOM|cannot allocate|no space left|disk (?:is )?full|quota
        |too many open files|killed|SIGKILL|exit (?:code )?137|heap space|exhausted|too many (?:connections|clients)
        |evicted|spill""",
    "configuration_error": r"""ModuleNotFoundError|ImportError|No module named|not (?:defined|configured)|isn't defined
        |config|KeyError|environment variable|unknown (?:option|argument|parameter)
        |invalid (?:option|argument|value for)
        |Variable .* does not exist|TemplateNotFound|UndefinedError|yaml|SyntaxError|NameError|AttributeError|conn_id
        |DagNotFound""",
    "dependency_failure": r"""connection (?:refused|reset|aborted|error)|ConnectionError|unreachable
        |name or service not known|resolve|\b50[234]\b|service unavailable|bad gateway|upstream
        |max retries|broken pipe
        |network|ssl|temporary failure
        |could not connect|server closed the connection|no such host|external task|sensor""",
    "data_quality": r"""null|duplicate|constraint|schema|column|data ?type|parse|decod|invalid (?:input|date|literal)
        |IntegrityError|ValueError|TypeError|mismatch|malformed|corrupt|expected .* (?:but|got)|row count|validation
        |empty (?:file|result)
        |out of range|no such (?:file|key)|FileNotFound|does not exist""",
}
_CATEGORIES = {name: re.compile(re.sub(r"\n\s*", "", words), re.I) for name, words in _CATEGORY_WORDS.items()}
_SEVERITIES = (
    ("critical", r"CRITICAL|FATAL|corrupt|no space left|data loss|panic|segfault|SIGKILL"),
    ("low", r"\bWARN(?:ING)?\b|retry|retries|skipp|deprecat"),
)
_BY_CATEGORY = {
    "resource_error": "critical",
    "permission_error": "high",
    "configuration_error": "high",
    "dependency_failure": "high",
    "timeout_error": "medium",
    "data_quality": "medium",
    "unknown": "medium",
}


def analyze(context: str) -> dict[str, str]:
    """Return `error_message`, `category` and `severity` of the lines of a log, from patterns alone.

    The error message is the last line that raises something, else the last line with an error level, else the last
    line; the category is the first whose pattern stands in it, then in all the lines, else `unknown`.

    Args:
        context: Candidate lines of a log, with or without timestamps.
    """
    lines = [normalise(line) for line in context.splitlines() if line.strip()]
    message = _error_message(lines)
    category = _category(message) or _category("\n".join(lines)) or "unknown"
    severity = next(
        (name for name, words in _SEVERITIES if re.search(words, message)), _BY_CATEGORY[category]
    )
    return {"error_message": message, "category": category, "severity": severity}


def _error_message(lines: list[str]) -> str:
    raised = [line for line in lines if _RAISED.match(line)]
    levelled = [line for line in lines if _LEVEL.search(line) and not _GENERIC.search(line)]
    telling = [line for line in lines if not _GENERIC.search(line)]
    line = (raised or levelled or telling or lines or [""])[-1]
    return _PREFIX.sub("", line).strip()


def _category(text: str) -> str:
    return next((name for name, words in _CATEGORIES.items() if words.search(text)), "")
