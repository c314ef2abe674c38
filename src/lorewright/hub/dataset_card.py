"""What a version of a dataset says about itself: its facts, and the card made of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lorewright.core.records import Example, Metadata, Rejection
from lorewright.hub.card_sources import hub_licences, sources_table
from lorewright.hub.loading_part import loading_part
from lorewright.hub.markdown import count, table

_MEANINGS = {
    "train": "Trained on.",
    "validation": "Watches the training and chooses when to stop.",
    "test_seen_docs": "Held-out questions about documents that are trained on, with other evidence.",
    "test_unseen_docs": "Documents that are nowhere in training.",
    "test_yours": "Your own questions; never trained on.",
    "test": "Held out.",
}
_LIMITS = (
    "Answers are as right as the documents they were made from, at the time these were read.",
    "Examples that no person reviewed were judged by the filters above alone; a fluent answer may still be wrong.",
)


@dataclass(frozen=True)
class SourceFacts:
    """One source of a dataset.

    Attributes:
        commit: Empty outside git.
        changed: Whether files differed from the commit.
        documents: Documents that an example is about.
        examples: Examples about them, copies not counted.
        licences: Licence to the number of those documents that state it; the empty one stands for none stated.
    """

    name: str
    commit: str = ""
    changed: bool = False
    documents: int = 0
    examples: int = 0
    licences: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What came into one step on the way to the dataset, what stayed, and how many each filter took."""

    name: str
    given: int
    kept: int
    taken: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class VersionFacts:
    """What whoever makes a version knows of it; all but the counts may be left out.

    Attributes:
        counts: Rows that each set will have, by its name.
        title: Of the card; the dataset's name where it is empty.
        made_by: Program, release and command.
        runs: Stage to run id.
        settings: Those that decided the content, as JSON values.
        sources: Where the examples come from.
        steps: The filters, in the order of the work.
        reviews: Decision of people to the number of examples that it decided.
        leakage: The proof, as `datasets.leakage.measure` returns it.
        documents: One JSON object a document that examples are about: `id`, `source`, `path`, `licence`, `examples`.
        rejections: What was left out, written as `rejections.jsonl` where there are any.
        notes: Sentences for "How it was made", in Markdown.
        limits: Sentences for "Limits", in Markdown.
        details: More facts for `dataset.json`, as JSON values.
        source_of: Says which source an example is from, for the counts.
    """

    counts: Mapping[str, int]
    title: str = ""
    made_by: str = ""
    runs: Mapping[str, str] = field(default_factory=dict)
    settings: Metadata = field(default_factory=dict)
    sources: Sequence[SourceFacts] = ()
    steps: Sequence[Step] = ()
    reviews: Mapping[str, int] = field(default_factory=dict)
    leakage: Metadata = field(default_factory=dict)
    documents: Sequence[Metadata] = ()
    rejections: Sequence[Rejection] = ()
    notes: Sequence[str] = ()
    limits: Sequence[str] = ()
    details: Metadata = field(default_factory=dict)
    source_of: Callable[[Example], str] | None = None


@dataclass(frozen=True)
class SetFacts:
    """One set as it was written: rows, different examples among them, and examples by what they are."""

    rows: int
    examples: int
    by_task: Mapping[str, int] = field(default_factory=dict)
    by_origin: Mapping[str, int] = field(default_factory=dict)
    by_source: Mapping[str, int] = field(default_factory=dict)


def version_card(name: str, number: int, facts: VersionFacts, sets: Mapping[str, SetFacts]) -> str:
    """Return the README of a version, with the front matter that `datasets` and the Hub read.

    Args:
        name: Of the dataset.
        number: Of the version.
        facts: What is known of it.
        sets: As written, by name; one without rows has no files, for `load_dataset` reads no empty split.
    """
    parts = [
        _opening(name, number, facts, sets),
        _sets(sets),
        _sources(facts),
        _filters(facts),
        _leakage(facts),
        _loading(name, number, sets),
        _making(facts),
        _limits(facts),
    ]
    body = "\n\n".join(part for part in parts if part)
    return f"---\n{_front_matter(name, facts, sets)}---\n\n{body}\n"


def _front_matter(name: str, facts: VersionFacts, sets: Mapping[str, SetFacts]) -> str:
    """Return YAML, each value spelled as JSON, which YAML 1.2 reads."""
    licences = hub_licences(facts.sources)
    lines = [f"pretty_name: {json.dumps(facts.title or name, ensure_ascii=False)}"]
    if licences:
        lines.append(f"license: {json.dumps(licences if len(licences) > 1 else licences[0])}")
    lines += ["tags:", "- lorewright", "configs:", "- config_name: default", "  data_files:"]
    for split, one in sets.items():
        if one.rows:
            lines += [f"  - split: {split}", f"    path: {split}.jsonl"]
    return "\n".join(lines) + "\n"


def _opening(name: str, number: int, facts: VersionFacts, sets: Mapping[str, SetFacts]) -> str:
    rows = sum(one.rows for one in sets.values())
    told = f"{count(rows, 'conversation')} to train and test a language model with"
    if facts.sources:
        documents = sum(one.documents for one in facts.sources)
        told += f", about {count(documents, 'document')} of {count(len(facts.sources), 'source')}"
    return (
        f"# {facts.title or name}, version {number}\n\n{told}. `SET.jsonl` holds conversational prompt-completion "
        "rows (`prompt`, `completion`), `SET.parquet` whole records: id, task, messages, the evidence quoted, group, "
        "origin and metadata."
    )


def _sets(sets: Mapping[str, SetFacts]) -> str:
    rows = [(f"`{name}`", f"{one.rows:,}", _MEANINGS.get(name, "")) for name, one in sets.items()]
    parts = ["## Sets", table(("Set", "Rows", "What it is for"), rows)]
    empty = [f"`{name}`" for name, one in sets.items() if not one.rows]
    if empty:
        parts.append(f"Without rows, hence without files: {', '.join(empty)}.")
    repeated = {name: one.rows - one.examples for name, one in sets.items() if one.rows > one.examples}
    parts += [
        f"`{name}` holds {count(extra, 'copy')} of examples that are repeated."
        for name, extra in repeated.items()
    ]
    for title, counts in (
        ("task", {name: one.by_task for name, one in sets.items()}),
        ("origin", {name: one.by_origin for name, one in sets.items()}),
        ("source", {name: one.by_source for name, one in sets.items()}),
    ):
        found = _crossed(title, counts)
        if found:
            parts.append(found)
    return "\n\n".join(parts)


def _crossed(title: str, counts: Mapping[str, Mapping[str, int]]) -> str:
    """Return a table of counts: a row a value, a column a set that has rows."""
    filled = [name for name, own in counts.items() if own]
    values = sorted({value for name in filled for value in counts[name]})
    if not values:
        return ""
    rows = [
        (f"`{value}`" if value else "none", *(f"{counts[name].get(value, 0):,}" for name in filled))
        for value in values
    ]
    return table((f"By {title}", *(f"`{name}`" for name in filled)), rows)


def _sources(facts: VersionFacts) -> str:
    if not facts.sources:
        return ""
    counted = [(one, one.examples) for one in facts.sources]
    return (
        "## Sources\n\n"
        + sources_table(counted, noun="Source", counted="Examples")
        + "\n\nThe texts stay under the licences of the sources they come from."
    )


def _filters(facts: VersionFacts) -> str:
    if not facts.steps and not facts.reviews:
        return ""
    rows = [
        (
            one.name,
            f"{one.given:,}",
            f"{one.kept:,}",
            ", ".join(f"{name} ({number:,})" for name, number in one.taken.items()) or "nothing",
        )
        for one in facts.steps
    ]
    parts = ["## Filters"]
    if rows:
        parts.append(table(("Step", "In", "Out", "Left out, by filter"), rows))
    if facts.reviews:
        decided = ", ".join(f"{decision} ({number:,})" for decision, number in facts.reviews.items())
        parts.append(f"Decided by people: {decided}.")
    elif facts.steps:
        parts.append("No person has reviewed an example.")
    return "\n\n".join(parts)


def _leakage(facts: VersionFacts) -> str:
    tests = facts.leakage.get("tests", {})
    if not tests:
        return ""
    heads = ("Test", "Examples", "Leaking", "Shared evidence", "Groups in training")
    rows = [
        (
            name,
            *(f"{one[key]:,}" for key in ("examples", "leaking_examples", "shared_spans", "shared_groups")),
        )
        for name, one in tests.items()
    ]
    common = facts.leakage.get("common_ngrams", {})
    return (
        f"## Leakage\n\nA test example leaks when it shares a run of {facts.leakage['ngram_words']} words with what "
        f"is trained on or validated with. Left out are {common.get('count', 0):,} runs that stand in more than "
        f"{common.get('more_than_groups', 0)} groups: common speech.\n\n" + table(heads, rows)
    )


def _loading(name: str, number: int, sets: Mapping[str, SetFacts]) -> str:
    folder = f"datasets/{name}/v{number}"
    records = f"{folder}/train.parquet"
    watched = sets.get("validation", SetFacts(0, 0)).rows > 0
    return loading_part(
        folder, records=records, axolotl={"path": records, "ds_type": "parquet"}, watched=watched
    )


def _making(facts: VersionFacts) -> str:
    runs = ", ".join(f"{stage} `{run}`" for stage, run in facts.runs.items())
    made = f"{facts.made_by}{f', from the runs {runs}' if runs else ''}."
    told = " ".join([made, *facts.notes])
    return f"## How it was made\n\n{told} `dataset.json` has the settings, the counts and the digests of all files."


def _limits(facts: VersionFacts) -> str:
    return "## Limits\n\n" + "\n".join(f"* {one}" for one in (*facts.limits, *_LIMITS))
