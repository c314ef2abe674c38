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
from lorewright.curation.one_passage import drop_reworded
from lorewright.stages.curation_settings import CurationSettings
from lorewright.text.wordings import Wordings


def together(chosen: CurationSettings, *, embed: Embed | None = None) -> list[Together]:
    """Return the filters of all examples that are left, without those that are switched off.

    Args:
        chosen: The settings.
        embed: Texts to vectors; without it nothing is compared by meaning.
    """
    seed, wordings = chosen.seed, Wordings()
    filters: list[tuple[str, Together]] = [
        ("exact_duplicate", partial(drop_exact, wordings=wordings)),
        ("ambiguous_question", partial(drop_ambiguous, wordings=wordings)),
        (
            "repeated_question",
            partial(
                drop_repeated_questions, threshold=chosen.question_threshold, seed=seed, wordings=wordings
            ),
        ),
        (
            "near_duplicate",
            partial(drop_near, threshold=chosen.near_duplicate_threshold, seed=seed, wordings=wordings),
        ),
        (
            "repeated_answer",
            partial(drop_repeated_answers, threshold=chosen.answer_threshold, seed=seed, wordings=wordings),
        ),
        ("near_duplicate", partial(drop_reworded, wordings=wordings)),
    ]
    if embed is not None:
        by_meaning = partial(drop_same_meaning, embed=embed, threshold=chosen.meaning_threshold)
        filters.append(("same_meaning", by_meaning))
    return [one for name, one in filters if name not in chosen.off]
