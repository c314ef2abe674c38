"""Whether the evidence carries an answer."""

from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.curation.source import source_of
from lorewright.curation.turns import FREE_TASKS, STRUCTURED_TASKS, answers, is_data, refuses
from lorewright.llm.citing import without_marks
from lorewright.text.grounding import unsupported


def ungrounded(
    example: Example,
    *,
    chunk_texts: Mapping[str, str],
    chunk_headings: Mapping[str, tuple[str, ...]],
    min_support: float,
) -> str | None:
    """Want every number, name and path of the answer, and enough of its words, in the evidence or the question.

    Args:
        example: Refusals, and data, pass; in a free task only numbers, names and their roles are compared.
        chunk_texts: Text of every chunk by its id.
        chunk_headings: Headings of every chunk by its id.
        min_support: Share of an answer that its evidence must carry, as `text.support.support` counts it.
    """
    if refuses(example) or example.task in STRUCTURED_TASKS or is_data(example):
        return None
    source = source_of(example, chunk_texts=chunk_texts, chunk_headings=chunk_headings)
    free = example.task in FREE_TASKS
    for text in answers(example):
        said = without_marks(text) if example.metadata.get("question") else text
        if reason := unsupported(said, source, min_support=min_support, free=free):
            return reason
    return None
