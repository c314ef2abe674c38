"""Whether texts hold the evidence of an example, and whether other passages answer its question otherwise."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from lorewright.core.records import Example, Passage
from lorewright.llm.citing import without_marks
from lorewright.text.function_words import EVERY_FUNCTION_WORD
from lorewright.text.grounding import unsupported
from lorewright.text.names import names
from lorewright.text.negated import denies
from lorewright.text.numbers import numbers
from lorewright.text.replaced import unknown_number
from lorewright.text.shingles import runs
from lorewright.text.source import Source, content, source_from
from lorewright.text.tokens import squash, words

RIGHT_SCORE = 0.5
"""Token F1 from which an answer in words may be right: if it has words of the reference that the question has not."""
OWN_WORDS = 0.5
"""Share of the words that a reference says beyond its question, which an answer that is right must say."""
HELD_RUNS = 0.8
"""Share of a quote's runs of three words that a text must have to hold it; the rest may be cut or spelled otherwise."""
SUPPORT = 0.7
"""Share of an answer that a text must carry to count as where it comes from, as `text.support.support` counts it."""
CARRIED_WORDS = 0.8
"""Share of an answer's own content that the evidence must have to carry all that it says."""
ASKED_WORDS = 0.7
"""Share of a question's content that a passage must have to be about it, with every name of it."""
SAME_SUBJECT = 0.5
"""Share of an answer's own content that the evidence must have, for the two to speak of the same thing."""
FEW_WORDS = 3
"""An answer with no more words of its own is a value, whose subject is the question's."""


class Otherwise(NamedTuple):
    """A passage that carries an answer which the evidence contradicts, and in what they differ."""

    passage: Passage
    difference: str


def holds(text: str, quote: str) -> bool:
    """Whether a text holds a quote, or nearly all of it: passages are joined, cut and freed of marks on their way."""
    if squash(quote).casefold() in squash(text).casefold():
        return True
    wanted = _runs(quote)
    return len(wanted & _runs(text)) >= HELD_RUNS * len(wanted)


def telling_quotes(example: Example) -> list[str]:
    """Return the quotes of the evidence that say something of the reference; the head of a table, say, does not."""
    own = own_words(example)
    telling = [piece.quote for piece in example.evidence if own & set(words(piece.quote))]
    return telling or [piece.quote for piece in example.evidence]


def holds_part(example: Example, text: str) -> bool:
    """Whether a text holds a telling quote of the evidence."""
    return bool(text.strip()) and any(holds(text, quote) for quote in telling_quotes(example))


def holds_evidence(example: Example, texts: Iterable[str]) -> bool:
    """Whether some texts hold the evidence: all its telling quotes, or so many that they carry the reference."""
    there, quotes = [text for text in texts if text.strip()], telling_quotes(example)
    held = [quote for quote in quotes if any(holds(text, quote) for text in there)]
    if not held or len(held) == len(quotes):
        return bool(held)
    reference = example.messages[-1].content
    return not unsupported(reference, source_of("\n".join(held), example), min_support=SUPPORT)


def own_words(example: Example) -> set[str]:
    """Return the words that a reference says beyond its question."""
    said = words(example.messages[-1].content)
    return {word for word in said if word not in EVERY_FUNCTION_WORD} - set(words(example.prompt))


def source_of(text: str, example: Example) -> Source:
    """Return a text as what an answer to an example's question may rest on."""
    return source_from(quoted=text, around=text, asked=example.prompt)


def evidence_text(example: Example) -> str:
    """Return the quotes of an example's evidence, a line each."""
    return "\n".join(piece.quote for piece in example.evidence)


def right_words(example: Example, answer: str, value: float) -> str:
    """Return in what an answer is right; empty where it is not.

    It is where it says the whole reference; or where its token F1 is high enough, it says enough of what the reference
    says beyond the question, and says no number or name that neither reference nor evidence has.

    Args:
        example: With its reference, an answer in words.
        answer: What a system said.
        value: Its token F1.
    """
    reference, said = example.messages[-1].content, without_marks(answer)
    if holds(said, reference):
        return "it says the whole reference"
    own = own_words(example)
    enough = len(own & set(words(said))) >= OWN_WORDS * len(own)
    source = source_of(f"{reference}\n{evidence_text(example)}", example)
    if value >= RIGHT_SCORE and enough and not unsupported(said, source, min_support=SUPPORT, free=True):
        return "it says what the reference says, nearly in its words"
    return ""


def evidence_words(example: Example, answer: str) -> str:
    """Return how an answer rests on the evidence, whatever the reference says; empty where it does not."""
    said = without_marks(answer)
    if example.evidence and holds_evidence(example, [said]):
        return "it quotes the evidence"
    source = source_of(evidence_text(example), example)
    own = [word for word in content(said) if not source.asked.families.hold(word)]
    quoted = sum(source.quoted.families.hold(word) for word in own)
    carried = quoted >= max(FEW_WORDS, CARRIED_WORDS * len(own)) and not unsupported(
        said, source, min_support=SUPPORT
    )
    return "the evidence carries all that it says" if carried else ""


def otherwise(example: Example, answer: str, passages: Sequence[Passage]) -> Otherwise | None:
    """Return the first passage that answers an example's question otherwise, as an answer does; None where none does.

    It speaks of what is asked, carries the answer and not the reference, and the answer has another number than
    reference and evidence, or denies what they say. Which of the two is right is not said.

    Args:
        example: With its evidence.
        answer: What a system said.
        passages: Of the corpus.
    """
    said = without_marks(answer)
    difference = _difference(example, said)
    if not difference:
        return None
    reference = example.messages[-1].content
    for passage in passages:
        text = "\n".join((passage.title, *passage.headings, passage.text))
        source = source_of(text, example)
        if (
            not holds_evidence(example, [text])
            and _is_about(example, source)
            and not unsupported(said, source, min_support=SUPPORT)
            and unsupported(reference, source, min_support=SUPPORT)
        ):
            return Otherwise(passage, difference)
    return None


def _difference(example: Example, said: str) -> str:
    """Return in what an answer contradicts the evidence; empty where the two do not speak of the same thing."""
    evidence = source_of(evidence_text(example), example)
    own = [word for word in content(said) if not evidence.asked.families.hold(word)]
    shared = sum(evidence.quoted.families.hold(word) for word in own)
    if not said.strip() or (len(own) > FEW_WORDS and shared < SAME_SUBJECT * len(own)):
        return ""
    counts = numbers(example.messages[-1].content) and numbers(evidence.quoted.text)
    differs = unknown_number(said, evidence) if counts else ""
    return differs or denies(said, evidence)


def _is_about(example: Example, source: Source) -> bool:
    asked = content(example.prompt)
    named = all(source.quoted.tokens.issuperset(one.bare) for one in names(example.prompt))
    shared = sum(source.quoted.families.hold(word) for word in asked)
    return named and bool(asked) and shared >= ASKED_WORDS * len(asked)


@lru_cache(maxsize=4096)
def _runs(text: str) -> frozenset[str]:
    return frozenset(runs(text))
