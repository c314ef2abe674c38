"""Texts that go round: planted in real prose, code and tables, told from sources that repeat themselves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.text.loops import echo, loop

PROSE = (
    "The scheduler starts a job when its queue has room. A job that fails is tried again after thirty seconds, and "
    "given up after five tries. Settings are read once, when a worker starts."
)
WORDS = st.from_regex(r"[a-z]{2,9}", fullmatch=True)
UNITS = st.lists(WORDS, min_size=1, max_size=12)
TABLE = (
    "| option | type | required |\n| --- | --- | --- |\n"
    + "| `a` | yes | yes |\n" * 2
    + "| x | no | no | no | no | no |"
)
LOOPS = [
    "The function returns the value of the value of the value of the value of the value of the value.",
    "It reads the file. It reads the file. It reads the file.",
    "yes yes yes yes yes",
    "The job is retried, and the job is retried, and the job is retried, and the job is retried.",
    "- `a`: The name.\n- `b`: The name.\n" * 3,
    "x = x + step\n" * 4,
    "好的好的好的好的好的",
    "Возвращает имя. Возвращает имя. Возвращает имя. Возвращает имя.",
    "It is thethethethethethethethethethethe end.",
    "It reads the file first. It opens the gate now. "
    + "It reads the file first. Then something else. It opens the gate now. " * 3,
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
]
# As models of a few million parameters wrote them.
WRITTEN = [
    "The default value in the same type of the same type of the same type of the same type of the same type.",
    "-0 if a string or inverse tangent of a number of a number of a number of a number of a number.",
    "Returns the specified column, and and and and and and a string.",
    "`LogicalPlan` is a single `LogicalPlan` is a single `LogicalPlan` is a single `LogicalPlan` is a single",
    "{\n    x\n> {\n    x\n    x\n    x\n    x\n    x\n    x\n    FROM\n    FROM\n    FROM\n    FROM\n    FROM",
    "## L Support\n\n# L Support\n\n## L Support\n\n## L Support\n\n## L Support\n\n## Lpis",
    "erververververververververververververververververver",
    "physical plan, physical plan, physical plan, physical plan, physical plan, physical plan,",
    "DataFusion's DataFusion's DataFusion's DataFusion's DataFusion's DataFusion's",
    "<dyn<dyn<dyn<dyn<dyn<dyn<dyn<dyn<dyn<dyn<dyn",
    "to_to_output_output_output_output_output_output_output_output_output_output_output",
    "[2025-05-16 10:02:42,505-06, 20, 10, 20, 20, 10, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20",
    "# Od64.0.0.0.000000000000000000000000000000000000000000000000000000000000000",
    "> TABLE TABLE TABLE TABLE TABLE TABLE TABLE TABLE",
]
SOUND = [
    PROSE,
    TABLE,
    "It takes three values: 0 0 0 0 0 0 0 0.",
    "x x x x x x",
    "Its digest is 0xffffffffffffffffffffffffffffffff.",
    "It is very, very, very, very slow.",
    "a do\n  b do\n    c do\n      d do\n        e do end\n      end\n    end\n  end\nend",
    "<div><div><div><div><div>here</div></div></div></div></div>",
    "{\n  {\n    {\n    }\n    }\n    }\n}\n}\n}\n}",
    "=" * 80 + "\nTitle\n" + "-" * 80,
    "- `a`: The name of it.\n- `b`: The name of it.\n- `c`: The name of it.",
    "Returns True if it is there. Raises nothing. Returns True if it is there.",
    "",
]  # fmt: skip


@pytest.mark.parametrize("text", [*LOOPS, *WRITTEN])
def test_a_loop_is_found_and_quoted(text: str) -> None:
    found = loop(f"{PROSE}\n{text}")
    assert re.fullmatch(r"a loop: '.+' \d+ times", found), found


@pytest.mark.parametrize("text", [*LOOPS, *WRITTEN])
def test_what_the_source_repeats_as_often_is_content(text: str) -> None:
    assert loop(f"{PROSE}\n{text}", known=f"# Title\n\n{text}\n\nMore.") == ""


@pytest.mark.parametrize("text", SOUND)
def test_sound_texts_do_not_go_round(text: str) -> None:
    assert loop(text) == ""


def test_the_source_must_repeat_it_as_often() -> None:
    assert loop("It reads the file. " * 6, known="It reads the file. Then it reads the file.")


@given(UNITS, st.integers(3, 8), st.integers(0, len(PROSE)))
def test_a_unit_of_words_that_comes_often_enough_is_found_wherever_it_stands(
    unit: list[str], times: int, place: int
) -> None:
    run = " ".join(unit * (times + 2))
    assert loop(f"{PROSE[:place]} {run} {PROSE[place:]}")
    assert loop(f"{PROSE[:place]} {run} {PROSE[place:]}", known=run) == ""


@given(st.lists(WORDS, max_size=30, unique=True))
def test_different_words_are_no_loop(unit: list[str]) -> None:
    assert loop(" ".join(unit)) == ""
    assert loop("\n".join(unit)) == ""


@given(st.text(max_size=300))
def test_a_text_that_is_known_is_never_a_loop(text: str) -> None:
    assert loop(text, known=text) == ""
    assert echo(text, text, known=text) == ""


@given(st.lists(WORDS, min_size=8, max_size=20), st.data())
def test_eight_words_of_an_example_are_an_echo_and_seven_are_none(
    own: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(own) - 8))
    text = f"Here: {' '.join(own[start : start + 8]).upper()}!"
    assert echo(text, ", ".join(own)) != ""
    assert echo(" ".join(own[start : start + 7]) + " Zebra0", ", ".join(own)) == ""
