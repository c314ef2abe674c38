"""Questions are kept for the arrow keys: the last thousand, for their owner alone."""

import stat
from pathlib import Path

import pytest

from lorewright.cli.question_history import MAX_LINES, recall, remember, shorten

readline = pytest.importorskip("readline")


def test_questions_are_kept_one_a_line_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / ".lore" / "chat_history"
    remember(path, "How?")
    path.chmod(0o644)
    remember(path, "Why\nso\x1b[2J?")
    assert path.read_text() == "How?\nWhy so[2J?\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_more_than_the_last_thousand_stay(tmp_path: Path) -> None:
    path = tmp_path / "chat_history"
    path.write_text("".join(f"{number}?\n" for number in range(MAX_LINES + 5)))
    shorten(path)
    lines = path.read_text().splitlines()
    assert (len(lines), lines[0], lines[-1]) == (MAX_LINES, "5?", f"{MAX_LINES + 4}?")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["chat_history"]


def test_they_are_put_into_the_line_editor(tmp_path: Path) -> None:
    path = tmp_path / "chat_history"
    path.write_bytes("Früher?\nSpäter?\n\xff\n".encode("latin-1"))
    recall(path)
    assert readline.get_current_history_length() == 3
    path.write_text("Früher?\nSpäter?\n")
    recall(path)
    assert [readline.get_history_item(number) for number in (1, 2)] == ["Früher?", "Später?"]
    recall(tmp_path / "none")
    assert readline.get_current_history_length() == 0


def test_where_nothing_can_be_kept_nobody_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remember(tmp_path / "file" / "chat_history", "How?")
    shorten(tmp_path / "file" / "chat_history")
    assert (tmp_path / "file").read_bytes() == b""
