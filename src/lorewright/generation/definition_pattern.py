"""Questions from definition lists, and from lists whose items name something and describe it."""

import re
from collections.abc import Iterator

from lorewright.core.records import Block, Document
from lorewright.generation import subjects, wording
from lorewright.generation.candidate import Candidate
from lorewright.generation.outline import sections
from lorewright.generation.prose import clean, excerpt
from lorewright.generation.section_pattern import list_items
from lorewright.generation.vocabulary import BOOKKEEPING

_NAMED_ITEM = re.compile(
    r"(?P<name>(?P<mark>\*\*|`{1,2})[^*`\n]{1,60}(?P=mark)|[A-Za-z_<][\w./<>-]{2,60}|--?[a-z][\w-]+)"
    r"(?:\s*\([^()\n]{1,40}\))?(?:\s*(?:--|[:–—])\s+|\s+-\s+)(?=\S)"
)
_ONE_CODE = re.compile(r"(`{1,2})[^`]+\1")
_VERB_FIRST = re.compile(r"(?:is|are|was|were|can|will|should|must|has|have)\b")
_CALL = re.compile(r"^`?([\w.]+)\(.*\)")


def definition_candidates(document: Document, *, project: str) -> Iterator[Candidate]:
    """Yield a candidate a defined term, weak ones with their reason.

    Args:
        document: Definition blocks, and lists of at least two items like "name: description", are read.
        project: What the documents are about, to name it in questions; may be empty.
    """
    root = subjects.root_name(document.path, project)
    for section in sections(document):
        parents = (*section.parents, section.title)
        left_out = next((title for title in parents if subjects.is_left_out(title)), "")
        for block in section.blocks:
            if block.kind == "definition":
                term = _term(document.text, block)
                span = (block.start, block.body or block.start, block.end)
                yield from _defined(document.text, term, span, parents, root, left_out)
            elif block.kind == "list" and not left_out:
                yield from _described_items(document.text, block, parents, root)


def _term(text: str, block: Block) -> str:
    written = text[block.start : block.body or block.end].strip().rstrip(":").strip()
    title = " ".join(clean(block.title).replace("`", "").split())
    return f"`{title}`" if _ONE_CODE.fullmatch(written) and title else title


def _described_items(text: str, block: Block, parents: tuple[str, ...], root: str) -> Iterator[Candidate]:
    items = list_items(text, block)
    named = [(begin, stop, found) for begin, stop in items if (found := _NAMED_ITEM.match(text, begin, stop))]
    if len(named) < 2 or len(named) * 2 < len(items):
        return
    for begin, stop, found in named:
        name = found["name"].strip("*`")
        marked = found["mark"] is not None and len(name.split()) == 1
        if marked or found["mark"] == "**" or subjects.is_code_like(name):
            term = f"`{name}`" if marked else name
            yield from _defined(text, term, (begin, found.end(), stop), parents, root, "")


def _defined(
    text: str, term: str, span: tuple[int, int, int], parents: tuple[str, ...], root: str, left_out: str
) -> Iterator[Candidate]:
    start, body, end = span
    while body < end and text[body] in ": \t\n":
        body += 1
    term = term.rstrip(":")
    if not term or term.casefold().strip("`") in BOOKKEEPING:
        return
    found = excerpt(text, body, end)
    call = _CALL.match(term)
    name = call[1] if call else term
    noun, owner, above = subjects.owner_of(parents)
    where = subjects.context(above, project=root, own=owner or name)
    weakness = found.weakness
    if left_out:
        weakness = f"stands under {left_out!r}"
    elif len(term) > 100 or (len(term.split()) > 6 and not call):
        weakness = f"a term of {len(term.split())} words: {term[:60]!r}"
    elif not owner and len(term.strip("`")) < 3:
        weakness = f"a term of {len(term)} characters: {term!r}"
    question = wording.name_question(name, where, noun=noun, owner=owner, acts=call is not None)
    answer = f"{name} {found.text}" if _VERB_FIRST.match(found.text) else found.text
    yield Candidate(question, answer, ((start, max(found.end, body)),), "definition", term, weakness)
