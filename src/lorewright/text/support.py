"""How much of an answer its evidence carries, in words."""

from lorewright.text.names import names
from lorewright.text.numbers import is_stated, numbers
from lorewright.text.source import Source, content
from lorewright.text.tokens import words

_QUOTED, _AROUND, _HARD, _PRIOR = 1.0, 0.3, 4.0, 4.5
_SHOWN_WORDS = 5


def support(text: str, source: Source) -> tuple[float, list[str]]:
    """Return the share of an answer that its evidence carries, 0 to 1, and the words that it does not.

    Only what the question does not say counts. For an answer speak 1 for each word (by its family) that the
    evidence has, 4 for each number or name of it, and 4.5 to begin with, so that a few words of one's own are free;
    against it 1 for each word that neither the evidence nor its chunk has, and 0.3 for one that the chunk has
    elsewhere.
    The weights were fitted on labelled answers (docs/figures-curation.md).
    """
    counted = {word for one in numbers(text) for word in words(one.said)}
    own = [word for word in content(text) if word not in counted and not source.asked.with_parts.hold(word)]
    unquoted = [word for word in own if not source.quoted.with_parts.hold(word)]
    missing = [word for word in unquoted if not source.around.with_parts.hold(word)]
    speaking = _PRIOR + _QUOTED * (len(own) - len(unquoted)) + _HARD * hard_content(text, source)
    against = len(missing) + _AROUND * (len(unquoted) - len(missing))
    return speaking / (speaking + against), missing


def few_words(text: str, source: Source, *, min_support: float) -> str:
    """Return that the evidence carries too little of an answer; empty where it carries enough."""
    share, missing = support(text, source)
    if share >= min_support:
        return ""
    shown = ", ".join(missing[:_SHOWN_WORDS])
    return f"the evidence carries {share:.0%} of the answer, wanted {min_support:.0%}; it has no {shown}"


def hard_content(text: str, source: Source) -> int:
    """Count numbers and names of an answer that its evidence has and its question has not."""
    stated = [one for one in numbers(text) if not is_stated(one, source.asked.numbers)]
    named = [one for one in names(text) if not source.asked.tokens.issuperset(one.bare)]
    return sum(is_stated(one, source.quoted.numbers) for one in stated) + sum(
        source.quoted.tokens.issuperset(one.bare) for one in named
    )
