"""What a tuned model forgot: paragraphs that pair up, intervals, and the text that comes with the program."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import EvaluationError, MissingDependencyError
from lorewright.evaluation.forgetting import Paragraph, forgetting, general_text, paragraphs, perplexity
from lorewright.evaluation.lm_eval_tasks import TaskValues, require_lm_eval, task_changes


def test_the_general_text_has_many_paragraphs_in_several_languages() -> None:
    found = paragraphs(general_text())
    groups = {one.group for one in found}
    assert len(found) >= 30
    assert {"German", "Russian", "Chinese", "Arabic", "Hindi"} <= groups
    assert len(groups) >= 14
    assert all(len(one.text) > 60 and one.group for one in found)


def test_headings_name_groups_and_remarks_are_left_out() -> None:
    text = "#! a remark\n\nfirst\nline two\n\n# Law\n\nsecond\n\n\nthird\n\nfirst\nline two\n"
    assert [(one.group, one.text) for one in paragraphs(text)] == [
        ("", "first\nline two"),
        ("Law", "second"),
        ("Law", "third"),
    ]
    assert paragraphs(" \n\n") == []
    assert [one.text for one in paragraphs("# a comment\ncode = 1")] == ["# a comment\ncode = 1"]


def texts(n: int) -> list[Paragraph]:
    return [Paragraph(f"p{number}", "A" if number % 2 else "B", "text") for number in range(n)]


def test_the_increase_is_paired_by_paragraph() -> None:
    measured = texts(10)
    base = [(float(10 + 9 * number), 10) for number in range(10)]
    tuned = [(nats + 5.0, tokens) for nats, tokens in base]
    found = forgetting(measured, base=base, tuned=tuned)
    assert found.difference.mean == pytest.approx(0.5)
    assert found.difference.low == pytest.approx(0.5)
    assert found.tuned.mean == pytest.approx(found.base.mean + 0.5)
    assert found.base.low is not None
    assert found.base.low < found.base.mean - 0.5, "one model alone is far less certain"
    assert found.tokens == 100
    assert [(group.name, group.paragraphs) for group in found.groups] == [("B", 5), ("A", 5)]
    assert found.groups[0].tuned - found.groups[0].base == pytest.approx(0.5)


def test_a_paragraph_of_one_token_is_not_measured() -> None:
    found = forgetting(texts(4), base=[(0.0, 0), *[(2.0, 2)] * 3], tuned=[(0.0, 0), *[(4.0, 2)] * 3])
    assert found.difference.n == 3
    assert found.difference.mean == pytest.approx(1.0)
    with pytest.raises(EvaluationError, match="no paragraph"):
        forgetting(texts(1), base=[(0.0, 0)], tuned=[(0.0, 0)])


def test_models_with_other_tokens_are_not_compared() -> None:
    with pytest.raises(EvaluationError, match="different tokens"):
        forgetting(texts(1), base=[(1.0, 3)], tuned=[(1.0, 4)])


@given(
    st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 500)), min_size=1, max_size=20)
)
def test_the_difference_is_that_of_the_means(rows: list[tuple[float, float, int]]) -> None:
    found = forgetting(
        texts(len(rows)), base=[(a, n) for a, _, n in rows], tuned=[(b, n) for _, b, n in rows]
    )
    assert found.difference.mean == pytest.approx(found.tuned.mean - found.base.mean, abs=1e-6)


def test_perplexity_of_a_loss() -> None:
    assert perplexity(math.log(50)) == pytest.approx(50)
    assert perplexity(1e9) < math.inf


def test_changes_of_tasks_are_paired_and_know_their_bounds() -> None:
    before = TaskValues("acc", True, {str(number): float(number % 2) for number in range(60)})
    after = TaskValues("acc", True, {str(number): 1.0 for number in range(60)})
    (change,) = task_changes({"arc": before}, {"arc": after})
    assert (change.base.mean, change.tuned.mean, change.difference.mean) == (0.5, 1.0, 0.5)
    assert change.tuned.low is not None
    assert change.tuned.low < 1.0, "sixty right answers do not prove that all are"
    (free,) = task_changes(
        {"ppl": TaskValues("nats", False, {"0": 3.0, "1": 5.0, "2": 4.0})},
        {"ppl": TaskValues("nats", False, {"0": 3.5, "1": 5.5, "2": 4.5})},
    )
    assert free.difference.mean == pytest.approx(0.5)


def test_without_the_harness_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError) as caught:
        require_lm_eval()
    assert caught.value.hint == "pip install 'lorewright[lm-eval]'"
