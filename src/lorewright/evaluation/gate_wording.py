"""What the gate found, in sentences with their figures, to three decimals: limits may be finer than hundredths."""

import math

from lorewright.evaluation.baseline_values import Baseline
from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.wording import OWN, metric_name, system_name, test_set_words


def no_model_words(task: str, test_set: str, system: str) -> str:
    """Say that the model which is to be checked was not evaluated."""
    wanted = system or "tuned or tuned+rag"
    return f"{_where(task, test_set)}: {wanted} was not evaluated; name it in evaluation.systems."


def nothing_to_compare_words(task: str, test_set: str, metric: str, production: str) -> str:
    """Say that a drop cannot be told."""
    named = (
        f"there is no version {production.removeprefix(OWN)}" if production else "no version is in production"
    )
    return (
        f"{_where(task, test_set)}: whether {metric_name(metric)} dropped cannot be told: {named}, and the baselines "
        "file has no value; lore evaluate --update-baselines writes it."
    )


def gain_words(
    task: str,
    test_set: str,
    metric: str,
    *,
    system: str,
    against: str,
    lead: Interval,
    min_gain: float,
    unsure_of: str,
) -> str:
    """Say how far a model leads the best alternative, and whether that is enough and certain."""
    verb, size = ("leads", lead.mean) if lead.mean >= 0 else ("trails", -lead.mean)
    start = (
        f"{_where(task, test_set)}: {system_name(system)} {verb} {system_name(against)}, the best alternative, by "
        f"{_number(size)} {metric_name(metric)} ({_interval(lead)}); at least {_limit(min_gain)} is asked for"
    )
    if lead.mean < min_gain:
        return f"{start}."
    if lead.low is None:
        return f"{start}, and so few groups decide nothing."
    if lead.low <= 0:
        return f"{start}, and this may be chance."
    if unsure_of:
        return f"{start}, but its lead over {system_name(unsure_of)} may be chance."
    few = ", on few groups" if lead.few else ""
    return f"{start}, and the whole interval lies above zero{few}."


def production_words(
    task: str,
    test_set: str,
    metric: str,
    *,
    system: str,
    production: str,
    change: Interval,
    max_drop: float,
    tolerance: float,
) -> str:
    """Say how a model stands to the version in production, on the same examples."""
    start = (
        f"{_where(task, test_set)}: {system_name(system)} scores {_signed(change.mean)} {metric_name(metric)} against "
        f"{system_name(production)}, which is in production ({_interval(change)}); {_allowed(max_drop, tolerance)}"
    )
    if change.low is None or change.high is None:
        return f"{start}. So few groups decide nothing."
    if change.mean < 0 <= change.high:
        return f"{start}. The difference is within noise."
    if change.high < 0:
        return f"{start}. It is worse beyond chance."
    return f"{start}."


def baseline_words(
    task: str,
    test_set: str,
    metric: str,
    *,
    system: str,
    now: Interval,
    before: Baseline,
    same_examples: bool,
    max_drop: float,
    tolerance: float,
) -> str:
    """Say how a model stands to what a baselines file holds; the examples are not paired, so less is certain."""
    was = before.metrics[metric]
    start = (
        f"{_where(task, test_set)}: {system_name(system)} scores {_number(now.mean)} {metric_name(metric)} "
        f"({_interval(now, sign=False)}), {_signed(now.mean - was)} against the baseline {_number(was)} of "
        f"{before.date} ({before.system}, {before.run}); {_allowed(max_drop, tolerance)}"
    )
    noise = now.low is not None and now.high is not None and now.mean < was <= now.high
    said = [f"{start}."]
    said += ["The difference is within noise."] if noise else []
    said += [] if same_examples else ["The baseline was measured on other test examples."]
    return " ".join(said)


def general_loss_words(found: Interval | None, most: float) -> str:
    """Say how much worse a model knows general text than its base."""
    asked = f"at most {_limit(most)} more is allowed"
    if found is None:
        return f"General text: what the base knew and the tuned model forgot was not measured; {asked}."
    times = math.exp(found.mean)
    return (
        f"General text: the tuned model's loss is {_signed(found.mean)} nats a token against the base's "
        f"({_interval(found)}), a perplexity {times:.2f} times as large; {asked}."
    )


def _where(task: str, test_set: str) -> str:
    return f"{task} on {test_set_words(test_set)}"


def _allowed(max_drop: float, tolerance: float) -> str:
    said = f"a drop of {_limit(max_drop)} is allowed" if max_drop else "no drop is allowed"
    return f"{said}, and {_limit(tolerance)} more tolerated" if tolerance else said


def _interval(interval: Interval, *, sign: bool = True) -> str:
    if interval.low is None or interval.high is None:
        return "no interval: too few groups"
    show = _signed if sign else _number
    return f"95% interval {show(interval.low)} to {show(interval.high)}"


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-0.000", "0.000").replace("-", "−")


def _signed(value: float) -> str:
    text = _number(value)
    return text if text.startswith("−") or text == "0.000" else f"+{text}"


def _limit(value: float) -> str:
    return f"{value:g}"
