"""Whether a source carries an answer: its numbers, its names, who has which role, and enough of its words."""

from lorewright.text.exchanged import exchanged
from lorewright.text.negated import denies
from lorewright.text.replaced import altered_code, unknown_name, unknown_number
from lorewright.text.source import Source
from lorewright.text.support import few_words


def unsupported(text: str, source: Source, *, min_support: float, free: bool = False) -> str:
    """Return what of an answer its source does not carry; empty where it carries all.

    Args:
        text: The answer.
        source: What it may rest on.
        min_support: Share of an answer that its evidence must carry, as `support` counts it.
        free: Whether it says in other words what a whole passage says: then only numbers, names and their roles are
            compared.
    """
    return (
        unknown_name(text, source, free=free)
        or unknown_number(text, source)
        or altered_code(text, source)
        or exchanged(text, source)
        or denies(text, source)
        or ("" if free else few_words(text, source, min_support=min_support))
    )
