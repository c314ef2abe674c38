"""Names of things in code that a text mentions."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.text.names import names, tokens


def said(text: str) -> set[str]:
    return {one.said for one in names(text)}


def test_names_are_told_in_prose_by_their_form() -> None:
    text = "Set max_retries or --fast, call run(), catch RetryError or QB-1040, and see /etc/acme/queue.toml."
    assert said(text) == {"max_retries", "--fast", "run()", "RetryError", "QB-1040", "/etc/acme/queue.toml"}


def test_ordinary_prose_has_no_names() -> None:
    assert said("A job fails. It waits, e.g. for a minute; then it is tried again (or not).") == set()


def test_words_in_code_are_names_but_plain_ones() -> None:
    found = {one.said: one.plain for one in names("Use `acme dead requeue --all`.")}
    assert found == {"acme": True, "dead": True, "requeue": True, "--all": False}


def test_parts_are_compared_without_case_hyphens_or_underscores_at_their_ends() -> None:
    assert names("`retry.Max_Delay`")[0].parts == ("retry", "max_delay")
    assert {"max_delay", "nan"} <= tokens("Max-Delay _NaN_")


def test_a_name_is_bare_of_how_it_is_spelled() -> None:
    spelled = ["`retry.max_delay`", "`retry.maxDelay`", "`Retry.MAX_DELAY`", "`retry.max-delay`"]
    assert {names(one)[0].bare for one in spelled} == {("retry", "maxdelay")}


def test_words_beside_one_another_and_units_are_no_names() -> None:
    assert (
        names("It allows read/write access over TCP/UDP, 512 KiB in 30s at most, `512 KiB` or `30s`.") == []
    )
    assert [one.said for one in names("It is in etc/hosts.d and `read/write`.")] == [
        "read/write",
        "etc/hosts.d",
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_a_text_has_the_parts_of_its_own_names(text: str) -> None:
    for one in names(text):
        assert one.parts == () or tokens(text).issuperset(one.parts) or not one.said.isascii()
