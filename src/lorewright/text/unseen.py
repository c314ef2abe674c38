"""Characters that nobody sees, looked past: a prompt leaves some of them out, and what they part is one word again."""

import re
from collections.abc import Callable
from itertools import chain

from lorewright.core.printable import UNPRINTABLE
from lorewright.text.masking import Found, merge

# Soft hyphens, joiners, selectors and fillers, which stay in prompts, and the backslash that Markdown and TeX have
# before an underscore.
_UNSEEN = re.compile(
    rf"(?:\\(?=_)|[{UNPRINTABLE}\u00ad\u034f\u115f\u1160\u180b-\u180f\u200c\u200d\u2061-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f"
    "\uffa0])+"
)


def find_past_unseen(text: str, find: Callable[[str], list[Found]]) -> list[Found]:
    """Return what is found in a text as it stands, and as it reads without what nobody sees; places are the text's."""
    gaps = [match.span() for match in _UNSEEN.finditer(text)]
    found = find(text)
    if not gaps:
        return found
    starts = [0, *(end for _, end in gaps)]
    ends = [*(start for start, _ in gaps), len(text)]
    stretches = [range(start, end) for start, end in zip(starts, ends, strict=True)]
    places = list(chain.from_iterable(stretches))
    bare = find("".join(text[part.start : part.stop] for part in stretches))
    return merge((*found, *(Found(one.kind, places[one.start], places[one.end - 1] + 1) for one in bare)))
