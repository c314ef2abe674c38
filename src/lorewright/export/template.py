"""Chat templates for runtimes that know plain Jinja only."""

import re

GENERATION_TAG = re.compile(r"(\{%[-+]?)\s*(end)?generation\s*([-+]?%\})")


def plain_template(template: str) -> str:
    """Return a chat template without the tags that mark what is learned, a training extension of transformers.

    A condition that always holds stands in for them, so that the whitespace around them is treated alike.
    """
    return GENERATION_TAG.sub(
        lambda tag: f"{tag[1]} {'endif' if tag[2] else 'if true'} {tag[3]}",
        template,
    )
