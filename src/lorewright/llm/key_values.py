"""The keys and values that a model keeps of what it read, with room to grow.

transformers' own cache copies all of them for every token that is written, a tenth to a third of the time of a batch.
"""

from functools import cache
from typing import Any

ROOM = 128
"""Tokens that there is more room for each time it is used up."""


def roomy_cache(config: Any) -> Any:
    """Return an empty cache for a model of a configuration, to be handed to `generate` as `past_key_values`.

    Layers of another kind than plain attention over all that was read, such as sliding windows, are transformers' own.
    """
    from transformers.cache_utils import DynamicCache, DynamicLayer

    made = DynamicCache(config=config)
    made.layers = [_roomy_layer()() if type(layer) is DynamicLayer else layer for layer in made.layers]
    return made


@cache
def _roomy_layer() -> Any:
    """Return the class of a layer; it is made when transformers is at hand."""
    from transformers.cache_utils import DynamicLayer

    class RoomyLayer(DynamicLayer):  # type: ignore[misc, unused-ignore]
        """Keys and values of one layer, (rows, heads, tokens, size): views of tensors that are longer."""

        keys: Any
        values: Any
        _shown: Any = None
        _room: Any = ()

        def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
            """Add those of new tokens, and return all."""
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
            before = self.get_seq_length()
            after = before + key_states.shape[-2]
            # Where rows were selected or tokens cropped meanwhile, what is shown is no view of ours any more.
            if self.keys is not self._shown or after > self._room[0].shape[-2]:
                self._room = [
                    _longer(old, new, after + ROOM)
                    for old, new in ((self.keys, key_states), (self.values, value_states))
                ]
            for room, new in zip(self._room, (key_states, value_states), strict=True):
                room[:, :, before:after] = new
            self.keys, self.values = (room[:, :, :after] for room in self._room)
            self._shown = self.keys
            return self.keys, self.values

    return RoomyLayer


def _longer(old: Any, like: Any, tokens: int) -> Any:
    """Return a tensor for so many tokens that begins with what an old one holds."""
    made = like.new_empty(*like.shape[:2], tokens, like.shape[-1])
    if old.numel():
        made[:, :, : old.shape[-2]] = old
    return made
