"""Questions to a project: passages from its index, and an answer of their own words or written by a model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lorewright.core.errors import NotFoundError
from lorewright.core.records import Message, Passage, Run
from lorewright.core.workspace import Workspace
from lorewright.llm.citing import is_refusal
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.retrieval.answer import Answer, answer, cite
from lorewright.retrieval.evidence import Evidence
from lorewright.retrieval.filters import EVERYWHERE, Filters
from lorewright.retrieval.merging import best_passages, widen
from lorewright.retrieval.search import Index, Mode
from lorewright.stages import index, probe
from lorewright.stages.answer_models import AnswerModel
from lorewright.stages.settings import Settings


@dataclass(frozen=True)
class Scope:
    """Where and how to look.

    Attributes:
        filters: Which documents count.
        mode: How to look; None for the best way that the index has.
    """

    filters: Filters = EVERYWHERE
    mode: Mode | None = None


ANYWHERE = Scope()


@dataclass(frozen=True)
class Retriever:
    """An index to be asked, and what it has learned about when it does not know.

    Attributes:
        run: The run of the index.
        index: Opened at the version of that run.
        evidence: Tells how likely it is that the documents answer; None where that was not learned.
        min_evidence: Below it a question counts as not answered by the documents; 0 lets every question pass.
    """

    run: Run
    index: Index
    evidence: Evidence | None
    min_evidence: float

    def find(
        self, question: str, *, k: int, filters: Filters = EVERYWHERE, mode: Mode | None = None
    ) -> list[Passage]:
        """Return the best passages for a question, duplicates merged; arguments and errors as in `Index.search`."""
        return best_passages(self.index, question, k=k, filters=filters, mode=mode)

    def support(self, question: str, scope: Scope = ANYWHERE) -> float | None:
        """Return how likely it is that the documents answer a question, from 0 to 1.

        None where nothing was learned, or where the scope keeps to words though it was learned with vectors.
        """
        by_words_alone = scope.mode == "full-text" and len(self.index.modes) > 1
        if self.evidence is None or by_words_alone:
            return None
        return self.evidence.support(self.index, question, scope.filters)

    def is_known(self, support: float | None) -> bool:
        """Whether a question with this support is answered rather than refused."""
        return support is None or support >= self.min_evidence


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


def open_retriever(workspace: Workspace, settings: Settings) -> Retriever:
    """Return the newest index of a project, ready to be asked.

    Raises:
        NotFoundError: Nothing is indexed yet, or it was indexed with another embedder.
    """
    run = workspace.newest("index")
    if run is None:
        raise NotFoundError(f"Nothing is indexed yet in {workspace.project_dir}.", "lore index")
    learned = probe.evidence_of(workspace, run)
    wanted = settings.ask.min_evidence
    threshold = (learned.threshold if learned else 0.0) if wanted is None else wanted
    return Retriever(run, index.open_run(workspace, run, settings.providers), learned, threshold)


def answer_from_passages(retriever: Retriever, question: str, *, k: int, scope: Scope = ANYWHERE) -> Answer:
    """Return an answer made of the best passages' own words, with citations; no model is asked.

    Where the documents do not seem to answer, its text is empty, `refused` is true and the passages are the nearest.
    """
    passages = retriever.find(question, k=k, filters=scope.filters, mode=scope.mode)
    support = retriever.support(question, scope)
    return answer(
        question,
        passages,
        stemming=retriever.index.stemming,
        support=support,
        min_support=retriever.min_evidence,
    )


def reply(
    retriever: Retriever | None,
    model: AnswerModel | None,
    question: str,
    history: Sequence[Message] = (),
    *,
    k: int,
    scope: Scope = ANYWHERE,
    searched: str = "",
) -> Reply:
    """Return the answer to a question; a model's is begun when its first piece is taken.

    No model is asked where the documents do not answer.

    Args:
        retriever: The index; None where a model answers without passages.
        model: Who writes; None for the documents' own words.
        question: As it was asked.
        history: The conversation before it, which a model is shown.
        k: Passages that the answer is made of.
        scope: Where to look.
        searched: What is looked for in place of the question, as for one that leans on another.
    """
    words = searched or question
    if model is None:
        assert retriever is not None, "somebody must answer"
        return Reply(answer_from_passages(retriever, words, k=k, scope=scope))
    if retriever is None:
        turn = Message(role="user", content=question)
        empty = Answer(question=question, text="", passages=(), citations=())
        return Reply(empty, model.stream([*history, turn], model.max_new_tokens), model.name)
    found = _nearest(retriever, question, words, k, scope)
    if found.refused:
        return Reply(found, None, model.name)
    turn = prompt(retriever.index, question, found.passages, context_chars=model.context_chars)
    return Reply(found, model.stream([*history, turn], model.max_new_tokens), model.name)


def finished(begun: Reply, text: str) -> Answer:
    """Return the answer with what a model wrote; one that says it does not know is a refusal."""
    return begun.answer.model_copy(update={"text": text, "refused": begun.answer.refused or is_refusal(text)})


def _nearest(retriever: Retriever, question: str, words: str, k: int, scope: Scope) -> Answer:
    """Return what a model is to answer from, refused where the documents do not hold the answer."""
    passages = tuple(retriever.find(words, k=k, filters=scope.filters, mode=scope.mode))
    support = retriever.support(words, scope)
    return Answer(
        question=question,
        text="",
        passages=passages,
        citations=cite(passages),
        support=support,
        min_support=retriever.min_evidence,
        refused=not passages or not retriever.is_known(support),
    )


def prompt(opened: Index, question: str, passages: Sequence[Passage], *, context_chars: int) -> Message:
    """Return the user's turn that shows passages, with what stands around them as far as they go, and asks."""
    wide = widen(opened, passages, max_chars=context_chars)
    budget = len(question) + context_chars
    return Message(role="user", content=RETRIEVAL.render(question, wide, max_chars=budget))
