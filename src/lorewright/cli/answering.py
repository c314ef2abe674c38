"""Who answers questions, and what an answer comes to: the documents' own words, or a model's, as it is written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorewright.core.records import Message
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.retrieval.answer import Answer, Citation, cite

if TYPE_CHECKING:
    from lorewright.retrieval.filters import Filters
    from lorewright.retrieval.search import Mode
    from lorewright.stages.ask import AnswerModel, Retriever
    from lorewright.stages.settings import AskSettings

_CODE = re.compile(r"(```|~~~).*?(\1|\Z)|`[^`\n]+`", re.DOTALL)
_MARK = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_AROUND = re.compile(r"^[\W_]+|[*_\"'’”\s]+$")


@dataclass(frozen=True)
class Scope:
    """Where and how to look: the options of a command.

    Attributes:
        filters: Which documents count.
        mode: How to look; None for the best way that the index has.
    """

    filters: "Filters"
    mode: "Mode | None" = None


@dataclass(frozen=True)
class Desk:
    """What a question is put to.

    Attributes:
        retriever: The index; None where a model answers without passages.
        model: Who writes; None for the documents' own words.
        passages: How many an answer is made of.
        scope: Where to look.
    """

    retriever: "Retriever | None"
    model: "AnswerModel | None"
    passages: int
    scope: Scope


@dataclass(frozen=True)
class Reply:
    """An answer, or what is known of it while a model writes it.

    Attributes:
        answer: Without text where pieces are to come.
        pieces: What the model writes; None where no model was asked.
        model: Its name; empty for the documents' own words.
    """

    answer: Answer
    pieces: Iterator[str] | None = None
    model: str = ""


def make_desk(
    retriever: "Retriever | None",
    model: "AnswerModel | None",
    *,
    settings: "AskSettings",
    count: int | None,
    scope: Scope,
) -> Desk:
    """Return what questions are put to, made of `count` passages or as many as the model, or the settings, ask for."""
    usual = model.passages if model else settings.passages
    return Desk(retriever, model, count or usual, scope)


def reply(desk: Desk, question: str, history: Sequence[Message] = (), *, searched: str = "") -> Reply:
    """Return the answer to a question; a model's is begun when its first piece is taken.

    Args:
        desk: Who answers.
        question: As it was asked.
        history: The conversation before it, which a model is shown.
        searched: What is looked for in place of the question, as for one that leans on another.
    """
    words, retriever, model = searched or question, desk.retriever, desk.model
    if model is None:
        return Reply(_own_words(desk, words))
    if retriever is None:
        turn = Message(role="user", content=question)
        empty = Answer(question=question, text="", passages=(), citations=())
        return Reply(empty, model.stream([*history, turn], model.max_new_tokens), model.name)
    found = _nearest(desk, retriever, question, words)
    if found.refused:
        return Reply(found, None, model.name)
    from lorewright.stages.ask import prompt

    turn = prompt(retriever.index, question, found.passages, context_chars=model.context_chars)
    return Reply(found, model.stream([*history, turn], model.max_new_tokens), model.name)


def _own_words(desk: Desk, words: str) -> Answer:
    from lorewright.stages.ask import answer_from_passages

    assert desk.retriever is not None
    scope = desk.scope
    return answer_from_passages(
        desk.retriever, words, k=desk.passages, filters=scope.filters, mode=scope.mode
    )


def _nearest(desk: Desk, retriever: "Retriever", question: str, words: str) -> Answer:
    """Return what a model is to answer from, refused where the documents do not hold the answer."""
    scope = desk.scope
    passages = tuple(retriever.find(words, k=desk.passages, filters=scope.filters, mode=scope.mode))
    support = retriever.support(words, scope.filters)
    return Answer(
        question=question,
        text="",
        passages=passages,
        citations=cite(passages),
        support=support,
        min_support=retriever.min_evidence,
        refused=not passages or not retriever.is_known(support),
    )


def finished(reply: Reply, text: str) -> Answer:
    """Return the answer with what a model wrote; one that says it does not know is a refusal."""
    return reply.answer.model_copy(update={"text": text, "refused": reply.answer.refused or is_refusal(text)})


def is_refusal(text: str) -> bool:
    """Whether a model says what it was told to say where the passages do not hold the answer.

    That is so where the sentence begins its text, or stands in a text that cites nothing.
    """
    said = " ".join(_AROUND.sub("", text).split()).casefold()
    sentence = RETRIEVAL.refusal.rstrip(".").casefold()
    found = re.search(rf"{re.escape(sentence)}\s*([.!*_\"'’”]|$)", said)
    return found is not None and (found.start() == 0 or not marks(text))


def marks(text: str) -> list[int]:
    """Return the numbers that a text marks as its sources, `[2]` or `[1, 2]`, in order; what stands in code is none."""
    found = (match.group(1) for match in _MARK.finditer(_CODE.sub(" ", text)))
    return sorted({int(number) for numbers in found for number in re.split(r"[,;]", numbers)})


def cited(text: str, citations: Sequence[Citation]) -> list[Citation]:
    """Return the citations that a text marks, or all where it marks none of them."""
    marked = marks(text)
    return [citation for citation in citations if citation.number in marked] or list(citations)
