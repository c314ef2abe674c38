"""[evaluation] of `lore.toml`."""

from difflib import get_close_matches
from typing import Annotated

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
        200, ge=1, description="Test examples a task and test set, chosen by a stable hash."
    )
    max_new_tokens: int = Field(128, ge=1, description="Longest answer, in tokens.")
    passages: int = Field(3, ge=1, description="Passages in a prompt with retrieval.")
    context_chars: int = Field(1500, ge=1, description="Characters of passages in a prompt.")
    min_gain: float = Field(
        0.02, ge=0, le=1, description="The least gain over the best alternative worth having."
    )
    note: str = Field("", description="What a reader of the report must know; blank lines part paragraphs.")
    report_examples: int = Field(8, ge=0, description="Examples a task shown side by side in the report.")
    batch_size: int = no_effect(32, "Answers that a model in this process makes side by side.", ge=1)
    concurrency: int = no_effect(8, "Calls of a server at a time.", ge=1, le=1024)
    stop_at_usd: float | None = no_effect(None, "Dollars that one command may spend on calls.", ge=0)
    stop_at_tokens: int | None = no_effect(None, "Tokens that one command may use, read and written.", ge=1)
