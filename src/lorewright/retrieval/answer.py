"""An answer without a model: the words of the best passages that speak to the question, with citations."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from lorewright.core.records import PROSE_KINDS, Passage, Place, Record
from lorewright.retrieval.words import terms

READ_PASSAGES = 3
MAX_CHARS = 400
MIN_CHARS = 40
# How much a block is worth besides the words it shares with the question: chosen by the token F1 that `best_text`
# reaches on questions generated from two real documentations.
FIRST_BLOCK_BONUS = 0.25
HEADING_WEIGHT = 1.0
RANK_POWER = 2
SECOND_MIN_GAIN = 0.34

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_HEADING = re.compile(r"^#{1,6}\s|^\s*(=|-|~|\^|\*){4,}\s*$|^\s*<!--.*-->\s*$")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[^\sa-z])|(?<=[。！？])")
_PADDING = re.compile(r"[ \t]{2,}")
_RULE = re.compile(r"-{3,}")
_NO_LANGUAGE = frozenset({"log", "code"})
Stems = Callable[[str], list[str]]


class Citation(Record):
    """Where a numbered statement of an answer stands."""

    number: int
    chunk_id: str
    source: str
    path: str
    place: Place
    title: str
    headings: tuple[str, ...] = ()
    commit: str = ""

    @property
    def label(self) -> str:
        """`path:first-last`, or `path p. 3` for pages."""
        return f"{self.path}{' ' if self.place.unit == 'page' else ':'}{self.place}"

    @property
    def trail(self) -> str:
        """Title and headings from the top down, each once: `Tasks › Retries`."""
        return " › ".join(dict.fromkeys(name for name in (self.title, *self.headings) if name))


class Answer(Record):
    """What was found out about a question.

    Attributes:
        text: Markdown; `[n]` marks what citation n says. Empty when nothing was found, or the question is refused.
        passages: What was read, best first; citation n cites passage n.
        support: How likely it is that the documents answer, from 0 to 1; None where that was not learned.
        min_support: Below it a question is refused.
        refused: Whether the documents do not seem to answer; the passages are then the nearest ones.
    """

    question: str
    text: str
    passages: tuple[Passage, ...]
    citations: tuple[Citation, ...]
    support: float | None = None
    min_support: float = 0.0
    refused: bool = False


class _Block(NamedTuple):
    passage: int
    position: int
    text: str


def answer(
    question: str,
    passages: Sequence[Passage],
    *,
    stemming: str = "english",
    support: float | None = None,
    min_support: float = 0.0,
    max_chars: int = MAX_CHARS,
) -> Answer:
    """Return the best block of the best passages, and a second one where it adds words of the question, each cited.

    Args:
        question: What was asked.
        passages: Best first, as `best_passages` returns them.
        stemming: Of the index, so that words count as one as they do there.
        support: How likely it is that the documents answer, as `Evidence.support` returns it.
        min_support: With less than it the question is refused and nothing said.
        max_chars: Of each quoted block.
    """
    refused = support is not None and support < min_support
    said = [] if refused else _extract(question, passages, stemming=stemming, max_chars=max_chars)
    return Answer(
        question=question,
        text="\n\n".join(_mark(text, passage + 1) for passage, text in said),
        passages=tuple(passages),
        citations=cite(passages),
        support=support,
        min_support=min_support,
        refused=refused,
    )


def best_text(
    question: str, passages: Sequence[Passage], *, stemming: str = "english", max_chars: int = MAX_CHARS
) -> str:
    """Return what `answer` quotes first, without marks: retrieval alone, as a system to be compared with."""
    extracts = _extract(question, passages, stemming=stemming, max_chars=max_chars)
    return extracts[0][1] if extracts else ""


def cite(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """Return a citation of each passage, numbered from 1 in order."""
    return tuple(
        Citation(
            number=number,
            chunk_id=passage.chunk_id,
            source=passage.source,
            path=passage.path,
            place=passage.place,
            title=passage.title,
            headings=passage.headings,
            commit=passage.commit,
        )
        for number, passage in enumerate(passages, start=1)
    )


def _extract(
    question: str, passages: Sequence[Passage], *, stemming: str, max_chars: int
) -> list[tuple[int, str]]:
    """Return quoted texts with the number from 0 of the passage each is from."""
    stems: Stems = partial(terms, stemming=stemming)
    asked = stems(question)
    blocks = [
        block
        for number, passage in enumerate(passages[:READ_PASSAGES])
        for block in _blocks(number, passage, stems)
    ]
    chosen = _choose(asked, passages, blocks, stems)
    return [(block.passage, _quoted(block, blocks, asked, stems, max_chars)) for block in chosen]


def _choose(
    asked: Sequence[str], passages: Sequence[Passage], blocks: Sequence[_Block], stems: Stems
) -> list[_Block]:
    """Return the block that covers most of what was asked, and one more that covers enough of the rest."""
    if not blocks:
        return []
    said = [set(stems(block.text)) for block in blocks]
    named = [set(stems(" ".join([passage.title, *passage.headings]))) for passage in passages[:READ_PASSAGES]]
    spread = Counter(term for block_terms in said for term in block_terms)
    weights = {term: math.log(1 + len(blocks) / (1 + spread[term])) for term in asked}
    total = sum(weights.values()) or 1.0

    def covered(words: set[str]) -> float:
        return sum(weight for term, weight in weights.items() if term in words) / total

    def worth(number: int) -> float:
        block = blocks[number]
        share = covered(said[number])
        context = covered(named[block.passage] - said[number])
        prior = (passages[block.passage].score / (passages[0].score or 1.0)) ** RANK_POWER
        first = FIRST_BLOCK_BONUS if block.position == 0 else 0.0
        return (share + HEADING_WEIGHT * context + first) * prior

    best = max(range(len(blocks)), key=lambda number: (worth(number), -number))
    known = said[best] | named[blocks[best].passage]
    others = [number for number in range(len(blocks)) if blocks[number].passage != blocks[best].passage]
    second = max(others, key=lambda number: (covered(said[number] - known), -number), default=None)
    if second is None or covered(said[second] - known) < SECOND_MIN_GAIN:
        return [blocks[best]]
    return [blocks[best], blocks[second]]


def _quoted(
    block: _Block, blocks: Sequence[_Block], asked: Sequence[str], stems: Stems, max_chars: int
) -> str:
    """Return a block within a budget, with what follows it where it announces that or is very short."""
    text = _shortened(block.text, asked, stems, max_chars)
    following = [
        other for other in blocks if other.passage == block.passage and other.position > block.position
    ]
    for other in following:
        if len(text) >= MIN_CHARS and not text.endswith(":"):
            break
        text = f"{text}\n\n{_shortened(other.text, asked, stems, max_chars)}"
    return text


def _shortened(text: str, asked: Sequence[str], stems: Stems, max_chars: int) -> str:
    if text.lstrip().startswith("|"):
        return _best_rows(text.splitlines(), asked, stems, max_chars)
    if len(text) <= max_chars:
        return text
    if _FENCE.match(text):
        fence = text.splitlines()[-1]
        return f"{_whole_lines(text, max_chars)}\n{fence}"
    lines = text.splitlines()
    if len(lines) > 1 and max(map(len, lines)) < max_chars // 2:
        return "\n".join(_best_run(lines, asked, stems, max_chars))
    return " ".join(_best_run(_SENTENCE_END.split(text), asked, stems, max_chars))


def _best_rows(lines: Sequence[str], asked: Sequence[str], stems: Stems, max_chars: int) -> str:
    """Return a table's header, if it has one, and the rows with most words of the question, without padding."""
    rows = [_PADDING.sub(" ", _RULE.sub("---", line.strip())) for line in lines]
    header = rows[:2] if len(rows) > 2 and "---" in rows[1] else []
    counts = [len(set(asked) & set(stems(row))) for row in rows[len(header) :]]
    best = [row for row, count in zip(rows[len(header) :], counts, strict=True) if count == max(counts)]
    kept: list[str] = []
    for row in best:
        if kept and sum(map(len, kept)) + len(row) > max_chars:
            break
        kept.append(row)
    return "\n".join([*header, *kept])


def _whole_lines(text: str, max_chars: int) -> str:
    cut = text.rfind("\n", 0, max_chars)
    return text[: cut if cut > 0 else max_chars]


def _best_run(parts: Sequence[str], asked: Sequence[str], stems: Stems, max_chars: int) -> list[str]:
    """Return the part with most words of the question and its followers, as many as fit; one part at least."""
    wanted = set(asked)
    start = max(
        range(len(parts)), key=lambda number: (len(wanted & set(stems(parts[number]))), -number), default=0
    )
    run: list[str] = []
    room = max_chars
    for part in parts[start:]:
        if run and len(part) > room:
            break
        run.append(part[:max_chars])
        room -= len(part) + 1
    return run


def _mark(text: str, number: int) -> str:
    """Return a text with its citation mark, on a line of its own after a code fence or a table, as Markdown needs."""
    last = text.rsplit("\n", 1)[-1]
    apart = "\n\n" if _FENCE.match(last) or last.lstrip().startswith("|") else " "
    return f"{text}{apart}[{number}]"


def _blocks(number: int, passage: Passage, stems: Stems) -> list[_Block]:
    if passage.kind not in PROSE_KINDS:
        language = "" if passage.kind in _NO_LANGUAGE else passage.kind
        return [_Block(number, 0, f"```{language}\n{passage.text.strip(chr(10))}\n```")]
    parts = [part for part in _paragraphs(passage.text) if stems(part)]
    return [_Block(number, position, part) for position, part in enumerate(parts)]


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of Markdown-like text, fences whole, headings and comments left out."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if fence:
            lines.append(line)
            if mark and mark.group(1).startswith(fence):
                fence = ""
                yield "\n".join(lines)
                lines = []
        elif mark or not line.strip() or _HEADING.match(line):
            if lines:
                yield "\n".join(lines)
            lines = [line] if mark else []
            fence = mark.group(1) if mark else ""
        else:
            lines.append(line)
    if lines:
        yield "\n".join([*lines, fence] if fence else lines)
