"""Models by their names in lore.toml: `PROVIDER/MODEL`, of `[providers]` or a known server, or in this process."""

from collections.abc import Mapping
from typing import Any

from lorewright.core.workspace import Workspace
from lorewright.hub.models import NotFetchedError, locate_embedder
from lorewright.llm.budget import Price
from lorewright.llm.embedders import IN_PROCESS, Embedder, embedder_identity, open_embedder
from lorewright.llm.endpoints import Endpoint, is_loopback
from lorewright.llm.presets import PRESETS
from lorewright.stages.settings import IndexSettings, ProviderSettings

Providers = Mapping[str, ProviderSettings]
_FREE = Price(usd_per_million_input=0.0, usd_per_million_output=0.0)


def endpoints(providers: Providers) -> dict[str, Endpoint]:
    """Return the servers by name: those that need no section, with what a section changes of them, and the others."""
    return {**PRESETS, **{name: _endpoint(name, one) for name, one in providers.items()}}


def price(provider: str, providers: Providers) -> Price | None:
    """Return what a provider takes: as it is configured, else nothing on this machine, else it is unknown.

    A price of which one half is configured takes the other half for nothing.
    """
    one = providers.get(provider, ProviderSettings())
    read, written = one.usd_per_million_input, one.usd_per_million_output
    if read is not None or written is not None:
        return Price(usd_per_million_input=read or 0.0, usd_per_million_output=written or 0.0)
    endpoint = endpoints(providers).get(provider)
    return _FREE if endpoint is None or is_loopback(endpoint) else None


def index_embedder(settings: IndexSettings, providers: Providers, workspace: Workspace) -> Embedder | None:
    """Return the embedder of an index, not loaded yet; None where none is set.

    Raises:
        ConfigError: Its provider is not configured.
        NotFoundError: Its model is neither a folder nor to be had from the Hub.
    """
    if not settings.embedder:
        return None
    provider, known = settings.embedder.partition("/")[0], endpoints(providers)
    return open_embedder(
        settings.embedder,
        endpoints=known,
        locate=lambda name: locate_embedder(name, workspace.project_dir),
        query_prefix=settings.query_prefix,
        passage_prefix=settings.passage_prefix,
        batch_size=settings.embed_batch,
        timeout_s=known[provider].timeout_s if provider in known else 120.0,
    )


def fetch_embedder(settings: IndexSettings, workspace: Workspace) -> None:
    """Fetch the embedder of an index, where it is a Hub model that is not in the cache yet.

    Raises:
        NotFoundError: It is neither a folder nor to be had from the Hub.
    """
    provider, _, model = settings.embedder.partition("/")
    if provider == IN_PROCESS and model:
        locate_embedder(model, workspace.project_dir)


def index_identity(settings: IndexSettings, providers: Providers, workspace: Workspace) -> Any:
    """Return what the vectors of an index depend on; None without an embedder.

    Nothing is loaded, called or fetched: of a Hub model that is not in the cache it says just that.
    """
    if not settings.embedder:
        return None
    try:
        return embedder_identity(
            settings.embedder,
            endpoints=endpoints(providers),
            locate=lambda name: locate_embedder(name, workspace.project_dir, fetch=False),
            passage_prefix=settings.passage_prefix,
        )
    except NotFetchedError:
        return {"not fetched yet": settings.embedder}


def _endpoint(name: str, told: ProviderSettings) -> Endpoint:
    preset = PRESETS.get(name, Endpoint(name=name, base_url=""))
    return preset.model_copy(
        update={
            "base_url": told.base_url or preset.base_url,
            "api_key_env": preset.api_key_env if told.api_key_env is None else told.api_key_env,
            "api": told.api or preset.api,
            "timeout_s": told.timeout_s,
        }
    )
