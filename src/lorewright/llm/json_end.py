"""Where a JSON answer ends that comes piece by piece."""

from lorewright.core.records import Metadata
from lorewright.llm.json_fitting import list_place
from lorewright.llm.json_reading import find_start, read_plainly

_OPEN, _CLOSE = frozenset("[{"), frozenset("]}")


class JsonEnd:
    """Tells when the first whole answer to a schema stands in a text, looking at each character once.

    A bracket in prose is no answer, nor is an object with none of the wanted keys; and of a list's items that come
    without the list none ends it.
    """

    def __init__(self, schema: Metadata) -> None:
        self._place = list_place(schema)
        self._keys = frozenset(schema.get("properties", {}))
        self._seen: list[str] = []
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def feed(self, piece: str) -> bool:
        """Return whether the answer is whole once this piece has come."""
        return any(self._step(character) for character in piece)

    def _step(self, character: str) -> bool:
        if self._depth == 0 and character not in _OPEN:
            return False
        self._seen.append(character)
        if self._in_string:
            self._in_string = self._escaped or character != '"'
            self._escaped = character == "\\" and not self._escaped
        elif character == '"':
            self._in_string = True
        else:
            self._depth += (character in _OPEN) - (character in _CLOSE)
            if self._depth == 0:
                return self._is_answer()
        return False

    def _is_answer(self) -> bool:
        text = "".join(self._seen)
        self._seen.clear()
        if find_start(text, 0) != 0:
            return False
        try:
            value, _ = read_plainly(text, 0)
        except ValueError:
            return False
        place, keys = self._place, self._keys
        if isinstance(value, list):
            return place is not None and (place.key is None or any(isinstance(item, dict) for item in value))
        return place.key in value if place else not keys or not keys.isdisjoint(value)
