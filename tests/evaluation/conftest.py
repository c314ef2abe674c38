import json
from dataclasses import replace

import numpy as np
import pytest

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Place, Prediction, Score
from lorewright.evaluation.forgetting import Forgetting, Group
from lorewright.evaluation.intervals import Interval
from lorewright.evaluation.ratings import Agreement
from lorewright.evaluation.report_data import ReportData, TaskReport, curve
from lorewright.evaluation.report_examples import ExampleView, choose_examples, example_view
from lorewright.evaluation.report_parts import (
    Calibration,
    CalibrationBin,
    CategoryRow,
    CategoryTable,
    Confusion,
    Gate,
    GateCheck,
    LearningCurve,
    LearningPoint,
)
from lorewright.evaluation.scoring import nll_scores, score
from lorewright.evaluation.systems import Found, computed
from lorewright.evaluation.verdict import Verdict, judge
from lorewright.pages.funnel import FunnelStep, LeftOut, Reason

FACTS = {
    "retries": "The number of times a failed task is run again before its run counts as failed.",
    "pool": "The pool in which the task takes a slot; tasks wait while all slots are taken.",
    "queue": "The name of the queue from which a worker picks the task up.",
    "timeout": "The longest time in seconds that a task may run before it is stopped.",
    "owner": "The person or team who is told when the task fails.",
    "trigger rule": "The rule by which the states of the tasks before it decide whether a task runs.",
}
ERRORS = {
    "No space left on device": ("resource_error", "high"),
    "Connection to warehouse-3:5432 timed out": ("timeout_error", "medium"),
    "Permission denied: '/srv/exports/daily.csv'": ("permission_error", "high"),
    'column "order_id" contains null values': ("data_quality", "medium"),
}


def question(number: int) -> Example:
    name = list(FACTS)[number % len(FACTS)]
    quote = FACTS[name]
    return make_example(
        task="qa",
        messages=(
            Message(role="user", content=f"What does `{name}` of operator {number} in Example Flow do?"),
            Message(role="assistant", content=quote),
        ),
        evidence=(Evidence(chunk_id=f"chunk{number}", start=0, end=len(quote), quote=quote),),
        origin="extractive",
    )


def failure(number: int) -> Example:
    error = list(ERRORS)[number % len(ERRORS)]
    category, severity = ERRORS[error]
    lines = (
        f"[2025-08-10T16:13:{number:02}.120+0000] {{taskinstance.py:1157}} INFO - Dependencies all met",
        f"[2025-08-10T16:13:{number:02}.380+0000] {{standard_task_runner.py:107}} INFO - Running task load_{number}",
        "Traceback (most recent call last):",
        f'  File "/opt/flows/etl_{number}.py", line {30 + number}, in load',
        f"OSError: {error}",
    )
    answer = {"error_message": error, "category": category, "severity": severity}
    return make_example(
        task="log_analysis",
        messages=(
            Message(role="system", content="Answer with JSON."),
            Message(role="user", content="\n".join(lines)),
            Message(role="assistant", content=json.dumps(answer)),
        ),
        evidence=(Evidence(chunk_id=f"chunk{number}", start=0, end=len(error), quote=error),),
        origin="import",
    )


def garbled(example: Example, wrong: float, generator: np.random.Generator) -> str:
    reference = example.messages[-1].content
    if reference.startswith("{"):
        fields = {
            name: "unknown" if generator.random() < wrong else value
            for name, value in json.loads(reference).items()
        }
        return "" if wrong > 0.9 else json.dumps(fields)
    noise = [
        "the",
        "of",
        "a",
        "is",
        "<b>option</b>",
        "which",
        "&",
        "value",
        "setting",
        "<script>alert(1)</script>",
    ]
    return " ".join(
        noise[generator.integers(len(noise))] if generator.random() < wrong else word
        for word in reference.split()
    )


def judged(
    examples: list[Example], wrong: dict[str, float], *, task: str, test_set: str, metric: str, groups: int
) -> tuple[Verdict, tuple[ExampleView, ...]]:
    generator = np.random.default_rng(7)
    predictions: list[Prediction] = []
    for name, rate in wrong.items():
        predictions += computed(
            name,
            examples,
            lambda example, _passages, rate=rate: garbled(example, rate, generator),  # type: ignore[misc]
            found={example.id: Found((), 0.0) for example in examples},
            clock=lambda: 0.0,
        )
    scores: list[Score] = list(score(examples, predictions))
    for system, loss in (("base", 4.1), ("tuned", 2.2)):
        likelihoods = [(float(10 * generator.normal(loss, 0.3)), 10) for _ in examples]
        scores += nll_scores(examples, system=system, likelihoods=likelihoods)
    verdict = judge(
        scores,
        task=task,
        test_set=test_set,
        metric=metric,
        clusters={example.id: f"group{number % groups}" for number, example in enumerate(examples)},
        latencies=dict.fromkeys(wrong, 0.04),
        costs={"base": 0.0021},
        memories={"tuned": 3 * 2**30},
        failures={system: int(rate > 0.9) * len(examples) for system, rate in wrong.items()},
    )
    chosen = choose_examples(scores, metric=metric, system="tuned", against="base", count=3)
    views = tuple(
        example_view(
            example,
            test_set=test_set,
            predictions=predictions,
            scores=scores,
            metric=metric,
            pair=("tuned", verdict.comparisons[0].against),
            locate={
                f"chunk{n}": (f"docs/core/operators-{n}.rst", Place(unit="line", first=80 + n, last=92 + n))
                for n in range(200)
            },
        )
        for example in examples
        if example.id in chosen
    )
    return verdict, views


def leakage(**tests: tuple[int, int]) -> dict[str, object]:
    return {
        "ngram_words": 10,
        "common_ngrams": {"more_than_groups": 5, "count": 1204, "most": []},
        "tests": {
            name: {
                "examples": examples,
                "groups": groups,
                "leaking_examples": 0,
                "shared_spans": 0,
                "shared_groups": 0,
            }
            for name, (examples, groups) in tests.items()
        },
    }


@pytest.fixture(scope="session")
def report_data() -> ReportData:
    questions, failures = [question(n) for n in range(120)], [failure(n) for n in range(48)]
    qa_wrong = {"base": 0.97, "base+rag": 0.8, "tuned": 0.85, "tuned+rag": 0.6, "retrieval": 0.5}
    log_wrong = {"base": 1.0, "tuned": 0.15, "majority": 0.6, "pattern": 0.4, "neighbour": 0.45}
    unseen, unseen_views = judged(
        questions, qa_wrong, task="qa", test_set="unseen-docs", metric="token_f1", groups=60
    )
    seen, seen_views = judged(
        questions[::-1],
        qa_wrong | {"tuned+rag": 0.3},
        task="qa",
        test_set="seen-docs",
        metric="token_f1",
        groups=55,
    )
    logs, log_views = judged(
        failures, log_wrong, task="log_analysis", test_set="unseen-docs", metric="field_accuracy", groups=9
    )
    seen_logs, _ = judged(
        failures,
        log_wrong | {"tuned": 0.02},
        task="log_analysis",
        test_set="seen-docs",
        metric="field_accuracy",
        groups=30,
    )
    steps = range(1, 651)
    return ReportData(
        project="Example Flow",
        created_at="2025-08-10 16:13 UTC",
        tasks=(
            TaskReport(
                "qa",
                "questions about the documentation",
                (unseen, seen),
                unseen_views + seen_views,
                leakage(**{"unseen-docs": (120, 60), "seen-docs": (120, 55)}),
            ),
            TaskReport("log_analysis", "from a task's log to JSON", (logs, seen_logs), log_views),
        ),
        curves=(
            curve(
                "Base, made from the training documents",
                [
                    {"step": n, "loss": 4.4 + 4 * np.exp(-n / 60) + 0.12 * np.sin(n)}
                    | ({"held_out_loss": 4.5 + 3.8 * np.exp(-n / 60)} if n % 65 == 0 else {})
                    for n in steps
                ],
            ),
            curve(
                "Adapter",
                [
                    {"step": n, "loss": 0.4 + 3 * np.exp(-n / 25)}
                    | ({"validation_loss": 0.9} if n % 40 == 0 else {})
                    for n in range(1, 121)
                ],
            ),
        ),
        funnel=(
            _step("ingest", "files", 412, 404, {"parse": 6, "source": 2}),
            _step("generate", "candidates", 5120, 3100, {"length": 1400, "wording": 620}),
            _step("curate", "examples", 3100, 2711, {"near_duplicate": 389}),
        ),
        facts={
            "base": "tiny, 2.4 million parameters",
            "documents": "404",
            "examples": "2,711",
            "machine": "2 CPU cores",
        },
        settings={"training": {"epochs": 3, "rank": 64}, "evaluation": {"systems": ["base", "tuned"]}},
        runs={"train": "0123456789abcdef", "evaluate": "fedcba9876543210"},
        notes=(
            "The model is tiny so that this finishes in minutes; a real one starts from a pretrained base.",
        ),
    )


def _step(stage: str, records: str, came_in: int, kept: int, left_out: dict[str, int]) -> FunnelStep:
    shown = LeftOut(
        id="00ff",
        name="What is <b>option x</b>?",
        answer="It is 3.",
        reason="0.91 similar",
        twin_name="What is x?",
    )
    return FunnelStep(
        stage=stage,
        records=records,
        came_in=came_in,
        kept=kept,
        reasons=tuple(
            Reason(filter=name, wants="no twins", count=count, shown=(shown,))
            for name, count in left_out.items()
        ),
    )


CATEGORIES = ("data_quality", "permission_error", "resource_error", "timeout_error")


@pytest.fixture(scope="session")
def rich_report(report_data: ReportData) -> ReportData:
    """Return a report with every part there is; the names in it mean harm."""
    questions, logs = report_data.tasks
    return replace(
        report_data,
        project="Flow <img src=x onerror=alert(1)> | `x` @everyone",
        tasks=(
            questions,
            replace(
                logs,
                confusions=(confusion("tuned", CATEGORIES), confusion("base", ("</table><script>x", "b"))),
                categories=(
                    CategoryTable(
                        "unseen-docs",
                        "category",
                        "field_accuracy",
                        tuple(
                            CategoryRow(name, 12 - place, {"tuned": 0.9 - place / 10, "pattern": 0.5})
                            for place, name in enumerate((*CATEGORIES, "</td><b>x"))
                        ),
                    ),
                ),
                calibrations=(calibration("tuned"), Calibration("unseen-docs", "base", (), 0.0, 0.0, 0)),
            ),
        ),
        learning=(
            learning("qa", (0.1, 0.21, 0.3, 0.36, 0.41)),
            learning("log_analysis", (0.4, 0.7, 0.81, 0.82, 0.82)),
        ),
        agreements=(
            Agreement(metric="judge", answers=12, rank_correlation=0.62, kappa=0.55),
            Agreement(metric="token_f1", answers=240, rank_correlation=None),
        ),
        forgetting=Forgetting(
            base=Interval(3.1, 2.9, 3.3, 24, 24),
            tuned=Interval(3.6, 3.4, 3.8, 24, 24),
            difference=Interval(0.5, 0.4, 0.6, 24, 24),
            tokens=4200,
            groups=(Group("English", 12, 2.9, 3.3), Group("<i>x</i>", 12, 3.3, 3.9)),
        ),
        gate=Gate(
            (
                GateCheck(
                    "Token F1 of qa on documents it has not seen: +0.09, at least +0.02 asked for.", True
                ),
                GateCheck("Field accuracy against <b>production</b>: −0.04, at most −0.01 allowed.", False),
            )
        ),
    )


def confusion(system: str, labels: tuple[str, ...]) -> Confusion:
    given = (*labels, "unknown", "invalid")
    counts = tuple(
        tuple(9 if a == b else (a + 2 * b) % 4 for b in range(len(given))) for a in range(len(labels))
    )
    return Confusion("unseen-docs", system, "category", labels, given, counts)


def calibration(system: str) -> Calibration:
    bins = tuple(
        CalibrationBin(low / 10, low / 10 + 0.1, 4 + low, low / 10 + 0.06, low / 10 - 0.1)
        for low in (3, 5, 7, 8, 9)
    )
    return Calibration("unseen-docs", system, bins, 0.16, 0.74, sum(one.n for one in bins))


def learning(task: str, means: tuple[float, ...]) -> LearningCurve:
    points = tuple(
        LearningPoint(fraction, int(2000 * fraction), Interval(mean, mean - 0.04, mean + 0.05, 60, 120))
        for fraction, mean in zip((0.05, 0.1, 0.25, 0.5, 1.0), means, strict=True)
    )
    metric = "token_f1" if task == "qa" else "field_accuracy"
    return LearningCurve(task, "unseen-docs", "tuned", metric, points)
