"""The filters of one example with their settings, in the order they are asked."""

from collections.abc import Mapping
from functools import partial

from lorewright.curation.curate import SCHEMA, Alone
from lorewright.curation.filters import bad_evidence, bad_json, bad_length, bad_roles
from lorewright.stages.curation_settings import CurationSettings


def alone(chosen: CurationSettings, *, chunk_texts: Mapping[str, str]) -> dict[str, Alone]:
    """Return the filters of one example by name, without those that are switched off.

    Args:
        chosen: The settings.
        chunk_texts: Text of every chunk by its id.
    """
    filters: dict[str, Alone] = {
        SCHEMA: bad_roles,
        "json": bad_json,
        "length": partial(
            bad_length,
            max_answer_chars=chosen.max_answer_chars,
            min_answer_chars=chosen.min_answer_chars,
            max_prompt_chars=chosen.max_prompt_chars,
        ),
        "evidence": partial(bad_evidence, chunk_texts=chunk_texts, min_support=chosen.min_support),
    }
    return {name: one for name, one in filters.items() if name not in chosen.off}
