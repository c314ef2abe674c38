import pytest

from lorewright.text.timestamps import LEADING_TIMESTAMP, first_timestamp

STAMPS = [
    "2022-11-09, 09:59:40 UTC",
    "2025-08-10T16:13:23",
    "2025-08-10T16:13:23.123456Z",
    "2023-05-01T10:00:00.123+0000",
    "2019-01-01 10:00:00,123",
    "2023/05/01 10:00:00",
    "17/06/09 20:10:40",
    "5/1/2023 10:00:00 AM",
    "10/Oct/2000:13:55:36 -0700",
    "Wed, 11 Oct 2000 14:32:52 GMT",
    "Wed Oct 11 14:32:52.123456 2000",
    "Oct  1 22:14:15",
    "May 01, 2023 10:00:00 AM",
    "10:00:00.123",
]


@pytest.mark.parametrize("stamp", STAMPS)
def test_a_time_is_found_whole_wherever_it_stands(stamp: str) -> None:
    line = f"host [{stamp}] message"
    assert first_timestamp(line, 0, len(line)) == stamp


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("head", ["{}", "[{}]", "  {} -", "{} |"])
def test_a_leading_time_is_taken_off_with_what_sets_it_apart(stamp: str, head: str) -> None:
    assert LEADING_TIMESTAMP.sub("", f"{head.format(stamp)} message") == "message"


@pytest.mark.parametrize(
    "line", ["2025 rows", "1.2.3", "a:b:c", "10.251.73.220:50010", "12:34", "123456 123456"]
)
def test_what_is_no_time_is_none(line: str) -> None:
    assert first_timestamp(line, 0, len(line)) == ""
    assert not LEADING_TIMESTAMP.match(line)


def test_a_time_with_a_date_goes_before_one_without() -> None:
    line = "13:53:08 2017-05-16 00:00:00.008 message"
    assert first_timestamp(line, 0, len(line)) == "2017-05-16 00:00:00.008"
