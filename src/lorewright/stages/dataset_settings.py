"""The settings of `[dataset]` in `lore.toml`."""

from typing import Annotated

from pydantic import Field

from lorewright.core.settings import Section, no_effect

Fraction = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class DatasetSettings(Section):
    """[dataset]"""

    name: str = no_effect("", "Folder of its versions, `datasets/NAME/vN`; empty takes the project's name.")
    questions: str = Field(
        "questions.jsonl",
        description="Your own questions, one JSON object a line: question, and where its answer stands (`path`, with "
        "`lines` or `quote`), or `answerable: false`. They are a test of their own and never trained on. Missing is "
        "none.",
    )
    ratios: tuple[Fraction, Fraction, Fraction] = Field(
        (0.8, 0.1, 0.1), description="Shares of groups for train, validation and unseen test."
    )
    seen_ratio: Fraction = Field(0.1, description="Share of train documents' question clusters held out.")
    max_test_chars: Count = Field(50_000, description="Longer documents are never held out for testing.")
    split_by: str = Field("", description="Metadata field whose values stay whole, e.g. template.")
    near_duplicate_threshold: Fraction = Field(
        0.8, description="Documents this alike share a side; questions this alike ask the same."
    )
    min_examples: int = Field(20, ge=1, description="Fewer training examples are an error.")
    seed: int = Field(0, description="Seed of the stable hash that deals the groups out.")
