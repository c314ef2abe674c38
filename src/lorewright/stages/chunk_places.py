"""Where each passage stands."""

from collections import defaultdict
from collections.abc import Iterable

from lorewright.core.records import Chunk


def places_of(chunks: Iterable[Chunk]) -> dict[str, list[tuple[str, int]]]:
    """Return every (document id, first character) at which each chunk stands, by its id."""
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for piece in chunks:
        places[piece.id].append((piece.document_id, piece.start))
    return places
