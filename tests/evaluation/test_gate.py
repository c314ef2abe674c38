"""The gate: a gain must be certain, a drop counts where it is more than is allowed, and nothing passes unseen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import ConfigError, EvaluationError
from lorewright.evaluation.baseline_values import (
    Baseline,
    baselines_text,
    changes,
    parse_baselines,
    with_baselines,
)
from lorewright.evaluation.gate import Conditions, Scored, baseline_of, gate
from lorewright.evaluation.intervals import Interval

N = 60


def scored(
    *,
    task: str = "qa",
    test_set: str = "unseen-docs",
    noise: float = 0.05,
    n: int = N,
    **systems: float,
) -> Scored:
    """Every system's mean is what is given; examples differ by a noise of their own, the same for all systems."""
    values = {
        name.replace("_rag", "+rag").replace("own_", "own/"): {
            f"e{number}": mean + noise * ((number * (7 + place)) % 5 - 2) for number in range(n)
        }
        for place, (name, mean) in enumerate(systems.items())
    }
    return Scored(task, test_set, "token_f1", {"token_f1": values}, {}, "digest")


def passed(one: Scored, asked: Conditions, **given: object) -> list[bool]:
    found = gate([one], asked, **{"baselines": {}, **given})  # type: ignore[arg-type]
    return [check.passed for check in found.checks]


def test_a_large_and_certain_lead_passes_and_says_how_large_it_is() -> None:
    found = gate([scored(tuned=0.6, retrieval=0.4, base=0.1)], Conditions(min_gain=0.02), baselines={})
    (check,) = found.checks
    assert found.passed
    assert check.value == pytest.approx(0.2)
    assert "leads retrieval alone, the best alternative, by 0.200 token F1" in check.words
    assert "95% interval" in check.words


@pytest.mark.parametrize(("tuned", "said"), [(0.41, "at least 0.02 is asked for."), (0.3, "trails")])
def test_a_lead_that_is_too_small_fails(tuned: float, said: str) -> None:
    (check,) = gate([scored(tuned=tuned, retrieval=0.4)], Conditions(min_gain=0.02), baselines={}).checks
    assert not check.passed
    assert said in check.words


def test_a_lead_that_may_be_chance_fails_and_says_so() -> None:
    values: dict[str, dict[str, float]] = {"tuned": {}, "base": {}}
    for number in range(N):
        values["tuned"][f"e{number}"] = 1.0 if number % 2 else 0.1
        values["base"][f"e{number}"] = 0.0 if number % 2 else 1.0
    one = Scored("qa", "unseen-docs", "token_f1", {"token_f1": values}, {}, "")
    (check,) = gate([one], Conditions(min_gain=0.02), baselines={}).checks
    assert not check.passed
    assert check.value == pytest.approx(0.05)
    assert "may be chance" in check.words


def test_the_better_tuned_system_is_held_to_the_conditions_unless_one_is_named() -> None:
    one = scored(tuned=0.3, tuned_rag=0.6, retrieval=0.4)
    assert passed(one, Conditions(min_gain=0.02)) == [True]
    assert passed(one, Conditions(min_gain=0.02, system="tuned")) == [False]


def test_the_version_in_production_is_no_alternative() -> None:
    one = scored(tuned=0.6, own_train=0.6, retrieval=0.4)
    asked = Conditions(min_gain=0.02, max_drop=0.0)
    assert passed(one, asked, production="own/train") == [True, True]


def test_a_drop_counts_beyond_what_is_allowed_and_tolerated() -> None:
    one = scored(noise=0.0, tuned=0.57, own_train=0.6, retrieval=0.4)
    assert passed(one, Conditions(max_drop=0.03), production="own/train") == [True]
    assert passed(one, Conditions(max_drop=0.01), production="own/train") == [False]
    assert passed(one, Conditions(max_drop=0.01, tolerance=0.02), production="own/train") == [True]


def test_retrieval_is_compared_with_retrieval_in_production() -> None:
    one = scored(noise=0.0, tuned_rag=0.5, own_train=0.1, own_train_rag=0.6, retrieval=0.4)
    (check,) = gate([one], Conditions(max_drop=0.05), baselines={}, production="own/train").checks
    assert not check.passed
    assert check.value == pytest.approx(-0.1)


def test_a_drop_within_noise_says_so() -> None:
    one = scored(noise=0.2, tuned=0.59, own_train=0.6, retrieval=0.4)
    (check,) = gate([one], Conditions(max_drop=0.0), baselines={}, production="own/train").checks
    assert not check.passed
    assert "within noise" in check.words


def test_a_drop_is_measured_against_the_baselines_file() -> None:
    one = scored(tuned=0.5, retrieval=0.4)
    kept = baseline_of(scored(tuned=0.6, retrieval=0.4), "tuned", run="evaluate/1", date="2026-11-30")
    (check,) = gate([one], Conditions(max_drop=0.01), baselines={"qa": {"unseen-docs": kept}}).checks
    assert not check.passed
    assert "−0.100 against the baseline 0.600 of 2026-11-30 (tuned, evaluate/1)" in check.words
    assert "other test examples" not in check.words
    other = kept.model_copy(update={"examples": "another"})
    (check,) = gate([one], Conditions(max_drop=0.01), baselines={"qa": {"unseen-docs": other}}).checks
    assert "other test examples" in check.words


def test_a_drop_that_nothing_can_tell_fails_and_says_what_to_type() -> None:
    found = gate([scored(tuned=0.5, retrieval=0.4)], Conditions(max_drop=0.01), baselines={})
    assert not found.passed
    assert "lore evaluate --update-baselines" in found.checks[0].words
    assert found.checks[0].value is None


def test_only_the_test_set_that_counts_most_is_checked_unless_some_are_named() -> None:
    sets = [scored(test_set=name, tuned=0.6, retrieval=0.4) for name in ("seen-docs", "unseen-docs")]
    sets.append(scored(task="log", test_set="questions", tuned=0.6, retrieval=0.4))
    found = gate(sets, Conditions(min_gain=0.0), baselines={})
    assert [(one.task, one.test_set) for one in found.checks] == [
        ("log", "questions"),
        ("qa", "unseen-docs"),
    ]
    named = gate(sets, Conditions(min_gain=0.0, test_sets=("seen-docs",)), baselines={})
    assert [(one.task, one.test_set) for one in named.checks] == [("qa", "seen-docs")]
    with pytest.raises(ConfigError, match="questions"):
        gate(sets[:2], Conditions(min_gain=0.0, test_sets=("questions",)), baselines={})


def test_what_was_not_evaluated_fails() -> None:
    one = scored(base=0.5, retrieval=0.4)
    (check,) = gate([one], Conditions(min_gain=0.0), baselines={}).checks
    assert not check.passed
    assert "was not evaluated" in check.words
    assert passed(scored(tuned=0.5, base=0.4), Conditions(min_gain=0.0, system="tuned+rag")) == [False]


def test_a_gain_over_nothing_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="nothing to be better than"):
        gate([scored(tuned=0.5)], Conditions(min_gain=0.0), baselines={})


@pytest.mark.parametrize("metric", ["answer_nll", "token_f2"])
def test_a_metric_that_cannot_be_asked_for_is_named(metric: str) -> None:
    with pytest.raises(ConfigError, match=metric):
        gate([scored(tuned=0.5, base=0.1)], Conditions(metric=metric, min_gain=0.0), baselines={})


def test_general_text_may_not_be_known_much_worse() -> None:
    asked = Conditions(max_general_loss_increase=0.1)
    for loss, holds in ((0.05, True), (0.1, True), (0.2, False), (-0.3, True)):
        found = Interval(loss, loss - 0.01, loss + 0.01, 30, 30)
        (check,) = gate([], asked, baselines={}, general_loss=found).checks
        assert check.passed is holds
        assert "nats a token" in check.words
    assert not gate([], asked, baselines={}).passed


def test_nothing_asked_is_nothing_checked() -> None:
    assert gate([scored(tuned=0.1, base=0.5)], Conditions(), baselines={}).checks == ()


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.integers(min_value=3, max_value=9),
)
def test_more_tolerance_never_fails_what_less_passes(
    tuned: float, running: float, most: float, tolerance: float, n: int
) -> None:
    one = scored(noise=0.0, n=n, tuned=tuned, own_train=running, base=0.1)
    strict = passed(one, Conditions(max_drop=most), production="own/train")
    loose = passed(one, Conditions(max_drop=most, tolerance=tolerance), production="own/train")
    assert loose >= strict
    assert strict == [running - tuned <= most + 1e-6]


@given(st.lists(st.booleans(), min_size=3, max_size=40))
def test_a_model_never_falls_below_a_baseline_of_itself(right: list[bool]) -> None:
    values = {f"e{number}": float(one) for number, one in enumerate(right)}
    one = Scored("qa", "unseen-docs", "token_f1", {"token_f1": {"tuned": values, "base": values}}, {}, "")
    kept = baseline_of(one, "tuned", run="evaluate/1", date="2026-11-30")
    assert passed(one, Conditions(max_drop=0.0), baselines={"qa": {"unseen-docs": kept}}) == [True]


def test_baselines_are_read_as_they_were_written_and_old_ones_stay() -> None:
    old = {
        "qa": {
            "seen-docs": Baseline(
                system="tuned", run="evaluate/1", date="2026-01-01", examples="x", metrics={"f": 0.5}
            ),
            "questions": Baseline(
                system="tuned", run="evaluate/1", date="2026-01-01", examples="y", metrics={"f": 0.4}
            ),
        }
    }
    new = {
        "qa": {
            "seen-docs": Baseline(
                system="tuned", run="evaluate/2", date="2026-01-02", examples="x", metrics={"f": 0.6}
            )
        }
    }
    both = with_baselines(old, new)
    assert both["qa"]["questions"] == old["qa"]["questions"]
    assert both["qa"]["seen-docs"] == new["qa"]["seen-docs"]
    assert parse_baselines(baselines_text(both), name="b.json") == both
    assert list(changes(old, both)) == [("qa", "seen-docs", "f", 0.5, 0.6)]
    assert list(changes({}, new)) == [("qa", "seen-docs", "f", None, 0.6)]


@pytest.mark.parametrize("text", ["", "[]", '{"qa": {"seen-docs": {"system": 3}}}', '{"qa": 1'])
def test_a_file_that_holds_no_baselines_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match=r"b\.json is no file of baselines"):
        parse_baselines(text, name="b.json")
