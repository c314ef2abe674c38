"""Questions and answers a repository: those of documents, those of code, both together, and both with their passage."""

from pathlib import PurePosixPath

from lorewright.core.records import Example
from lorewright.datasets.formats.format import TRAIN, Entry, Format, Row, SourcePlace, training_only
from lorewright.datasets.formats.provenance import made_again
from lorewright.datasets.formats.turns import Pair, messages_of, pair

DOCS_FILE, CODE_FILE, MERGED_FILE = "docs_qa.jsonl", "code_qa.jsonl", "merged_qa.jsonl"
WHOLE_SUFFIX = "_qa.jsonl"
PREVIEW_CHARS = 200
_SOURCE_FIELDS = ("source_file", "source_repo", "generated_at", "source_strategy", "original_chunk_preview")


def repository_folder(name: str) -> str:
    """Return the name of a repository as that of a folder: `owner/name` is `owner-name`."""
    return name.replace("/", "-").replace("\\", "-").strip(".") or "repository"


def source_of(example: Example) -> SourcePlace | None:
    """Return what the metadata of an example that was read from such a file says about its passage."""
    told = {name: example.metadata.get(name) for name in _SOURCE_FIELDS}
    repository, path = told["source_repo"], told["source_file"]
    if not isinstance(repository, str) or not isinstance(path, str) or not repository:
        return None
    strategy = str(told["source_strategy"] or "")
    return SourcePlace(
        repository=repository,
        path=path,
        is_code=strategy.startswith("code_"),
        strategy=strategy,
        preview=str(told["original_chunk_preview"] or ""),
    )


def _objection(entry: Entry) -> str:
    one = pair(entry.example)
    if said := training_only(entry):
        return said
    if isinstance(one, str):
        return one
    asked = entry.example.metadata.get("question")
    if asked and str(asked) != one.question:
        return "its prompt shows passages, for which this format has no place"
    source = entry.source
    if source is None:
        return "nothing says which repository it is from"
    if not source.path or PurePosixPath(source.path).is_absolute():
        return f"the path of its file, {source.path!r}, is not relative to a repository"
    return ""


def _rows(entry: Entry) -> tuple[tuple[str, Row], ...]:
    one, source = pair(entry.example), entry.source
    if isinstance(one, str) or source is None:
        raise TypeError(_objection(entry))
    row = {
        "question": one.question,
        "answer": one.answer,
        "source_file": source.path,
        "source_repo": source.repository,
        "generated_at": entry.made_at,
    }
    whole = {**row, "source_strategy": source.strategy, "original_chunk_preview": source.preview}
    folder = repository_folder(source.repository)
    return (
        (f"{folder}/{CODE_FILE if source.is_code else DOCS_FILE}", row),
        (f"{folder}/{MERGED_FILE}", row),
        (f"{folder}{WHOLE_SUFFIX}", whole),
    )


def _read(row: Row) -> Example:
    told = {name: row[name] for name in _SOURCE_FIELDS if row.get(name)}
    return made_again(messages_of(Pair(None, row["question"], row["answer"])), metadata=told)


def _read_from(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Take of each repository the file that has all, else the merged one, else what it was merged of."""
    whole = [name for name in names if name.endswith(WHOLE_SUFFIX) and "/" not in name]
    told = {name.removesuffix(WHOLE_SUFFIX) for name in whole}
    rest: dict[str, set[str]] = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        if file in {DOCS_FILE, CODE_FILE, MERGED_FILE} and folder and folder not in told:
            rest.setdefault(folder, set()).add(file)
    parts = [
        f"{folder}/{file}"
        for folder, files in rest.items()
        for file in sorted({MERGED_FILE} if MERGED_FILE in files else files)
    ]
    return tuple((TRAIN, name) for name in sorted([*whole, *parts]))


REPOSITORY_PAIRS = Format(
    name="qa",
    about="`question` and `answer` a repository: `REPO_qa.jsonl`, `REPO/docs_qa.jsonl`, `code_qa`, `merged_qa`.",
    rows=_rows,
    read=_read,
    read_from=_read_from,
    objection=_objection,
    needs_source=True,
)
