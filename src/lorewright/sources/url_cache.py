"""Copies of what was served at URLs, kept on disk: whole or not there, with what is needed to ask whether they changed.

A URL's entry is a small JSON file that names its body by digest, so a body and an entry never mismatch.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lorewright.core.files import write_atomic
from lorewright.core.ids import short_id


@dataclass(frozen=True)
class Entry:
    """What is known of a URL.

    Attributes:
        suffix: File suffix that tells the kind of the body; empty when there is none.
        body: Name of the file with the body; empty when it was refused.
        size: Bytes of the body.
        refused: Why there is no body; empty when there is one.
        passing: Whether what refused it may pass, so that the next fetch asks again.
        validators: `etag` and `last-modified`, as far as the server sent them.
        fetched_at: When, in UTC, as an ISO date and time.
    """

    suffix: str = ""
    body: str = ""
    size: int = 0
    refused: str = ""
    passing: bool = False
    validators: Mapping[str, str] = field(default_factory=dict)
    fetched_at: str = ""


def load(cache_dir: Path, url: str) -> Entry | None:
    """Return the entry of a URL; None when there is none, or its body is not what was written."""
    try:
        entry = Entry(**json.loads(_entry_path(cache_dir, url).read_bytes()))
        whole = bool(entry.refused) or (cache_dir / entry.body).stat().st_size == entry.size
    except (OSError, ValueError, TypeError):
        return None
    return entry if whole else None


def keep(cache_dir: Path, url: str, data: bytes, *, suffix: str, validators: Mapping[str, str]) -> Entry:
    """Write a body and its entry, and return the entry."""
    body = f"{short_id('url', url)}-{hashlib.sha256(data).hexdigest()[:16]}{suffix}"
    cache_dir.mkdir(parents=True, exist_ok=True)
    write_atomic(cache_dir / body, data)
    return _replace(
        cache_dir, url, Entry(suffix, body, len(data), validators=dict(validators), fetched_at=_now())
    )


def refuse(cache_dir: Path, url: str, reason: str, *, passing: bool = False) -> Entry:
    """Write that a URL has no document, so that it is not asked again for each look, and return the entry."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    return _replace(cache_dir, url, Entry(refused=reason, passing=passing, fetched_at=_now()))


def _replace(cache_dir: Path, url: str, entry: Entry) -> Entry:
    old = load(cache_dir, url)
    write_atomic(_entry_path(cache_dir, url), json.dumps(asdict(entry), indent=1).encode())
    if old and old.body and old.body != entry.body:
        (cache_dir / old.body).unlink(missing_ok=True)
    return entry


def _entry_path(cache_dir: Path, url: str) -> Path:
    return cache_dir / f"{short_id('url', url)}.json"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
