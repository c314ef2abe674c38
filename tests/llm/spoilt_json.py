"""Ways in which models spoil the JSON that they are asked for."""

import json
import re
from collections.abc import Callable


def _in_strings(text: str, change: Callable[[str], str]) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: change(found.group()), text, flags=re.S)


def _raw_newlines(text: str) -> str:
    spoilt = _in_strings(text, lambda string: string.replace("\\n", "\n").replace("\\t", "\t"))
    if spoilt == text:
        return _in_strings(text, lambda string: string.replace(" ", "\n", 1))
    return spoilt


def _commented(text: str) -> str:
    lines = json.dumps(json.loads(text), ensure_ascii=False, indent=1).splitlines()
    spoilt = "\n".join([f"{lines[0]}  // the answer", *lines[1:]])
    parts = re.split(r'("(?:[^"\\]|\\.)*")', spoilt)
    python = {"true": "True", "false": "False", "null": "None"}
    return "".join(
        part if part.startswith('"') else re.sub(r"\b(true|false|null)\b", lambda word: python[word[0]], part)
        for part in parts
    )


CORRUPTIONS: dict[str, Callable[[str], str]] = {
    "fences and prose around": lambda text: (
        f"Sure! Here is the JSON you asked for:\n\n```json\n{text}\n```\n\nLet me know if you need more."
    ),
    "single quotes": lambda text: repr(json.loads(text)),
    "trailing commas": lambda text: re.sub(
        r"(?<=[\"\d\]}el])(\s*[\]}])", r",\1", json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    ),
    "cut in the middle": lambda text: text[: max(1, len(text) * 2 // 3)],
    "unquoted keys": lambda text: re.sub(r'"([A-Za-z_]\w*)"(\s*:)', r"\1\2", text),
    "missing last brackets": lambda text: text.rstrip().rstrip("]}").rstrip(),
    "raw newlines in strings": _raw_newlines,
    "Python literals and a comment": _commented,
    "encoded twice": json.dumps,
    "thoughts before": lambda text: (
        f'<think>\nThey want {{"pairs": [...]}}. I shall obey.\n</think>\n\n{text}'
    ),
    "missing commas": lambda text: re.sub(
        r"([\"\d\]}]),(\n)", r"\1\2", json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    ),
}
"""Ways in which models spoil JSON: each takes a valid text and gives the spoilt one. Raw newlines stand in place of
escaped ones or, where there are none, of the first blank of each string."""
