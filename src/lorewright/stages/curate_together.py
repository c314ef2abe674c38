"""The filters of all examples that are left, with their settings, in the order they are applied."""

from functools import partial

from lorewright.curation.curate import Together
from lorewright.curation.duplicates import (
    drop_ambiguous,
    drop_exact,
    drop_near,
    drop_repeated_answers,
    drop_repeated_questions,
)
from lorewright.curation.meaning import Embed, drop_same_meaning
from lorewright.stages.curation_settings import CurationSettings


def together(chosen: CurationSettings, *, embed: Embed | None = None) -> list[Together]:
    """Return the filters of all examples that are left, without those that are switched off.

    Args:
        chosen: The settings.
        embed: Texts to vectors; without it nothing is compared by meaning.
    """
    filters: dict[str, Together] = {
        "exact_duplicate": drop_exact,
        "ambiguous_question": drop_ambiguous,
        "repeated_question": partial(
            drop_repeated_questions, threshold=chosen.question_threshold, seed=chosen.seed
        ),
        "near_duplicate": partial(drop_near, threshold=chosen.near_duplicate_threshold, seed=chosen.seed),
        "repeated_answer": partial(
            drop_repeated_answers, threshold=chosen.answer_threshold, seed=chosen.seed
        ),
    }
    if embed is not None:
        filters["same_meaning"] = partial(drop_same_meaning, embed=embed, threshold=chosen.meaning_threshold)
    return [one for name, one in filters.items() if name not in chosen.off]
