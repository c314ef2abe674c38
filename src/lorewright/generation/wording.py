"""Questions in natural words, varied by a hash of what they are about so that the same input asks the same."""

import re

from lorewright.core.ids import short_id
from lorewright.generation.subjects import as_code, is_code_like
from lorewright.generation.vocabulary import ALSO_NOUNS, DETERMINERS, DOUBLED, VERBS

_PURPOSE: dict[str, tuple[str, ...]] = {
    "usage": ("How do I use {it}?", "How is {it} used?"),
    "use": ("How do I use {it}?",),
    "basic usage": ("How do I use {it}?",),
    "install": ("How do I install {it}?",),
    "installation": ("How do I install {it}?", "How can {it} be installed?"),
    "installing": ("How do I install {it}?",),
    "setup": ("How do I set up {it}?",),
    "getting started": ("How do I get started with {it}?",),
    "quick start": ("How do I get started with {it}?",),
    "quickstart": ("How do I get started with {it}?",),
    "requirements": ("What does {it} require?",),
    "prerequisites": ("What are the prerequisites of {it}?",),
    "dependencies": ("What does {it} depend on?",),
    "configuration": ("How is {it} configured?", "How do I configure {it}?"),
    "options": ("What are the options of {it}?",),
    "settings": ("What are the settings of {it}?",),
    "parameters": ("What parameters does {it} take?",),
    "arguments": ("What arguments does {it} take?",),
    "limitations": ("What are the limitations of {it}?",),
    "returns": ("What does {it} return?",),
    "features": ("What are the features of {it}?", "What does {it} offer?"),
    "syntax": ("What is the syntax of {it}?",),
    "motivation": ("What is the motivation behind {it}?",),
    "purpose": ("What is the purpose of {it}?",),
    "why": ("Why use {it}?",),
    "compatibility": ("What is {it} compatible with?",),
    "troubleshooting": ("How do I troubleshoot {it}?",),
    "architecture": ("What is the architecture of {it}?",),
    "how it works": ("How does {it} work?",),
    "support": ("How is {it} supported?",),
    "implementation": ("How is {it} implemented?",),
    "terminology": ("What is the terminology of {it}?",),
    "overview": ("What is {it}?", "What is {it} about?"),
    "introduction": ("What is {it}?", "What is {it} about?"),
    "intro": ("What is {it}?",),
    "description": ("What is {it}?", "How would you describe {it}?"),
    "background": ("What is the background of {it}?",),
    "summary": ("What is {it}?", "Can you summarise {it}?"),
    "about": ("What is {it}?",),
    "abstract": ("What is {it}?",),
}


def _gerund(verb: str) -> str:
    if verb in DOUBLED:
        return f"{verb}{verb[-1]}ing"
    return f"{verb[:-1]}ing" if verb.endswith("e") and not verb.endswith("ee") else f"{verb}ing"


_BASE_FORM = {_gerund(verb): verb for verb in sorted(VERBS)} | {"travelling": "travel", "modelling": "model"}
_BASE_FORM |= {f"{verb[:-3]}ising": verb for verb in sorted(VERBS) if verb.endswith("ize")}


def pick(key: str, options: tuple[str, ...]) -> str:
    """Return one of the options, always the same one for a key."""
    return options[int(short_id("wording", key), 16) % len(options)]


def purpose_question(title: str, subject: str) -> str:
    """Return the question that a heading without own subject ("Usage") asks about its parent; may be empty."""
    options = _PURPOSE.get(" ".join(title.casefold().split()), ())
    return pick(f"{title}/{subject}", options).format(it=subject) if options else ""


def action(title: str) -> str:
    """Return what a heading such as "Installing X", "How to install X" or "Install X" does: "install X", or nothing."""
    words = title.split()
    first = words[0].casefold()
    if re.match(r"how (?:to|do i|do you|can i|do we|can you)\b", title, re.I):
        rest = re.sub(r"^how (?:to|do i|do you|can i|do we|can you)\s+", "", title, flags=re.I).rstrip("?")
        return _lower_first(rest)
    if first in _BASE_FORM and len(words) > 1:
        return " ".join([_BASE_FORM[first], *(_base_after_and(words[1:]))])
    bare = len(words) > 1 and first in VERBS
    if bare and (first not in ALSO_NOUNS or words[1].casefold() in DETERMINERS):
        return _lower_first(title)
    return ""


def _base_after_and(words: list[str]) -> list[str]:
    return [
        _BASE_FORM.get(word.casefold(), word) if place and words[place - 1] in {"and", "or", "/"} else word
        for place, word in enumerate(words)
    ]


def _lower_first(text: str) -> str:
    head, _, tail = text.partition(" ")
    keep = len(head) > 1 and any(letter.isupper() for letter in head[1:])
    return text if keep else f"{head.casefold()} {tail}".strip()


def heading_question(title: str, where: str, answer: str) -> str:
    """Return the question that a section answers.

    Args:
        title: Its heading.
        where: `subjects.context` of it, such as " in DIRAC".
        answer: Its first sentences; "X is ..." or "Returns ..." decides the wording.
    """
    key = title + where
    if title.endswith("?"):
        return f"{title[:-1]}{where}?"
    if done := action(title):
        return pick(
            key, (f"How do I {done}{where}?", f"How can I {done}{where}?", f"How do you {done}{where}?")
        )
    name = as_code(title)
    if is_code_like(title):
        acts = re.match(r"[A-Z][a-z]+s\b", answer) is not None
        return f"What does {name} do{where}?" if acts else f"What is {name}{where}?"
    if defined := re.match(rf"(a |an |the )?{re.escape(title)}s? (is|are)\b", answer, re.I):
        article = (defined[1] or "").casefold()
        return f"What {defined[2].casefold()} {article}{name}{where}?"
    return pick(
        key,
        (
            f"What should I know about {name}{where}?",
            f"Can you explain {name}{where}?",
            f"What about {name}{where}?",
        ),
    )


def name_question(name: str, where: str, *, noun: str = "", acts: bool = False) -> str:
    """Return the question that a description of a named thing answers, for instance of an option or a term."""
    shown = name if name.startswith("`") else as_code(name)
    said = f"the {shown} {noun}" if noun else shown
    if acts or noun in {"option", "flag", "function", "command", "method", "subcommand"}:
        return pick(name + where, (f"What does {said} do{where}?", f"What is {said} for{where}?"))
    if noun in {"parameter", "argument", "setting", "property", "variable", "key", "field"}:
        return pick(name + where, (f"What is {said} for{where}?", f"What does {said} mean{where}?"))
    return pick(name + where, (f"What is {said}{where}?", f"What does {said} mean{where}?"))
