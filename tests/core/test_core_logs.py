"""The log goes to a run's file, and to the terminal only when asked."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from lorewright.core.errors import ConfigError
from lorewright.core.logs import LEVELS, configure, log_file

LOG = logging.getLogger("lorewright.tests")


@pytest.fixture(autouse=True)
def untouched_logger() -> Iterator[None]:
    logger = logging.getLogger("lorewright")
    before = (logger.handlers[:], logger.level, logger.propagate)
    yield
    logger.handlers, logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_shows_itself_and_what_is_graver(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(level)
    for name in LEVELS:
        LOG.log(logging.getLevelNamesMapping()[name.upper()], "the level is %s", name)
    shown = capsys.readouterr()
    assert [line.rpartition(" ")[2] for line in shown.err.splitlines()] == list(LEVELS[LEVELS.index(level) :])
    assert shown.out == ""


def test_configuring_again_says_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    configure("info")
    LOG.info("once")
    assert capsys.readouterr().err.count("once") == 1


def test_a_level_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ConfigError, match="no log level 'loud'") as caught:
        configure("loud")
    assert caught.value.hint == "choose one of debug, info, warning, error"


def test_a_run_has_every_line_in_its_file_and_the_terminal_stays_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("error")
    with log_file(tmp_path / "log.txt"):
        LOG.debug("a détail")
        LOG.warning("a warning")
    LOG.warning("after the run")
    written = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert "DEBUG lorewright.tests: a détail" in written
    assert "WARNING lorewright.tests: a warning" in written
    assert "after the run" not in written
    assert capsys.readouterr().err == ""


def test_a_second_try_appends_to_the_log_of_the_first(tmp_path: Path) -> None:
    for number in (1, 2):
        with log_file(tmp_path / "log.txt"):
            LOG.info("try %s", number)
    assert [line[-5:] for line in (tmp_path / "log.txt").read_text().splitlines()] == ["try 1", "try 2"]


def test_a_failure_leaves_no_handler_and_the_level_as_it_was(tmp_path: Path) -> None:
    logger = logging.getLogger("lorewright")
    before = (logger.handlers[:], logger.level)
    with pytest.raises(ValueError, match="no"), log_file(tmp_path / "log.txt"):
        raise ValueError("no")
    assert (logger.handlers, logger.level) == before


def test_two_runs_at_once_in_a_thread_of_calls_have_both_the_line(tmp_path: Path) -> None:
    with log_file(tmp_path / "outer.txt"), log_file(tmp_path / "inner.txt"):
        LOG.info("both")
    assert all("both" in (tmp_path / name).read_text() for name in ("outer.txt", "inner.txt"))
