"""What curate takes from the settings tree."""

from lorewright.core.settings import Section, no_effect
from lorewright.stages.asking import AskedModel, judge_model
from lorewright.stages.curation_settings import CurationSettings
from lorewright.stages.settings import IndexSettings, ProviderSettings, Settings


class Part(Section):
    """What curate takes from the settings tree.

    Attributes:
        hold_back: Whether a passage with a secret in it is not shown to the judge at all, rather than masked.
        embedder: What of `[index]` decides by which vectors examples are compared; nothing where they are not.
    """

    curation: CurationSettings
    hold_back: bool = False
    embedder: IndexSettings = IndexSettings()
    providers: dict[str, ProviderSettings] = no_effect({}, "Servers by name.")
    device: str = no_effect("auto", "Where a model in this process runs.")
    threads: int = no_effect(2, "CPU threads of a model in this process.")


def select(settings: Settings) -> Part:
    """Return curate's part of the tree."""
    return Part(
        curation=settings.curation,
        hold_back=bool(settings.curation.judge.model) and settings.generation.secrets == "hold back",
        embedder=_embedder(settings),
        providers=settings.providers,
        device=settings.training.device,
        threads=settings.training.threads,
    )


def _embedder(settings: Settings) -> IndexSettings:
    index = settings.index
    if not index.embedder or "same_meaning" in settings.curation.off:
        return IndexSettings()
    return IndexSettings(
        embedder=index.embedder, passage_prefix=index.passage_prefix, embed_batch=index.embed_batch
    )


def asked_model(part: Part) -> AskedModel | None:
    """Return the judge; None where nobody judges."""
    return judge_model(
        part.curation.judge,
        key="curation.judge",
        command="lore curate",
        providers=part.providers,
        device=part.device,
        threads=part.threads,
    )


def spending_at_most(part: Part, usd: float) -> Part:
    """Return the settings with no more to spend on calls than some dollars, whatever they cost by the plan."""
    own = part.curation.judge.stop_at_usd
    limit = usd if own is None else min(own, usd)
    judge = part.curation.judge.model_copy(update={"stop_at_usd": limit})
    return part.model_copy(update={"curation": part.curation.model_copy(update={"judge": judge})})
