"""Logs as entries: a line that begins like one, with the lines that go on with it, such as a traceback."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from lorewright.core.records import Parsed
from lorewright.parsing.plain import paragraphs
from lorewright.text.timestamps import TIMESTAMP, first_timestamp

# Terminal control: colours and the like (CSI), and titles and links (OSC).
_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\))")
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE|ALERT|EMERG)"
_ENTRY = re.compile(
    r"^(?:"
    rf"(?:<\d{{1,3}}>(?:\d\s)?|[\w.-]{{1,60}}\s{{0,20}}\|\s|[\w.-]{{1,60}}\.log[\w.:-]{{0,60}}\s)?\[?{TIMESTAMP}"
    rf"|\[?{_LEVEL}\]?[\s:|(\[-]"
    r"|[DIWEF]\d{4}\s\d\d:\d\d:\d\d\.\d"  # klog of Kubernetes
    r"|\[\s*\d+\.\d{6}\]\s"  # the kernel's, in seconds
    rf"|[^\s\[]{{1,100}}\s[^\s\[]{{1,100}}\s[^\s\[]{{1,100}}\s\[{TIMESTAMP}"  # access logs
    rf"|\d+:[A-Z]\s{TIMESTAMP}"  # Redis
    r"|\{\""  # JSON, one object a line
    r"|::(?:end)?group::"  # Airflow and GitHub Actions
    r"|\*\*\*\s(?!\s)"  # Airflow
    r")",
    re.MULTILINE,
)
_LOOKED_AT = 300
_NEAR = 1_000


def parse_log(text: str) -> Parsed:
    """Return a log, whose blocks are its entries; without any, the stretches between blank lines.

    Terminal colours are left out and told as dropped. `metadata` holds `entries`, their number, and `first_time` and
    `last_time` as the log writes them.
    """
    text, dropped = _without_control(text)
    starts = [match.start() for match in _ENTRY.finditer(text)]
    metadata: dict[str, Any] = {"dropped": dropped} if dropped else {}
    if starts:
        metadata |= {"entries": len(starts)} | _times(text, starts)
    head = paragraphs(text[: starts[0]] if starts else text, kind="other")
    return Parsed.model_validate(
        {"kind": "log", "text": text, "blocks": (*head, *_entries(text, starts)), "metadata": metadata}
    )


def _without_control(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text without terminal control, and the first and last line that held some."""
    first = text.find("\x1b")
    clean, count = _CONTROL.subn("", text) if first >= 0 else (text, 0)
    if not count:
        return text, []
    lines = [text.count("\n", 0, place) + 1 for place in (first, text.rfind("\x1b"))]
    return clean, [{"what": "terminal control", "first": lines[0], "last": lines[1]}]


def _entries(text: str, starts: list[int]) -> Iterator[dict[str, Any]]:
    """Yield entries as rows, which are made records much faster with many others than by themselves."""
    for start, end in pairwise([*starts, len(text)]):
        length = len(text[start:end].rstrip())
        yield {"kind": "other", "start": start, "end": start + length, "body": start}


def _times(text: str, starts: list[int]) -> dict[str, str]:
    """Return the times of the first and last entry that tell one, if one near the log's ends does."""
    first, last = (
        next(filter(None, (first_timestamp(text, start, start + _LOOKED_AT) for start in near)), "")
        for near in (starts[:_NEAR], starts[: -_NEAR - 1 : -1])
    )
    return {"first_time": first, "last_time": last} if first and last else {}
