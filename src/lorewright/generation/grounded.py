"""Questions shown with passages, as serving shows them: the answer cites, or says that the passages do not tell.

No model is asked. An answer is that of a `qa` example with the numbers of the passages that prove it; distractors stand
around them, and for a share of the questions the proof is left out and the answer is the template's refusal.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from lorewright.core.ids import short_id
from lorewright.core.making import make_example
from lorewright.core.records import Example, Message, Passage, Rejection
from lorewright.llm.retrieval_template import (
    CLOSING,
    OPENING,
    RETRIEVAL,
    RetrievalTemplate,
    quoted,
    without_turns,
)
from lorewright.text.tokens import squash, words
from lorewright.text.vocabulary import ASKING

FILTER = "grounding"
TASK = "grounded_qa"
MAX_SUPPORT = 0.6
MAX_NEAR = 0.8
Retrieve = Callable[[str], Sequence[Passage]]
PassageOf = Callable[[str], Passage | None]


def ground(
    examples: Iterable[Example],
    retrieve: Retrieve,
    passage_of: PassageOf,
    *,
    passages: int,
    max_chars: int,
    unanswerable_share: float,
    seed: int,
    template: RetrievalTemplate = RETRIEVAL,
) -> Iterator[Example | Rejection]:
    """Yield each question once more with passages, or why that cannot be.

    What is shown, where the proof stands and which questions stay without it depends on the example's id and the seed
    alone, and on what is retrieved.

    Args:
        examples: Of task `qa`: one question, an answer, evidence; or of task `refusal`, whose question no passage
            answers.
        retrieve: Returns the passages that serving would show for a question, best first, secrets masked.
        passage_of: Returns the passage of a chunk id, None where the index has it no more.
        passages: How many are shown at most.
        max_chars: Budget of passages in characters, as in serving: the question comes on top of it.
        unanswerable_share: Of the `qa` examples, 0 to 1.
        seed: Of the choice.
        template: How passages and question become a prompt.

    Yields:
        Examples of task `grounded_qa` (or `refusal`) with the origin and the evidence of the one they are made of, and
        `question`, `passages` (chunk ids), `of` (its id) and `refusal` (true where it is one) in their metadata;
        rejections of record `candidate`. Evidence of a refusal is what its question was made from.
    """
    for example in examples:
        question = example.prompt
        found = list(_distinct(retrieve(question)))
        if example.metadata.get("refusal"):
            shown = _near_misses(example, question, found, passage_of, seed)
            yield _refused(example, question, shown, template, passages, max_chars)
            continue
        gold = _gold(example, found, passage_of)
        if not gold:
            yield _rejection(example, "the passage that proves it is not in the index")
            continue
        others = [one for one in found if not _proves(example, one)]
        silent = [one for one in others if _is_silent(one, example, gold)]
        if silent and _draw(seed, "unanswerable", example.id) < unanswerable_share:
            yield _refused(example, question, silent, template, passages, max_chars)
            continue
        yield _answered(example, question, gold, others, template, passages, max_chars, seed)


def supports(passage: Passage, question: str, answer: str) -> bool:
    """Whether a passage may hold an answer: most of its telling words, or all figures that the question has not."""
    asked = set(words(question))
    told = [word for word in dict.fromkeys(words(answer)) if word not in asked and word not in ASKING]
    there = set(words(passage.text))
    figures = [word for word in told if any(sign.isdigit() for sign in word)]
    if figures and there.issuperset(figures):
        return True
    # An answer in the question's own words, a yes for instance, may stand anywhere that has these words.
    telling = told or [word for word in asked if word not in ASKING]
    return sum(word in there for word in telling) >= MAX_SUPPORT * len(telling)


def _is_silent(passage: Passage, example: Example, gold: Sequence[Passage]) -> bool:
    """Whether a passage surely does not answer: it stands elsewhere, and says neither the answer nor the question."""
    headings = {one.headings[-1] for one in gold if one.headings}
    if any(passage.document_id == one.document_id for one in gold) or headings.intersection(
        passage.headings[-1:]
    ):
        return False
    answer = example.messages[-1].content
    return not _is_near(passage, example.prompt) and not supports(passage, example.prompt, answer)


def _is_near(passage: Passage, question: str) -> bool:
    """Whether a passage has so many of a question's telling words that it may answer it."""
    asked = {word for word in words(question) if word not in ASKING}
    there = words(" ".join((passage.title, *passage.headings, passage.text)))
    return len(asked.intersection(there)) >= MAX_NEAR * len(asked)


def _near_misses(
    example: Example, question: str, found: Sequence[Passage], passage_of: PassageOf, seed: int
) -> list[Passage]:
    """Return what a question was made from, among passages that have too few of its words to answer it."""
    own = {one.chunk_id: one for piece in example.evidence if (one := passage_of(piece.chunk_id))}
    far = [one for one in found if one.chunk_id not in own and not _is_near(one, question)]
    place = int(_draw(seed, "place", example.id) * (min(len(far), 2) + 1))
    return list(_distinct([*far[:place], *own.values(), *far[place:]]))


def _gold(example: Example, found: Sequence[Passage], passage_of: PassageOf) -> list[Passage]:
    """Return passages that together hold each quote of the evidence, or none where a quote is nowhere."""
    gold: dict[str, Passage] = {}
    for piece in example.evidence:
        known = (one for one in [*gold.values(), *found] if _holds(one, piece.quote))
        passage = next(known, None) or passage_of(piece.chunk_id)
        if passage is None or not _holds(passage, piece.quote):
            return []
        gold[passage.chunk_id] = passage
    return list(gold.values())


def _answered(
    example: Example,
    question: str,
    gold: Sequence[Passage],
    others: Sequence[Passage],
    template: RetrievalTemplate,
    passages: int,
    max_chars: int,
    seed: int,
) -> Example | Rejection:
    room = max(passages - len(gold), 0)
    place = int(_draw(seed, "place", example.id) * (min(room, len(others)) + 1))
    for shown in (
        [*others[:place], *gold, *others[place:room]],
        [*gold, *others[:room]],
    ):
        prompt = template.render(question, shown, max_chars=len(question) + max_chars)
        if all(_is_shown(prompt, piece.quote) for piece in example.evidence):
            numbers = [number for number, one in enumerate(shown, start=1) if one in gold]
            answer = _with_marks(example.messages[-1].content, numbers)
            return _made(example, TASK, question, prompt, answer, shown, refusal=False)
    return _rejection(example, f"its evidence does not fit into {max_chars} characters of passages")


def _refused(
    example: Example,
    question: str,
    shown: Sequence[Passage],
    template: RetrievalTemplate,
    passages: int,
    max_chars: int,
) -> Example | Rejection:
    if not shown:
        return _rejection(example, "no passage to show that does not answer it")
    prompt = template.render(question, shown[:passages], max_chars=len(question) + max_chars)
    task = example.task if example.metadata.get("refusal") else TASK
    return _made(example, task, question, prompt, template.refusal, shown[:passages], refusal=True)


def _made(
    example: Example,
    task: str,
    question: str,
    prompt: str,
    answer: str,
    shown: Sequence[Passage],
    *,
    refusal: bool,
) -> Example:
    visible = [one.chunk_id for number, one in enumerate(shown, start=1) if shows(prompt, number)]
    kept = {key: value for key, value in example.metadata.items() if key != "refusal"}
    return make_example(
        task=task,
        messages=(Message(role="user", content=prompt), Message(role="assistant", content=answer)),
        evidence=example.evidence,
        origin=example.origin,
        metadata={
            **kept,
            "question": question,
            "passages": visible,
            "of": example.id,
            **({"refusal": True} if refusal else {}),
        },
    )


def shows(prompt: str, number: int) -> bool:
    """Whether a prompt had room for the passage of a number."""
    return f"\n[{number}]\n{OPENING}\n" in prompt


def _with_marks(answer: str, numbers: Sequence[int]) -> str:
    marks = "".join(f"[{number}]" for number in numbers)
    bare = answer.rstrip()
    # Behind the fence of a block of code a mark would break it, and in it be code.
    return f"{bare}\n\n{marks}" if bare.endswith(("```", "~~~")) else f"{bare} {marks}"


def _is_shown(prompt: str, quote: str) -> bool:
    return squash(without_turns(quoted(quote))) in squash(prompt.rpartition(CLOSING)[0])


def _proves(example: Example, passage: Passage) -> bool:
    return any(_holds(passage, piece.quote) for piece in example.evidence)


def _holds(passage: Passage, quote: str) -> bool:
    return squash(quote) in squash(passage.text)


def _distinct(passages: Iterable[Passage]) -> Iterator[Passage]:
    seen: set[str] = set()
    for passage in passages:
        text = squash(passage.text)
        if text not in seen:
            seen.add(text)
            yield passage


def _draw(seed: int, purpose: str, example_id: str) -> float:
    """Return a number from 0 up to 1 that follows from an example alone."""
    return int(short_id(purpose, seed, example_id), 16) / 16**16


def _rejection(example: Example, reason: str) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=short_id(TASK, example.id),
        filter=FILTER,
        reason=reason,
        name=example.prompt[:200],
    )
