"""The model that a stage asks: who it is, what stands behind its name, what it costs."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lorewright.core.errors import ConfigError, NotFoundError, ProviderError
from lorewright.core.ids import digest
from lorewright.core.records import Metadata
from lorewright.core.workspace import Workspace
from lorewright.hub.models import NotFetchedError, locate
from lorewright.llm.asking import Completion, Provider, Request
from lorewright.llm.budget import Price
from lorewright.llm.endpoints import is_loopback
from lorewright.llm.providers import open_provider
from lorewright.llm.replies import Replies
from lorewright.llm.reply import model_id
from lorewright.llm.scripted import ScriptedProvider
from lorewright.llm.transformers_provider import TransformersProvider, open_transformers_provider
from lorewright.stages.asking import SERVED, AskedModel, Model
from lorewright.stages.models import endpoints, price

REPLIES = "replies.sqlite"
OWN, BASE, TRANSFORMERS, GGUF, SCRIPTED = "own", "base", "transformers", "gguf", "scripted"


def is_served(asked: AskedModel) -> bool:
    """Whether the model is behind a server."""
    return asked.name.partition("/")[0] in endpoints(asked.providers)


def runs_elsewhere(asked: AskedModel | None) -> bool:
    """Whether a server on another machine is asked, which may cost money."""
    if asked is None or not is_served(asked):
        return False
    return not is_loopback(endpoints(asked.providers)[asked.name.partition("/")[0]])


def price_of(asked: AskedModel) -> Price | None:
    """Return what calls cost; None where nobody said what.

    Raises:
        ConfigError: Dollars are limited and nobody said what a call costs.
    """
    provider = asked.name.partition("/")[0]
    costs = price(provider, asked.providers)
    if asked.stop_at_usd is not None and costs is None:
        raise ConfigError(
            f"{asked.key}.stop_at_usd is {asked.stop_at_usd:g}, and what {provider} takes is not known.",
            f"set usd_per_million_input and usd_per_million_output in [providers.{provider}]",
        )
    return costs


def replies_path(workspace: Workspace) -> Path:
    """Return where replies are kept."""
    return workspace.root / REPLIES


def known_identity(asked: AskedModel, workspace: Workspace) -> Any:
    """Return what stands behind the model's name as far as it is known without a connection, and the epoch of replies.

    A server's model is what it was when it was last asked; the epoch changes when replies are asked for anew.
    """
    path = replies_path(workspace)
    epoch, served = 0, None
    if path.exists():
        with Replies(path) as replies:
            epoch, served = replies.epoch(), replies.resolution(asked.name)
    if is_served(asked):
        return [epoch, served or {"not asked yet": asked.name}]
    try:
        return [epoch, asyncio.run(_open(asked, workspace, fetch=False).resolve())]
    except NotFetchedError:
        return [epoch, {"not fetched yet": asked.name}]


def known_model(asked: AskedModel | None, workspace: Workspace) -> Any:
    """Return what a run's id has of the model; None where nobody is asked."""
    if asked is None:
        return None
    try:
        return known_identity(asked, workspace)
    except NotFoundError:
        # Where things stand can be told without it; who asks it is told what is missing.
        return {"not there": asked.name}


def resolve_served(asked: AskedModel, workspace: Workspace, *, must_answer: bool = False) -> bool:
    """Ask a server what stands behind the model's name and remember it; return whether that is news.

    A server that does not answer is no reason to stop where it was asked before, unless it must: all replies may be
    there.

    Raises:
        ConfigError: Its key is not set, or its address is none.
        ProviderError: It does not answer and never did, or must; or it has no such model.
    """
    if not is_served(asked):
        return False
    name = asked.name
    with Replies(replies_path(workspace)) as replies:
        before = replies.resolution(name)
        try:
            identity = asyncio.run(_resolved(_open(asked, workspace)))
        except ProviderError as error:
            if must_answer or before is None or error.wait_s is None:
                raise
            return False
        known = {key: value for key, value in (before or {}).items() if key != SERVED}
        # A server that tells less than before, its list being gone, says nothing of another model.
        if before is not None and identity.items() <= known.items():
            return False
        replies.remember_resolution(name, identity)
    return True


def resolved_or_why(asked: AskedModel | None, workspace: Workspace) -> list[str]:
    """Ask a server what stands behind the model's name, for a plan, which can be made without an answer.

    Returns:
        What a person should know: why there is no answer; else nothing.
    """
    try:
        if asked is not None:
            resolve_served(asked, workspace)
    except (ConfigError, ProviderError) as error:
        return [f"not asked yet: {error.message.rstrip('.')}. Next: {error.hint}"]
    return []


@contextmanager
def opened_model(asked: AskedModel, workspace: Workspace) -> Iterator[Model]:
    """Yield the model with the replies that are kept of it."""
    with Replies(replies_path(workspace)) as replies:
        provider = _open(asked, workspace)
        identity = replies.resolution(asked.name) if is_served(asked) else None
        if identity is None:
            identity = asyncio.run(provider.resolve())
        served = replies.served(model_id(identity)) if is_served(asked) else frozenset[str]()
        yield Model(asked, provider, identity, replies, price_of(asked), served)


async def _resolved(provider: Provider) -> Metadata:
    try:
        return await provider.resolve()
    finally:
        await provider.aclose()


def _open(asked: AskedModel, workspace: Workspace, *, fetch: bool = True) -> Provider:
    name = asked.name
    kind, _, rest = name.partition("/")
    if is_served(asked):
        return open_provider(name, endpoints=endpoints(asked.providers))
    if kind == OWN:
        return _own(asked, workspace, rest)
    if kind == BASE:
        return _base(asked, workspace, rest)
    if kind == SCRIPTED and rest:
        return _scripted(name, workspace.project_dir / rest)
    options = _options(asked, workspace, kind, rest, fetch=fetch)
    return open_provider(name, endpoints=endpoints(asked.providers), options=options)


def place_of(asked: AskedModel) -> str:
    """Return the address of the model's server; empty for a model in this process."""
    provider = asked.name.partition("/")[0]
    known = endpoints(asked.providers)
    return known[provider].base_url if provider in known else ""


def _scripted(name: str, path: Path) -> Provider:
    """Return a provider that draws its answers from the lines of a file, by what is asked; for trying things out."""
    try:
        answers = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The answers of {name!r} cannot be read: {error}.", "write one JSON value a line into that file"
        ) from error
    if not answers:
        raise ConfigError(f"There are no answers in {path}.", "write one JSON value a line into that file")

    def answer(request: Request) -> Completion:
        asked = digest([message.content for message in request.messages] + [request.sample])
        chosen = answers[int(asked[:8], 16) % len(answers)]
        return Completion(text=chosen if isinstance(chosen, str) else json.dumps(chosen, ensure_ascii=False))

    return ScriptedProvider(answer, name=name, content=digest(answers))


def _options(
    asked: AskedModel, workspace: Workspace, kind: str, model: str, *, fetch: bool
) -> dict[str, Any]:
    """Return what a provider in this process is opened with."""
    own: dict[str, Any] = {"threads": asked.threads, "slots": asked.concurrency}
    if kind == GGUF:
        return {**own, "path": workspace.project_dir / Path(model).expanduser()}
    if kind == TRANSFORMERS:
        path = locate(model, workspace.project_dir, instead=f"another {asked.key}.model", fetch=fetch)
        return {
            **own,
            "path": path,
            "device": asked.device,
            "quantization": asked.quantization,
            "batches": asked.batches,
        }
    return {}


def _own(asked: AskedModel, workspace: Workspace, name: str) -> Provider:
    """Return the model that was trained here: the newest, or that of a run or a ref."""
    # Training is made of what models were asked for; the other way round a model is found by its run alone.
    from lorewright.stages import base, train

    run = workspace.resolve(name) if name else workspace.newest("train")
    if run is None or run.stage != "train":
        why = f"it is a run of {run.stage}" if run else "nothing is trained yet"
        raise NotFoundError(f"{asked.name!r} is no trained model: {why}.", "lore train makes one")
    base_run = workspace.find("base", run.inputs["base"])
    if base_run is None:
        raise NotFoundError(f"The base model of train/{run.id} is gone.", "lore train")
    trained = workspace.run_dir("train", run.id) / train.ADAPTER
    is_adapter = run.metrics["method"] != "full"
    return in_process(
        asked,
        base.path_of(workspace, base_run) if is_adapter else trained,
        adapter=trained if is_adapter else None,
        content=digest([run.outputs[train.ADAPTER], base_run.outputs[base.MODEL]]),
    )


def _base(asked: AskedModel, workspace: Workspace, name: str) -> Provider:
    """Return the base model of a run of base, without what training adds to it."""
    from lorewright.stages import base

    run = workspace.find("base", name) if name else workspace.newest("base")
    if run is None:
        raise NotFoundError(f"{asked.name!r} is no base model.", "lore train makes or fetches it")
    return in_process(asked, base.path_of(workspace, run), content=run.outputs[base.MODEL])


def in_process(
    asked: AskedModel, path: Path, *, adapter: Path | None = None, content: str
) -> TransformersProvider:
    """Return a provider of a model that was made here.

    Args:
        asked: As it is asked.
        path: Its folder, or that of its base.
        adapter: Folder of a LoRA adapter to put on it.
        content: What the model is, such as a digest of what was trained.
    """
    provider = open_transformers_provider(
        asked.name,
        path=path,
        adapter=adapter,
        content=content,
        quantization=asked.quantization,
        device=asked.device,
        threads=asked.threads,
        slots=asked.concurrency,
        batches=asked.batches,
    )
    provider.name = asked.name
    return provider
