"""evaluate: what each system answers to each test question, scores, verdicts, and the report."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from lorewright.core.context import Context
from lorewright.core.errors import EvaluationError
from lorewright.core.records import Example, Message, Metadata, Prediction, Run, Score
from lorewright.core.registry import Registry
from lorewright.core.settings import Section, no_effect
from lorewright.core.stage import Stage
from lorewright.core.tables import read_table, write_table
from lorewright.evaluation.baselines import majority, nearest_neighbour
from lorewright.evaluation.scoring import headline_metric, is_structured, nll_scores, score
from lorewright.evaluation.summary import verdict_text
from lorewright.evaluation.systems import RAG_SUFFIX, RETRIEVAL, predict
from lorewright.evaluation.verdict import Verdict, judge
from lorewright.llm.retrieval_template import RETRIEVAL as TEMPLATE
from lorewright.retrieval.answer import best_text
from lorewright.retrieval.merging import best_passages
from lorewright.stages import base, chunk, dataset, index, ingest, train
from lorewright.stages.ask import prompt
from lorewright.stages.settings import EvaluationSettings, ProviderSettings, Settings
from lorewright.stages.speed import resolve_device

if TYPE_CHECKING:
    from lorewright.llm.local import LocalModel

PREDICTIONS = "predictions.parquet"
SCORES = "scores.parquet"
VERDICTS = "verdicts.json"
STRUCTURED_ONLY = frozenset({"majority", "pattern", "neighbour"})
RULES = Registry("rules", {"log_analysis": "lorewright.loganalysis.rules:analyze"})


class Part(Section):
    """What evaluate takes from the settings tree."""

    project: str
    evaluation: EvaluationSettings
    template: str
    device: str
    threads: int
    providers: dict[str, ProviderSettings] = no_effect({}, "Servers by name.")


def select(settings: Settings) -> Part:
    """Return evaluate's part of the tree."""
    return Part(
        project=settings.project.name,
        evaluation=settings.evaluation,
        template=TEMPLATE.id,
        device=resolve_device(settings.training.device),
        threads=settings.training.threads,
        providers=settings.providers,
    )


@dataclass(frozen=True)
class Suite:
    """The test examples of one task and test set, with its training examples for the baselines."""

    task: str
    test_set: str
    examples: tuple[Example, ...]
    train: tuple[Example, ...]

    @property
    def structured(self) -> bool:
        """Whether all its answers are JSON objects."""
        return all(is_structured(example) for example in self.examples)


@dataclass(frozen=True)
class Judged:
    """A suite with what came of it, and how many of its examples the report shows."""

    suite: Suite
    predictions: tuple[Prediction, ...]
    scores: tuple[Score, ...]
    verdict: Verdict
    shown: int


def run(part: Part, context: Context) -> Metadata:
    """Ask every system, score, judge, and write the report."""
    from lorewright.stages.evaluate_report import write_report

    suites = _suites(part.evaluation, context)
    predictions: dict[str, list[Prediction]] = defaultdict(list)
    scores: dict[str, list[Score]] = defaultdict(list)
    total = sum(len(suite.examples) * len(_systems(part, suite)) for suite in suites)
    with context.task("evaluate", total=total, unit="answers") as tick:
        for group in (
            ("base", f"base{RAG_SUFFIX}"),
            ("tuned", f"tuned{RAG_SUFFIX}"),
            (RETRIEVAL, *sorted(STRUCTURED_ONLY)),
        ):
            _ask_group(group, suites, part, context, predictions, scores, tick)
    shown = part.evaluation.report_examples // len({suite.test_set for suite in suites})
    judged = [
        _judge(suite, predictions[_key(suite)], scores[_key(suite)], part.evaluation, shown)
        for suite in suites
    ]
    context.write(PREDICTIONS, (row for one in judged for row in one.predictions), Prediction)
    context.write(SCORES, (row for one in judged for row in one.scores), Score)
    texts = [asdict(verdict_text(one.verdict)) for one in judged]
    context.write_json(VERDICTS, texts)
    write_report(part.project, part.evaluation.note, judged, context)
    return {
        "test_examples": sum(len(suite.examples) for suite in suites),
        "answers": sum(len(one.predictions) for one in judged),
        "verdicts": {f"{one.suite.task} on {one.suite.test_set}": one.verdict.label for one in judged},
        "choices": {f"{one.suite.task} on {one.suite.test_set}": one.verdict.choice for one in judged},
    }


def _suites(evaluation: EvaluationSettings, context: Context) -> list[Suite]:
    """Return the suites, unseen documents first: they are the headline."""
    by_task: dict[str, list[Example]] = defaultdict(list)
    for example in context.read("dataset", dataset.TRAIN, Example):
        by_task[example.task].append(example)
    suites = []
    for test_set, artefact in sorted(dataset.TESTS.items(), reverse=True):
        tests: dict[str, list[Example]] = defaultdict(list)
        for example in context.read("dataset", artefact, Example):
            tests[example.task].append(example)
        for task, examples in sorted(tests.items()):
            # Ids are hashes, so the first by id are a stable sample.
            chosen = sorted(examples, key=lambda example: example.id)[: evaluation.max_examples]
            suites.append(Suite(task, test_set, tuple(chosen), tuple(by_task[task])))
    if not suites:
        raise EvaluationError(
            "The dataset has no test examples.",
            "add documents, or raise the third of dataset.ratios in lore.toml",
        )
    return suites


def _systems(part: Part, suite: Suite) -> list[str]:
    """Return the systems that answer a suite: some are only for structured tasks, rules only where there are any."""
    chosen = [name for name in part.evaluation.systems if suite.structured or name not in STRUCTURED_ONLY]
    return [name for name in chosen if name != "pattern" or suite.task in RULES.names()]


def _key(suite: Suite) -> str:
    return f"{suite.task}-{suite.test_set}"


def _ask_group(
    group: Sequence[str],
    suites: Sequence[Suite],
    part: Part,
    context: Context,
    predictions: dict[str, list[Prediction]],
    scores: dict[str, list[Score]],
    tick: Callable[[int], None],
) -> None:
    """Ask the systems that share one loaded model; what a stopped run had asked already is read back."""
    wanted = {_key(suite): [name for name in group if name in _systems(part, suite)] for suite in suites}
    name = group[0]
    folder = context.checkpoint_dir
    open_suites = [
        suite
        for suite in suites
        if wanted[_key(suite)] and not (folder / f"{name}-{_key(suite)}.done").exists()
    ]
    asked = _Asked(part, context, name) if open_suites else None
    for suite in suites:
        if not wanted[_key(suite)]:
            continue
        stem = folder / f"{name}-{_key(suite)}"
        answers, marks = stem.with_suffix(".predictions"), stem.with_suffix(".scores")
        if suite in open_suites and asked is not None:
            found = list(asked.answers(suite, wanted[_key(suite)]))
            write_table(answers, found, Prediction)
            write_table(marks, [*score(suite.examples, found), *asked.likelihoods(suite)], Score)
            stem.with_suffix(".done").touch()
        predictions[_key(suite)] += read_table(answers, Prediction)
        scores[_key(suite)] += read_table(marks, Score)
        tick(len(suite.examples) * len(wanted[_key(suite)]))


class _Asked:
    """Everything that one group of systems needs, loaded once: a model, the index, the prompt."""

    def __init__(self, part: Part, context: Context, name: str) -> None:
        self._part = part
        self._name = name
        self._index = index.open_run(context.workspace, context.inputs["index"], part.providers)
        self._model = _load(part, context, tuned=name == "tuned") if name in {"base", "tuned"} else None

    def answers(self, suite: Suite, systems: Sequence[str]) -> Iterable[Prediction]:
        """Return the answers of some systems to a suite."""
        evaluation = self._part.evaluation
        return predict(
            suite.examples,
            systems=systems,
            models={self._name: self._ask} if self._model else {},
            baselines=_baselines(suite),
            max_new_tokens=evaluation.max_new_tokens,
            retrieve=lambda question: best_passages(self._index, question, k=evaluation.passages),
            with_passages=lambda question, passages: (
                prompt(self._index, question, passages, context_chars=evaluation.context_chars).content
            ),
            answer_from=partial(best_text, stemming=self._index.stemming),
            clock=time.perf_counter,
        )

    def likelihoods(self, suite: Suite) -> Iterable[Score]:
        """Return the negative log-likelihood of each reference answer, for models."""
        if self._model is None:
            return ()
        found = self._model.answer_nll(
            [example.messages for example in suite.examples], batch_size=self._part.evaluation.batch_size
        )
        return nll_scores(suite.examples, system=self._name, likelihoods=found)

    def _ask(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[str]:
        assert self._model is not None
        return self._model.generate(
            conversations, max_new_tokens=max_new_tokens, batch_size=self._part.evaluation.batch_size
        )


def _load(part: Part, context: Context, *, tuned: bool) -> "LocalModel":
    from lorewright.llm.local import load

    base_dir = base.path_of(context.workspace, context.inputs["base"])
    trained = context.path("train", train.ADAPTER)
    full = tuned and context.inputs["train"].metrics["method"] == "full"
    return load(
        trained if full else base_dir,
        adapter=trained if tuned and not full else None,
        device=part.device,
        dtype="auto",
        threads=part.threads,
    )


def _baselines(suite: Suite) -> Mapping[str, Callable[[Example], str]]:
    common = majority(suite.train)
    found: dict[str, Callable[[Example], str]] = {
        "majority": lambda _example: common,
        "neighbour": nearest_neighbour(suite.train),
    }
    if suite.task in RULES.names():
        rules = RULES.load(suite.task)
        found["pattern"] = lambda example: json.dumps(rules(example.prompt), ensure_ascii=False)
    return found


def _judge(
    suite: Suite,
    predictions: Sequence[Prediction],
    scores: Sequence[Score],
    evaluation: EvaluationSettings,
    shown: int,
) -> Judged:
    order: dict[str, int] = {name: place for place, name in enumerate(evaluation.systems)}
    ordered = sorted(predictions, key=lambda row: order.get(row.system, len(order)))
    times: dict[str, list[float]] = defaultdict(list)
    for row in ordered:
        if row.latency_s is not None:
            times[row.system].append(row.latency_s)
    verdict = judge(
        scores,
        task=suite.task,
        test_set=suite.test_set,
        metric=headline_metric(suite.examples),
        clusters={example.id: example.group for example in suite.examples},
        seed=evaluation.seed,
        min_gain=evaluation.min_gain,
        resamples=evaluation.resamples,
        latencies={system: sum(values) / len(values) for system, values in times.items()},
    )
    return Judged(suite, tuple(ordered), tuple(scores), verdict, shown)


def summary(run: Run) -> str:
    """Return one line for people."""
    return "; ".join(f"{name}: {label}" for name, label in run.metrics["verdicts"].items())


STAGE = Stage(
    name="evaluate",
    version=2,
    settings=Part,
    run=run,
    needs=lambda _part: {
        "ingest": (ingest.DOCUMENTS,),
        "chunk": (chunk.CHUNKS,),
        "index": (index.VERSION,),
        "dataset": (dataset.TRAIN, *dataset.TESTS.values(), dataset.LEAKAGE),
        "base": (base.MODEL,),
        "train": (train.ADAPTER, train.HISTORY),
    },
)
