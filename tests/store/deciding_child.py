"""A process of its own that keeps decisions, one after another, and says the number of each once it is kept.

Usage: python deciding_child.py FOLDER REVIEWER DECISIONS [CHARS]. It says `ready` and waits for a line. With AS_NOBODY
set, root's rights are given up first.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from lorewright.core.errors import LoreError
from lorewright.core.records import Message
from lorewright.store.database import Database
from lorewright.store.decided import Seen, make_decided
from lorewright.store.reviews import add_decisions


def main() -> None:
    folder, reviewer, decisions, *chars = sys.argv[1:]
    seen = Seen(messages=(Message(role="user", content="x" * int((chars or ["10"])[0])),))
    database = Database(Path(folder))
    if os.environ.get("AS_NOBODY"):
        _become_nobody()
    _say("ready")
    sys.stdin.readline()
    try:
        for number in range(int(decisions)):
            decided = make_decided(
                key=f"{reviewer}-{number}",
                decision="accept",
                reviewer=reviewer,
                reviewed_at=datetime.now(UTC),
                seen=seen,
            )
            add_decisions(database, [decided])
            _say(decided.key)
    except LoreError as error:
        _say(f"{type(error).__name__}: {error.message} {error.hint}")


def _become_nobody() -> None:
    """Give up root's rights, which no folder binds, after all is imported that nobody may not read."""
    with tempfile.TemporaryDirectory() as folder:
        add_decisions(Database(Path(folder)), [])
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
