"""show, cat, trace: look at what there is."""

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from lorewright.cli.session import Session, json_option, with_session

if TYPE_CHECKING:
    from pathlib import Path

    from lorewright.core.records import Document, Record, Run


_READABLE = (".parquet", ".json", ".jsonl", ".html")


@click.command()
@click.argument("name")
@json_option
@with_session
def show(session: Session, name: str, as_json: bool) -> None:
    """Show a run (by stage, id or ref), a document with its chunks (by path or id), a chunk or an example.

    Ids may be cut short. A document is named by its path, `source/path`, or the end of its path.

    \b
    Examples:
      lore show dataset
      lore show latest/train --json
      lore show core/tasks.rst
      lore show 3fa9c1
    """
    from lorewright.core.records import Document

    value = _named(session, name)
    if isinstance(value, Document):
        _show_document(session, value, as_json=as_json)
        return
    plain = value.model_dump(mode="json")
    if as_json:
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    from lorewright.cli.record_view import print_record

    print_record(session.console, plain)


def _named(session: Session, name: str) -> "Record":
    """Return the run, document, chunk or example that a name stands for."""
    from lorewright.core.errors import NotFoundError
    from lorewright.stages.borders import find_document, has_document
    from lorewright.stages.lookup import find_record

    try:
        return session.workspace.resolve(name)
    except NotFoundError as error:
        no_run = error
    try:
        if "/" in name or "." in name:
            return find_document(session.workspace, name)
        try:
            return find_record(session.workspace, name).record
        except NotFoundError:
            if has_document(session.workspace, name):
                return find_document(session.workspace, name)
            raise
    except NotFoundError as error:
        hint = f"`lore status` lists runs; {error.hint}"
        raise NotFoundError(f"{no_run.message} {error.message}", hint) from None


def _show_document(session: Session, document: "Document", *, as_json: bool) -> None:
    from lorewright.cli.document_view import print_document
    from lorewright.stages.borders import chunks_of

    chunks = chunks_of(session.workspace, document)
    if as_json:
        plain = document.model_dump(mode="json")
        plain["chunks"] = [one.model_dump(mode="json", exclude={"text"}) for one in chunks]
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    print_document(session.console, document, chunks)


@click.command()
@click.argument("name")
@click.option("--file", "artefact", default="", metavar="NAME", help="Which table; default: the run's first.")
@click.option("-n", "--limit", type=click.IntRange(1), help="Only so many lines.")
@with_session
def cat(session: Session, name: str, artefact: str, limit: int | None) -> None:
    """Print a table of a run as JSON lines.

    \b
    Examples:
      lore cat chunk | jq -r .text | head
      lore cat ingest --file rejections
      lore cat dataset --file test_unseen_docs -n 3
    """
    run = session.workspace.resolve(name)
    path = _artefact(session, run, artefact)
    if path.suffix != ".parquet":
        click.echo(path.read_text(encoding="utf-8"), nl=False)
        return
    for row in islice(_rows(path), limit):
        click.echo(json.dumps(row, ensure_ascii=False))


def _artefact(session: Session, run: "Run", wanted: str) -> "Path":
    from lorewright.core.errors import NotFoundError

    folder = session.workspace.run_dir(run.stage, run.id)
    readable = [name for name in run.outputs if name.endswith(_READABLE) and (folder / name).is_file()]
    chosen = [name for name in readable if not wanted or wanted in {name, name.rsplit(".", 1)[0]}]
    if not chosen:
        raise NotFoundError(
            f"The run {run.stage}/{run.id} has no table {wanted!r}.", f"it has: {', '.join(sorted(readable))}"
        )
    return folder / chosen[0]


def _rows(path: "Path") -> Any:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=512):
            for row in batch.to_pylist():
                if isinstance(row.get("metadata"), str):
                    row["metadata"] = json.loads(row["metadata"])
                yield row


@click.command()
@click.argument("example")
@json_option
@with_session
def trace(session: Session, example: str, as_json: bool) -> None:
    """Follow an example back: question, evidence, file and lines, commit, the runs and their settings.

    \b
    Examples:
      lore trace 3fa9c1d2
      lore trace 3fa9c1d2 --json | jq '.origins[0].path'
    """
    from lorewright.cli.record_view import print_trace
    from lorewright.stages.trace import as_json as trace_json
    from lorewright.stages.trace import trace as trace_example

    traced = trace_example(session.workspace, example)
    if as_json:
        click.echo(json.dumps(trace_json(traced), indent=2, ensure_ascii=False))
    else:
        print_trace(session.console, traced)
