"""A snippet is the stretch with most of the words that were searched for."""

from hypothesis import given
from hypothesis import strategies as st

from lorewright.retrieval.snippets import Snippet, snippet
from lorewright.retrieval.words import terms


def found(text: str, query: str, max_chars: int = 60) -> Snippet:
    return snippet(text, terms(query, "english"), stemming="english", max_chars=max_chars)


def matched(made: Snippet) -> list[str]:
    return [made.text[start:end] for start, end in made.matches]


def test_a_short_text_is_shown_whole_with_every_form_of_the_words() -> None:
    made = found("Retries:\n a task\tis retried.", "how to retry tasks")
    assert made.text == "Retries: a task is retried."
    assert matched(made) == ["Retries", "task", "retried"]


def test_of_a_long_text_the_stretch_with_most_words_is_shown_from_its_sentence_on() -> None:
    text = (
        "One task only. " + "Filler words here. " * 10 + "Set the delay between retries. " + "Filler. " * 20
    )
    made = found(text, "delay retries task")
    assert made.text.startswith("… ")
    assert "Set the delay between retries." in made.text
    assert made.text.endswith(" …")
    assert matched(made) == ["delay", "retries"]


def test_without_a_match_it_is_the_beginning() -> None:
    made = found("Word " * 40, "elsewhere", max_chars=22)
    assert made == Snippet("Word Word Word Word …", ())


def test_a_match_near_the_end_fills_the_length_from_before() -> None:
    made = found("filler " * 30 + "delay", "delay")
    assert made.text.endswith("filler delay")
    assert len(made.text) >= 50


def test_signs_of_a_script_without_spaces_match_one_by_one() -> None:
    assert matched(found("重試延遲 delay", "延遲")) == ["延", "遲"]


def test_parts_of_a_name_match_the_whole_name() -> None:
    assert matched(found("Call JobDescription now", "description")) == ["JobDescription"]


@given(st.text(max_size=300), st.sampled_from(["retry", "a b c", "", "漢"]), st.integers(1, 80))
def test_it_is_never_longer_than_asked_and_its_matches_stand_inside(
    text: str, query: str, max_chars: int
) -> None:
    made = found(text, query, max_chars)
    assert len(made.text) <= max_chars + len("… " + " …")
    assert "\n" not in made.text
    assert all(0 <= start < end <= len(made.text) for start, end in made.matches)
