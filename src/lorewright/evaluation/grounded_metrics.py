"""Whether answers rest on the passages that they cite, and whether systems refuse when they should and only then."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lorewright.core.records import Example, Prediction, Score
from lorewright.evaluation.failures import Shown, failed, paired
from lorewright.evaluation.metrics import is_structured
from lorewright.evaluation.systems import uses_passages
from lorewright.llm.citing import is_refusal, marks, without_marks
from lorewright.text.declining import declines
from lorewright.text.grounding import unsupported
from lorewright.text.source import source_from

CITATION_HOLDS = "citation_holds"
ANSWERED = "answered"
CORRECT_REFUSAL = "correct_refusal"


@dataclass(frozen=True)
class Refusals:
    """What one system refused.

    Attributes:
        unanswerable: Questions whose reference is a refusal.
        correct: Of these, how many it refused.
        answerable: The other questions.
        false: Of these, how many it refused.
        failed: Of all, how many predictions are no answers; they are no refusals either.
    """

    unanswerable: int
    correct: int
    answerable: int
    false: int
    failed: int


def refusal_scores(
    examples: Sequence[Example], predictions: Iterable[Prediction], *, shown: Shown | None = None
) -> Iterator[Score]:
    """Yield `correct_refusal` where the reference is a refusal, `answered` where it is an answer in words.

    Both are 1.0 or 0.0 and higher is better; one less the mean of `answered` is the share of false refusals and
    failures, which `refusals` tells apart. A prediction that is no answer scores 0 in both.

    Args:
        examples: What was asked.
        predictions: What came, of any systems.
        shown: As in `failures.failed`.

    Raises:
        EvaluationError: A prediction belongs to none of the examples.
    """
    for example, prediction in paired(examples, predictions):
        if is_structured(example):
            continue
        reason = failed(example, prediction, shown)
        said = "" if reason else refusal(example, prediction, shown)
        wanted = is_unanswerable(example)
        yield Score(
            example_id=example.id,
            system=prediction.system,
            metric=CORRECT_REFUSAL if wanted else ANSWERED,
            value=float(not reason and bool(said) == wanted),
            explanation=reason
            or (f"declines: {said!r}" if said else "answers where nothing is known" * wanted),
        )


def refusals(
    examples: Sequence[Example], predictions: Iterable[Prediction], *, shown: Shown | None = None
) -> dict[str, Refusals]:
    """Return what each system refused, by system; arguments and errors as in `refusal_scores`."""
    rows: dict[str, list[tuple[bool, bool, bool]]] = {}
    for example, prediction in paired(examples, predictions):
        if not is_structured(example):
            no_answer = bool(failed(example, prediction, shown))
            refused = not no_answer and bool(refusal(example, prediction, shown))
            rows.setdefault(prediction.system, []).append((is_unanswerable(example), refused, no_answer))
    return {
        system: Refusals(
            unanswerable=sum(wanted for wanted, _, _ in found),
            correct=sum(wanted and refused for wanted, refused, _ in found),
            answerable=sum(not wanted for wanted, _, _ in found),
            false=sum(refused and not wanted for wanted, refused, _ in found),
            failed=sum(no_answer for _, _, no_answer in found),
        )
        for system, found in rows.items()
    }


def refusal(example: Example, prediction: Prediction, shown: Shown | None = None) -> str:
    """Return the words in which a prediction refuses to answer; empty where it does not.

    It does where it says what the retrieval template asks for, or declines in words of its own and cites nothing.
    What the evidence, the passages that it was shown, or the reference of an answerable question say declines nothing.
    """
    text = prediction.text
    if is_refusal(text):
        return text.strip()[:60]
    known = [piece.quote for piece in example.evidence]
    if uses_passages(prediction.system):
        known += (shown or {}).get(example.id, ())
    if not is_unanswerable(example):
        known.append(example.messages[-1].content)
    return "" if marks(text) else declines(text, known="\n".join(known))


def is_unanswerable(example: Example) -> bool:
    """Whether the reference is that there is no answer."""
    return bool(example.metadata.get("refusal"))


def citation_scores(
    examples: Sequence[Example],
    predictions: Iterable[Prediction],
    *,
    numbered: Callable[[Example, Prediction], Sequence[str]],
    min_support: float,
    shown: Shown | None = None,
) -> Iterator[Score]:
    """Yield `citation_holds`: 1.0 where the passages that an answer cites carry it, else 0.0 and the reason.

    Left out are predictions that were shown no numbered passages, and examples whose reference is a refusal or a JSON
    object. A refusal of what can be answered, and a prediction that is no answer, hold nothing: 0.

    Args:
        examples: What was asked.
        predictions: What came, of any systems.
        numbered: Returns the texts of the passages that stood in a prediction's prompt, from number 1 on.
        min_support: As in `uncarried`.
        shown: As in `failures.failed`.

    Raises:
        EvaluationError: A prediction belongs to none of the examples.
    """
    for example, prediction in paired(examples, predictions):
        passages = numbered(example, prediction)
        if not passages or is_structured(example) or is_unanswerable(example):
            continue
        reason = failed(example, prediction, shown)
        if not reason and (said := refusal(example, prediction, shown)):
            reason = f"declines: {said!r}"
        if not reason:
            reason = uncarried(
                prediction.text, question=example.prompt, passages=passages, min_support=min_support
            )
        yield Score(
            example_id=example.id,
            system=prediction.system,
            metric=CITATION_HOLDS,
            value=float(not reason),
            explanation=reason,
        )


def uncarried(answer: str, *, question: str, passages: Sequence[str], min_support: float) -> str:
    """Return why the passages that an answer cites do not carry it; empty where they do.

    They do where they, or the question, have its numbers, names and code, deny nothing of it, and have enough of its
    words: what curation wants of the evidence of examples.

    Args:
        answer: With marks such as `[2]`.
        question: What was asked.
        passages: Texts, from number 1 on.
        min_support: Share of the answer that they must carry, from 0 to 1, as `text.support.support` counts it.
    """
    cited = marks(answer)
    if not cited:
        return "cites no passage"
    missing = [number for number in cited if not 0 < number <= len(passages)]
    if missing:
        return f"cites passage {missing[0]}, and {len(passages)} are shown"
    quoted = "\n".join(passages[number - 1] for number in cited)
    said = without_marks(answer)
    if not said.strip():
        return "cites passages and says nothing"
    return unsupported(
        said, source_from(quoted=quoted, around=quoted, asked=question), min_support=min_support
    )
