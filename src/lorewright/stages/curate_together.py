"""The filters of all examples that are left, with their settings, in the order they are applied."""

from collections.abc import Sequence

from lorewright.core.records import Example, Rejection
from lorewright.curation.curate import Together
from lorewright.curation.duplicates import drop_exact, drop_near, drop_repeated_questions
from lorewright.stages.curation_settings import CurationSettings


def together(chosen: CurationSettings) -> list[Together]:
    """Return the filters of all examples that are left, without those that are switched off."""

    def near(examples: Sequence[Example]) -> list[Example | Rejection]:
        return drop_near(examples, threshold=chosen.near_duplicate_threshold, seed=chosen.seed)

    filters: dict[str, Together] = {
        "exact_duplicate": drop_exact,
        "repeated_question": drop_repeated_questions,
        "near_duplicate": near,
    }
    return [one for name, one in filters.items() if name not in chosen.off]
