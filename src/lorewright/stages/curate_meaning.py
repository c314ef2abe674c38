"""The embedder that curate compares examples with: the index's, where one is set."""

from typing import Any

from lorewright.core.progress import Reporter
from lorewright.core.workspace import Workspace
from lorewright.curation.meaning import Embed
from lorewright.stages.curate_part import Part
from lorewright.stages.models import index_identity
from lorewright.stages.vector_cache import text_embedder


def meaning_identity(part: Part, workspace: Workspace) -> Any:
    """Return what the vectors depend on; None where examples are not compared by meaning."""
    return index_identity(part.embedder, part.providers, workspace)


def meaning_embedder(part: Part, workspace: Workspace, reporter: Reporter) -> Embed | None:
    """Return what turns texts into vectors, each text once a workspace; None where no embedder is set.

    Raises:
        ConfigError: Its provider is not configured.
        NotFoundError: Its model is neither a folder nor to be had from the Hub.
    """
    return text_embedder(part.embedder, part.providers, workspace, reporter)
