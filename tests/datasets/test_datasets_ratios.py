import random
from collections import Counter

import pytest

from lorewright.core.errors import DatasetError
from lorewright.datasets.split import assign_documents


@pytest.mark.parametrize("ratios", [(0.9, 0.2, 0.1), (1.1, -0.1, 0.0)])
def test_ratios_that_are_no_shares_are_an_error(ratios: tuple[float, float, float]) -> None:
    with pytest.raises(DatasetError, match="no shares"):
        assign_documents([], [], {}, ratios=ratios, near_duplicate_threshold=0.8, seed=0)


def test_ratios_are_met_on_many_documents() -> None:
    rng = random.Random(0)
    documents = [
        (str(number), " ".join(f"w{rng.randrange(10**9)}" for _ in range(14))) for number in range(3000)
    ]
    assignments = assign_documents(documents, [], {}, near_duplicate_threshold=0.8, seed=1)
    counts = Counter(assignment.split for assignment in assignments)
    assert counts["train"] == pytest.approx(2400, abs=80)
    assert counts["test"] == pytest.approx(300, abs=60)
