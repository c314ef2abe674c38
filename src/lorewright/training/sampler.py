"""The order of training rows: of similar length together, and nothing but seed and epoch decides it."""

import random
from collections.abc import Iterator, Sequence

# Lengths are compared within this many batches, so that an epoch is still well mixed.
POOL_BATCHES = 50


class LengthGroupedSampler:
    """Yields row positions so that each run of `batch_size` has similar lengths; another order each epoch.

    The trainer's own draws from the global random state, which a resume in a later epoch cannot restore.
    """

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed, self.epoch = list(lengths), batch_size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order the next iteration yields."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        source = random.Random(f"{self.seed}/{self.epoch}")  # noqa: S311 - an order, not a secret
        rows = list(range(len(self.lengths)))
        source.shuffle(rows)
        size, pool = self.batch_size, self.batch_size * POOL_BATCHES
        # A smaller last batch must stay last, or every later one would straddle two groups.
        rest = rows[len(rows) - len(rows) % size :]
        batches = [
            batch
            for start in range(0, len(rows) - len(rest), pool)
            for batch in self._grouped(rows[start : min(start + pool, len(rows) - len(rest))])
        ]
        source.shuffle(batches)
        for batch in [*batches, rest]:
            yield from batch

    def _grouped(self, rows: list[int]) -> list[list[int]]:
        ordered = sorted(rows, key=lambda row: (self.lengths[row], row))
        return [ordered[i : i + self.batch_size] for i in range(0, len(ordered), self.batch_size)]
