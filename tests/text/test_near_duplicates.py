import random
import string
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.text.near_duplicates import clusters, shingles, similarity

WORDS = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]), max_size=8).map(
    " ".join
)


def sentence(rng: random.Random, length: int) -> list[str]:
    return ["".join(rng.choices(string.ascii_lowercase, k=5)) for _ in range(length)]


def test_similarity_is_shared_over_all() -> None:
    assert similarity(shingles("a b c d"), shingles("a b c e")) == pytest.approx(1 / 3)
    assert similarity(shingles("A b, c"), shingles("a b c")) == 1
    assert similarity(shingles("a"), shingles("b")) == 0


def test_texts_without_words_are_alike_only_when_equal() -> None:
    assert clusters(["++", "--", " ++ ", ""], threshold=0.8, seed=0) == [0, 1, 0, 2]


def test_no_texts_and_one_text() -> None:
    assert clusters([], threshold=0.8, seed=0) == []
    assert clusters(["a"], threshold=0.8, seed=0) == [0]


def test_a_chain_of_similar_texts_is_one_cluster() -> None:
    base = [f"word{number}" for number in range(40)]
    chain = [" ".join(base[start : start + 30]) for start in range(0, 11, 2)]
    assert similarity(shingles(chain[0]), shingles(chain[-1])) < 0.8
    assert clusters(chain, threshold=0.8, seed=0) == [0] * len(chain)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=12), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.integers(0, 3))
def test_clusters_are_the_components_of_exact_similarity(
    texts: list[str], threshold: float, seed: int
) -> None:
    found = clusters(texts, threshold=threshold, seed=seed)
    sets = [shingles(text) for text in texts]
    expected = list(range(len(texts)))
    for _ in texts:
        for one in range(len(texts)):
            for other in range(len(texts)):
                if similarity(sets[one], sets[other]) >= threshold:
                    expected[one] = expected[other] = min(expected[one], expected[other])
    numbers: dict[int, int] = {}
    exact = [numbers.setdefault(root, len(numbers)) for root in expected]
    linked = {(a, b) for a in range(len(texts)) for b in range(len(texts)) if found[a] == found[b]}
    assert linked <= {(a, b) for a in range(len(texts)) for b in range(len(texts)) if exact[a] == exact[b]}
    assert all(
        found[a] == found[b] for a in range(len(texts)) for b in range(len(texts)) if sets[a] == sets[b]
    )


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9])
def test_pairs_above_the_threshold_are_found(threshold: float) -> None:
    rng = random.Random(7)
    texts: list[str] = []
    wanted = 0
    for _ in range(300):
        original = sentence(rng, 60)
        changed = list(original)
        changed[rng.randrange(60)] = "changed"
        if similarity(shingles(" ".join(original)), shingles(" ".join(changed))) >= threshold:
            texts += [" ".join(original), " ".join(changed)]
            wanted += 1
    numbers = clusters(texts, threshold=threshold, seed=3)
    found = sum(numbers[start] == numbers[start + 1] for start in range(0, len(texts), 2))
    assert found >= 0.99 * wanted
    assert len(set(numbers)) >= wanted


def test_the_same_in_another_process_with_another_hash_seed() -> None:
    code = (
        "from lorewright.text.near_duplicates import clusters\n"
        "texts = [' '.join(str(n * m % 17) for n in range(25)) for m in range(30)]\n"
        "print(clusters(texts, threshold=0.4, seed=5))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
