"""Two thousand damaged files: each ends as text or as a rejection in words, within its time and memory."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from lorewright.chunking.chunk import chunk
from lorewright.core.engine import Failure, run_local
from lorewright.core.errors import ParseError
from lorewright.parsing.dispatch import KINDS, parse
from lorewright.parsing.placing import placed
from lorewright.text.spans import Locator

COUNT = 2000
TIME_S = 5
MARKDOWN = """---
title: Pumps
---
<!-- Licensed under the Apache License, Version 2.0 -->
# Pumps

Words of *pumps*, `code`, [a link](https://example.org) and ![an image](a.png).

| A | B |
| --- | --- |
| 1 | two words |

```python
# no heading
def f(x):
    return x
```

:::{note}
A note.
:::

1. one
   - two

> quoted

Term
: meaning
"""
REST = """Pumps
=====

.. note:: A note with :ref:`a reference <label>` and ``code``.

.. code-block:: python

   def f(x):
       return x

+-----+-----+
| A   | B   |
+=====+=====+
| 1   | two |
+-----+-----+

Term
  Meaning

.. unknown:: argument
   :option: value

   Text of it. [1]_

.. [1] A footnote.
"""
HTML = """<!DOCTYPE html><html><head><title>Pumps</title></head><body><nav><a href="/">Home</a></nav><main>
<h1>Pumps</h1><p>Words of <b>pumps</b> &amp; <code>code</code>.</p>
<pre><code class="language-python">def f(x):
    return x
</code></pre><table><tr><th>A</th><th>B</th></tr><tr><td colspan="2">1</td></tr></table>
<ul><li>one<ul><li>two</li></ul></li></ul><dl><dt>Term</dt><dd>Meaning</dd></dl></main></body></html>
"""
NOTEBOOK = """{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# Pumps\\n", "\\n", "Words."]},
 {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["x = 1\\n", "print(x)"],
  "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\\n"]}]}],
 "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
 "nbformat": 4, "nbformat_minor": 5}
"""
LOG = """[2022-11-09, 09:59:40 UTC] {taskinstance.py:1165} INFO - Starting attempt 1 of 3
[2022-11-09, 09:59:41 UTC] {taskinstance.py:1851} ERROR - Task failed with exception
Traceback (most recent call last):
  File "/a/b.py", line 3, in f
ValueError: no pump
2025-08-10T16:13:23.123456Z [info     ] Done
"""
BRACES = """// Copyright 2024 Somebody
/** Says how fast a pump turns. */
class Pump extends Machine {
  /// The speed.
  speed(x) { return "a string with // and { inside" + x; }
}
function stop() { /* nothing */ }
"""
PYTHON = '''"""Pumps."""
import os

class Pump:
    """One pump."""

    @property
    def speed(self) -> int:
        """How fast."""
        return 3
'''
SAMPLES = {
    "markdown": MARKDOWN,
    "rest": REST,
    "html": HTML,
    "notebook": NOTEBOOK,
    "log": LOG,
    "python": PYTHON,
}
_TOKENS = [
    *(
        b"```",
        b"|",
        b"<div>",
        b"{{",
        b"((((",
        b"[",
        b"\\",
        b"<!--",
        b".. ",
        b"::",
        b'"""',
        b"/*",
        b"`",
        b"#",
        b">",
    ),
    *(b"\x00", b"\xff", b"\r", b"\xe2\x80", b"   ", b"\t", b"\xf0\x9f\x98\x80", b"&#x110000;", b"\x1b[31m"),
]
Make = Callable[..., bytes]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return a file with one to five faults: cut, flipped, doubled, moved, stuffed or nested without end."""
    for _ in range(rng.randint(1, 5)):
        at, width = rng.randrange(len(data) + 1), rng.randint(1, 40)
        token = rng.choice(_TOKENS)
        data = rng.choice(
            [
                data[:at],
                data[at:],
                data[:at] + bytes(rng.randrange(256) for _ in range(rng.randint(1, 8))) + data[at:],
                data[:at] + data[at + width :],
                data[:at] + data[at : at + width] * rng.randint(2, 50) + data[at + width :],
                data[at:] + data[:at],
                data[:at] + token + data[at:],
                data[:at] + token * rng.choice([3, 100, 3000]) + data[at:],
                data.replace(b"\n", rng.choice([b"\r\n", b"\r", b" ", b"\n\n\n"])),
            ]
        )
    return data


def ended(file: tuple[str, bytes]) -> str:
    """Parse and cut one file; say how that ended. Anything but a ParseError fails."""
    kind, data = file
    try:
        parsed = parse(data, kind=kind)
    except ParseError as error:
        return "rejected" if error.message.strip() else "rejected without a reason"
    document = placed(parsed, source="s", path="a")
    assert document.text.strip()
    locator, covered = Locator(document.source_map, document.text), bytearray(len(document.text))
    for passage in chunk(document, strategies=("auto", "windows"), max_size=300, min_size=40, overlap=30):
        assert document.text[passage.start : passage.end] == passage.text
        assert len(passage.text) <= 300
        assert locator.place(passage.start, passage.end) == passage.place
        covered[passage.start : passage.end] = b"1" * (passage.end - passage.start)
    assert all(seen or sign.isspace() for sign, seen in zip(document.text, covered, strict=True))
    for block in document.blocks:
        assert 0 <= block.start <= block.body <= block.end <= len(document.text)
    return "read"


def files(pdf: bytes) -> Sequence[tuple[str, bytes]]:
    rng = random.Random(20_26)
    originals = [
        (kind, pdf if kind.startswith("pdf") else SAMPLES.get(kind, BRACES).encode()) for kind in KINDS
    ]
    return [
        (kind, mutated(data, rng))
        for number in range(COUNT)
        for kind, data in [originals[number % len(originals)]]
    ]


@pytest.mark.timeout(300)
def test_damaged_files_end_as_text_or_as_a_reason(pdf_file: Make, column: Make) -> None:
    lines = ["Words of a pump that turns", "and of a valve that closes."] * 8
    pdf = pdf_file([column(lines), column(lines)])
    damaged = files(pdf)
    ends: Counter[str] = Counter()
    for index, result in run_local(ended, damaged, workers=2, timeout_s=TIME_S, memory_bytes=1 << 30):
        stopped = result == Failure(f"took longer than {TIME_S:g} s and was stopped")
        assert stopped or not isinstance(result, Failure), (
            result,
            damaged[index][0],
            damaged[index][1][:2000],
        )
        ends["stopped" if stopped else result] += 1
    assert set(ends) <= {"read", "rejected", "stopped"}
    assert sum(ends.values()) == COUNT
    assert ends["stopped"] <= COUNT / 100
    assert ends["read"] > COUNT / 4
    assert ends["rejected"] > COUNT / 50
