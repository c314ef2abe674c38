"""dataset export, import, inspect, push: datasets in and out of the forms that other programs read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from lorewright.cli.pushing import push_options
from lorewright.cli.session import Session, dry_run_option, json_option, set_option, with_session

if TYPE_CHECKING:
    from lorewright.core.workspace import Workspace
    from lorewright.stages.dataset_sets import Sets
    from lorewright.stages.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


class Where(NamedTuple):
    """Where datasets lie: in a project, or in any folder.

    Attributes:
        root: Holds `datasets/`.
        name: Of the project's dataset; empty where there is no project.
        workspace: The project's.
        settings: The project's.
    """

    root: Path
    name: str
    workspace: "Workspace | None"
    settings: "Settings | None"


def where(session: Session, assignments: tuple[str, ...]) -> Where:
    """Return where a command looks for datasets."""
    from lorewright.core.errors import NotFoundError
    from lorewright.core.workspace import Workspace, find_project
    from lorewright.stages.dataset_card import dataset_name

    try:
        root = find_project(session.start)
    except NotFoundError:
        return Where(session.start.resolve(), "", None, None)
    settings = session.settings(assignments)
    return Where(root, dataset_name(settings), Workspace(root), settings)


def _chosen(session: Session, place: Where, text: str, *, quiet: bool) -> "tuple[Sets, str]":
    """Return the sets of a version, and a name for a folder made of them.

    It is those of the run, brought up to date, where that is asked for or there is no version.
    """
    from lorewright.cli.stages import bring_and_tell
    from lorewright.stages.dataset_sets import RUN, find_sets, run_sets
    from lorewright.stages.dataset_versions import versions

    wants_run = text == RUN or (not text and not versions(place.root, place.name))
    if wants_run and place.workspace is not None and place.settings is not None:
        runs = bring_and_tell(session, place.settings, "dataset", quiet=quiet)
        # The id of the run in the name would leave a folder of each.
        return run_sets(place.workspace, runs["dataset"]), f"{place.name}-{RUN}"
    found = find_sets(place.root, text, name=place.name, workspace=place.workspace)
    return found, found.label.replace("/", "-")


def _mapped(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    for value, (what, equals, column) in zip(values, pairs, strict=True):
        if not what.strip() or not equals or not column:
            message = f"{value!r} is not WHAT=COLUMN, for example --map question=Frage"
            raise click.BadParameter(message)
    return {what.strip(): column for what, _, column in pairs}


def _ratios(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[float, float, float] | None:
    if value is None:
        return None
    try:
        train, validation, test = (float(part) for part in value.split(","))
    except ValueError:
        message = f"{value!r} is not three shares, for example 0.8,0.1,0.1"
        raise click.BadParameter(message) from None
    if min(train, validation, test) < 0 or abs(train + validation + test - 1) > 1e-6:
        message = f"{value!r} are no shares of train, validation and test: they add up to 1"
        raise click.BadParameter(message)
    return train, validation, test


@click.command("export")
@click.option("--format", "names", multiple=True, metavar="NAME", help="Of a format; repeatable.")
@click.option("--out", metavar="DIR", help="The folder to write; exports/DATASET/NAME if left out.")
@click.option(
    "--version", "version", default="", metavar="vN|run", help="What to export; the newest version."
)
@click.option("--list", "listed", is_flag=True, help="Show all formats and what each cannot hold.")
@click.option("--force", is_flag=True, help="Replace a folder that holds something else.")
@dry_run_option
@set_option
@json_option
@with_session
def export_command(
    session: Session,
    names: tuple[str, ...],
    out: str | None,
    version: str,
    listed: bool,
    force: bool,
    dry_run: bool,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a dataset in the formats that other programs read.

    What a format cannot hold is counted; examples that it cannot hold at all are listed in left_out.jsonl. One format
    goes into DIR, several into a folder each below it; what an earlier export left there is replaced when the new one
    is whole. Where there is no version yet, the examples are brought up to date first.

    \b
    Examples:
      lore dataset export --list
      lore dataset export --format messages
      lore dataset export --format alpaca --format csv --version v2 --out ~/data
      lore dataset export --format qa --version run --dry-run
    """
    from lorewright.cli.dataset_files_view import print_exports, print_formats
    from lorewright.core.errors import ConfigError, DatasetError
    from lorewright.datasets.formats import FORMATS
    from lorewright.stages.dataset_export import export_sets, folders_for, foretell, formats_told

    if listed:
        told = formats_told()
        click.echo(_json(told)) if as_json else print_formats(session.console, told)
        return
    known = FORMATS.names()
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None or not names:
        said = f"There is no format {unknown!r}." if unknown is not None else "No format is named."
        raise ConfigError(
            said, f"--format takes {', '.join(known)}; lore dataset export --list tells about them"
        )
    place = where(session, assignments)
    sets, named = _chosen(session, place, version, quiet=as_json)
    folder = Path(out) if out else place.root / "exports" / named
    needed = [place.root, place.root / "datasets", Path.cwd(), Path.home(), *_sources(place)]
    folders = folders_for(names, folder, needed=needed, force=force, apart=out is None)
    act = foretell if dry_run else export_sets
    made = act(sets, folders, reporter=session.reporter)
    if as_json:
        told_exports = {"from": sets.label, "dry_run": dry_run, "exports": [one.told() for one in made]}
        click.echo(_json(told_exports))
    else:
        print_exports(session.console, sets.label, made, dry_run=dry_run)
    problem = next((one.problem for one in made if one.problem), "")
    if problem:
        raise DatasetError(problem, "choose another format; lore dataset export --list tells what each holds")


def _sources(place: Where) -> list[Path]:
    """Return the folders that a project's documents are read from."""
    if place.settings is None:
        return []
    named = [one.path or one.repos or one.pdfs for one in place.settings.sources]
    return [(place.root / Path(name).expanduser()).resolve() for name in named if name]


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--name", metavar="NAME", help="Of the dataset; made of the first file's name if left out.")
@click.option(
    "--map",
    "given",
    multiple=True,
    callback=_mapped,
    metavar="WHAT=COLUMN",
    help="Which column holds the question, answer, context, system, messages, chosen, rejected or task.",
)
@click.option("--task", default="qa", show_default=True, help="Task of rows that name none.")
@click.option("--split-by", default="", metavar="COLUMN", help="Rows with the same value stay in one set.")
@click.option(
    "--ratios",
    callback=_ratios,
    metavar="A,B,C",
    help="Shares of train, validation and test, e.g. 0.8,0.1,0.1.",
)
@dry_run_option
@set_option
@json_option
@with_session
def import_command(
    session: Session,
    files: tuple[str, ...],
    name: str | None,
    given: dict[str, str],
    task: str,
    split_by: str,
    ratios: tuple[float, float, float] | None,
    dry_run: bool,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a version of a dataset of other programs' files; no project is needed.

    JSON lines, JSON, CSV, TSV and Parquet are read, also gzipped: Alpaca, ShareGPT, messages, prompt and completion,
    question and answer, preference pairs. Columns are found by their names; all others become metadata. Rows that are
    no conversation are listed with their lines in rejections.jsonl. Near-duplicate questions stay in one set.

    \b
    Examples:
      lore dataset import faq.csv --dry-run
      lore dataset import faq.csv --map question=Frage --map answer=Antwort
      lore dataset import train.jsonl.gz --name support --split-by customer --ratios 0.9,0.05,0.05
    """
    from lorewright.cli.dataset_files_view import print_import
    from lorewright.stages.dataset_import import deal, import_settings, publish_import
    from lorewright.stages.dataset_versions import version_name

    paths = [Path(file).expanduser() for file in files]
    chosen = version_name(name or paths[0].name.partition(".")[0])
    root, settings = import_settings(session.start, assignments)
    if ratios is not None:
        settings = settings.model_copy(
            update={"dataset": settings.dataset.model_copy(update={"ratios": ratios})}
        )
    dealt = deal(
        paths, given=given, task=task, split_by=split_by, settings=settings, reporter=session.reporter
    )
    version = None
    if not dry_run:
        version = publish_import(
            dealt, root=root, name=chosen, split_by=split_by, settings=settings, reporter=session.reporter
        )
    if as_json:
        made = None if version is None else {"version": version.label, "folder": str(version.folder)}
        click.echo(_json({"dry_run": dry_run, "made": made, **dealt.told()}))
    else:
        print_import(session.console, dealt, version, name=chosen)


@click.command("inspect")
@click.argument("what", nargs=-1, metavar="[VERSION|run|FILE...]")
@click.option("--tokenizer", metavar="NAME", help="A model's folder or Hub name; training.base if left out.")
@set_option
@json_option
@with_session
def inspect_command(
    session: Session,
    what: tuple[str, ...],
    tokenizer: str | None,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show how long examples are for the model that will be trained, and what would be lost by its limit.

    Lengths are counted by the code that trains, chat template and end marks included.

    \b
    Examples:
      lore dataset inspect
      lore dataset inspect v2 --tokenizer Qwen/Qwen3-0.6B
      lore dataset inspect faq.csv --tokenizer ./model --set training.max_length=512 --json
    """
    from lorewright.cli.dataset_files_view import print_inspection
    from lorewright.stages.dataset_inspect import (
        Reader,
        inspect_files,
        inspect_sets,
        inspect_settings,
        tokenizer_folder,
    )
    from lorewright.stages.dataset_sets import RUN, named_version

    place = where(session, assignments)
    paths = [Path(one).expanduser() for one in what]
    are_files = bool(paths) and all(_is_data(path) for path in paths)
    if len(what) > 1 and not are_files:
        missing = next(path for path in paths if not _is_data(path))
        message = f"{missing} is no file; only files can be inspected together"
        raise click.UsageError(message)
    text = "".join(what)
    if text not in {"", RUN} and not are_files:
        named_version(place.root, text, name=place.name)
    training = inspect_settings(place.settings, assignments)
    named = tokenizer or training.base
    seen_from = Path.cwd() if tokenizer else place.root
    folder = tokenizer_folder(named, workspace=place.workspace, project_dir=seen_from)
    reader = Reader(folder, named, training.max_length)
    if are_files:
        found = inspect_files(paths, reader, reporter=session.reporter)
    else:
        sets, _ = _chosen(session, place, text, quiet=as_json)
        found = inspect_sets(sets, reader, reporter=session.reporter)
    click.echo(_json(found.told())) if as_json else print_inspection(session.console, found)


def _is_data(path: Path) -> bool:
    """Tell a file, or an exported folder, from the folder of a version."""
    from lorewright.stages.dataset_versions import FACTS

    return path.is_file() or (path.is_dir() and not (path / FACTS).is_file())


@click.command("push")
@push_options
@click.option("--version", "version", default="", metavar="vN", help="What to push; the newest version.")
@set_option
@json_option
@with_session
def push_command(
    session: Session,
    repo_id: str,
    version: str,
    private: bool,
    force: bool,
    dry_run: bool,
    assignments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Push a version with its card to the Hugging Face Hub.

    Card and data of the dataset there are replaced in one commit; its history keeps the old ones. The token comes from
    HF_TOKEN or from `hf auth login`; HF_ENDPOINT names another server.

    \b
    Examples:
      lore dataset push --repo-id acme/handbook --private
      lore dataset push --repo-id acme/handbook --version v2 --dry-run
    """
    from dataclasses import asdict

    from lorewright.cli.dataset_files_view import print_pushed
    from lorewright.hub.datasets import check_access, check_repo_id
    from lorewright.stages.dataset_push import push_version
    from lorewright.stages.dataset_sets import named_version, require_whole

    check_repo_id(repo_id)
    place = where(session, assignments)
    chosen = named_version(place.root, version, name=place.name)
    require_whole(chosen)
    told: dict[str, Any] = {"version": chosen.label, "repo_id": repo_id, "sets": chosen.counts}
    if not dry_run:
        check_access(repo_id)
        pushed, size = push_version(
            chosen, repo_id=repo_id, private=private, force=force, reporter=session.reporter
        )
        told |= {**asdict(pushed), "bytes": size}
    click.echo(_json(told)) if as_json else print_pushed(session.console, told)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
