"""Questions in natural words, varied by a hash of what they are about so that the same input asks the same."""

import re

from lorewright.core.ids import short_id
from lorewright.generation.subjects import as_code, is_code_like
from lorewright.generation.vocabulary import ALSO_NOUNS, DETERMINERS, DOUBLED, GERUND_NOUNS, VERBS

_PURPOSE: dict[str, tuple[str, ...]] = {
    "usage": ("How do I use {it}{where}?", "How is {it} used{where}?"),
    "use": ("How do I use {it}{where}?",),
    "basic usage": ("How do I use {it}{where}?",),
    "install": ("How do I install {it}{where}?",),
    "installation": ("How do I install {it}{where}?", "How can {it} be installed{where}?"),
    "installing": ("How do I install {it}{where}?",),
    "setup": ("How do I set up {it}{where}?",),
    "getting started": ("How do I get started with {it}{where}?",),
    "quick start": ("How do I get started with {it}{where}?",),
    "quickstart": ("How do I get started with {it}{where}?",),
    "requirements": ("What does {it} require{where}?",),
    "prerequisites": ("What are the prerequisites of {it}{where}?",),
    "dependencies": ("What does {it} depend on{where}?",),
    "configuration": ("How is {it} configured{where}?", "How do I configure {it}{where}?"),
    "options": ("What are the options of {it}{where}?",),
    "settings": ("What are the settings of {it}{where}?",),
    "parameters": ("What parameters does {it} take{where}?",),
    "arguments": ("What arguments does {it} take{where}?",),
    "limitations": ("What are the limitations of {it}{where}?",),
    "returns": ("What does {it} return{where}?",),
    "features": ("What are the features of {it}{where}?", "What does {it} offer{where}?"),
    "syntax": ("What is the syntax of {it}{where}?",),
    "motivation": ("What is the motivation behind {it}{where}?",),
    "purpose": ("What is the purpose of {it}{where}?",),
    "why": ("Why use {it}{where}?",),
    "compatibility": ("What is {it} compatible with{where}?",),
    "troubleshooting": ("How do I troubleshoot {it}{where}?",),
    "architecture": ("What is the architecture of {it}{where}?",),
    "how it works": ("How does {it} work{where}?",),
    "support": ("How is {it} supported{where}?",),
    "implementation": ("How is {it} implemented{where}?",),
    "terminology": ("What is the terminology of {it}{where}?",),
    "overview": ("What is {it}{where}?", "What is {it} about{where}?"),
    "introduction": ("What is {it}{where}?", "What is {it} about{where}?"),
    "intro": ("What is {it}{where}?",),
    "description": ("What is {it}{where}?", "How would you describe {it}{where}?"),
    "background": ("What is the background of {it}{where}?",),
    "summary": ("What is {it}{where}?", "Can you summarise {it}{where}?"),
    "about": ("What is {it}{where}?",),
    "abstract": ("What is {it}{where}?",),
}


_STATEMENT = re.compile(
    r"\b(?:is|are|was|must|should|will|has been)\b"
    r"|^(?:added|fixed|changed|removed|updated|why|when|where|what|which)\b",
    re.I,
)


def _gerund(verb: str) -> str:
    if verb in DOUBLED:
        return f"{verb}{verb[-1]}ing"
    return f"{verb[:-1]}ing" if verb.endswith("e") and not verb.endswith("ee") else f"{verb}ing"


_BASE_FORM = {_gerund(verb): verb for verb in sorted(VERBS)} | {"travelling": "travel", "modelling": "model"}
_BASE_FORM |= {f"{verb[:-3]}ising": verb for verb in sorted(VERBS) if verb.endswith("ize")}


def pick(key: str, options: tuple[str, ...]) -> str:
    """Return one of the options, always the same one for a key."""
    return options[int(short_id("wording", key), 16) % len(options)]


def purpose_question(title: str, subject: str, where: str) -> str:
    """Return the question that a heading without own subject ("Usage") asks about its parent; may be empty."""
    options = _PURPOSE.get(" ".join(title.casefold().split()), ())
    return pick(f"{title}/{subject}", options).format(it=subject, where=where) if options else ""


def action(title: str) -> str:
    """Return what a heading such as "Installing X", "How to install X" or "Install X" does: "install X", or nothing."""
    words = title.split()
    first = words[0].casefold()
    if words[0].isupper() and len(words[0]) > 1:
        return ""
    if re.match(r"how (?:to|do i|do you|can i|do we|can you)\b", title, re.I):
        rest = re.sub(r"^how (?:to|do i|do you|can i|do we|can you)\s+", "", title, flags=re.I).rstrip("?")
        return _lower_first(rest)
    if first in _BASE_FORM and len(words) > 1 and _is_done(_BASE_FORM[first], words[1]):
        return " ".join([_BASE_FORM[first], *(_base_after_and(words[1:]))])
    bare = len(words) > 1 and first in VERBS
    if bare and (first not in ALSO_NOUNS or words[1].casefold() in DETERMINERS):
        return _lower_first(title)
    return ""


def _is_done(verb: str, following: str) -> bool:
    return verb not in GERUND_NOUNS or following.casefold() in DETERMINERS


def _base_after_and(words: list[str]) -> list[str]:
    return [
        _BASE_FORM.get(word.casefold(), word) if place and words[place - 1] in {"and", "or", "/"} else word
        for place, word in enumerate(words)
    ]


def _lower_first(text: str) -> str:
    head, _, tail = text.partition(" ")
    keep = len(head) > 1 and any(letter.isupper() for letter in head[1:])
    return text if keep else f"{head.casefold()} {tail}".strip()


def heading_question(title: str, where: str, answer: str, *, owner: str = "") -> str:
    """Return the question that a section answers; empty when its heading names no subject.

    Args:
        title: Its heading.
        where: `subjects.context` of it, such as " in DIRAC".
        answer: Its first sentences; "X is ..." or "Returns ..." decides the wording.
        owner: The nearest subject above, the object of a heading such as "How to run".
    """
    key = title + where
    if title.endswith("?") or re.match(r"what (?:is|are)\b", title, re.I):
        return f"{title.rstrip('?')}{where}?"
    if _STATEMENT.search(title):
        return ""
    if done := action(title):
        if re.search(r"\b(?:it|them|this|that|these|those)\b", done):
            return ""
        done = done if len(done.split()) > 1 else f"{done} {owner}"
        return pick(
            key, (f"How do I {done}{where}?", f"How can I {done}{where}?", f"How do you {done}{where}?")
        )
    name = as_code(re.sub(r"^about (?=\w)", "", title, flags=re.I))
    name = re.sub(r"^(?:The|An?) ", lambda article: article[0].casefold(), name)
    if is_code_like(title):
        return name_question(name, where, acts=re.match(r"[A-Z][a-z]+s\b", answer) is not None)
    if defined := re.match(rf"(a |an |the )?{re.escape(title)}s? (is|are)\b", answer, re.I):
        article = (defined[1] or "").casefold()
        return f"What {defined[2].casefold()} {article}{name}{where}?"
    if title.casefold().startswith("about "):
        return f"What {be(name)} {name}{where}?"
    return pick(
        key,
        (
            f"What should I know about {name}{where}?",
            f"Can you explain {name}{where}?",
            f"Could you describe {name}{where}?",
        ),
    )


def be(name: str) -> str:
    """Return "are" for a plural noun phrase, else "is"."""
    head = re.split(r" (?:of|in|for|to|with|on|from|and|by|at)\b| ?\(", name, maxsplit=1)[0]
    return "are" if re.search(r"[^sui'`\W]s$", head) and not is_code_like(name) else "is"


def name_question(name: str, where: str, *, noun: str = "", owner: str = "", acts: bool = False) -> str:
    """Return the question that a description of a named thing answers, for instance of an option or a term.

    Args:
        name: The thing; in backticks where it is code.
        where: `subjects.context` of it, such as " in DIRAC".
        noun: What kind of thing it is; may be empty.
        owner: What it belongs to, as an argument to its function; may be empty.
        acts: Whether it does something, as a function.
    """
    shown = as_code(name)
    said = f"the {shown} {noun}" if noun else shown
    said += f" of {owner}" if owner else ""
    key = name + owner + where
    if (
        acts
        or noun in {"option", "flag", "function", "command", "method", "subcommand"}
        or re.search(r"\w\(.*\)`?$", name)
    ):
        return pick(key, (f"What does {said} do{where}?", f"What is {said} for{where}?"))
    if noun in {"parameter", "argument", "setting", "property", "variable", "key", "field"}:
        return pick(key, (f"What is {said} for{where}?", f"What does {said} mean{where}?"))
    if is_code_like(name):
        return pick(key, (f"What is {said}{where}?", f"What is {said} for{where}?"))
    return f"What {be(name)} {said}{where}?"
