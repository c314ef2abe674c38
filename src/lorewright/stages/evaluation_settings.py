"""[evaluation] of `lore.toml`."""

from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lorewright.core.settings import Section, no_effect
from lorewright.evaluation.systems import PROJECT_MODELS, RAG_SUFFIX, RETRIEVAL, STRUCTURED_ONLY

_NAMED = (
    *(f"{name}{suffix}" for name in PROJECT_MODELS for suffix in ("", RAG_SUFFIX)),
    RETRIEVAL,
    *STRUCTURED_ONLY,
)


def _system(name: str) -> str:
    """Return the name of a system that there may be; whether a provider is known is told when it is asked."""
    provider, _, model = name.removesuffix(RAG_SUFFIX).partition("/")
    if name not in _NAMED and not (provider and model):
        near = get_close_matches(name, _NAMED, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"{name!r} is no system{meant}: {', '.join(_NAMED)}, PROVIDER/MODEL or own/RUN, both with +rag if wanted"
        )
    return name


System = Annotated[str, AfterValidator(_system)]
_Share = Annotated[float, Field(ge=0, le=1)]


class GateSettings(Section):
    """[evaluation.gate]: what is asked of the model before it may be used; nothing unless one of the limits is set."""

    metric: str = Field(
        "",
        description="The one that counts, where a task has it; by default the one that decides the verdict.",
    )
    system: Literal["", "tuned", "tuned+rag"] = Field(
        "", description="What is to be used; empty is the better of the two."
    )
    min_gain: _Share | None = Field(
        None, description="The least lead over the best alternative; it must be certain, too."
    )
    max_drop: _Share | None = Field(
        None, description="The most that may be lost against the version in production and the baselines."
    )
    tolerance: _Share = Field(0.0, description="By how much more a drop is let pass.")
    test_sets: tuple[Literal["questions", "unseen-docs", "seen-docs"], ...] = Field(
        (), description="Those that count; by default the first of these three that a task has."
    )
    baselines: str = Field(
        "baselines.json", description="File beside `lore.toml` with what was scored before."
    )
    production: str = Field(
        "", description="Run or ref of the version in production; by default `models/PROJECT/production`."
    )
    max_general_loss_increase: float | None = Field(
        None, ge=0, description="How much worse than its base it may know general text, in nats a token."
    )

    @property
    def is_set(self) -> bool:
        """Whether anything is asked."""
        return any(
            limit is not None for limit in (self.min_gain, self.max_drop, self.max_general_loss_increase)
        )


class ForgettingSettings(Section):
    """[evaluation.forgetting]: whether the tuned model still knows what its base knew."""

    text: str = Field(
        "",
        description="General text to measure it on: `general` comes with lore, or a file of yours, blank lines between "
        "paragraphs; empty measures only what the gate asks for, on `general`.",
    )
    lm_eval_tasks: tuple[str, ...] = Field(
        (), description='Tasks of lm-evaluation-harness, e.g. `["arc_easy"]`; it fetches their data.'
    )
    lm_eval_examples: int | None = Field(
        None, ge=1, description="The first so many of a task; all when not set."
    )


class AnswerJudgeSettings(Section):
    """[evaluation.judge]: a model that marks answers; it decides nothing unless `evaluation.metric` says so."""

    model: str = Field(
        "",
        description="`PROVIDER/MODEL`, `transformers/MODEL` or `gguf/FILE`; empty judges nothing.",
    )
    rubric: str = Field(
        "correctness",
        min_length=1,
        description="`correctness` (against the reference), `faithfulness` (to the evidence), or a file of your own.",
    )
    asks: Literal["points", "pairs", "both"] = Field(
        "points", description="Points for each answer, which of two is better (in both orders), or both."
    )
    pairs: tuple[tuple[System, System], ...] = Field(
        (
            ("tuned", "base"),
            ("tuned", "retrieval"),
            ("tuned+rag", "base+rag"),
            ("tuned+rag", "retrieval"),
        ),
        description="Systems whose answers are compared.",
    )
    max_examples: int = Field(
        50, ge=1, description="Test examples a task and test set that it is asked about."
    )
    seed: int = Field(0, ge=0, description="Of the draw.")
    max_new_tokens: int = Field(400, ge=1, le=100_000, description="Longest reply.")
    max_failed: float = no_effect(
        0.2, "Share of answers that may stay without a usable reply before the command fails.", ge=0, le=1
    )
    concurrency: int = no_effect(8, "Calls at a time.", ge=1, le=1024)
    stop_at_usd: float | None = no_effect(None, "Dollars that one command may spend on calls.", ge=0)
    stop_at_tokens: int | None = no_effect(None, "Tokens that one command may use, read and written.", ge=1)

    @property
    def scores_points(self) -> bool:
        """Whether each answer gets points."""
        return self.asks != "pairs"

    @property
    def compares(self) -> bool:
        """Whether answers are compared."""
        return self.asks != "points"


class EvaluationSettings(Section):
    """[evaluation]"""

    systems: tuple[System, ...] = Field(
        _NAMED,
        min_length=1,
        description=(
            "What to compare; the last three of these only for structured tasks. `PROVIDER/MODEL` is another model, "
            "`own/RUN` an earlier one of this project; both may have `+rag` behind them."
        ),
    )
    max_examples: int = Field(
        200, ge=1, description="Test examples a task and test set, of as many groups as there are."
    )
    max_new_tokens: int = Field(256, ge=1, description="Longest answer, in tokens; a cut one counts as none.")
    passages: int = Field(3, ge=1, description="Passages in a prompt with retrieval.")
    context_chars: int = Field(1500, ge=1, description="Characters of passages in a prompt.")
    metric: str = Field(
        "",
        description="The one that decides, where it applies; by default `field_accuracy` for JSON answers, else "
        "`token_f1`. With `judge` the judge is asked about every test example.",
    )
    metrics: tuple[str, ...] = Field(
        (),
        description="Metrics of other packages, by the names of their entry points in `lorewright.metrics`.",
    )
    min_gain: float = Field(
        0.02, ge=0, le=1, description="The least gain over the best alternative worth having."
    )
    note: str = Field("", description="What a reader of the report must know; blank lines part paragraphs.")
    report_examples: int = Field(8, ge=0, description="Examples a task shown side by side in the report.")
    judge: AnswerJudgeSettings = AnswerJudgeSettings()
    ratings: str = Field(
        "ratings.csv",
        description="File beside `lore.toml` with people's ratings of answers; `lore evaluate --rate` makes one.",
    )
    gate: GateSettings = no_effect(GateSettings(), "Checked on a finished evaluation.")
    forgetting: ForgettingSettings = no_effect(ForgettingSettings(), "Measured beside the evaluation.")
    batch_size: int = no_effect(32, "Answers that a model in this process makes side by side.", ge=1)
    concurrency: int = no_effect(8, "Calls of a server at a time.", ge=1, le=1024)
    stop_at_usd: float | None = no_effect(
        None, "Dollars that one command may spend on calls, of all models and the judge together.", ge=0
    )
    stop_at_tokens: int | None = no_effect(
        None, "Tokens that one command may use, read and written, of all models and the judge together.", ge=1
    )
