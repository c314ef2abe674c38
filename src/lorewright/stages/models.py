"""Models by their names in lore.toml: `PROVIDER/MODEL` through `[providers]`, or a model in this process."""

from collections.abc import Mapping
from typing import Any

from lorewright.core.workspace import Workspace
from lorewright.hub.models import NotFetchedError, locate_embedder
from lorewright.llm.embedders import IN_PROCESS, Embedder, embedder_identity, open_embedder
from lorewright.llm.endpoints import Endpoint
from lorewright.stages.settings import IndexSettings, ProviderSettings

Providers = Mapping[str, ProviderSettings]


def endpoints(providers: Providers) -> dict[str, Endpoint]:
    """Return the configured servers by name."""
    return {
        name: Endpoint(name=name, base_url=one.base_url, api_key_env=one.api_key_env)
        for name, one in providers.items()
    }


def index_embedder(settings: IndexSettings, providers: Providers, workspace: Workspace) -> Embedder | None:
    """Return the embedder of an index, not loaded yet; None where none is set.

    Raises:
        ConfigError: Its provider is not configured.
        NotFoundError: Its model is neither a folder nor to be had from the Hub.
    """
    if not settings.embedder:
        return None
    provider = settings.embedder.partition("/")[0]
    return open_embedder(
        settings.embedder,
        endpoints=endpoints(providers),
        locate=lambda name: locate_embedder(name, workspace.project_dir),
        query_prefix=settings.query_prefix,
        passage_prefix=settings.passage_prefix,
        batch_size=settings.embed_batch,
        timeout_s=providers[provider].timeout_s if provider in providers else 120.0,
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
