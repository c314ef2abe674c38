"""Questions from Python definitions: what a docstring says, how a function is called."""

import re
from collections.abc import Iterator

from lorewright.core.records import Block, Document
from lorewright.generation import wording
from lorewright.generation.candidate import Candidate
from lorewright.generation.docstrings import documented_names, returns_span, summary_span
from lorewright.generation.prose import Excerpt, excerpt
from lorewright.text.modules import module_name

MAX_SIGNATURE_CHARS = 400
# A definition begins at the comments above it, which may speak of others.
_HEADER = re.compile(r"#.*|(?:async\s+)?def\s+(?P<name>\w+)")
_RETURN = re.compile(r"^(?:Return|Returns|Returning)\b")
_BARE = re.compile(r"\((?:self|cls)?(?:, ?)?\w*\)(?: -> None)?|\((?:self|cls)\).*", re.S)


def code_candidates(document: Document) -> Iterator[Candidate]:
    """Yield candidates of every public definition of a Python document, weak ones with their reason.

    Functions inside functions are not public; a signature that says nothing but one bare argument is no candidate.
    """
    module = module_name(document.path)
    if _is_private(module):
        return
    owners = {block.title: block.kind for block in document.blocks if block.kind in {"class", "function"}}
    functions = tuple(f"{title}." for title, kind in owners.items() if kind == "function")
    for block in document.blocks:
        if _is_private(block.title) or block.title.startswith(functions):
            continue
        if block.kind == "docstring":
            yield from _docstring(document.text, block, module, owners.get(block.title, "module"))
        elif block.kind == "function":
            yield from _signature(document.text, block, module)


def _is_private(name: str) -> bool:
    return any(part.startswith("_") for part in name.split(".")) or any(
        part in {"test", "tests", "conftest", "testing"} or part.startswith("test_")
        for part in name.split(".")
    )


def _docstring(text: str, block: Block, module: str, owner: str) -> Iterator[Candidate]:
    name = f"{module}.{block.title}" if block.title else module
    found = _summary(text, block, block.title.split(".")[-1])
    if owner == "module":
        question = wording.pick(
            name, (f"What is the Python module `{name}` for?", f"What does the module `{name}` provide?")
        )
    elif owner == "class":
        question = wording.pick(name, (f"What is the class `{name}`?", f"What is `{name}` for?"))
    elif _RETURN.match(found.text):
        question = wording.pick(name, (f"What does `{name}` return?", f"What does `{name}` do?"))
    else:
        question = wording.pick(name, (f"What does `{name}` do?", f"What is `{name}` used for?"))
    yield Candidate(question, found.text, ((found.start, found.end),), "docstring", name, found.weakness)
    if owner == "module":
        return
    for parameter in documented_names(text, block.start, block.end):
        described = excerpt(text, *parameter.description)
        asked = wording.pick(
            f"{name}({parameter.name})",
            (
                f"What is the `{parameter.name}` parameter of `{name}`?",
                f"What is `{parameter.name}` in `{name}`?",
            ),
        )
        spans = ((parameter.entry[0], max(described.end, parameter.description[0])),)
        yield Candidate(
            asked, described.text, spans, "docstring", f"{name}.{parameter.name}", described.weakness
        )
    returned = returns_span(text, block.start, block.end)
    if returned and owner == "function" and not _RETURN.match(found.text):
        described = excerpt(text, *returned)
        spans = ((described.start, described.end),)
        yield Candidate(
            f"What does `{name}` return?", described.text, spans, "docstring", name, described.weakness
        )


def _summary(text: str, block: Block, short_name: str) -> Excerpt:
    start, end = summary_span(text, block.start, block.end)
    usage = re.compile(rf"{re.escape(short_name)}\([^\n]*\)(?:\s*->\s*[^\n]+?)?(?:\s+--\s+|\s*(?:\n|$)\s*)")
    call = usage.match(text, start, end) if short_name else None
    if call:
        start, end = summary_span(text, call.end(), block.end)
    found = excerpt(text, start, end)
    first = found.text.split(" ")[0]
    if first.isalpha() and first.islower():
        found = Excerpt(found.text[0].upper() + found.text[1:], found.start, found.end)
    return found


def _signature(text: str, block: Block, module: str) -> Iterator[Candidate]:
    headers = _HEADER.finditer(text, block.start, block.body or block.end)
    found = next((match for match in headers if match["name"]), None)
    if not found:
        return
    header = text[found.start("name") : block.body or block.end]
    written = header.rstrip().removesuffix(":").rstrip()
    if '"""' in written or "#" in written or "\n\n" in written:
        return
    arguments = written[len(found["name"]) :]
    if _BARE.fullmatch(arguments):
        return
    name = f"{module}.{block.title}"
    question = wording.pick(
        name, (f"What is the signature of `{name}`?", f"What arguments does `{name}` take?")
    )
    shown = re.sub(r"\(\s+|,?\s+\)", lambda match: match[0].strip(" ,\n\t"), " ".join(written.split()))
    span = (found.start("name"), found.start("name") + len(written))
    weakness = "" if len(shown) <= MAX_SIGNATURE_CHARS else f"a signature of {len(shown)} characters"
    yield Candidate(question, f"`{shown}`", (span,), "signature", name, weakness)
