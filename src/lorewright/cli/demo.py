"""demo: the whole road in minutes, on documents that every machine has."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lorewright.cli.session import Session, with_session

if TYPE_CHECKING:
    from lorewright.core.records import Run
    from lorewright.stages.road import Step

_BEFORE = {
    "ingest": "Reading: every file becomes a document, or is left out with a reason",
    "chunk": "Cutting into passages, where the structure allows it",
    "index": "Indexing: from here on, questions have answers",
    "probe": "Asking the index about its own sections: how often it finds them, and when it does not know",
    "generate": "Making questions and answers from the documents' structure; no model is asked",
    "review": "Looking for what people decided about examples: nothing, in a demo",
    "curate": "Keeping what is well-formed, grounded and no twin of another",
    "dataset": "Dealing out: train, validation, and two tests that share nothing with them",
    "base": "Making a tiny base model from train-side documents (2.4M parameters: small, so that it takes minutes)",
    "train": "Training it on the examples",
    "evaluate": "Asking every system every test question",
    "export": "Exporting to GGUF, loading that in the real runtime, comparing",
}
_QUESTION = "How do I escape a string for the shell?"


@click.command()
@click.option(
    "--dir", "folder", default="demo", show_default=True, metavar="DIR", help="Where to make the project."
)
@click.option(
    "--path", "documents", default="", metavar="DIR", help="Your own documents instead of Python's."
)
@click.option(
    "--base", default="", metavar="MODEL", help="A real base model: a folder or a Hub name. With --path."
)
@with_session
def demo(session: Session, folder: str, documents: str, base: str) -> None:
    """See the whole road in minutes: documents, an answer, a trained model, an honest verdict.

    Uses the documentation of your own Python and task logs drawn from a seed. No GPU, no language model, no key and
    no network are needed. What it makes is an ordinary project; a second run finds everything up to date.

    \b
    Examples:
      lore demo
      lore demo --path ./docs
      lore demo --path ./docs --base Qwen/Qwen3-0.6B --dir demo-qwen
    """
    from lorewright.core.errors import ConfigError
    from lorewright.core.files import storage_errors
    from lorewright.stages.demo import make_project, own_project

    place = Path(folder)
    if base and not documents:
        raise ConfigError(
            f"--base {base} needs --path: the built-in demo is sized for the tiny base.",
            "lore demo --path DIR --base MODEL",
        )
    with storage_errors(f"making {place}"):
        if documents:
            own_project(place, Path(documents), base or "tiny")
        else:
            make_project(place)
    _walk(session, place, _QUESTION if not documents else "")


def _walk(session: Session, place: Path, question: str) -> None:
    from rich.markup import escape

    from lorewright.cli.stages import line_of
    from lorewright.cli.verdict_view import print_verdicts
    from lorewright.core.errors import ExportError
    from lorewright.stages.road import TRAINING, bring
    from lorewright.stages.settings import TINY

    inner = Session(str(place), "error")
    settings = inner.settings()
    began = time.monotonic()
    told: set[str] = set()
    console = session.console

    def before(step: "Step", fresh: bool) -> None:
        if fresh and step.stage.name not in told:
            own_base = step.stage.name == "base" and settings.training.base != TINY
            line = (
                f"Looking at the base model {settings.training.base}"
                if own_base
                else _BEFORE[step.stage.name]
            )
            console.print(f"[dim]{line}[/dim]", soft_wrap=True)

    def after(step: "Step", run: "Run", fresh: bool) -> None:
        if step.stage.name not in told:
            console.print(line_of(step, run, fresh), soft_wrap=True)
        told.add(step.stage.name)

    console.print(
        f"[bold]The project is {place}[/bold] [dim](an ordinary one: look at {place / 'lore.toml'})[/dim]"
    )
    bring(inner.workspace, settings, inner.reporter, upto="probe", before=before, done=after)
    if question:
        _ask(inner, question)
    bring(inner.workspace, settings, inner.reporter, upto="dataset", before=before, done=after)
    runs = bring(
        inner.workspace, settings, inner.reporter, upto="evaluate", asked=TRAINING, before=before, done=after
    )
    try:
        bring(
            inner.workspace,
            settings,
            inner.reporter,
            upto="export",
            asked=TRAINING,
            before=before,
            done=after,
        )
    except ExportError as refusal:
        # The gate is there to say no, and its no is a result of the demo like any other.
        console.print(f"[yellow]✗ export refused:[/yellow] {escape(refusal.message)}", soft_wrap=True)
    print_verdicts(inner, runs["evaluate"])
    console.print(f"[dim]{(time.monotonic() - began) / 60:.1f} minutes.[/dim]")
    _say_next(session, inner, place)


def _ask(inner: Session, question: str) -> None:
    from lorewright.cli.ask_view import render_answer
    from lorewright.stages.ask import answer_from_passages, open_retriever

    inner.console.print(f'\n[bold]$ lore ask "{question}"[/bold]')
    retriever = open_retriever(inner.workspace, inner.settings())
    render_answer(answer_from_passages(retriever, question, k=5), inner.console)
    inner.console.print()


def _say_next(session: Session, inner: Session, place: Path) -> None:
    from lorewright.core.records import Example
    from lorewright.core.tables import read_table
    from lorewright.stages.dataset import TEST_UNSEEN

    newest = inner.workspace.newest("dataset")
    example = ""
    if newest:
        path = inner.workspace.run_dir("dataset", newest.id) / TEST_UNSEEN
        example = next((one.id for one in read_table(path, Example)), "")
    lore = f"lore -C {place}"
    session.console.print("[cyan]next:[/cyan]")
    for command, what in (
        (f'{lore} ask "your question"', "ask more"),
        (f"{lore} chat", "talk to the model you just made"),
        (f"{lore} trace {example}", "follow a test question back to its lines"),
        (f"{lore} status", "see the road"),
        ("lore demo --path YOUR_DOCS --dir demo-own", "the same with your documents"),
    ):
        session.console.print(f"  {command:<48} [dim]{what}[/dim]", soft_wrap=True)
