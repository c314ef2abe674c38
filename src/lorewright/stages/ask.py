"""Questions to a project: passages from its index, and an answer of their own words or written by a model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.records import Message, Passage, Run
from lorewright.core.workspace import Workspace
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.retrieval.answer import Answer, answer
from lorewright.retrieval.evidence import Evidence
from lorewright.retrieval.filters import EVERYWHERE, Filters
from lorewright.retrieval.merging import best_passages, widen
from lorewright.retrieval.search import Index, Mode
from lorewright.stages import base, index, probe, train
from lorewright.stages.models import endpoints
from lorewright.stages.settings import AskSettings, EvaluationSettings, Settings

OWN, NONE = "own", "none"
Stream = Callable[[Sequence[Message], int], Iterator[str]]


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

    def support(self, question: str, filters: Filters = EVERYWHERE) -> float | None:
        """Return how likely it is that the documents answer a question, from 0 to 1; None where nothing was learned."""
        return self.evidence.support(self.index, question, filters) if self.evidence else None

    def is_known(self, support: float | None) -> bool:
        """Whether a question with this support is answered rather than refused."""
        return support is None or support >= self.min_evidence


@dataclass(frozen=True)
class AnswerModel:
    """A model that writes answers.

    Attributes:
        name: For people.
        stream: Conversation and longest answer in tokens to the pieces of the answer.
        passages: How many it is shown.
        context_chars: Characters of passages that it is shown.
        max_new_tokens: Longest answer.
    """

    name: str
    stream: Stream
    passages: int
    context_chars: int
    max_new_tokens: int


@dataclass(frozen=True)
class ModelAnswer:
    """An answer that a model is writing.

    Attributes:
        pieces: Its text, piece by piece; empty where the question was refused and no model was asked.
        passages: What it was given to read, numbered as in its prompt; the nearest ones where it was not asked.
        support: As `Retriever.support` told.
        refused: Whether the documents do not answer.
    """

    pieces: Iterator[str]
    passages: Sequence[Passage]
    support: float | None
    refused: bool


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


def answer_from_passages(
    retriever: Retriever, question: str, *, k: int, filters: Filters = EVERYWHERE, mode: Mode | None = None
) -> Answer:
    """Return an answer made of the best passages' own words, with citations; no model is asked.

    Where the documents do not seem to answer, its text is empty, `refused` is true and the passages are the nearest.
    """
    passages = retriever.find(question, k=k, filters=filters, mode=mode)
    support = retriever.support(question, filters)
    return answer(
        question,
        passages,
        stemming=retriever.index.stemming,
        support=support,
        min_support=retriever.min_evidence,
    )


def answer_with_model(
    retriever: Retriever,
    model: AnswerModel,
    question: str,
    history: Sequence[Message] = (),
    *,
    filters: Filters = EVERYWHERE,
    mode: Mode | None = None,
) -> ModelAnswer:
    """Return the answer that a model writes from the best passages; none is asked where the documents do not answer."""
    passages = retriever.find(question, k=model.passages, filters=filters, mode=mode)
    support = retriever.support(question, filters)
    if not passages or not retriever.is_known(support):
        return ModelAnswer(iter(()), passages, support, refused=True)
    turn = prompt(retriever.index, question, passages, context_chars=model.context_chars)
    return ModelAnswer(model.stream([*history, turn], model.max_new_tokens), passages, support, refused=False)


def prompt(opened: Index, question: str, passages: Sequence[Passage], *, context_chars: int) -> Message:
    """Return the user's turn that shows passages, with what stands around them as far as they go, and asks."""
    wide = widen(opened, passages, max_chars=context_chars)
    budget = len(question) + context_chars
    return Message(role="user", content=RETRIEVAL.render(question, wide, max_chars=budget))


def answer_model(workspace: Workspace, settings: Settings, name: str | None = None) -> AnswerModel | None:
    """Return the model that writes answers.

    Args:
        workspace: Of the project.
        settings: Of the project.
        name: `PROVIDER/MODEL`, `own` for the project's own trained model, `none`; by default what `ask.model` says,
            or the own one.

    Returns:
        None for `none`, and where the own model is asked for by default and there is none yet.

    Raises:
        ConfigError: The name has another form, or its provider is not configured.
        NotFoundError: The own model is asked for by name and there is none yet.
    """
    wanted = settings.ask.model if name is None else name
    if wanted == NONE:
        return None
    if wanted not in {"", OWN}:
        return _served_model(wanted, settings)
    found = _own_model(workspace, settings.evaluation, threads=settings.training.threads)
    if found is None and wanted == OWN:
        raise NotFoundError("No model is trained yet.", "lore plan")
    return found


def _served_model(name: str, settings: Settings) -> AnswerModel:
    from lorewright.llm.chat_server import stream_chat

    provider, _, model = name.partition("/")
    known = endpoints(settings.providers)
    if not model or provider not in known:
        raise ConfigError(
            f"The model {name!r} is not PROVIDER/MODEL; providers in lore.toml: {', '.join(known) or 'none'}.",
            f'add to lore.toml: [providers.{provider or "office"}] base_url = "http://127.0.0.1:8080/v1"',
        )
    ask: AskSettings = settings.ask
    stream = partial(stream_chat, known[provider], model, timeout_s=settings.providers[provider].timeout_s)
    return AnswerModel(name, stream, ask.passages, ask.context_chars, ask.max_new_tokens)


def _own_model(workspace: Workspace, shown: EvaluationSettings, *, threads: int) -> AnswerModel | None:
    """Return the project's own model, shown what it was evaluated with: its newest GGUF, or else its adapter."""
    found = _own_stream(workspace, threads=threads)
    return found and AnswerModel(*found, shown.passages, shown.context_chars, shown.max_new_tokens)


def _own_stream(workspace: Workspace, *, threads: int) -> tuple[str, Stream] | None:
    exported = workspace.newest("export")
    trained = workspace.newest("train")
    made_of = f"train/{train.ADAPTER}"
    if exported and trained and exported.consumed.get(made_of) == trained.outputs[train.ADAPTER]:
        folder = workspace.run_dir("export", exported.id)
        files = sorted(name for name in exported.outputs if name.endswith(".gguf"))
        best = next((name for name in files if "q8_0" in name), files[0])
        return f"{best} ({exported.id})", _gguf(folder / best, threads)
    base_run = workspace.find("base", trained.inputs["base"]) if trained else None
    if trained is None or base_run is None:
        return None
    return f"train/{trained.id}", _transformers(
        workspace, trained.id, base.path_of(workspace, base_run), threads
    )


def _gguf(path: Path, threads: int) -> Stream:
    from lorewright.llm.gguf_runtime import open_gguf

    return open_gguf(path, threads=threads).stream


def _transformers(workspace: Workspace, run_id: str, base_dir: Path, threads: int) -> Stream:
    from lorewright.llm.local import load

    trained = workspace.run_dir("train", run_id) / train.ADAPTER
    is_adapter = (trained / "adapter_config.json").is_file()
    model = load(
        base_dir if is_adapter else trained,
        adapter=trained if is_adapter else None,
        device="auto",
        dtype="auto",
        threads=threads,
    )
    return model.stream
