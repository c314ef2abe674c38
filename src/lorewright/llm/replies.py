"""The durable store of what models answered: nothing is asked twice, and nothing answered is lost.

One SQLite file with a commit a reply. A commit survives the death of the process; the newest ones may be lost with the
power of the machine, which costs calls and never breaks the file.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from lorewright.core.ids import canonical
from lorewright.core.records import Metadata
from lorewright.llm.claims import Claims
from lorewright.llm.reply import Reply, finish_under, serves
from lorewright.llm.reply_file import open_replies, reply_file_errors

_TYPICAL_OF = 1000
_PUT = """
    INSERT OR REPLACE INTO replies VALUES (
        :key, :model, :status, :text, :finish, :prompt_tokens, :completion_tokens,
        :served_model, :max_new_tokens, :asked_at, :seconds
    )
"""
_GET = """
    SELECT key, status, text, finish, prompt_tokens, completion_tokens, served_model, max_new_tokens, asked_at, seconds
    FROM replies WHERE key = ?
"""
_FORGET = "DELETE FROM replies WHERE key IN (SELECT value FROM json_each(?))"
_SERVED = "SELECT DISTINCT served_model FROM replies WHERE model = ? AND served_model != ''"
_TYPICAL = """
    SELECT avg(seconds), avg(prompt_tokens), avg(completion_tokens), count(*) FROM (
        SELECT * FROM replies WHERE model = ? AND status = 'answered' ORDER BY rowid DESC LIMIT ?
    )
"""


class Typical(NamedTuple):
    """Means over the newest replies of a model, at most 1,000.

    Attributes:
        seconds: Of a call.
        prompt_tokens: Read by one.
        completion_tokens: Written by one.
        calls: How many the means are over; all are 0 when there is none.
    """

    seconds: float
    prompt_tokens: float
    completion_tokens: float
    calls: int


class Replies:
    """The replies in a file, for one thread; a context manager that closes it.

    Several processes may use a file at once. Within one, open it once: claims tell processes apart and nothing finer.

    Attributes:
        path: The file.
        claims: What this process is asking for at the moment.
    """

    def __init__(self, path: Path) -> None:
        """Open a file, made if it is missing.

        Raises:
            ConfigError: The file is something else, is broken, or was written by a newer version.
            StorageError: The disk refuses.
        """
        self.path = path
        lock = path.with_suffix(".lock")
        self._connection = open_replies(path, lock)
        self.claims = Claims(lock)

    def __enter__(self) -> "Replies":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give all claims back; closing twice is harmless."""
        self.claims.close()
        self._connection.close()

    def get(self, key: str, max_new_tokens: int) -> Reply | None:
        """Return the reply that makes a call needless, as it ends under a limit; None when there is no such reply.

        Args:
            key: See `reply_key`.
            max_new_tokens: The limit. A reply that was cut under a smaller one is none; one that is longer is cut.
        """
        row = self._row(_GET, (key,))
        if row is None or not serves(row[1], row[3], row[7], max_new_tokens):
            return None
        key, status, text, finish, prompt_tokens, completion_tokens, served, limit, asked_at, seconds = row
        return Reply(
            key=key,
            status=status,
            text=text,
            finish=finish_under(finish, completion_tokens, len(text), limit, max_new_tokens),
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            served_model=served,
            max_new_tokens=limit,
            asked_at=datetime.fromtimestamp(asked_at, UTC),
            seconds=seconds,
            cached=True,
        )

    def put(self, reply: Reply, *, model: str) -> None:
        """Keep a reply in place of the one that is there. It is durable when this returns.

        Args:
            reply: With half a surrogate pair nowhere in its texts; see `whole`.
            model: The id of the model that was asked, as `model_id` gives it.

        Raises:
            StorageError: The disk refuses; what was kept before stays.
        """
        values = reply.model_dump(exclude={"cached"})
        values |= {"model": model, "asked_at": reply.asked_at.timestamp()}
        self._run(_PUT, values)

    def forget(self, keys: Iterable[str]) -> int:
        """Drop replies, so that they are asked for again; return how many there were."""
        return self._run(_FORGET, (json.dumps(list(keys)),))

    def typical(self, model: str) -> Typical:
        """Return what calls to a model, by its id, take as a rule."""
        row = self._row(_TYPICAL, (model, _TYPICAL_OF))
        return Typical(*(value or 0 for value in row))

    def served(self, model: str) -> frozenset[str]:
        """Return what a provider called the model, by its id, in the replies that are kept."""
        with reply_file_errors(self.path):
            return frozenset(row[0] for row in self._connection.execute(_SERVED, (model,)))

    def remember_resolution(self, name: str, model: Metadata) -> None:
        """Keep what stands behind a `provider/model`, so that it can be told without a connection."""
        self._run("INSERT OR REPLACE INTO resolutions VALUES (?, ?)", (name, canonical(model).decode()))

    def resolution(self, name: str) -> Metadata | None:
        """Return what last stood behind a `provider/model`; None when it was never resolved."""
        row = self._row("SELECT model FROM resolutions WHERE name = ?", (name,))
        return None if row is None else json.loads(row[0])

    def epoch(self) -> int:
        """Return how often replies were asked for anew."""
        return int(self._row("SELECT number FROM epochs", ())[0])

    def next_epoch(self) -> int:
        """Note that replies are asked for anew, so that what is made of them is another run; return the new number."""
        return int(self._row("UPDATE epochs SET number = number + 1 RETURNING number", ())[0])

    def _row(self, query: str, values: Sequence[Any]) -> Any:
        with reply_file_errors(self.path):
            rows = self._connection.execute(query, values).fetchall()
        return rows[0] if rows else None

    def _run(self, query: str, values: Sequence[Any] | dict[str, Any]) -> int:
        with reply_file_errors(self.path):
            return self._connection.execute(query, values).rowcount


def whole(text: str) -> str:
    """Return a text that can be kept: half a surrogate pair becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
