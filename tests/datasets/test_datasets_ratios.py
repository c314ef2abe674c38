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
    counts = Counter(assignment.split for assignment in assignments.assignments)
    assert counts["train"] == pytest.approx(2400, abs=80)
    assert counts["test"] == pytest.approx(300, abs=60)


def test_a_huge_document_is_never_held_out_and_moves_no_other() -> None:
    documents = [
        (f"d{number}", f"page {number} about subject {number} and nothing else") for number in range(40)
    ]
    plain = assign_documents(documents, [], {}, near_duplicate_threshold=0.8, seed=3)
    held_out = next(one.document_id for one in plain.assignments if one.split == "test")
    limit = max(len(text) for _, text in documents)
    grown = [(key, text + " more" * limit if key == held_out else text) for key, text in documents]
    again = assign_documents(grown, [], {}, near_duplicate_threshold=0.8, max_test_chars=limit, seed=3)
    sides = {one.document_id: one.split for one in again.assignments}
    assert sides[held_out] == "train"
    assert all(
        sides[one.document_id] == one.split for one in plain.assignments if one.document_id != held_out
    )
