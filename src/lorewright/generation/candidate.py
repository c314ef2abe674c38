"""What a pattern proposes before anybody judged it."""

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class Candidate:
    """A question and an answer that stands in the document.

    Attributes:
        spans: Stretches of `Document.text` that support the answer, in order.
        pattern: `section`, `table`, `signature`, `docstring` or `definition`.
        heading: The heading, term or name that it was made from.
        weakness: Why the pattern itself finds it weak; empty when it does not.
    """

    question: str
    answer: str
    spans: tuple[Span, ...]
    pattern: str
    heading: str
    weakness: str = ""
