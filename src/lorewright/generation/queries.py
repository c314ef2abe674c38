"""Real questions answered by a model from retrieved passages: what a small model is to learn from a large one."""

import re
from collections.abc import Callable, Sequence

from lorewright.core.making import make_example
from lorewright.core.printable import printable
from lorewright.core.records import Evidence, Example, Message, Passage, Rejection
from lorewright.generation.grounded import shows
from lorewright.generation.material import Piece
from lorewright.generation.prompting import holds_marks
from lorewright.llm.asking import Finish, Request, Sampling
from lorewright.llm.citing import is_refusal, marks
from lorewright.llm.retrieval_template import RETRIEVAL, RetrievalTemplate
from lorewright.text.answer_checks import bad_answer
from lorewright.text.tokens import words

TASK = "queries"
_MARKS = re.compile(r"\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]")


def query_request(
    question: str,
    passages: Sequence[Passage],
    *,
    max_chars: int,
    untitled: Callable[[str], bool] = lambda _document_id: False,
    sample: int = 0,
    sampling: Sampling = Sampling(),  # noqa: B008 - frozen
    max_new_tokens: int = 1024,
    template: RetrievalTemplate = RETRIEVAL,
) -> Request:
    """Return the request that has a question answered from passages: the prompt that serving shows, without paths.

    Args:
        question: As a user asked it.
        passages: That serving would show, best first, secrets masked.
        max_chars: Budget of passages in characters; the question comes on top of it.
        untitled: Whether the title of a document, by its id, is made of its path and so is not shown.
        sample: Number of the answer where several are wanted.
        sampling: How the answer is drawn.
        max_new_tokens: Longest answer.
        template: How passages and question become a prompt.
    """
    shown = [
        one.model_copy(update={"path": "", **({"title": ""} if untitled(one.document_id) else {})})
        for one in passages
    ]
    prompt = template.render(question, shown, max_chars=len(question) + max_chars)
    return Request(
        messages=(Message(role="user", content=prompt),),
        sampling=sampling,
        sample=sample,
        max_new_tokens=max_new_tokens,
    )


def read_query(
    question: str,
    passages: Sequence[Passage],
    text: str,
    *,
    finish: Finish,
    origin: str,
    max_chars: int,
    piece_of: Callable[[str], Piece | None],
    sample: int = 0,
    template: RetrievalTemplate = RETRIEVAL,
) -> Example | Rejection:
    """Return what a model's answer gives: an example whose prompt is serving's, or why it gives none.

    Args:
        question: As it was asked.
        passages: As in `query_request`.
        text: The answer.
        finish: Why it ends.
        origin: `provider/model`.
        max_chars: As in `query_request`.
        piece_of: Returns a chunk by its id; None where it is no more.
        sample: Number of the answer.
        template: As in `query_request`.

    Returns:
        An example of task `queries` whose evidence is the chunks that it cites, of a refusal the nearest one, with
        `question`, `passages` (chunk ids) and `refusal` (true where it says that the passages do not tell) in its
        metadata; or a rejection.
    """
    answer = printable(text).strip()
    prompt = template.render(question, passages, max_chars=len(question) + max_chars)
    shown = [one for number, one in enumerate(passages, start=1) if shows(prompt, number)]
    refused = is_refusal(answer)
    cited = [] if refused else marks(answer)
    # A refusal leans on the nearest passage: without evidence no document would tell its side of the split.
    evidence = _evidence(shown, [1] if refused else cited, piece_of)
    reason = _refuse(question, shown, answer, cited, finish, refused=refused)
    if not reason and not refused and not evidence:
        reason = "the chunks that it cites are not there"
    example = make_example(
        task=TASK,
        messages=(
            Message(role="user", content=prompt),
            Message(role="assistant", content=template.refusal if refused else answer),
        ),
        evidence=evidence,
        origin=origin,
        metadata={
            "question": question,
            "passages": [one.chunk_id for one in shown],
            "sample": sample,
            **({"refusal": True} if refused else {}),
        },
    )
    if not reason:
        return example
    return Rejection(
        record="candidate", record_id=example.id, filter=TASK, reason=reason, name=question[:200]
    )


def _refuse(
    question: str,
    shown: Sequence[Passage],
    answer: str,
    cited: Sequence[int],
    finish: Finish,
    *,
    refused: bool,
) -> str:
    if finish != "stop":
        return f"the answer was cut ({finish})"
    if refused:
        return ""
    if reason := bad_answer(answer):
        return reason
    if holds_marks(answer):
        return f"holds marks of a prompt: {answer[:60]!r}"
    missing = [number for number in cited if not 0 < number <= len(shown)]
    if missing:
        return f"cites passage {missing[0]}, and {len(shown)} are shown"
    if not cited:
        return "cites no passage"
    known = {word for number in cited for word in words(shown[number - 1].text)} | set(words(question))
    said = words(_MARKS.sub(" ", answer))
    unknown = next((word for word in said if word not in known and any(map(str.isdigit, word))), "")
    return f"the passages that it cites do not hold {unknown!r}" if unknown else ""


def _evidence(
    shown: Sequence[Passage], numbers: Sequence[int], piece_of: Callable[[str], Piece | None]
) -> tuple[Evidence, ...]:
    """Return all of the passages with these numbers, from 1, as far as they are shown and still there."""
    pieces = [piece_of(shown[number - 1].chunk_id) for number in numbers if 0 < number <= len(shown)]
    return tuple(one for piece in pieces if piece for one in piece.evidence(0, len(piece.text)))
