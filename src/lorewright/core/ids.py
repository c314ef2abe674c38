"""Content ids: the same content has the same id on every machine."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

ID_LENGTH = 16
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical(value: Any) -> bytes:
    """Return the one JSON spelling of a value: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(value).encode("utf-8", "surrogatepass")


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value's canonical spelling, as 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def short_id(*parts: Any) -> str:
    """Return a record's id: the first 16 hex digits (64 bits) of the digest of its parts."""
    return digest(list(parts))[:ID_LENGTH]


def strings_id(*parts: str) -> str:
    """Return an id of strings; quicker than `short_id`, and told apart by byte 0, which no text holds."""
    spelled = "\0".join(parts)
    return hashlib.sha256(spelled.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text, as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def multiset_digest(digests: Iterable[bytes]) -> str:
    """Return a digest of 32-byte digests that does not depend on their order.

    The sum modulo 2**256 of the members and their number: a repeated member counts, unlike with XOR.
    """
    total, count = 0, 0
    for member in digests:
        total = (total + int.from_bytes(member, "big")) % (1 << 256)
        count += 1
    return digest([f"{total:064x}", count])
