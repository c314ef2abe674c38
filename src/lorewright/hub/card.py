"""What a published corpus says about itself: its description, and the dataset card made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lorewright.hub.card_sources import hub_licences, sources_table
from lorewright.hub.markdown import count, table
from lorewright.hub.split_files import SplitFiles


@dataclass(frozen=True)
class Repository:
    """One source of a corpus.

    Attributes:
        commit: Empty outside git.
        changed: Whether files differed from the commit.
        documents: Documents that have a chunk.
        licences: Licence to the number of documents that state it; the empty one stands for none stated.
    """

    name: str
    commit: str
    changed: bool
    documents: int
    chunks: int
    licences: Mapping[str, int]


@dataclass(frozen=True)
class SplitCount:
    """Rows of a split and the documents they come from."""

    rows: int
    documents: int


@dataclass(frozen=True)
class Description:
    """What a corpus is made of; it holds nothing about the machine or the time it was made.

    Attributes:
        made_by: Program and release.
        runs: Stage to run id.
        rejected: Files that could not be read as documents.
        without_chunks: Documents that gave no chunk.
    """

    project: str
    made_by: str
    runs: Mapping[str, str]
    splits: Mapping[str, SplitCount]
    repositories: tuple[Repository, ...]
    rejected: int = 0
    without_chunks: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)


def dataset_card(described: Description, written: Mapping[str, SplitFiles], *, repo_id: str) -> str:
    """Return the README of a dataset on the Hub, front matter included.

    Args:
        written: The Parquet files of each split that has rows; the Hub's readers fail at one that has none.
        repo_id: `owner/name` it is published under.
    """
    from huggingface_hub.utils import yaml_dump  # type: ignore[attr-defined]

    head = yaml_dump(_front_matter(described, written), sort_keys=False)
    parts = [_opening(described), _loading(repo_id), _splits(described), _fields(described)]
    parts += [_repositories(described), _making(described)]
    return f"---\n{head}---\n\n" + "\n\n".join(parts) + "\n"


def _front_matter(described: Description, written: Mapping[str, SplitFiles]) -> dict[str, object]:
    files = [{"split": split, "path": list(one.files)} for split, one in written.items()]
    licences = hub_licences(described.repositories)
    return {
        "pretty_name": f"{described.project} corpus",
        **({"license": licences if len(licences) > 1 else licences[0]} if licences else {}),
        "tags": ["lorewright"],
        "configs": [{"config_name": "default", "data_files": files}],
    }


def _opening(described: Description) -> str:
    rows = sum(one.rows for one in described.splits.values())
    documents = sum(one.documents for one in described.splits.values())
    return (
        f"# {described.project} corpus\n\n"
        f"{count(rows, 'passage')} of {count(documents, 'document')}, cut where the structure of each "
        "document allows it. Every row says which repository, commit, file and lines or pages it stands in."
    )


def _loading(repo_id: str) -> str:
    return (
        "## Loading\n\n```python\nfrom datasets import load_dataset\n\n"
        f'corpus = load_dataset("{repo_id}")\n```\n\nPlaces with the same text have the same `chunk_id`.'
    )


def _splits(described: Description) -> str:
    rows = [(f"`{name}`", f"{one.rows:,}", f"{one.documents:,}") for name, one in described.splits.items()]
    empty = [f"`{name}`" for name, one in described.splits.items() if not one.rows]
    note = f"\n\n{', '.join(empty)} has no rows; `load_dataset` reads no empty split, so it is left out."
    return "## Splits\n\n" + table(("Split", "Rows", "Documents"), rows) + (note if empty else "")


def _fields(described: Description) -> str:
    rows = [(f"`{name}`", meaning) for name, meaning in described.fields.items()]
    return "## Fields\n\n" + table(("Field", "Meaning"), rows)


def _repositories(described: Description) -> str:
    counted = [(one, one.chunks) for one in described.repositories]
    return (
        "## Repositories\n\n"
        + sources_table(counted, noun="Repository", counted="Passages")
        + "\n\nThe texts stay under the licences of the repositories they come from."
    )


def _making(described: Description) -> str:
    runs = ", ".join(f"{stage} `{run}`" for stage, run in described.runs.items())
    left_out = (
        f"{count(described.rejected, 'file')} could not be read and "
        f"{count(described.without_chunks, 'document')} gave no passage; they are not in here."
    )
    return f"## How it was made\n\n{described.made_by}, from the runs {runs}. {left_out}"
