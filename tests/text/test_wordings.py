"""Texts as numbers of words: what is told apart by them is told apart by the words themselves."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.text.function_words import EVERY_FUNCTION_WORD
from lorewright.text.shingles import shingle_sets
from lorewright.text.stems import stem
from lorewright.text.tokens import squash, words
from lorewright.text.wordings import Wordings

TEXTS = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.lists(st.sampled_from(["retries", "retry", "the", "a", "configs", "→", "x_1"]), max_size=9).map(
            " ".join
        ),
    ),
    max_size=8,
)


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


def test_two_texts_without_content_are_alike() -> None:
    wordings = Wordings()
    sets = wordings.word_sets([wordings.stems("of the"), [], wordings.stems("retry")])
    assert sets.similarities(0, [1, 2]).tolist() == [1.0, 0.0]


def test_no_texts_have_no_sets() -> None:
    assert len(Wordings().run_sets([], length=3)) == 0


def test_a_text_of_many_batches_has_the_set_it_has_alone() -> None:
    texts = [f"{number} {number % 7} {number % 11} words" for number in range(9000)]
    wordings = Wordings()
    sets = wordings.run_sets(map(wordings.words, texts), length=2)
    alone = Wordings()
    assert sets[8765].tolist() == alone.run_sets([alone.words(texts[8765])], length=2)[0].tolist()
