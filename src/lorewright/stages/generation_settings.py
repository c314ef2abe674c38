"""The settings of `[generation]` and `[log_analysis]` in `lore.toml`."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from lorewright.core.records import Role
from lorewright.core.settings import Section, no_effect
from lorewright.loganalysis.schema import CATEGORIES, SEVERITIES

Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
EXTRACTIVE = "extractive"


class MappedMessage(Section):
    """[[generation.own.NAME.messages]]: one message of an example."""

    role: Role = Field(description="Who says it.")
    content: str = Field(
        min_length=1, description="A Jinja template that knows `reply`, `item` and what the prompt knows."
    )


class OwnTaskSettings(Section):
    """[generation.own.NAME]: a task of your own, from a prompt file, a JSON schema and a mapping to messages."""

    prompt: str = Field(description="File with the prompt, a Jinja template; relative to lore.toml.")
    answer_schema: str = Field(description="File with the JSON schema of the reply.")
    items: str = Field(
        "",
        description="Dotted path to the list in the reply that has one example an entry; empty is the reply.",
    )
    messages: tuple[MappedMessage, ...] = Field(
        min_length=2,
        description='Messages of an example: `[{ role = "user", content = "{{ item.question }}" }, ...]`.',
    )
    evidence: tuple[str, ...] = Field(
        (),
        description="Templates of quotes that must stand in the passage, e.g. `{{ item.evidence }}`; empty is all of "
        "it.",
    )
    kinds: Literal["prose", "code", "log", "any"] = Field("any", description="Documents that it is made of.")
    per: Literal["chunk", "document"] = Field("chunk", description="What one prompt shows.")


class GenerationSettings(Section):
    """[generation]"""

    model: str = Field(
        EXTRACTIVE,
        min_length=1,
        description="`extractive`: from structure, no model. Else `PROVIDER/MODEL` of a server, `transformers/MODEL` "
        "or `gguf/FILE` in this process, `own` or `own/RUN` for a model trained here.",
    )
    tasks: tuple[str, ...] = Field(
        ("qa",),
        min_length=1,
        description="What to make: `qa`, `grounded_qa`, `refusal`, `code_explanation`, `code_completion`, "
        "`code_documentation`, `summary`, `conversation`, `log_analysis`, `queries`, a name of yours or a plug-in's.",
    )
    subject: str | None = Field(
        None, description="What questions name; default the project, empty the document's own name."
    )
    labels: tuple[str, ...] = Field(
        (), description="JSONL files of labelled documents: path, analysis, template."
    )
    queries: tuple[str, ...] = Field(
        (), description="JSONL files of real questions (`question`) that the task `queries` answers."
    )
    own: dict[str, OwnTaskSettings] = Field({}, description="Tasks of your own by name.")
    audience: str = Field("", description='Whom to write for, e.g. "operators who know Linux, not the code".')
    difficulty: str = Field("", description='How hard the questions are to be, e.g. "advanced".')
    style: str = Field("", description='How to write, e.g. "short and plain".')
    answer_language: str = Field("", description="Language to write in; empty is that of the passage.")
    samples: Count = Field(1, description="Different answers to each prompt.")
    temperature: float | None = Field(
        None, ge=0, le=2, description="Of the draw; by default 0 for one sample and 0.7 for more."
    )
    top_p: float = Field(1.0, gt=0, le=1, description="Share of probability that is drawn from.")
    seed: int = Field(0, ge=0, description="Of the draw, of positions and of what `sample` chooses.")
    max_new_tokens: int = Field(
        1024, ge=1, le=100_000, description="Longest reply; a higher one asks only cut replies again."
    )
    quantization: Literal["none", "nf4"] = Field(
        "none", description="Of a `transformers/` model: nf4 is 4 bits."
    )
    sources: tuple[str, ...] = Field((), description="Only these sources; empty is all.")
    paths: tuple[str, ...] = Field(
        (), description="Only paths that fit one of these gitignore-style patterns."
    )
    languages: tuple[str, ...] = Field(
        (), description="Only these kinds of document or programming languages, e.g. `rust`."
    )
    limit: Count | None = Field(None, description="Only so many passages, the first ones.")
    sample: Count | None = Field(None, description="Only so many passages, chosen by a stable hash.")
    secrets: Literal["mask", "hold back"] = Field(
        "mask",
        description="What becomes of a passage with a key or a password: masked, or not shown to a model.",
    )
    unanswerable: Fraction = Field(
        0.2,
        description="Share of `grounded_qa` whose passages do not hold the answer, so that it is refused.",
    )
    accept_unanswered: bool = Field(
        False, description="Finish without the calls that got no answer; they are recorded as failed."
    )
    max_failed: float = no_effect(
        0.2, "Share of replies that may be unusable before the command fails.", ge=0, le=1
    )
    concurrency: int = no_effect(8, "Calls at a time.", ge=1, le=1024)
    stop_at_usd: float | None = no_effect(None, "Dollars that one command may spend on calls.", ge=0)
    stop_at_tokens: int | None = no_effect(None, "Tokens that one command may use, read and written.", ge=1)

    @field_validator("tasks")
    @classmethod
    def _once(cls, tasks: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tasks))

    @model_validator(mode="after")
    def _samples_differ(self) -> "GenerationSettings":
        if self.samples > 1 and self.temperature == 0:
            raise ValueError(
                f"{self.samples} samples at temperature 0 are the same answer; leave temperature out"
            )
        return self

    def resolved_temperature(self) -> float:
        """Return the temperature, by default the one that makes several samples differ."""
        if self.temperature is not None:
            return self.temperature
        return 0.0 if self.samples == 1 else 0.7


class LogAnalysisSettings(Section):
    """[log_analysis]: what an analysis of a log may say."""

    categories: tuple[str, ...] = Field(CATEGORIES, min_length=1, description="Kinds of error.")
    severities: tuple[str, ...] = Field(SEVERITIES, min_length=1, description="From mild to grave.")
