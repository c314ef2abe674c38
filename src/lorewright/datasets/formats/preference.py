"""Preference pairs: the answer that a person wrote, and the one that it replaced."""

from lorewright.core.records import Example
from lorewright.datasets.formats.conversations import as_turns
from lorewright.datasets.formats.format import Entry, Format, Row, one_file_a_split
from lorewright.datasets.formats.provenance import made_again
from lorewright.datasets.formats.turns import turns

REPLACED_ANSWER = "replaced_answer"
"""Metadata of an example that a person edited: the answer that was not wanted."""


def _objection(entry: Entry) -> str:
    replaced = entry.example.metadata.get(REPLACED_ANSWER)
    if not isinstance(replaced, str) or not replaced:
        return "no person replaced its answer"
    if replaced == entry.example.messages[-1].content:
        return "its edit left the answer as it was"
    return "" if entry.example.messages[-1].role == "assistant" else "its last turn is no answer"


def _rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    said = as_turns(entry.example)
    row = {
        "prompt": said[:-1],
        "chosen": said[-1:],
        "rejected": [{"role": "assistant", "content": entry.example.metadata[REPLACED_ANSWER]}],
    }
    return ((f"{entry.split}.jsonl", row),)


def _read(row: Row) -> Example:
    prompt, chosen, rejected = (
        turns(row[name]) if row[name] else () for name in ("prompt", "chosen", "rejected")
    )
    return made_again((*prompt, *chosen), metadata={REPLACED_ANSWER: rejected[-1].content})


PREFERENCE = Format(
    name="preference",
    about="`prompt`, `chosen`, `rejected` as lists of turns, of answers that people replaced: TRL's DPOTrainer.",
    rows=_rows,
    read=_read,
    read_from=one_file_a_split(".jsonl"),
    objection=_objection,
    holds=frozenset({"system turn"}),
)
