"""Logs become entries, whatever wrote them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.records import Parsed
from lorewright.parsing.dispatch import parse
from lorewright.parsing.log import parse_log
from lorewright.text.spans import Locator

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"

HEADS = [
    "[2022-11-09, 09:59:40 UTC] {taskinstance.py:1165} INFO - message",  # Airflow 2
    "[2023-05-01T10:00:00.123+0000] {taskinstance.py:1165} INFO - message",
    "[2019-01-01 10:00:00,123] {taskinstance.py:1165} INFO - message",  # Airflow 1.10
    "[2019-01-01 10:00:00,123] {{taskinstance.py:1165}} INFO - message",
    "[2025-08-10T16:13:23] ERROR: message",
    "2025-08-10T16:13:23 message",
    "2025-08-10T16:13:23.123456Z [info     ] message  [airflow.task] a=1",  # Airflow 3
    '{"timestamp":"2025-08-10T16:13:23.123456Z","event":"message","level":"info"}',
    "::group::Log message source details",
    "::endgroup::",
    "*** Reading local file: /logs/a.log",
    "2015-10-18 18:01:47,978 INFO [main] org.apache.App: message",  # log4j
    "2015-07-29 17:41:44,747 - INFO  [main:App@774] - message",  # Zookeeper
    "17/06/09 20:10:40 INFO executor.Backend: message",  # Spark
    "081109 203615 148 INFO dfs.DataNode: message",  # HDFS
    "nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova message",  # OpenStack
    "10:00:00.123 [main] INFO App - message",  # Logback
    "INFO:root:message",  # Python
    "WARNING  message",
    "[ERROR] message",
    "Oct 11 22:14:15 host sshd[1]: message",  # syslog, journald
    "Oct  1 22:14:15 host sshd[1]: message",
    "<34>Oct 11 22:14:15 host su: message",
    "<165>1 2003-10-11T22:14:15.003Z host app - ID47 - message",
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1',  # web servers
    "2023/05/01 10:00:00 [error] 1#1: *1 message",
    "[Wed Oct 11 14:32:52.123456 2000] [core:error] message",
    "I0501 10:00:00.123456    1234 server.go:12] message",  # Kubernetes
    "2023-05-01T10:00:00.123456789Z stdout F message",
    "web-1  | 2023-05-01 10:00:00 message",  # Docker Compose
    "[   12.345678] usb 1-1: message",
    "1:M 01 May 2023 10:00:00.123 * message",  # Redis
    "May 01, 2023 10:00:00 AM org.App run",
    "5/1/2023 10:00:00 AM message",
]

CONTINUED = [
    "Traceback (most recent call last):",
    '  File "a.py", line 3, in run',
    "    render()",
    "ValueError: no such template",
    "\tat org.App.run(App.java:12)",
    "Caused by: java.io.IOException: gone",
    "",
    "- a list of things",
    "2023 rows were lost",
    "}",
    "***   * /logs/a.log",
]


def pieces(document: Parsed) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks]


@pytest.mark.parametrize("head", HEADS)
def test_an_entry_is_its_first_line_with_those_that_go_on_with_it(head: str) -> None:
    entry = "\n".join([head, *CONTINUED])
    document = parse_log(f"{entry}\n{head}\n\n{entry}\n")
    assert pieces(document) == [entry, head, entry]
    assert document.metadata["entries"] == 3


def test_what_stands_above_the_first_entry_is_kept_by_paragraphs() -> None:
    document = parse_log("fab5c8c8a7f3\n\nBanner\nof two lines\nINFO - a\n")
    assert pieces(document) == ["fab5c8c8a7f3", "Banner\nof two lines", "INFO - a"]


def test_a_log_without_entries_has_the_blocks_of_a_text() -> None:
    document = parse_log("one\ntwo\n\nthree\n")
    assert pieces(document) == ["one\ntwo", "three"]
    assert document.metadata == {}


def test_the_first_and_last_time_are_told_as_they_are_written() -> None:
    document = parse_log(
        "INFO start\n[2022-11-09, 09:59:40 UTC] INFO - a\n[2022-11-10, 01:00:00 UTC] INFO - b\nERROR c\n"
    )
    assert document.metadata == {
        "entries": 4,
        "first_time": "2022-11-09, 09:59:40 UTC",
        "last_time": "2022-11-10, 01:00:00 UTC",
    }


def test_the_time_of_an_entry_is_not_that_in_the_name_of_its_file() -> None:
    head = "nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova message"
    assert parse_log(head).metadata["first_time"] == "2017-05-16 00:00:00.008"


def test_colours_go_and_are_told_and_lines_stay_exact() -> None:
    document = parse_log(
        "start\n\x1b[31;1mERROR\x1b[0m - a\n\x1b]8;;http://a.org\x1b\\link\x1b]8;;\x1b\\\nINFO b\n"
    )
    assert document.text == "start\nERROR - a\nlink\nINFO b\n"
    assert document.metadata["dropped"] == [{"what": "terminal control", "first": 2, "last": 3}]
    locator = Locator(document.source_map, document.text)
    assert [locator.place(block.start, block.end).first for block in document.blocks] == [1, 2, 4]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from([*HEADS, *CONTINUED, "\x1b[31mred\x1b[0m", "é", "   "]), max_size=12).map(
        "\n".join
    )
)
def test_blocks_hold_every_word_once_and_lines_stay_exact(text: str) -> None:
    document = parse_log(text)
    position = 0
    for block in document.blocks:
        assert not document.text[position : block.start].strip()
        piece = document.text[block.start : block.end]
        assert piece == piece.strip() != "" or position == 0
        position = block.end
    assert not document.text[position:].strip()
    assert document.text.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "line", ["x" * 100_000, "a " * 50_000, "[" * 50_000, "1" * 50_000, "\x1b[" * 30_000, "a|" * 50_000]
)
def test_long_lines_are_read(line: str) -> None:
    document = parse_log(f"INFO a\n{line}\nINFO b")
    assert pieces(document)[0].startswith("INFO a\n")
    assert document.metadata["entries"] == 2


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the shared corpora are not beside the checkout")
@pytest.mark.parametrize("name", ["HDFS", "Hadoop", "OpenStack", "Spark", "Zookeeper"])
def test_every_line_of_real_logs_is_an_entry(name: str) -> None:
    data = (CORPORA / "loghub" / name / f"{name}_2k.log").read_bytes()
    document = parse(data, kind="log")
    assert document.metadata["entries"] == len(data.splitlines()) == len(document.blocks)
    assert {"first_time", "last_time"} <= document.metadata.keys()
