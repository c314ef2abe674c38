"""Questions to a project: passages from its index, an answer from them, or from its own model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lorewright.core.errors import NotFoundError
from lorewright.core.records import Message, Passage
from lorewright.core.workspace import Workspace
from lorewright.llm.templates import retrieval_prompt
from lorewright.retrieval.answer import Answer, answer
from lorewright.retrieval.index import Index
from lorewright.retrieval.merging import best_passages
from lorewright.stages import base, index, train
from lorewright.stages.settings import EvaluationSettings

Stream = Callable[[Sequence[Message], int], Iterator[str]]


@dataclass(frozen=True)
class Filters:
    """Where to look: kinds and sources by name, paths by a glob; empty is everywhere."""

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    path: str = ""


def open_newest(workspace: Workspace) -> Index:
    """Return the newest index of a project.

    Raises:
        NotFoundError: Nothing is indexed yet.
    """
    run = workspace.newest("index")
    if run is None:
        raise NotFoundError(f"Nothing is indexed yet in {workspace.project_dir}.", "lore index")
    return index.open_run(workspace, run)


def find(opened: Index, question: str, *, k: int, filters: Filters) -> list[Passage]:
    """Return the best passages for a question, duplicates merged."""
    return best_passages(
        opened,
        question,
        k=k,
        kinds=filters.kinds or None,
        sources=filters.sources or None,
        path_glob=filters.path or None,
    )


def answer_from_passages(opened: Index, question: str, *, k: int, filters: Filters) -> Answer:
    """Return an answer made of the best passages' own words, with citations; no model is asked."""
    return answer(question, find(opened, question, k=k, filters=filters))


def with_passages(question: str, passages: Sequence[Passage], evaluation: EvaluationSettings) -> Message:
    """Return the user's turn that shows passages and asks the question, as in evaluation."""
    budget = len(question) + evaluation.context_chars
    return Message(role="user", content=retrieval_prompt(question, passages, max_chars=budget))


def own_model(workspace: Workspace, *, threads: int) -> tuple[str, Stream] | None:
    """Return the name and the stream of the project's own model: its newest GGUF, or else its adapter; None without."""
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
