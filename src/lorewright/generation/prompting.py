"""From a task and a passage to the request that a model gets: no path, and the passage marked as a quotation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lorewright.core.errors import ConfigError
from lorewright.core.ids import short_id
from lorewright.core.printable import one_line, printable
from lorewright.core.records import Message
from lorewright.generation.material import Material, group_of
from lorewright.generation.task import Task
from lorewright.llm.asking import Request, Sampling
from lorewright.llm.rendering import render
from lorewright.llm.retrieval_template import CLOSING, OPENING, RETRIEVAL, inert, quoted, without_turns

CHARS_PER_PAIR = 400
MAX_PAIRS = 6
MAX_NAME_CHARS = 200
_DOC_STYLES = {
    "python": "google",
    "rust": "rustdoc",
    "go": "slashes",
    "csharp": "xml",
    "ruby": "yard",
    "bash": "hashes",
} | dict.fromkeys(("java", "kotlin", "javascript", "typescript", "tsx", "php", "c", "cpp"), "block")


@dataclass(frozen=True)
class Variety:
    """What is asked for besides the task; what is empty is not said, and so changes no prompt.

    Attributes:
        audience: Whom to write for.
        difficulty: How hard the questions are to be.
        style: How to write.
        language: What to write in; empty is the language of the passage.
    """

    audience: str = ""
    difficulty: str = ""
    style: str = ""
    language: str = ""


PLAIN = Variety()


def make_request(
    task: Task,
    material: Material,
    *,
    variety: Variety = PLAIN,
    sample: int = 0,
    sampling: Sampling = Sampling(),  # noqa: B008 - frozen
    max_new_tokens: int = 1024,
) -> Request:
    """Return what a model is asked for a task about a material.

    Args:
        task: What is made.
        material: What of.
        variety: Further wishes.
        sample: Number of the answer where several to one prompt are wanted.
        sampling: How the answer is drawn.
        max_new_tokens: Longest answer.

    Raises:
        ConfigError: The prompt cannot be filled in for this material.
    """
    known = variables(task, material, variety)
    turns = (
        Message(role="system", content=_filled_in(task, task.system, known)),
        Message(role="user", content=_filled_in(task, task.user, known)),
    )
    return Request(
        messages=tuple(turn for turn in turns if turn.content),
        answer_schema=task.answer_schema,
        sampling=sampling,
        sample=sample,
        max_new_tokens=max_new_tokens,
    )


def _filled_in(task: Task, template: str, known: dict[str, Any]) -> str:
    try:
        return render(template, known)
    except ValueError as error:
        raise ConfigError(
            f"The prompt of {task.name!r} cannot be filled in for a passage under {known['heading']!r}: {error}.",
            "what a passage may lack needs a default: {{ headings[1] | default('') }}",
        ) from error


def variables(task: Task, material: Material, variety: Variety = PLAIN) -> dict[str, Any]:
    """Return what the templates of a task's prompt know."""
    headings = tuple(name for name in map(_name, material.headings) if name)
    title, project = _name(material.title), _name(material.project)
    language = material.kind if group_of(material.kind) == "code" else ""
    return {
        "project": project,
        "title": title,
        "headings": headings,
        "heading": " › ".join(dict.fromkeys(name for name in (title, *headings) if name)),
        "kind": material.kind,
        "code_language": "" if language == "code" else language,
        "doc_style": _DOC_STYLES.get(language, "plain"),
        "definitions": tuple(map(_name, material.definitions)),
        "passage": passage(material.text),
        "about": _about(material, project, title, headings),
        "pairs": pairs_wanted(len(material.text)),
        "audience": variety.audience,
        "difficulty": variety.difficulty,
        "style": variety.style,
        "language": variety.language,
        "wishes": _wishes(variety),
        "refusal": RETRIEVAL.refusal,
        **task.parameters,
    }


def pairs_wanted(chars: int) -> int:
    """Return how many questions a passage of so many characters is asked for: one for each 400, from 1 to 6."""
    return max(1, min(MAX_PAIRS, round(chars / CHARS_PER_PAIR)))


def passage(text: str) -> str:
    """Return a text as a quotation that it cannot end, between marks."""
    return f"{OPENING}\n{inert(text)}\n{CLOSING}"


def holds_marks(text: str) -> bool:
    """Whether a text holds marks of a passage or of a conversation's turns."""
    shown = printable(text)
    return without_turns(quoted(shown)) != shown


def _name(text: str) -> str:
    shown = inert(one_line(text))
    return shown if len(shown) <= MAX_NAME_CHARS else f"{shown[:MAX_NAME_CHARS].rstrip()} …"


def _about(material: Material, project: str, title: str, headings: Sequence[str]) -> str:
    section = " › ".join(name for name in headings if name != title)
    defined = ", ".join(f"`{_name(name)}`" for name in material.definitions[:12])
    code = group_of(material.kind) == "code" and material.kind != "code"
    lines = (
        ("Project", project),
        ("Document", title),
        ("Section", section),
        ("Language", material.kind if code else ""),
        ("Defines", defined),
    )
    return "\n".join(f"{label}: {said}" for label, said in lines if said)


def _wishes(variety: Variety) -> str:
    said = (
        ("Write for this audience: {}.", variety.audience),
        ("Difficulty of the questions: {}.", variety.difficulty),
        ("Style of the writing: {}.", variety.style),
        ("Write questions and answers in {}; quotes and names stay as they are.", variety.language),
    )
    return "\n".join(line.format(re.sub(r"[.\s]+$", "", wish)) for line, wish in said if wish.strip())


def _wording() -> str:
    material = Material(
        "", "Project", "Title", ("Title", "Heading"), "python", (), shown="Text", definitions=("name",)
    )
    wishes = Variety("audience", "difficulty", "style", "language")
    headings = ("Title", "Heading")
    said = _about(material, "Project", "Title", headings), _wishes(wishes), passage("Text"), RETRIEVAL.refusal
    return short_id(*said, CHARS_PER_PAIR, MAX_PAIRS, MAX_NAME_CHARS, _DOC_STYLES)


WORDING = _wording()
"""Of what all prompts share; part of every task's digest."""
