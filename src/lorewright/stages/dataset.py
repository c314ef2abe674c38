"""dataset: examples → train, validation and two test sets, the side of every document, and the proof of no leakage."""

from collections import Counter, defaultdict

from lorewright.core.context import Context
from lorewright.core.records import Assignment, Chunk, Document, Example, Metadata, Rejection, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Stage
from lorewright.datasets.formats import prompt_completion, write_lines
from lorewright.datasets.leakage import measure
from lorewright.datasets.split import assign_documents, divide
from lorewright.stages import chunk as chunk_stage
from lorewright.stages import curate, ingest
from lorewright.stages.dataset_settings import DatasetSettings
from lorewright.stages.settings import Settings

TRAIN = "train.parquet"
VALIDATION = "validation.parquet"
TEST_SEEN = "test_seen_docs.parquet"
TEST_UNSEEN = "test_unseen_docs.parquet"
SPLIT_FILES = (TRAIN, VALIDATION, TEST_SEEN, TEST_UNSEEN)
TESTS = {"seen-docs": TEST_SEEN, "unseen-docs": TEST_UNSEEN}
ASSIGNMENTS = "assignments.parquet"
REJECTIONS = "rejections.parquet"
LEAKAGE = "leakage.json"


class Part(Section):
    """What dataset takes from the settings tree."""

    dataset: DatasetSettings


def select(settings: Settings) -> Part:
    """Return dataset's part of the tree."""
    return Part(dataset=settings.dataset)


def run(part: Part, context: Context) -> Metadata:
    """Deal documents to sides, examples to sets, and measure what they share."""
    chosen = part.dataset
    documents = [(one.id, one.text) for one in context.read("ingest", ingest.DOCUMENTS, Document)]
    examples = list(context.read("curate", curate.EXAMPLES, Example))
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for piece in context.read("chunk", chunk_stage.CHUNKS, Chunk):
        places[piece.id].append((piece.document_id, piece.start))
    assignments = assign_documents(
        documents,
        examples,
        places,
        ratios=chosen.ratios,
        split_by=chosen.split_by,
        near_duplicate_threshold=chosen.near_duplicate_threshold,
        max_test_chars=chosen.max_test_chars,
        seed=chosen.seed,
    )
    division = divide(
        examples,
        assignments,
        places,
        seen_ratio=chosen.seen_ratio,
        near_duplicate_threshold=chosen.near_duplicate_threshold,
        seed=chosen.seed,
        split_by=chosen.split_by,
        min_examples=chosen.min_examples,
    )
    tests = {"seen-docs": division.test_seen_docs, "unseen-docs": division.test_unseen_docs}
    leakage = measure([*division.train, *division.validation], tests, places, split_by=chosen.split_by)
    sets = {
        TRAIN: division.train,
        VALIDATION: division.validation,
        TEST_SEEN: division.test_seen_docs,
        TEST_UNSEEN: division.test_unseen_docs,
    }
    context.account(
        "examples",
        (one.id for one in examples),
        kept=(one.id for members in sets.values() for one in members),
        rejected=(one.record_id for one in division.rejections),
    )
    for artefact, members in sets.items():
        context.write(artefact, members, Example)
        lines = write_lines(prompt_completion(example) for example in members)
        context.write_text(artefact.replace(".parquet", ".jsonl"), "".join(lines))
    context.write(ASSIGNMENTS, assignments, Assignment)
    context.write(REJECTIONS, division.rejections, Rejection)
    context.write_json(LEAKAGE, leakage)
    return {
        "examples": len(examples),
        "rejected": len(division.rejections),
        "by_filter": dict(Counter(rejection.filter for rejection in division.rejections).most_common()),
        "sets": {name.removesuffix(".parquet"): len(members) for name, members in sets.items()},
        "by_task": {
            name.removesuffix(".parquet"): dict(Counter(example.task for example in members))
            for name, members in sets.items()
        },
        "documents": dict(Counter(assignment.split for assignment in assignments)),
        "leakage": {name: figures["leaking_examples"] for name, figures in leakage["tests"].items()},
    }


def summary(run: Run) -> str:
    """Return one line for people."""
    sets = run.metrics["sets"]
    leaks = sum(run.metrics["leakage"].values())
    counts = (
        f"{sets['train']:,} train, {sets['validation']:,} validation, "
        f"{sets['test_seen_docs']:,} test of seen and {sets['test_unseen_docs']:,} of unseen documents"
    )
    return f"{counts}; {leaks} leaking"


STAGE = Stage(
    name="dataset",
    version=2,
    settings=Part,
    run=run,
    accounts=("examples",),
    needs=lambda _part: {
        "ingest": (ingest.DOCUMENTS,),
        "chunk": (chunk_stage.CHUNKS,),
        "curate": (curate.EXAMPLES,),
    },
)
