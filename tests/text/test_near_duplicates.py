import random
import string
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.text.near_duplicates import Twin, clusters, twins
from lorewright.text.shingles import runs, shingle_sets

WORDS = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]), max_size=8).map(
    " ".join
)


def sentence(rng: random.Random, length: int) -> list[str]:
    return ["".join(rng.choices(string.ascii_lowercase, k=5)) for _ in range(length)]


def similarity(one: str, other: str) -> float:
    """Return the Jaccard similarity of two texts' runs, without hashes."""
    return len(runs(one) & runs(other)) / len(runs(one) | runs(other))


def test_runs_are_of_three_words_or_of_all_there_are() -> None:
    assert runs("A b, c! D") == {"a b c", "b c d"}
    assert runs("a b") == {"a b"}
    assert runs(" ++  -- ") == {"++ --"}
    assert runs("") == {""}


@settings(deadline=None)
@given(st.lists(st.one_of(WORDS, st.text(max_size=12)), min_size=1, max_size=8))
def test_hashed_sets_are_as_similar_as_runs(texts: list[str]) -> None:
    sets = shingle_sets(texts)
    everyone = range(len(texts))
    for one in everyone:
        assert sets.similarities(one, everyone).tolist() == pytest.approx(
            [similarity(texts[one], other) for other in texts]
        )


def test_a_text_of_many_batches_has_the_set_it_has_alone() -> None:
    texts = [f"{number} {number % 7} {number % 11} words" for number in range(5000)]
    sets, alone = shingle_sets(texts), shingle_sets(texts[4321:4322])
    assert len(sets) == 5000
    assert sets[4321].tolist() == alone[0].tolist()


def test_texts_without_words_are_alike_only_when_equal() -> None:
    assert clusters(["++", "--", " ++ ", ""], threshold=0.8, seed=0) == [0, 1, 0, 2]


def test_no_texts_and_one_text() -> None:
    assert clusters([], threshold=0.8, seed=0) == []
    assert clusters(["a"], threshold=0.8, seed=0) == [0]


def test_a_chain_of_similar_texts_is_one_cluster() -> None:
    base = [f"word{number}" for number in range(40)]
    chain = [" ".join(base[start : start + 30]) for start in range(0, 11, 2)]
    assert similarity(chain[0], chain[-1]) < 0.8
    assert clusters(chain, threshold=0.8, seed=0) == [0] * len(chain)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=12), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.integers(0, 3))
def test_clusters_are_the_components_of_exact_similarity(
    texts: list[str], threshold: float, seed: int
) -> None:
    found = clusters(texts, threshold=threshold, seed=seed)
    expected = list(range(len(texts)))
    for _ in texts:
        for one in range(len(texts)):
            for other in range(len(texts)):
                if similarity(texts[one], texts[other]) >= threshold:
                    expected[one] = expected[other] = min(expected[one], expected[other])
    numbers: dict[int, int] = {}
    exact = [numbers.setdefault(root, len(numbers)) for root in expected]
    linked = {(a, b) for a in range(len(texts)) for b in range(len(texts)) if found[a] == found[b]}
    assert linked <= {(a, b) for a in range(len(texts)) for b in range(len(texts)) if exact[a] == exact[b]}
    assert all(
        found[a] == found[b]
        for a in range(len(texts))
        for b in range(len(texts))
        if runs(texts[a]) == runs(texts[b])
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
        if similarity(" ".join(original), " ".join(changed)) >= threshold:
            texts += [" ".join(original), " ".join(changed)]
            wanted += 1
    numbers = clusters(texts, threshold=threshold, seed=3)
    found = sum(numbers[start] == numbers[start + 1] for start in range(0, len(texts), 2))
    assert found >= 0.99 * wanted
    assert len(set(numbers)) >= wanted


def test_a_twin_is_the_most_similar_text_that_repeats_none_itself() -> None:
    words = [f"word{number}" for number in range(40)]
    texts = [" ".join(words[start:]) for start in (0, 3, 6, 1)]
    found = twins(shingle_sets(texts), threshold=0.88, seed=0)
    assert [twin and twin.position for twin in found] == [None, 0, None, 0]
    assert found[1] is not None
    assert found[1].similarity == pytest.approx(35 / 38)


def test_texts_of_two_groups_are_no_twins() -> None:
    sets = shingle_sets(["a b c d"] * 4)
    found = twins(sets, threshold=0.8, seed=0, groups=["x", "y", "x", "y"])
    assert found == [None, None, Twin(0, 1.0), Twin(1, 1.0)]


def test_texts_that_cannot_be_one_are_no_twins_and_the_next_most_similar_is_asked() -> None:
    words = [f"word{number}" for number in range(40)]
    sets = shingle_sets([" ".join(words[1:]), " ".join(words[:-1]), " ".join([*words[:-1], "end"])])
    asked: list[tuple[int, int]] = []

    def same(later: int, earlier: int) -> bool:
        asked.append((later, earlier))
        return (later, earlier) == (2, 0)

    assert [twin and twin.position for twin in twins(sets, threshold=0.7, seed=0, same=same)] == [
        None,
        None,
        0,
    ]
    assert asked == [(1, 0), (2, 1), (2, 0)]


def test_a_phrase_that_many_share_is_asked_about_a_bounded_number_of_times() -> None:
    asked = 0

    def same(_later: int, _earlier: int) -> bool:
        nonlocal asked
        asked += 1
        return False

    found = twins(shingle_sets(["the documentation does not say"] * 400), threshold=0.8, seed=0, same=same)
    assert found == [None] * 400
    assert asked < 400 * 33


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=12), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.integers(0, 3))
def test_no_two_texts_without_a_twin_are_twins(texts: list[str], threshold: float, seed: int) -> None:
    found = twins(shingle_sets(texts), threshold=threshold, seed=seed)
    kept = [text for text, twin in zip(texts, found, strict=True) if twin is None]
    for position, twin in enumerate(found):
        if twin is not None:
            assert twin.position < position
            assert found[twin.position] is None
            assert twin.similarity == pytest.approx(similarity(texts[position], texts[twin.position]))
    assert all(similarity(one, other) < threshold for one in kept for other in kept if one is not other)


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
