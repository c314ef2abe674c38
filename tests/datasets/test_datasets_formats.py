import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import DatasetError
from lorewright.core.making import make_example
from lorewright.core.records import Message
from lorewright.datasets.formats import prompt_completion, read_lines, write_lines

ROWS = st.dictionaries(
    st.text(), st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.lists(st.text())), max_size=4
)


def test_the_completion_is_the_answer_and_the_prompt_the_rest() -> None:
    example = make_example(
        task="qa",
        messages=(
            Message(role="system", content="s"),
            Message(role="user", content="q"),
            Message(role="assistant", content="a"),
        ),
        evidence=(),
        origin="import",
    )
    assert prompt_completion(example) == {
        "prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}],
        "completion": [{"role": "assistant", "content": "a"}],
    }


@given(st.lists(ROWS, max_size=5))
def test_rows_survive_the_way_through_lines(rows: list[dict[str, object]]) -> None:
    lines = list(write_lines(rows))
    assert all(line.splitlines(keepends=True) == [line] for line in lines)
    data = "".join(lines).encode("utf-8")
    assert list(read_lines(data.decode("utf-8").splitlines(keepends=True))) == rows


@pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x85b", "half \ud83d pair", "naïve 日本"])
def test_awkward_texts_are_one_line_of_utf_8(text: str) -> None:
    (line,) = write_lines([{"text": text}])
    assert len(line.splitlines()) == 1
    assert json.loads(line.encode("utf-8")) == {"text": text}


def test_letters_stay_readable() -> None:
    assert list(write_lines([{"text": "naïve 日本"}])) == ['{"text": "naïve 日本"}\n']


def test_blank_lines_are_skipped() -> None:
    assert list(read_lines(['{"a": 1}\n', "\n", "  ", '{"b": 2}'])) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(("line", "problem"), [('{"a": ', "is no JSON"), ("[1]", "no JSON object")])
def test_a_bad_line_is_named_by_its_number(line: str, problem: str) -> None:
    with pytest.raises(DatasetError, match=f"line 2 .*{problem}"):
        list(read_lines(["{}", line]))
