"""Questions from headings, answers from the first sentences below them."""

import re
from collections.abc import Iterator, Sequence

from lorewright.core.records import Block, Document
from lorewright.generation import subjects, wording
from lorewright.generation.candidate import Candidate
from lorewright.generation.outline import Section, sections
from lorewright.generation.prose import ABOUT_PAGE, Excerpt, clean, count_words, excerpt, trim

MAX_BLOCK_CHARS = 600
_ITEM = re.compile(r"^(?:[-*+•]|\(?\d+[.)]|#\.)\s+")
_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,})[^\n]*\n|\n\s*(?:`{3,}|~{3,})\s*$")


def section_candidates(document: Document, *, project: str) -> Iterator[Candidate]:
    """Yield a candidate a section that has text, weak ones with their reason.

    Args:
        document: Markdown, reST or anything else with heading blocks.
        project: What the documents are about, to name it in questions; may be empty.
    """
    root = subjects.root_name(document.path, project)
    for section in sections(document):
        if not section.title or not section.blocks:
            continue
        left_out = next(
            (title for title in (*section.parents, section.title) if subjects.is_left_out(title)), ""
        )
        found = _answer(document.text, section)
        question = _question(section, found.text, root)
        weakness = f"stands under {left_out!r}" if left_out else found.weakness
        if not question:
            question, weakness = section.title, weakness or f"heading {section.title!r} names no subject"
        span = (found.start, found.end)
        yield Candidate(question, found.text, (span,), "section", section.title, weakness)


def _question(section: Section, answer: str, root: str) -> str:
    title, parents = section.title, section.parents
    named = [parent for parent in parents if not subjects.is_generic(parent)]
    if subjects.is_generic(title):
        if not named:
            return wording.purpose_question(title, root, "") if root else ""
        if wording.action(named[-1]):
            return ""
        where = subjects.context(named[:-1], project=root, own=named[-1])
        return wording.purpose_question(title, subjects.as_code(subjects.short_title(named[-1])), where)
    if parents and not named and len(title.split()) == 1 and not subjects.is_code_like(title):
        return ""
    owner = subjects.as_code(subjects.short_title(named[-1])) if named else root
    alone = len(wording.action(title).split()) == 1
    where = subjects.context(named[:-1] if alone else parents, project=root, own=owner if alone else title)
    return wording.heading_question(title, where, answer, owner=owner)


def _answer(text: str, section: Section) -> Excerpt:
    found = Excerpt("", section.blocks[0].start, section.blocks[0].end, "no sentence")
    for place, block in enumerate(section.blocks[:4]):
        following = section.blocks[place + 1] if place + 1 < len(section.blocks) else None
        if block.kind == "paragraph":
            found = _from_paragraph(text, block, following)
            if not found.text and count_words(clean(text[block.start : block.end])) < 4:
                continue
            return found
        if block.kind == "list" and place == 0:
            return _from_list(text, block, block.start, "")
        if block.kind == "code" and place == 0:
            return _from_code(text, section.title, block)
        if block.kind not in {"other", "table"}:
            break
    return found


def _from_paragraph(text: str, block: Block, following: Block | None) -> Excerpt:
    found = excerpt(text, block.start, block.end)
    lead = clean(text[block.start : block.end])
    if (
        not lead.endswith(":")
        or following is None
        or len(lead) > MAX_BLOCK_CHARS // 2
        or found.text
        or ABOUT_PAGE.match(lead)
    ):
        return found
    if following.kind == "list":
        return _from_list(text, following, block.start, lead)
    if following.kind == "code" and following.end - following.start <= MAX_BLOCK_CHARS // 2:
        return Excerpt(f"{lead}\n{_fenced(text, following)}", block.start, following.end)
    return found


def _from_list(text: str, block: Block, start: int, lead: str) -> Excerpt:
    items = list_items(text, block)
    lines = [f"- {clean(text[begin:stop])}" for begin, stop in items]
    answer = "\n".join([lead, *lines] if lead else lines)
    if len(answer) > MAX_BLOCK_CHARS:
        return Excerpt("", start, block.end, f"a list of more than {MAX_BLOCK_CHARS} characters")
    if (
        len(items) < 2
        or min(count_words(line) for line in lines) < 1
        or any(line.endswith(":") for line in lines)
    ):
        return Excerpt("", start, block.end, "a list whose items do not stand on their own")
    if "```" in text[block.start : block.end] or answer.count("`>") > 0:
        return Excerpt("", start, block.end, "a list with code between its items")
    if not lead and sum(count_words(line) for line in lines) < 3 * len(lines):
        return Excerpt("", start, block.end, "a list of names only")
    return Excerpt(answer, start, block.end)


def _from_code(text: str, title: str, block: Block) -> Excerpt:
    if block.end - block.start > MAX_BLOCK_CHARS // 2:
        return Excerpt("", block.start, block.end, "code without words")
    if not wording.action(title) and title.casefold() not in {"installation", "install", "syntax"}:
        return Excerpt("", block.start, block.end, "code without words")
    return Excerpt(_fenced(text, block), block.start, block.end)


def _fenced(text: str, block: Block) -> str:
    code = _FENCE.sub("", text[block.start : block.end])
    return f"```\n{code.strip(chr(10)).rstrip()}\n```"


def list_items(text: str, block: Block) -> Sequence[tuple[int, int]]:
    """Return the spans of a list's top-level items without their markers."""
    starts: list[tuple[int, int]] = []
    indent: int | None = None
    place = text.rfind("\n", 0, block.start) + 1
    for line in text[place : block.end].splitlines(keepends=True):
        bare = line.lstrip()
        depth = len(line) - len(bare)
        marker = _ITEM.match(bare)
        indent = depth if indent is None else indent
        if marker and depth <= indent:
            starts.append((place + depth, place + depth + marker.end()))
        place += len(line)
    if not starts:
        return []
    stops = [begin for begin, _ in starts[1:]] + [block.end]
    return [trim(text, content, stop) for (_, content), stop in zip(starts, stops, strict=True)]
