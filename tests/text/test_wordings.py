"""Texts as numbers of words: what is told apart by them is told apart by the words themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.text.function_words import EVERY_FUNCTION_WORD
from lorewright.text.shingles import shingle_sets
from lorewright.text.stems import stem
from lorewright.text.tokens import squash, words
from lorewright.text.wordings import Wordings

TEXT = st.one_of(
    st.text(max_size=12),
    st.lists(st.sampled_from(["retries", "retry", "the", "a", "configs", "→", "x_1"]), max_size=9).map(
        " ".join
    ),
)
TEXTS = st.lists(TEXT, max_size=8)


@settings(deadline=None)
@given(TEXTS)
def test_texts_have_the_same_numbers_when_they_have_the_same_words(texts: list[str]) -> None:
    wordings = Wordings()
    for one in texts:
        for other in texts:
            same = (words(one) or [squash(one)]) == (words(other) or [squash(other)])
            assert (wordings.words(one) == wordings.words(other)) == same


@settings(deadline=None)
@given(TEXTS)
def test_runs_are_those_of_the_words(texts: list[str]) -> None:
    wordings = Wordings()
    sets = wordings.run_sets(map(wordings.words, texts), length=3)
    wanted = shingle_sets(texts)
    everyone = range(len(texts))
    for one in everyone:
        assert sets.similarities(one, everyone).tolist() == wanted.similarities(one, everyone).tolist()


@settings(deadline=None)
@given(TEXTS)
def test_stems_are_shared_by_forms_of_a_word_whichever_came_first(texts: list[str]) -> None:
    wordings = Wordings()
    found = [wordings.content(text) for text in texts]
    wanted = [
        {stem(word) for word in words(text) or [squash(text)] if word not in EVERY_FUNCTION_WORD} - {""}
        for text in texts
    ]
    for own, stems in zip(found, wanted, strict=True):
        for other, others in zip(found, wanted, strict=True):
            assert len(own & other) == len(stems & others)


def test_a_word_that_was_a_stem_before_has_a_stem_itself() -> None:
    wordings = Wordings()
    assert wordings.stems("retries") == wordings.stems("retry") == wordings.stems("retr")
    assert wordings.stems("the of") == []


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6))
def test_sets_of_stems_are_those_of_all_texts_together(pairs: list[tuple[str, str]]) -> None:
    wordings = Wordings()
    sets = wordings.stem_sets(pairs)
    found = [wordings.content(one) | wordings.content(other) for one, other in pairs]
    for one, own in enumerate(found):
        wanted = [len(own & other) / len(own | other) if own or other else 1.0 for other in found]
        assert sets.similarities(one, range(len(found))).tolist() == pytest.approx(wanted)


def test_no_texts_have_no_sets() -> None:
    assert len(Wordings().run_sets([], length=3)) == 0


def test_a_text_of_many_batches_has_the_set_it_has_alone() -> None:
    texts = [f"{number} {number % 7} {number % 11} words" for number in range(9000)]
    wordings = Wordings()
    sets = wordings.run_sets(map(wordings.words, texts), length=2)
    alone = Wordings()
    assert sets[8765].tolist() == alone.run_sets([alone.words(texts[8765])], length=2)[0].tolist()
