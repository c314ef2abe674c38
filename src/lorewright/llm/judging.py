"""A model as a judge: what it is asked about an example, and what its reply says. It scores; it rewrites nothing.

Scores follow a rubric, a prompt file whose head names the criteria. Two answers are compared in both orders, for models
lean to the first or to the last one (Zheng et al. 2023, "Judging LLM-as-a-judge", section 3.4): where the orders
disagree it is a tie.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from pydantic import Field, field_validator

from lorewright.core.errors import ConfigError
from lorewright.core.ids import short_id
from lorewright.core.records import Message, Metadata, Record
from lorewright.core.settings import check
from lorewright.llm.asking import Request, Sampling
from lorewright.llm.rendering import names, nearest, render, require_filled, require_known, turns
from lorewright.llm.retrieval_template import inert

BEST, WORST = 5, 1
MAX_EXPLANATION_CHARS = 600
FENCE = "+++"
"""The line before and after the head of a rubric file, which is TOML."""
_PROMPTS = files("lorewright.llm") / "judge_prompts"
_COMPARE = "compare"
_MARKS = ("passage", "quote", "question", "reference", "answer")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_EXPLANATION = {"type": "string", "minLength": 1, "maxLength": MAX_EXPLANATION_CHARS}
Preference = Literal["one", "other", "tie"]


class Subject(Record):
    """What is judged.

    Attributes:
        question: What is asked, with the turns before it where there are some.
        answer: What is answered.
        passages: What the answer may stand on.
        quotes: The stretches of them that are said to prove it.
        reference: An answer that is known to be right; empty where none is.
    """

    question: str
    answer: str
    passages: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    reference: str = ""


class RubricHead(Record):
    """The head of a rubric file.

    Attributes:
        version: Raised with the meaning of the scores.
        criteria: What is scored, each from 1 to 5; the least one counts.
        needs_evidence: Whether what has no passages cannot be judged by it.
        needs_reference: Whether what has no reference answer cannot be judged by it.
    """

    version: int = 1
    criteria: tuple[str, ...] = Field(("score",), min_length=1, max_length=12)
    needs_evidence: bool = False
    needs_reference: bool = False

    @field_validator("criteria")
    @classmethod
    def _named(cls, criteria: tuple[str, ...]) -> tuple[str, ...]:
        for name in criteria:
            if not _NAME.fullmatch(name) or name == "explanation" or criteria.count(name) > 1:
                raise ValueError(f"{name!r} is no criterion: small letters, digits and _, each once")
        return criteria


class Rubric(RubricHead):
    """A rubric that is ready to ask and to read.

    Attributes:
        name: As in the settings.
        system: Template of the system turn; may be empty.
        user: Template of the user's turn.
    """

    name: str
    system: str
    user: str

    @cached_property
    def digest(self) -> str:
        """Changes with the prompt and the criteria; part of a run's id."""
        return short_id(self.model_dump(mode="json", exclude={"name"}), WORDING)

    @property
    def answer_schema(self) -> Metadata:
        """JSON schema of a reply: the explanation first, so that scores follow from it."""
        scores = {name: {"type": "integer", "enum": list(range(WORST, BEST + 1))} for name in self.criteria}
        return _object({"explanation": _EXPLANATION, **scores})


class Scored(NamedTuple):
    """What a judge says of one example.

    Attributes:
        scores: Criterion to score, 1 to 5.
        score: The least of them as a share: 0 for 1, 1 for 5.
        explanation: Its own words.
    """

    scores: dict[str, int]
    score: float
    explanation: str


def builtin_rubrics() -> list[str]:
    """Return the names of the rubrics that come with the package."""
    found = (path.name.removesuffix(".md") for path in _PROMPTS.iterdir() if path.name.endswith(".md"))
    return sorted(name for name in found if name != _COMPARE)


def builtin_rubric(name: str) -> Rubric:
    """Return a rubric that comes with the package.

    Raises:
        ConfigError: There is none of that name.
    """
    if name not in builtin_rubrics():
        raise ConfigError(f"There is no rubric {name!r}.", nearest(name, builtin_rubrics()))
    return own_rubric(name, (_PROMPTS / f"{name}.md").read_text(encoding="utf-8"))


def own_rubric(name: str, text: str) -> Rubric:
    """Return a rubric made of a prompt file, checked before anything is asked.

    Args:
        name: What judgements are told by, such as the file.
        text: A Jinja template, after an optional head in TOML between two lines `+++`; a line `<!-- user -->` parts
            the system turn from the user's.

    Raises:
        ConfigError: The head or a template cannot be used; names the file, and the nearest known name.
    """
    head, prompt = _parted(text, name)
    system, user = turns(prompt)
    rubric = Rubric(**head.model_dump(), name=name, system=system, user=user)
    _require_shown(rubric, variables(Subject(question="", answer="")))
    return rubric


def rubric_request(rubric: Rubric, subject: Subject, *, sampling: Sampling, max_new_tokens: int) -> Request:
    """Return what a judge is asked about a question and its answer.

    Raises:
        ConfigError: The rubric's prompt cannot be filled in.
    """
    known = variables(subject)
    try:
        return _request(rubric, known, rubric.answer_schema, sampling, max_new_tokens)
    except ValueError as error:
        raise ConfigError(
            f"The rubric {rubric.name} cannot be filled in for {subject.question[:60]!r}: {error}.",
            "what an example may lack needs a test: {% if passage %}...{% endif %}",
        ) from error


def read_scores(rubric: Rubric, value: Mapping[str, Any]) -> Scored:
    """Return what a reply under a rubric's schema says."""
    scores = {name: int(value[name]) for name in rubric.criteria}
    share = (min(scores.values()) - WORST) / (BEST - WORST)
    return Scored(scores, share, str(value["explanation"]).strip())


def comparison() -> Rubric:
    """Return the prompt that compares two answers."""
    head, prompt = _parted((_PROMPTS / f"{_COMPARE}.md").read_text(encoding="utf-8"), _COMPARE)
    system, user = turns(prompt)
    return Rubric(**head.model_dump(), name=_COMPARE, system=system, user=user)


def pair_requests(
    subject: Subject, other: str, *, sampling: Sampling, max_new_tokens: int
) -> tuple[Request, Request]:
    """Return what a judge is asked about two answers: in the order given, and in the other one.

    Args:
        subject: With the one answer.
        other: The other answer.
        sampling: How replies are drawn.
        max_new_tokens: Longest reply.
    """
    schema = _object({"explanation": _EXPLANATION, "better": {"type": "string", "enum": ["A", "B", "tie"]}})
    prompt, known = comparison(), variables(subject)
    one, two = (
        _request(
            prompt,
            {**known, "answer_a": _marked("answer_a", first), "answer_b": _marked("answer_b", second)},
            schema,
            sampling,
            max_new_tokens,
        )
        for first, second in ((subject.answer, other), (other, subject.answer))
    )
    return one, two


def preferred(in_order: Mapping[str, Any], swapped: Mapping[str, Any]) -> Preference:
    """Return which answer the replies to `pair_requests` prefer; a tie where they disagree."""
    says = (in_order["better"], swapped["better"])
    return "one" if says == ("A", "B") else "other" if says == ("B", "A") else "tie"


def variables(subject: Subject) -> dict[str, Any]:
    """Return what the templates of a rubric know: texts between marks that they cannot close; empty for none."""
    return {
        "passage": "\n".join(_marked("passage", one) for one in subject.passages),
        "evidence": "\n".join(_marked("quote", one) for one in subject.quotes),
        "question": _marked("question", subject.question),
        "reference": _marked("reference", subject.reference) if subject.reference else "",
        "answer": _marked("answer", subject.answer),
    }


def _parted(text: str, name: str) -> tuple[RubricHead, str]:
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != FENCE:
        return RubricHead(), "\n".join(lines)
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == FENCE), None)
    if end is None:
        raise ConfigError(f"{name}: its head has no end.", f"write {FENCE} on a line of its own after it")
    try:
        head = tomllib.loads("\n".join(lines[1:end]))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: its head is no TOML: {error}.", f"mend the head of {name}") from error
    return check(head, RubricHead, where=name), "\n".join(lines[end + 1 :])


def _require_shown(rubric: Rubric, known: Mapping[str, Any]) -> None:
    used: set[str] = set()
    for template in (rubric.system, rubric.user):
        found = names(template, where=rubric.name)
        require_known(found, known, where=rubric.name)
        require_filled(template, known, where=rubric.name, hint=f"mend {rubric.name}")
        used |= found.keys()
    for name in ("question", "answer"):
        if name not in used:
            raise ConfigError(
                f"{rubric.name} does not show the {name}.", f"write {{{{ {name} }}}} where it is to stand"
            )


def _request(
    rubric: Rubric,
    known: Mapping[str, Any],
    schema: Metadata,
    sampling: Sampling,
    max_new_tokens: int,
) -> Request:
    said = (
        Message(role="system", content=render(rubric.system, known)),
        Message(role="user", content=render(rubric.user, known)),
    )
    return Request(
        messages=tuple(turn for turn in said if turn.content),
        answer_schema=schema,
        sampling=sampling,
        max_new_tokens=max_new_tokens,
    )


def _object(properties: Metadata) -> Metadata:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _marked(name: str, text: str) -> str:
    return f"<{name}>\n{inert(text, _MARKS)}\n</{name}>"


WORDING = short_id(
    variables(Subject(question="Q", answer="A", passages=("P",), quotes=("E",), reference="R")),
    MAX_EXPLANATION_CHARS,
)
"""Of what all rubrics share; part of every digest."""
