"""Forgetting: how much worse a tuned model knows general text than its base, over paragraphs."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from lorewright.core.errors import EvaluationError
from lorewright.core.ids import text_digest
from lorewright.evaluation.intervals import Interval, mean_interval, paired_difference

GENERAL = "general"
_TEXT = "general_text.txt"
Losses = Sequence[tuple[float, int]]
"""Sum of negative log-likelihoods in nats, and how many tokens, paragraph by paragraph."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of general text; `group` is the heading above it, such as a language."""

    id: str
    group: str
    text: str


@dataclass(frozen=True)
class Group:
    """The paragraphs under one heading: mean losses in nats a token."""

    name: str
    paragraphs: int
    base: float
    tuned: float


@dataclass(frozen=True)
class Forgetting:
    """What the two models make of general text.

    Attributes:
        base: Mean over paragraphs of the loss in nats a token.
        tuned: The same.
        difference: How much higher the tuned model's is, paired by paragraph.
        tokens: Over all paragraphs.
        groups: In the order of the text.
    """

    base: Interval
    tuned: Interval
    difference: Interval
    tokens: int
    groups: tuple[Group, ...]


def general_text() -> str:
    """Return the general text that comes with the program: written for it, in several languages and about much."""
    return files("lorewright.evaluation").joinpath(_TEXT).read_text(encoding="utf-8")


def paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of a text, each once; blank lines part them.

    A paragraph of one line that begins with `# ` is the heading of those after it; lines that begin with `#!` are
    remarks.
    """
    found: dict[str, Paragraph] = {}
    group = ""
    for block in _blocks(text):
        if block.startswith("# ") and "\n" not in block:
            group = block[2:].strip()
        else:
            found.setdefault(text_digest(block), Paragraph(text_digest(block), group, block))
    return list(found.values())


def forgetting(measured: Sequence[Paragraph], *, base: Losses, tuned: Losses) -> Forgetting:
    """Return how the losses of two models with one tokenizer compare.

    Args:
        measured: The paragraphs, each a cluster of its own.
        base: Losses of the base.
        tuned: Losses of the tuned model.

    Raises:
        EvaluationError: No paragraph has a token to be measured on, or the two saw different tokens.
    """
    kept = [
        (one, before, after)
        for one, before, after in zip(measured, base, tuned, strict=True)
        if before[1] and after[1]
    ]
    if not kept:
        raise EvaluationError(
            "The general text has no paragraph of two tokens or more.",
            "name another evaluation.forgetting.text",
        )
    unequal = next((one for one, before, after in kept if before[1] != after[1]), None)
    if unequal is not None:
        raise EvaluationError(
            f"Base and tuned model cut the paragraph {unequal.text[:40]!r} into different tokens.",
            "their losses cannot be compared; train on the base as it is",
        )
    before = {one.id: nats / tokens for one, (nats, tokens), _ in kept}
    after = {one.id: nats / tokens for one, _, (nats, tokens) in kept}
    return Forgetting(
        base=mean_interval(before, {}, bounds=(0.0, None)),
        tuned=mean_interval(after, {}, bounds=(0.0, None)),
        difference=paired_difference(after, before, {}, span=None),
        tokens=sum(tokens for _, (_, tokens), _ in kept),
        groups=tuple(_groups([one for one, _, _ in kept], before, after)),
    )


def perplexity(loss: float) -> float:
    """Return the perplexity of a loss in nats a token: one in how many tokens it is like guessing."""
    return math.exp(min(loss, 700.0))


def _blocks(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            lines += [] if line.startswith("#!") else [line.rstrip()]
        elif lines:
            yield "\n".join(lines)
            lines = []


def _groups(
    measured: Sequence[Paragraph], before: Mapping[str, float], after: Mapping[str, float]
) -> Iterator[Group]:
    for name in dict.fromkeys(one.group for one in measured):
        ids = [one.id for one in measured if one.group == name]
        yield Group(
            name,
            len(ids),
            sum(before[one] for one in ids) / len(ids),
            sum(after[one] for one in ids) / len(ids),
        )
