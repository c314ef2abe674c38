"""Points in time as logs write them: Airflow 1 to 3, Python, log4j, Spark, Hadoop, syslog, web servers, Kubernetes."""

import re

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_ZONE = r"(?:\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_DATED = (
    rf"\d{{4}}-\d\d-\d\d(?:T|,?\s){_CLOCK}{_ZONE}",  # ISO 8601 and its kin
    rf"\d{{4}}/\d\d/\d\d\s{_CLOCK}",  # nginx, Go
    rf"\d\d/\d\d/\d\d\s{_CLOCK}",  # Spark
    rf"\d\d?/\d\d?/\d{{4}},?\s\d?{_CLOCK}(?:\s[AP]M)?",  # Windows
    rf"\d\d/{_MONTH}/\d{{4}}:{_CLOCK}\s[+-]\d{{4}}",  # access logs
    rf"(?:{_DAY},\s)?\d\d?\s{_MONTH}\s\d{{4}}\s{_CLOCK}{_ZONE}",  # RFC 2822
    rf"{_DAY}\s{_MONTH}\s[ \d]?\d\s{_CLOCK}(?:\s[A-Z]{{3,4}})?\s\d{{4}}",  # ctime
    rf"{_MONTH}\s\d\d?,\s\d{{4}}\s\d?\d:\d\d:\d\d(?:\s[AP]M)?",  # java.util.logging
    rf"{_MONTH}\s[ \d]?\d\s{_CLOCK}",  # syslog, journald
    r"\d{6}\s\d{6}(?=\s\d+\s[A-Z])",  # HDFS
)

TIMESTAMP = rf"(?:{'|'.join([*_DATED, _CLOCK])})"
LEADING_TIMESTAMP = re.compile(rf"^\s*(?:\[{TIMESTAMP}\]|{TIMESTAMP})[\s:|-]*")

_ANYWHERE = tuple(re.compile(rf"(?<![\d:.]){form}(?![\d:])") for form in (rf"(?:{'|'.join(_DATED)})", _CLOCK))


def first_timestamp(text: str, start: int, end: int) -> str:
    """Return the first point in time that a stretch of text names, one with a date before one without.

    It comes as it is written; empty when there is none.
    """
    found = (form.search(text, start, end) for form in _ANYWHERE)
    return next((match[0] for match in found if match), "")
