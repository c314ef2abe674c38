"""The settings of `[curation]` in `lore.toml`."""

from typing import Annotated, Literal

from pydantic import Field

from lorewright.core.settings import Section, no_effect

Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
FilterName = Literal[
    "json",
    "length",
    "form",
    "refusal",
    "context",
    "generic",
    "boilerplate",
    "paths",
    "language",
    "evidence",
    "grounding",
    "exact_duplicate",
    "ambiguous_question",
    "repeated_question",
    "near_duplicate",
    "repeated_answer",
    "same_meaning",
]


class JudgeSettings(Section):
    """[curation.judge]: a model that scores what the filters keep; it never rewrites an answer."""

    model: str = Field(
        "",
        description="`PROVIDER/MODEL`, `transformers/MODEL` or `gguf/FILE`; empty judges nothing.",
    )
    rubric: str = Field(
        "faithfulness", min_length=1, description="`faithfulness`, `quality`, or a prompt file of your own."
    )
    min_score: Fraction = Field(
        0.5,
        description="Examples with a lower score are rejected: 0 is the worst that a rubric gives, 1 the best.",
    )
    seed: int = Field(0, ge=0, description="Of the draw.")
    max_new_tokens: int = Field(400, ge=1, le=100_000, description="Longest reply.")
    max_failed: float = no_effect(
        0.2, "Share of examples that may stay without a usable score before the command fails.", ge=0, le=1
    )
    concurrency: int = no_effect(8, "Calls at a time.", ge=1, le=1024)
    stop_at_usd: float | None = no_effect(None, "Dollars that one command may spend on calls.", ge=0)
    stop_at_tokens: int | None = no_effect(None, "Tokens that one command may use, read and written.", ge=1)


class BalanceSettings(Section):
    """[curation.balance]: how much of the examples one source or task may be."""

    by: Literal["none", "task", "source", "document", "source and task"] = Field(
        "none", description="What is evened out; `none` leaves everything as it is."
    )
    method: Literal["cap", "resample"] = Field(
        "cap",
        description="`cap` leaves out what exceeds max_share; `resample` also repeats small groups in training.",
    )
    max_share: float = Field(0.5, gt=0, le=1, description="Largest share of the kept examples of one group.")
    max_repeats: Count = Field(4, description="How often training may see one example of a small group.")
    seed: int = Field(0, description="Of the stable hash that chooses which stay.")


class CurationSettings(Section):
    """[curation]"""

    off: tuple[FilterName, ...] = Field((), description="Filters that are not applied.")
    min_answer_chars: int = Field(4, ge=0, description="Shorter answers are rejected.")
    max_answer_chars: Count = Field(2000, description="Longer answers are rejected.")
    max_prompt_chars: Count = Field(8000, description="Longer prompts are rejected.")
    min_support: Fraction = Field(
        0.55,
        description="Share of an answer that its evidence must carry, words, numbers and names together.",
    )
    question_threshold: Fraction = Field(
        0.5,
        description="Share of pairs of neighbouring content words (Jaccard) that makes two questions one, where the "
        "answers are alike or of one passage.",
    )
    near_duplicate_threshold: Fraction = Field(
        0.65,
        description="Share of content words (Jaccard), asked and answered, that makes two near copies.",
    )
    answer_threshold: Fraction = Field(
        0.8,
        description="Share of three-word runs (Jaccard) that makes two answers one, where the questions are alike.",
    )
    meaning_threshold: Fraction = Field(
        0.7,
        description="Cosine similarity of question and answer together that makes two of one passage a pair, where "
        "`index.embedder` is set; of two passages, half as far from 1.",
    )
    edge_cases: int = Field(
        40, ge=0, description="Longest, shortest and rarest examples set aside for people to see."
    )
    seed: int = Field(0, description="Seed of the MinHash permutations.")
    balance: BalanceSettings = BalanceSettings()
    judge: JudgeSettings = JudgeSettings()
