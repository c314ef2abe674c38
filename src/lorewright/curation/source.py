"""What the answers of an example may rest on."""

from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.curation.turns import questions, quotes
from lorewright.text.source import Source, source_from


def source_of(
    example: Example, *, chunk_texts: Mapping[str, str], chunk_headings: Mapping[str, tuple[str, ...]]
) -> Source:
    """Return what the answers of an example may rest on.

    Args:
        example: Its questions and evidence; a question with shown passages counts without them.
        chunk_texts: Text of every chunk by its id.
        chunk_headings: Headings of every chunk by its id.
    """
    ids = dict.fromkeys(piece.chunk_id for piece in example.evidence)
    lines = [line for one in ids for line in (*chunk_headings.get(one, ()), chunk_texts.get(one, ""))]
    return source_from(quoted=quotes(example), around="\n".join(lines), asked="\n".join(questions(example)))
