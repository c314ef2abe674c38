"""The filters of one example with their settings, in the order they are asked."""

from collections.abc import Mapping
from functools import partial

from lorewright.curation.boilerplate import is_boilerplate
from lorewright.curation.context import lacks_context
from lorewright.curation.curate import SCHEMA, Alone
from lorewright.curation.evidence import bad_evidence
from lorewright.curation.filters import bad_json, bad_length, bad_roles
from lorewright.curation.form import bad_form, undue_refusal
from lorewright.curation.generic import is_generic
from lorewright.curation.grounding import ungrounded
from lorewright.curation.language import wrong_language
from lorewright.curation.paths import machine_path
from lorewright.stages.curation_settings import CurationSettings


def alone(
    chosen: CurationSettings,
    *,
    chunk_texts: Mapping[str, str],
    chunk_headings: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, Alone]:
    """Return the filters of one example by name, without those that are switched off.

    Args:
        chosen: The settings.
        chunk_texts: Text of every chunk by its id.
        chunk_headings: Headings of every chunk by its id: an answer may repeat their words.
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
        "form": partial(bad_form, chunk_texts=chunk_texts),
        "refusal": undue_refusal,
        "context": lacks_context,
        "boilerplate": is_boilerplate,
        "paths": partial(machine_path, chunk_texts=chunk_texts),
        "language": wrong_language,
        "generic": partial(is_generic, chunk_texts=chunk_texts),
        "evidence": partial(bad_evidence, chunk_texts=chunk_texts),
        "grounding": partial(
            ungrounded,
            chunk_texts=chunk_texts,
            chunk_headings=chunk_headings or {},
            min_support=chosen.min_support,
        ),
    }
    return {name: one for name, one in filters.items() if name not in chosen.off}
