"""The text in which a person edits an example: what they leave alone keeps every character."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.cli.review_form import edited, form, parse_form
from lorewright.core.errors import ConfigError
from lorewright.core.making import make_example
from lorewright.core.records import Example, Message, Role

NASTY = st.sampled_from(
    ["%%% 2 assistant", "%%%%", "# heading", "\n", "\n\n", "\r\n", "  ", "```", "=x", "é"]
)
TEXT = (
    st.lists(NASTY | st.text(max_size=6), min_size=1, max_size=6)
    .map("".join)
    .filter(lambda text: bool(text.strip()))
)


def example(*turns: tuple[Role, str], **metadata: str) -> Example:
    messages = tuple(Message(role=role, content=content) for role, content in turns)
    return make_example(task="qa", messages=messages, evidence=(), origin="x", metadata=dict(metadata))


PAIR = example(("user", "How?"), ("assistant", "So."))


@given(asked=TEXT, said=TEXT, system=TEXT | st.none())
def test_a_form_that_is_saved_as_it_is_changes_nothing(asked: str, said: str, system: str | None) -> None:
    pair = example(("user", asked), ("assistant", said))
    one = example(("system", system), ("user", asked), ("assistant", said)) if system else pair
    assert parse_form(form(one), one) is None
    assert parse_form(form(one).replace("\n", "\r\n"), one) is None
    assert parse_form(form(one) + "\n\n", one) is None


@given(asked=TEXT, said=TEXT)
def test_a_changed_answer_is_the_only_thing_that_changes(asked: str, said: str) -> None:
    one = example(("user", asked), ("assistant", said))
    text = form(one)
    mark = text.split("\n")[3].split()[0]
    got = parse_form(text[: text.rindex(f"{mark} 2 assistant")] + f"{mark} 2 assistant\nEntirely new.\n", one)
    assert got == (one.messages[0], Message(role="assistant", content="Entirely new."))


def test_only_the_question_stands_in_the_form_where_a_prompt_shows_passages() -> None:
    one = example(("user", "Passages …\n\nQuestion: How?"), ("assistant", "So."), question="How?")
    assert "Passages" not in form(one)
    got = parse_form(form(one).replace("How?", "Where?"), one)
    assert got is not None
    assert got[0].content == "Passages …\n\nQuestion: Where?"


def test_a_form_without_words_or_marks() -> None:
    assert parse_form("", PAIR) is None
    assert parse_form(" \n", PAIR) is None
    assert parse_form(form(PAIR).split("%%%")[0], PAIR) is None
    with pytest.raises(ConfigError, match="marks of the form were changed") as caught:
        parse_form(form(PAIR).replace("%%% 2 assistant", "answer"), PAIR)
    assert "`%%% 1 user`, `%%% 2 assistant`" in caught.value.hint


def reading(*lines: str) -> Iterator[str]:
    yield from lines


@pytest.mark.parametrize(
    ("lines", "got"),
    [
        (("", ""), None),
        (("How is it?", ""), ("How is it?", "So.")),
        (("", "Like so.", "."), ("How?", "Like so.")),
        (("", "One", "two", "", "three", "."), ("How?", "One\ntwo\n\nthree")),
    ],
)
def test_without_an_editor_words_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...], got: tuple[str, str] | None
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    said = reading(*lines)
    found = edited(PAIR, lambda _prompt: next(said))
    assert (None if found is None else tuple(turn.content for turn in found)) == got


def test_an_editor_that_fails_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.delenv("VISUAL", raising=False)
    with pytest.raises(ConfigError, match="The editor failed"):
        edited(PAIR, lambda _prompt: "")
