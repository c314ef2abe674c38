"""dataset: examples → train, validation and three test sets, the side of every document, the proof of no leakage."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lorewright.core.context import Context
from lorewright.core.records import Assignment, Chunk, Document, Example, Metadata, Rejection, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Outside, Stage
from lorewright.core.workspace import Workspace
from lorewright.curation.balance import REPEATS
from lorewright.datasets.formats import prompt_completion, write_lines
from lorewright.datasets.leakage import leaks, measure
from lorewright.datasets.sides import Dealt
from lorewright.datasets.split import Division, assign_documents, divide
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import curate, ingest
from lorewright.stages.dataset_questions import Asked, named_paths, question_examples
from lorewright.stages.dataset_settings import DatasetSettings
from lorewright.stages.settings import Settings
from lorewright.stages.user_questions import users_questions

TRAIN = "train.parquet"
VALIDATION = "validation.parquet"
TEST_SEEN = "test_seen_docs.parquet"
TEST_UNSEEN = "test_unseen_docs.parquet"
TEST_YOURS = "test_yours.parquet"
SPLIT_FILES = (TRAIN, VALIDATION, TEST_SEEN, TEST_UNSEEN, TEST_YOURS)
TESTS = {"seen-docs": TEST_SEEN, "unseen-docs": TEST_UNSEEN, "questions": TEST_YOURS}
ASSIGNMENTS = "assignments.parquet"
REJECTIONS = "rejections.parquet"
LEAKAGE = "leakage.json"
QUESTIONS = "questions.json"
FEW = 100
"""With fewer training examples a person is warned."""
_STEPS = 5


class Part(Section):
    """What dataset takes from the settings tree."""

    dataset: DatasetSettings


def select(settings: Settings) -> Part:
    """Return dataset's part of the tree."""
    return Part(dataset=settings.dataset)


def fingerprint(part: Part, workspace: Workspace) -> Outside:
    """Return the content of the user's questions.

    Raises:
        ConfigError: They cannot be read.
    """
    return users_questions(part.dataset.questions, workspace)


def run(part: Part, context: Context) -> Metadata:
    """Deal documents to sides, examples to sets, and measure what they share."""
    chosen = part.dataset
    with context.task("dataset", total=_STEPS, unit="steps") as tick:
        corpus = _read(context, named_paths(context.found))
        examples = list(context.read("curate", curate.EXAMPLES, Example))
        tick(1)
        dealt = assign_documents(
            corpus.texts,
            examples,
            corpus.places,
            ratios=chosen.ratios,
            split_by=chosen.split_by,
            near_duplicate_threshold=chosen.near_duplicate_threshold,
            max_test_chars=chosen.max_test_chars,
            seed=chosen.seed,
        )
        groups = {one.document_id: one.group for one in dealt.assignments}
        questions, asked = question_examples(context.found, corpus.named, corpus.chunks, groups)
        tick(1)
        division = _divide(chosen, examples, dealt, corpus, questions)
        tick(1)
        leakage = measure(
            [*division.train, *division.validation],
            {name: _members(division)[artefact] for name, artefact in TESTS.items()},
            corpus.places,
            split_by=chosen.split_by,
            same_question=chosen.near_duplicate_threshold,
        )
        tick(1)
        _account(context, examples, division, asked)
        sets = {**_members(division), TRAIN: list(repeated(division.train))}
        _write(context, sets, dealt, division, leakage, asked)
        tick(1)
    filled = {corpus.names.get(group, group): side for group, side in dealt.filled.items()}
    if division.seen_filled:
        filled["one cluster of questions"] = "seen-docs"
    return {"filled": filled, **_metrics(examples, sets, dealt, division, leakage, asked)}


def _divide(
    chosen: DatasetSettings,
    examples: Sequence[Example],
    dealt: Dealt,
    corpus: "_Corpus",
    questions: Sequence[Example],
) -> Division:
    return divide(
        examples,
        dealt.assignments,
        corpus.places,
        seen_ratio=chosen.seen_ratio,
        near_duplicate_threshold=chosen.near_duplicate_threshold,
        seed=chosen.seed,
        split_by=chosen.split_by,
        min_examples=chosen.min_examples,
        questions=questions,
        same_question=chosen.near_duplicate_threshold,
    )


class _Corpus(NamedTuple):
    """What the stage needs of documents and passages.

    Attributes:
        texts: Id and text of every document.
        names: Document id to its source and path.
        named: The documents that the user's questions name.
        chunks: Their passages, by document.
        places: Passage id to every (document id, first character) where it stands.
    """

    texts: list[tuple[str, str]]
    names: dict[str, str]
    named: list[Document]
    chunks: dict[str, list[Chunk]]
    places: dict[str, list[tuple[str, int]]]


def _read(context: Context, wanted: Collection[str]) -> _Corpus:
    corpus = _Corpus([], {}, [], {}, defaultdict(list))
    for document in context.read("ingest", ingest.DOCUMENTS, Document):
        corpus.texts.append((document.id, document.text))
        corpus.names[document.id] = f"{document.source}/{document.path}"
        if document.path in wanted or corpus.names[document.id] in wanted:
            corpus.named.append(document)
            corpus.chunks[document.id] = []
    for piece in context.read("chunk", chunk_stage.CHUNKS, Chunk):
        corpus.places[piece.id].append((piece.document_id, piece.start))
        if piece.document_id in corpus.chunks:
            corpus.chunks[piece.document_id].append(piece)
    return corpus


def repeated(examples: Sequence[Example]) -> Iterator[Example]:
    """Yield each example as often as its metadata say (`repeats`), once where they say nothing."""
    for example in examples:
        for _ in range(max(1, int(example.metadata.get(REPEATS) or 1))):
            yield example


def _members(division: Division) -> dict[str, list[Example]]:
    return {
        TRAIN: division.train,
        VALIDATION: division.validation,
        TEST_SEEN: division.test_seen_docs,
        TEST_UNSEEN: division.test_unseen_docs,
        TEST_YOURS: division.test_yours,
    }


def _account(
    context: Context, examples: Sequence[Example], division: Division, asked: Sequence[Asked]
) -> None:
    made = {name: members for name, members in _members(division).items() if name != TEST_YOURS}
    context.account(
        "examples",
        (one.id for one in examples),
        kept=(one.id for members in made.values() for one in members),
        rejected=(one.record_id for one in division.rejections),
    )
    numbered = {str(number): one for number, one in enumerate(asked, start=1)}
    context.account(
        "questions",
        list(numbered),
        kept=(number for number, one in numbered.items() if one.example_id),
        rejected=(number for number, one in numbered.items() if not one.example_id),
    )


def _write(
    context: Context,
    sets: Mapping[str, Sequence[Example]],
    dealt: Dealt,
    division: Division,
    leakage: Mapping[str, Any],
    asked: Sequence[Asked],
) -> None:
    for artefact, members in sets.items():
        context.write(artefact, members, Example)
        lines = write_lines(prompt_completion(example) for example in members)
        context.write_text(artefact.replace(".parquet", ".jsonl"), "".join(lines))
    context.write(ASSIGNMENTS, dealt.assignments, Assignment)
    context.write(REJECTIONS, division.rejections, Rejection)
    context.write_json(LEAKAGE, leakage)
    context.write_json(QUESTIONS, [one.model_dump(mode="json") for one in asked])


def _metrics(
    examples: Sequence[Example],
    sets: Mapping[str, Sequence[Example]],
    dealt: Dealt,
    division: Division,
    leakage: Mapping[str, Any],
    asked: Sequence[Asked],
) -> Metadata:
    found = leaks(leakage)
    return {
        "examples": len(examples),
        "rejected": len(division.rejections),
        "by_filter": dict(Counter(rejection.filter for rejection in division.rejections).most_common()),
        "sets": {name.removesuffix(".parquet"): len(members) for name, members in sets.items()},
        "repeated": len(sets[TRAIN]) - len(division.train),
        "by_task": {
            name.removesuffix(".parquet"): dict(Counter(example.task for example in members))
            for name, members in sets.items()
        },
        "documents": dict(Counter(assignment.split for assignment in dealt.assignments)),
        "leakage": {name: sum(found.get(name, {}).values()) for name in leakage["tests"]},
        "questions": {
            "tested": sum(bool(one.example_id) for one in asked),
            "untested": [[one.question, one.reason] for one in asked if not one.example_id],
            "lost": [[one.question, *one.lost] for one in asked if one.lost],
        },
    }


def summary(run: Run) -> str:
    """Return one line for people."""
    sets = run.metrics["sets"]
    found = sum(run.metrics["leakage"].values())
    yours = f", {sets['test_yours']:,} of your questions" if sets.get("test_yours") else ""
    counts = (
        f"{sets['train']:,} train, {sets['validation']:,} validation, "
        f"{sets['test_seen_docs']:,} test of seen and {sets['test_unseen_docs']:,} of unseen documents{yours}"
    )
    reasons = ", ".join(f"{number:,} {name}" for name, number in run.metrics["by_filter"].items())
    left_out = f", {run.metrics['rejected']:,} left out ({reasons})" if reasons else ""
    return f"{counts}{left_out}; {found} leaking"


STAGE = Stage(
    name="dataset",
    version=3,
    settings=Part,
    run=run,
    fingerprint=fingerprint,
    accounts=("examples", "questions"),
    needs=lambda _part: {
        "ingest": (ingest.DOCUMENTS,),
        "chunk": (chunk_stage.CHUNKS,),
        "curate": (curate.EXAMPLES,),
    },
)
