"""The words and numbers in which verdicts are told, the same in the terminal and in the report."""

from collections.abc import Mapping

from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.systems import RAG_SUFFIX

OWN = "own/"

LABELS: Mapping[str, str] = {
    "tuned": "Deploy the tuned model",
    "tuned+rag": "Deploy the tuned model with retrieval",
    "retrieval": "Use retrieval alone",
    "other": "Use {use}",
    "more-data": "Collect more data; until then use {use}",
    "not-better": "Not better: use {use}",
}
_SYSTEMS: Mapping[str, str] = {
    "tuned": "the tuned model",
    "retrieval": "retrieval alone",
    "base": "the base model",
    "majority": "the commonest answer",
    "pattern": "the pattern rules",
    "neighbour": "the most similar training example's answer",
}
_TITLES: Mapping[str, str] = {
    "tuned": "Tuned",
    "retrieval": "Retrieval alone",
    "base": "Base",
    "majority": "Commonest answer",
    "pattern": "Pattern rules",
    "neighbour": "Nearest neighbour",
}
_METRICS: Mapping[str, str] = {
    "token_f1": "token F1",
    "rouge_1": "ROUGE-1",
    "rouge_2": "ROUGE-2",
    "rouge_l": "ROUGE-L",
    "bleu": "BLEU",
    "chrf": "chrF",
    "exact_match": "exact match",
    "field_accuracy": "field accuracy",
    "json_valid": "valid JSON",
    "answer_nll": "answer loss",
    "semantic_similarity": "likeness in meaning",
    "citation_holds": "citations that hold",
    "answered": "questions answered",
    "correct_refusal": "correct refusals",
    "recall_at_1": "recall@1",
    "recall_at_3": "recall@3",
    "recall_at_5": "recall@5",
    "mrr": "MRR",
}
_METRIC_NOTES: Mapping[str, str] = {
    "token_f1": "how far the words of answer and reference are the same; 1 is all",
    "rouge_l": "like token F1, but the words must stand in the same order",
    "exact_match": "share of answers that are the reference itself",
    "field_accuracy": "share of the reference's JSON fields with the same value",
    "json_valid": "share of answers that are one JSON object",
    "answer_nll": "nats a token of the reference answer; lower is better",
    "rouge_1": "words in common with the reference",
    "rouge_2": "pairs of neighbouring words in common",
    "bleu": "runs of up to four words in common, the shorter answer marked down",
    "chrf": "runs of up to six characters in common",
    "semantic_similarity": "cosine of the vectors of answer and reference",
    "citation_holds": "share of answers that the passages they cite carry",
    "answered": "share of answerable questions that are neither refused nor failed",
    "correct_refusal": "share of unanswerable questions that are refused",
    "recall_at_1": "share of questions whose evidence is the first passage",
    "recall_at_3": "share of questions whose evidence is among the first 3 passages",
    "recall_at_5": "share of questions whose evidence is among the first 5 passages",
    "mrr": "mean of 1 / rank of the first passage that holds the evidence",
}
_TEST_SETS: Mapping[str, str] = {
    "questions": "your own questions",
    "unseen-docs": "documents it has not seen",
    "seen-docs": "documents it was trained on",
}


def system_name(system: str) -> str:
    """Return a system's name in running text."""
    if system.endswith(RAG_SUFFIX):
        return f"{system_name(system.removesuffix(RAG_SUFFIX))} with retrieval"
    if system.startswith(OWN):
        return f"the earlier version {system.removeprefix(OWN)}"
    return _SYSTEMS.get(system, system)


def label_words(choice: str, use: str) -> str:
    """Return what to do as a short sentence that names the system to use."""
    return LABELS[choice].format(use=system_name(use))


def metric_name(metric: str) -> str:
    """Return a metric's name in running text."""
    return _METRICS.get(metric, metric.removeprefix("field:").replace("_", " "))


def metric_note(metric: str) -> str:
    """Return what a metric means, in a few words."""
    if metric.startswith("field:"):
        return f"share of answers whose {metric_name(metric)} is right"
    return _METRIC_NOTES.get(metric, "")


def test_set_words(test_set: str) -> str:
    """Return what a test set holds, in a few words."""
    return _TEST_SETS.get(test_set, test_set)


def number(value: float | None) -> str:
    """Return a score with two decimals and a real minus sign."""
    return "–" if value is None else f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def signed(value: float | None) -> str:
    """Return a difference with two decimals and its sign."""
    if value is None:
        return "–"
    text = number(value)
    return text if text.startswith("−") or text == "0.00" else f"+{text}"


def dollars(value: float) -> str:
    """Return what an answer costs, with two significant digits below a cent."""
    return f"${value:.4f}" if value >= 0.01 or value == 0 else f"${value:.2g}"


def memory_words(value: float) -> str:
    """Return bytes in the unit that suits them."""
    mebibytes = value / 2**20
    return f"{mebibytes / 1024:.1f} GiB" if mebibytes >= 1024 else f"{mebibytes:.0f} MiB"


def range_words(interval: Interval, *, sign: bool = False) -> str:
    """Return an interval's two ends in words, or that there is none."""
    if interval.low is None or interval.high is None:
        return "no interval: too few groups"
    show = signed if sign else number
    return f"{show(interval.low)} to {show(interval.high)}"


def reason_words(
    *,
    choice: str,
    system: str,
    against: str,
    score: Interval,
    other_score: Interval,
    difference: Interval,
    test_set: str,
    metric: str,
    min_gain: float,
) -> str:
    """Return why a verdict is what it is: the two scores, their difference and what follows from it."""
    start = system_name(system)
    level = "" if difference.low is None else "95% interval "
    figures = (
        f"On {test_set_words(test_set)}, {start} scores {number(score.mean)} {metric_name(metric)} and "
        f"{system_name(against)} {number(other_score.mean)}: a difference of {signed(difference.mean)} "
        f"({level}{range_words(difference, sign=True)}) over {difference.n} examples in "
        f"{difference.clusters} groups."
    )
    return f"{figures} {_conclusion(choice, difference, min_gain)}"


def _conclusion(choice: str, difference: Interval, min_gain: float) -> str:
    low, high = difference.low, difference.high
    if low is None:
        return "So few groups decide nothing."
    if choice in {"tuned", "tuned+rag"}:
        if difference.few:
            return "The whole interval lies above zero, but it rests on few groups."
        return "The whole interval lies above zero, so the gain is not chance."
    if choice == "more-data" and difference.mean < min_gain:
        return "No gain over that is shown, but so few groups decide little."
    if choice == "more-data":
        return "That would be a gain worth having, but it may be chance."
    if high is not None and high < 0:
        return "The whole interval lies below zero, so it is worse beyond chance."
    if low > 0:
        return f"That is beyond chance, but less than the {number(min_gain)} asked for."
    return "The interval holds zero, so no gain is shown."


def system_title(system: str) -> str:
    """Return a system's name as the head of a row."""
    if system.endswith(RAG_SUFFIX):
        return f"{system_title(system.removesuffix(RAG_SUFFIX))} + retrieval"
    return f"Version {system.removeprefix(OWN)}" if system.startswith(OWN) else _TITLES.get(system, system)


def tick_words(value: float) -> str:
    """Return a number beside an axis, without superfluous zeros."""
    return f"{value:,.10g}".replace("-", "−")


def sentence(text: str) -> str:
    """Return a text with its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]
