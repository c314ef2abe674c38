"""Code to complete: the beginning of a function and its rest, or a gap and what stood in it. No model is asked."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import TypeVar

from lorewright.core.ids import short_id
from lorewright.core.making import make_example
from lorewright.core.records import Block, Chunk, Document, Example, Message, Rejection
from lorewright.generation.candidate import Span
from lorewright.generation.extractive import locate
from lorewright.generation.material import group_of
from lorewright.llm.rendering import fenced

P = TypeVar("P")
TASK = "code_completion"
GAP = "<FILL>"
MIN_LINES = 4
MIN_ANSWER_CHARS = 20
# A line that begins so goes on with the one before it.
_GOES_ON = re.compile(
    r"[)\]}.,:?+*/=&|<>]|->|=>|(?:else|elif|elsif|except|catch|finally|ensure|rescue|end|fi|done|esac|then|do|where"
    r"|and|or|in|case|default)\b"
)
_LEFT_OPEN = re.compile(r"(?:[(\[,\\=+*/&|<?:.-]|\b(?:and|or|not|in|return))\s*$")
_SPOKEN = {
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "tsx": "TSX",
    "php": "PHP",
    "cpp": "C++",
    "csharp": "C#",
}


def complete(
    document: Document, chunks: Sequence[Chunk], *, seed: int, max_chars: int, hidden: Sequence[Span] = ()
) -> Iterator[Example | Rejection]:
    """Yield what the functions of a document give: a rest to write, and for longer ones a gap to fill.

    Cuts stand between statements of a function's own block, chosen by a hash of the function's text and the seed. The
    answer is the code as it stands.

    Args:
        document: Code; other documents give nothing.
        chunks: Its chunks, all places.
        seed: Of the choice of cuts.
        max_chars: Longer functions are left out, with a rejection.
        hidden: Stretches of the document's text that hold secrets; functions that touch one are left out.

    Yields:
        Examples of task `code_completion` and origin `extractive` whose evidence is the answer, with `document_id`,
        `heading` (the function) and `kind` (`rest` or `gap`) in their metadata; rejections of record `candidate`.
    """
    if group_of(document.kind) != "code":
        return
    ordered = sorted(chunks, key=lambda chunk: (chunk.start, chunk.end))
    seen: set[str] = set()
    for block in _functions(document):
        code = document.text[block.start : block.end]
        cuts = _borders(document, block)
        if code in seen or not cuts:
            continue
        seen.add(code)
        if len(code) > max_chars:
            yield _rejection(document, block, f"a function of {len(code)} characters, more than {max_chars}")
        elif any(start < block.end and block.start < end for start, end in hidden):
            yield _rejection(document, block, "it holds a secret")
        else:
            yield _rest(document, block, _pick(cuts, code, seed, "rest"), ordered)
            if gaps := _gaps(document.text, cuts):
                yield _gap(document, block, _pick(gaps, code, seed, "gap"), ordered)


def _gaps(text: str, cuts: Sequence[int]) -> list[Span]:
    """Return stretches from one cut to a later one that are worth writing."""
    return [span for span in combinations(cuts, 2) if len(text[slice(*span)].strip()) >= MIN_ANSWER_CHARS]


def _functions(document: Document) -> Iterator[Block]:
    """Yield the functions that no other function holds and that have a body of some lines."""
    end = 0
    for block in document.blocks:
        if block.kind == "function" and block.start >= end:
            end = block.end
            if document.text.count("\n", block.body or block.start, block.end) + 1 >= MIN_LINES:
                yield block


def _borders(document: Document, block: Block) -> list[int]:
    """Return where a statement of a function's own block begins, the first one excepted."""
    text = document.text
    docs = [
        (one.start, one.end)
        for one in document.blocks
        if one.kind == "docstring" and block.start <= one.start < block.end
    ]
    lines = [(match.start(), match[0]) for match in re.finditer(r"[^\n]+", text[block.start : block.end])]
    lines = [(block.start + start, line) for start, line in lines if line.strip()]
    inner = [
        one for one in lines if one[0] > (block.body or block.start) or _begins_body(text, block, one[0])
    ]
    inner = [one for one in inner if not any(start - 4 <= one[0] < end + 4 for start, end in docs)]
    if len(inner) < 2:
        return []
    margin = _indent(inner[0][1])
    borders: list[int] = []
    for (_, before), (start, line) in pairwise(inner):
        bare = line.strip()
        opens = not _GOES_ON.match(bare) and not _LEFT_OPEN.search(before)
        if opens and _indent(line) == margin and len(text[start : block.end].strip()) >= MIN_ANSWER_CHARS:
            borders.append(start)
    return borders


def _begins_body(text: str, block: Block, start: int) -> bool:
    opened = text[start : block.body + 1].strip() if start <= block.body else "{"
    return len(opened) == 1 and opened != "{"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _pick(choices: Sequence[P], code: str, seed: int, purpose: str) -> P:
    return choices[int(short_id(purpose, seed, code), 16) % len(choices)]


def _rest(document: Document, block: Block, cut: int, chunks: Sequence[Chunk]) -> Example | Rejection:
    line = document.text.rfind("\n", 0, block.start) + 1
    before = document.text[_first(document.text, line, block.start) : cut].rstrip("\n")
    said = f"Complete the {_spoken(document)} function `{block.title}`. Write what follows."
    return _example(document, block, said, before, (cut, block.end), chunks, "rest")


def _gap(document: Document, block: Block, gap: Span, chunks: Sequence[Chunk]) -> Example | Rejection:
    start, end = gap
    text = document.text
    line = text.rfind("\n", 0, block.start) + 1
    indent = text[start : start + _indent(text[start:end])]
    shown = f"{text[_first(text, line, block.start) : start]}{indent}{GAP}\n{text[end : block.end]}"
    said = f"Write the code that belongs at {GAP} in the {_spoken(document)} function `{block.title}`."
    return _example(document, block, said, shown, gap, chunks, "gap")


def _first(text: str, line: int, start: int) -> int:
    return start if text[line:start].strip() else line


def _spoken(document: Document) -> str:
    """Return a language as people write it."""
    return _SPOKEN.get(document.kind) or _kind(document).capitalize()


def _kind(document: Document) -> str:
    return "" if document.kind == "code" else document.kind


def _example(
    document: Document,
    block: Block,
    said: str,
    shown: str,
    answer: Span,
    chunks: Sequence[Chunk],
    kind: str,
) -> Example | Rejection:
    start, end = answer
    code = document.text[start:end].rstrip()
    evidence = locate([(start, start + len(code))], chunks)
    if not evidence:
        return _rejection(document, block, "its evidence stands in no chunk")
    language = _kind(document)
    return make_example(
        task=TASK,
        messages=(
            Message(role="user", content=f"{' '.join(said.split())}\n\n{fenced(shown, language)}"),
            Message(role="assistant", content=fenced(code, language)),
        ),
        evidence=evidence,
        origin="extractive",
        metadata={"document_id": document.id, "heading": block.title, "kind": kind},
    )


def _rejection(document: Document, block: Block, reason: str) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=short_id(TASK, document.id, block.title, block.start),
        filter=TASK,
        reason=reason,
        name=f"{document.source}/{document.path}: {block.title}",
    )
