"""A record made without checking is the one that checking would have made."""

from lorewright.core.records import Chunk, Place
from lorewright.core.trusted import trusted

PLACE = {"unit": "line", "first": 1, "last": 2}


def test_a_trusted_record_equals_a_checked_one_and_copies_and_dumps_like_it() -> None:
    place = trusted(Place, dict(PLACE))
    assert place == Place.model_validate(PLACE)
    values = {
        "id": "i",
        "document_id": "d",
        "kind": "text",
        "text": "x",
        "start": 0,
        "end": 1,
        "place": place,
    }
    values |= {"headings": ("h",), "strategy": "windows", "metadata": {}}
    made, checked = trusted(Chunk, dict(values)), Chunk.model_validate(values)
    assert made == checked
    assert made.model_dump_json() == checked.model_dump_json()
    assert made.model_copy(update={"document_id": "e"}) == checked.model_copy(update={"document_id": "e"})
    assert list(made.__dict__) == list(Chunk.model_fields)
