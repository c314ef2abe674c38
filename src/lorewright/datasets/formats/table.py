"""A table of everything: the folder of `datasets.load_from_disk`, and the Parquet files of the Hub."""

import json

import pyarrow as pa

from lorewright.core.records import Evidence, Example
from lorewright.datasets.formats.conversations import prompt_completion
from lorewright.datasets.formats.format import WHOLE, Entry, Format, Row
from lorewright.datasets.formats.lines import json_text
from lorewright.datasets.formats.provenance import made_again
from lorewright.datasets.formats.turns import turns

_TURNS = pa.list_(pa.struct([("role", pa.string()), ("content", pa.large_string())]))
_EVIDENCE = pa.struct(
    [("chunk_id", pa.string()), ("start", pa.int64()), ("end", pa.int64()), ("quote", pa.large_string())]
)
FIELDS = (
    ("prompt", _TURNS, "All turns before the answer."),
    ("completion", _TURNS, "The answer, as one turn."),
    ("id", pa.string(), "Hash of task, conversation and evidence."),
    ("task", pa.string(), "What kind of example it is."),
    ("origin", pa.string(), "What made it: `extractive`, `provider/model`, `feedback`, `query` or `import`."),
    ("group", pa.string(), "Examples of one group are in one split."),
    ("evidence", pa.list_(_EVIDENCE), "The passages that support the answer, quoted."),
    ("metadata", pa.large_string(), "The rest, as JSON."),
)
SCHEMA = pa.schema([(name, kind) for name, kind, _ in FIELDS])


def table_row(example: Example) -> Row:
    """Return the row of an example."""
    return {
        **prompt_completion(example),
        "id": example.id,
        "task": example.task,
        "origin": example.origin,
        "group": example.group,
        "evidence": [piece.model_dump() for piece in example.evidence],
        "metadata": json_text(example.metadata),
    }


def _rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    return ((entry.split, table_row(entry.example)),)


def _read(row: Row) -> Example:
    made = made_again(
        (*(turns(row["prompt"]) if row["prompt"] else ()), *turns(row["completion"])),
        task=row["task"],
        origin=row["origin"],
        evidence=[Evidence.model_validate(piece) for piece in row["evidence"]],
        metadata=json.loads(row["metadata"]),
    )
    return made.model_copy(update={"group": row["group"]})


def _read_from(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name.partition("/")[0], name) for name in names if name.endswith(".arrow"))


DATASET_DICT = Format(
    name="dataset-dict",
    about="A folder for `datasets.load_from_disk`, with everything an example has; train on `prompt`, `completion`.",
    rows=_rows,
    read=_read,
    read_from=_read_from,
    holds=WHOLE,
    schema=SCHEMA,
)
