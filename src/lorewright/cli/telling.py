"""Telling an answer: a model's as it is being written, and what belongs below it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorewright.cli.ask_view import render_answer, render_below
from lorewright.cli.waiting import waiting
from lorewright.core.errors import LoreError
from lorewright.core.printable import printable
from lorewright.llm.citing import marks
from lorewright.retrieval.answer import Answer
from lorewright.stages.ask import Reply, finished

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Told:
    """An answer that was printed, as far as it came.

    Attributes:
        answer: With its text.
        stopped: Whether Ctrl-C ended it.
        failure: What ended it, if it ended too early.
    """

    answer: Answer
    stopped: bool = False
    failure: LoreError | None = None


def tell(reply: Reply, console: "Console", *, stemming: str = "english", whole: bool = False) -> Told:
    """Print an answer and what belongs below it; of one that is broken off, what came stays on the screen.

    Args:
        reply: The answer.
        console: Where to.
        stemming: Of the index.
        whole: Print each passage whole below its citation.
    """
    if reply.pieces is None:
        render_answer(reply.answer, console, stemming=stemming, whole=whole)
        return Told(reply.answer)
    told = _print_pieces(reply, reply.pieces, console)
    answer = told.answer
    broken_off = told.stopped or told.failure is not None
    if broken_off and not marks(answer.text):
        return told
    if answer.text and answer.passages:
        console.print()
    render_below(answer, console, model=reply.model, stemming=stemming, whole=whole)
    return told


def _print_pieces(reply: Reply, pieces: Iterator[str], console: "Console") -> Told:
    from lorewright.cli.word_wrap import WordWrap

    wrap = WordWrap(console.width if console.is_terminal else None)
    said: list[str] = []
    stopped, failure = False, None
    with hung_up(pieces):
        try:
            with waiting(f"{reply.model} is reading"):
                piece = next(pieces, None)
            while piece is not None:
                said.append(piece)
                _put(wrap.feed(printable(piece)), console)
                piece = next(pieces, None)
        except KeyboardInterrupt:
            stopped = True
        except LoreError as error:
            failure = error
    _put(wrap.end(), console)
    text = "".join(said).strip()
    if text or stopped:
        console.print()
    return Told(finished(reply, text), stopped, failure)


def _put(text: str, console: "Console") -> None:
    if text:
        console.print(text, end="", markup=False, highlight=False, soft_wrap=True)
        console.file.flush()


@contextmanager
def hung_up(pieces: Iterator[str]) -> Iterator[None]:
    """Close an answer's stream at the end of the block, and with it the connection that it comes through."""
    try:
        yield
    finally:
        if (close := getattr(pieces, "close", None)) is not None:
            close()
