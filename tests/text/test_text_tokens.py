import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from lorewright.text.tokens import ngrams, squash, words


def test_words_are_case_folded_and_without_punctuation() -> None:
    assert words("Set `max_retries`, then STOP: Straße!") == ["set", "max_retries", "then", "stop", "strasse"]


def test_scripts_without_spaces_give_one_word_a_character() -> None:
    assert words("日本語 テスト") == ["日", "本", "語", "テ", "ス", "ト"]
    assert words("Airflow是任务") == ["airflow", "是", "任", "务"]


def test_underscores_are_kept_inside_words_only() -> None:
    assert words("_expression1_ __init__ a_b _ __") == ["expression1", "init", "a_b"]


def test_combining_marks_do_not_cut_words() -> None:
    assert words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    assert len(words("שָׁלוֹם")) == 1


def test_cyrillic_and_korean_are_split_at_spaces() -> None:
    assert words("Привет, мир") == ["привет", "мир"]
    assert words("한국어 문서") == ["한국어", "문서"]


def test_compatibility_forms_compare_equal() -> None:
    assert words("ﬁle ＡＢＣ") == ["file", "abc"]


def test_text_without_letters_has_no_words() -> None:
    assert words("+ - !? \n") == []
    assert words("") == []


@given(st.text())
def test_words_do_not_depend_on_normal_form(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))


@given(st.lists(st.text(max_size=3), max_size=12), st.integers(1, 6))
def test_ngrams_are_the_runs_of_their_length(items: list[str], n: int) -> None:
    runs = ngrams(items, n)
    assert len(runs) == max(0, len(items) - n + 1)
    assert all(list(run) == items[start : start + n] for start, run in enumerate(runs))


@given(st.text())
def test_squash_is_idempotent_and_loses_only_whitespace(text: str) -> None:
    squashed = squash(text)
    assert squash(squashed) == squashed
    assert "".join(squashed.split()) == "".join(text.split())


@given(st.text(st.characters(max_codepoint=127)))
def test_words_of_plain_text_are_those_of_the_same_text_beside_others(text: str) -> None:
    assert words(f"é {text}") == ["é", *words(text)]
