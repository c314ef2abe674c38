"""What generate takes from the settings tree."""

from typing import Any

from lorewright.core.settings import Section, no_effect
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.stages.asking import AskedModel
from lorewright.stages.generate_tasks import RETRIEVING
from lorewright.stages.generation_settings import EXTRACTIVE, GenerationSettings, LogAnalysisSettings
from lorewright.stages.settings import ProviderSettings, Settings


class Shown(Section):
    """How passages are shown: as the trained model will be asked.

    Attributes:
        passages: How many.
        context_chars: Characters of them.
        template: Id of the retrieval template.
        questions: The file of questions that no example may be made of.
    """

    passages: int
    context_chars: int
    template: str
    questions: str


class Part(Section):
    """What generate takes from the settings tree."""

    subject: str
    generation: GenerationSettings
    log_analysis: LogAnalysisSettings
    shown: Shown | None
    providers: dict[str, ProviderSettings] = no_effect({}, "Servers by name.")
    device: str = no_effect("auto", "Where a model in this process runs.")
    threads: int = no_effect(2, "CPU threads of a model in this process.")

    @property
    def has_model(self) -> bool:
        """Whether a model is asked."""
        return self.generation.model != EXTRACTIVE

    @property
    def options(self) -> dict[str, Any]:
        """What tasks without a model heed: categories and severities of an analysis, the seed of choices."""
        return {
            "categories": list(self.log_analysis.categories),
            "severities": list(self.log_analysis.severities),
            "seed": self.generation.seed,
        }


def asked_model(part: Part) -> AskedModel | None:
    """Return whom generation asks; None where it asks nobody."""
    chosen = part.generation
    if not part.has_model:
        return None
    return AskedModel(
        name=chosen.model,
        key="generation",
        command="lore generate",
        without="lore generate --accept-unanswered",
        providers=part.providers,
        concurrency=chosen.concurrency,
        stop_at_usd=chosen.stop_at_usd,
        stop_at_tokens=chosen.stop_at_tokens,
        quantization=chosen.quantization,
        device=part.device,
        threads=part.threads,
    )


def spending_at_most(part: Part, usd: float) -> Part:
    """Return the settings with no more to spend on calls than some dollars, whatever they cost by the plan."""
    own = part.generation.stop_at_usd
    limit = usd if own is None else min(own, usd)
    return part.model_copy(update={"generation": part.generation.model_copy(update={"stop_at_usd": limit})})


def select(settings: Settings) -> Part:
    """Return generate's part of the tree; how passages are shown only where a task shows some."""
    chosen = settings.generation
    shown = settings.evaluation
    return Part(
        subject=settings.project.name if chosen.subject is None else chosen.subject,
        generation=chosen,
        log_analysis=settings.log_analysis,
        shown=Shown(
            passages=shown.passages,
            context_chars=shown.context_chars,
            template=RETRIEVAL.id,
            questions=settings.dataset.questions,
        )
        if RETRIEVING.intersection(chosen.tasks)
        else None,
        providers=settings.providers,
        device=settings.training.device,
        threads=settings.training.threads,
    )
