"""The settings tree of `lore.toml`: every key, its default and what it means.

`lore schema` prints it as JSON Schema; docs/settings.md lists it. Stages take their part and hand named arguments on.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from lorewright.core.settings import Section, check, no_effect, override, read_toml
from lorewright.core.workspace import SETTINGS_FILE
from lorewright.llm.presets import PRESETS
from lorewright.stages.curation_settings import CurationSettings
from lorewright.stages.dataset_settings import DatasetSettings
from lorewright.stages.evaluation_settings import EvaluationSettings
from lorewright.stages.generation_settings import GenerationSettings, LogAnalysisSettings
from lorewright.stages.source_settings import IngestSettings, SourceSettings

Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Stemming = Literal[
    "none",
    "arabic",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hungarian",
    "italian",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "spanish",
    "swedish",
    "tamil",
    "turkish",
]
Strategy = Literal["auto", "headings", "paragraphs", "windows", "code"]


class ProjectSettings(Section):
    """[project]"""

    name: str = Field(min_length=1, description="What the documents are about; generated questions name it.")


def _below(section: Section, names: Sequence[str], limit: str) -> None:
    for name in names:
        if getattr(section, name) >= getattr(section, limit):
            message = f"{name} {getattr(section, name)} is not less than {limit} {getattr(section, limit)}"
            raise ValueError(message)


class TokenSettings(Section):
    """[chunking.tokens]: sizes in tokens instead of characters."""

    tokenizer: str = Field(
        "", description="A `tokenizer.json`, a folder that holds one, or a Hub name; empty counts characters."
    )
    max_tokens: int = Field(400, ge=16, description="Largest chunk, in tokens.")
    min_tokens: int = Field(60, ge=0, description="Smaller neighbouring sections are merged up to this.")
    overlap_tokens: int = Field(40, ge=0, description="Tokens shared by neighbouring `windows`.")

    @model_validator(mode="after")
    def _fit_together(self) -> "TokenSettings":
        _below(self, ("min_tokens", "overlap_tokens"), "max_tokens")
        return self


class ChunkingSettings(Section):
    """[chunking]"""

    strategies: tuple[Strategy, ...] = Field(
        ("auto",), min_length=1, description="How to cut; several stand beside each other."
    )
    max_chars: int = Field(1500, ge=100, description="Largest chunk, in characters.")
    min_chars: int = Field(200, ge=0, description="Smaller neighbouring sections are merged up to this.")
    overlap_chars: int = Field(150, ge=0, description="Characters shared by neighbouring `windows`.")
    tokens: TokenSettings = TokenSettings()

    @model_validator(mode="after")
    def _fit_together(self) -> "ChunkingSettings":
        _below(self, ("min_chars", "overlap_chars"), "max_chars")
        return self


class IndexSettings(Section):
    """[index]"""

    exclude_kinds: tuple[str, ...] = Field((), description="Document kinds left out of retrieval, e.g. log.")
    stemming: Stemming = Field(
        "english", description="Language whose word forms count as one; `none` keeps each word as it is."
    )
    embedder: str = Field(
        "",
        description="`sentence-transformers/MODEL`, a Hub name or a folder, or `PROVIDER/MODEL`, for search by "
        "meaning; empty searches by words alone.",
    )
    passage_prefix: str = Field("", description='What the embedder wants before a passage, e.g. "passage: ".')
    query_prefix: str = Field("", description='What it wants before a question, e.g. "query: ".')
    embed_batch: int = no_effect(16, "Passages handed to the embedder at a time.", ge=1)


class ProbeSettings(Section):
    """[probe]: what the index is asked about itself."""

    sections: int = Field(
        200,
        ge=0,
        description="Sections asked for by their heading, to measure the index and to learn when it does not know.",
    )
    max_passages: Count = Field(
        100_000, description="Passages searched for it; of more, whole documents are chosen by a stable hash."
    )


class ProviderSettings(Section):
    """[providers.NAME]: a server with an OpenAI-compatible API, or what is to change of a known one.

    Known without a section are openai, ollama, vllm, llamacpp, gemini, anthropic and mistral.
    """

    base_url: str = Field(
        "",
        description="Up to and with the version, e.g. `http://127.0.0.1:8080/v1`; a known server has its own.",
    )
    api_key_env: str | None = Field(
        None,
        description="Variable with its key; empty if it wants none. Known servers have theirs, e.g. OPENAI_API_KEY.",
    )
    api: Literal["openai", "ollama"] | None = Field(
        None,
        description="What answers are generated by; by default the OpenAI-compatible API, for `ollama` its own.",
    )
    timeout_s: float = Field(120.0, gt=0, description="Seconds to wait for its next bytes.")
    usd_per_million_input: float | None = Field(
        None,
        ge=0,
        description="US dollars for a million tokens read; by default nothing on this machine, else unknown.",
    )
    usd_per_million_output: float | None = Field(None, ge=0, description="The same for tokens written.")


class AskSettings(Section):
    """[ask]: answers to people and programs."""

    model: str = Field(
        "",
        description="`PROVIDER/MODEL` that writes the answers; empty is your own trained model in `chat`, and the "
        "documents' own words in `ask`.",
    )
    passages: int = Field(5, ge=1, le=100, description="Passages that an answer is made of.")
    context_chars: Count = Field(
        6000, description="Characters of passages in a provider's prompt, what stands around them included."
    )
    max_new_tokens: Count = Field(512, description="Longest answer of a provider, in tokens.")
    min_evidence: Fraction | None = Field(
        None,
        description="Evidence from 0 to 1 below which an answer is refused as not in the documents; by default "
        "what the index has learned of itself, 0 never refuses.",
    )


class TinySettings(Section):
    """[training.tiny]: the built-in base, made from train-side documents."""

    vocabulary_size: int = Field(4096, ge=300, description="Tokens of its byte-level BPE.")
    steps: Count = Field(650, description="Steps of pretraining.")
    hidden_size: Count = Field(192, description="Width.")
    layers: Count = Field(4, description="Depth.")
    sequence_length: int = Field(256, ge=32, description="Tokens a pretraining sequence.")
    batch_size: Count = Field(4, description="Sequences a step.")


TINY = "tiny"
# By method and whether the base is the tiny one. For real models the usual ones; the tiny base's were searched for.
_RATES = {("lora", False): 2e-4, ("full", False): 2e-5, ("lora", True): 5e-3, ("full", True): 2e-3}


class TrainingSettings(Section):
    """[training]"""

    base: str = Field("tiny", description="`tiny`, a model folder, or a Hub name.")
    method: Literal["auto", "lora", "full"] = Field(
        "auto", description="Adapter or all weights; `auto` is all for the tiny base, else an adapter."
    )
    rank: Count = Field(16, description="LoRA rank.")
    alpha: Count = Field(32, description="LoRA alpha.")
    dropout: Fraction = Field(0.05, description="LoRA dropout.")
    learning_rate: float | None = Field(
        None, gt=0, description="Peak learning rate; by default what suits base and method."
    )
    epochs: float = Field(3.0, gt=0, description="Passes over the training split.")
    batch_size: Count = Field(8, description="Examples a device step.")
    gradient_accumulation: Count = Field(1, description="Device steps an optimiser step.")
    max_length: int = Field(
        1024, ge=32, description="Tokens an example may have; longer ones are counted out."
    )
    warmup_ratio: Fraction = Field(0.05, description="Share of steps that warm up.")
    weight_decay: float = Field(0.0, ge=0, description="AdamW weight decay.")
    seed: int = Field(0, description="Seed of order, dropout and new weights.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="Where to train and evaluate.")
    threads: int = Field(2, ge=1, description="CPU threads; part of what makes a result repeatable.")
    save_steps: int = no_effect(50, "Steps between checkpoints.", ge=1)
    tiny: TinySettings = TinySettings()

    def resolved_method(self) -> Literal["lora", "full"]:
        """Return the method that `auto` stands for."""
        if self.method == "auto":
            return "full" if self.base == TINY else "lora"
        return self.method

    def resolved_rate(self) -> float:
        """Return the learning rate, by default the one that suits base and method."""
        return self.learning_rate or _RATES[self.resolved_method(), self.base == TINY]


class ExportSettings(Section):
    """[export]"""

    types: tuple[Literal["f16", "q8_0", "f32"], ...] = Field(
        ("f16", "q8_0"), min_length=1, description="GGUF types to write."
    )
    check_prompts: Count = Field(8, description="Validation prompts compared after export.")


class BudgetSettings(Section):
    """[budget]: what `lore run` may spend without being asked."""

    train_minutes: float = no_effect(0.0, "Estimated minutes of training that need no `--train`.", ge=0)
    calls_usd: float = no_effect(
        0.0, "Estimated dollars of calls to a model elsewhere that `lore run` may spend.", ge=0
    )


class Settings(Section):
    """The whole of `lore.toml`."""

    project: ProjectSettings
    sources: tuple[SourceSettings, ...] = Field(min_length=1)
    ingest: IngestSettings = IngestSettings()
    chunking: ChunkingSettings = ChunkingSettings()
    index: IndexSettings = IndexSettings()
    probe: ProbeSettings = ProbeSettings()
    ask: AskSettings = AskSettings()
    generation: GenerationSettings = GenerationSettings()
    log_analysis: LogAnalysisSettings = LogAnalysisSettings()
    curation: CurationSettings = CurationSettings()
    dataset: DatasetSettings = DatasetSettings()
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    export: ExportSettings = ExportSettings()
    budget: BudgetSettings = BudgetSettings()
    providers: dict[str, ProviderSettings] = Field({}, description="Servers by name, for `PROVIDER/MODEL`.")

    @field_validator("providers")
    @classmethod
    def _addressed(cls, providers: dict[str, ProviderSettings]) -> dict[str, ProviderSettings]:
        for name, provider in providers.items():
            if not provider.base_url and name not in PRESETS:
                message = f"[providers.{name}] has no base_url; only {', '.join(PRESETS)} need none"
                raise ValueError(message)
        return providers

    @model_validator(mode="after")
    def _unique_sources(self) -> "Settings":
        labels = [source.label for source in self.sources]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            message = f"two sources are called {twice[0]!r}; give one a `name`"
            raise ValueError(message)
        return self


def load(project_dir: Path, assignments: tuple[str, ...] = ()) -> Settings:
    """Return the checked settings of a project, with `--set` assignments laid over the file.

    Raises:
        ConfigError: The file or an assignment cannot be used.
    """
    path = project_dir / SETTINGS_FILE
    tree = override(read_toml(path), assignments)
    return check(tree, Settings, where=f"{SETTINGS_FILE} with --set" if assignments else SETTINGS_FILE)
