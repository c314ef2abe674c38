"""Who writes answers: the project's own trained model, or one behind a server."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.records import Message
from lorewright.core.workspace import Workspace
from lorewright.stages import base, train
from lorewright.stages.evaluation_settings import EvaluationSettings
from lorewright.stages.models import endpoints
from lorewright.stages.settings import AskSettings, Settings

OWN, NONE = "own", "none"
Stream = Callable[[Sequence[Message], int], Iterator[str]]


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
            f"The model {name!r} is not PROVIDER/MODEL; providers in lore.toml: "
            f"{', '.join(settings.providers) or 'none'}.",
            f'add to lore.toml: [providers.{provider or "office"}] base_url = "http://127.0.0.1:8080/v1"',
        )
    ask: AskSettings = settings.ask
    stream = partial(stream_chat, known[provider], model, timeout_s=known[provider].timeout_s)
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
