"""What examples must satisfy together: no copies, no near copies, no question with unlike answers.

Each function returns, for each example in order, the example or its rejection; the first of several is kept. What a
structured task makes passes all but the first: draws of one log template are alike on purpose, and the split keeps
templates whole. Names and numbers decide before similarity does: "What does `--json` do?" and "What does `--yaml` do?"
are two questions.

`wordings` hold what was read of the examples, so that filters in a row read them once.
"""

import re
from collections.abc import Callable, Hashable, Sequence

from lorewright.core.records import Example, Rejection
from lorewright.curation.rejecting import rejection
from lorewright.curation.sameness import (
    answered,
    contradict,
    differ,
    is_shown,
    overlap,
    same_passage,
    similarity,
)
from lorewright.curation.turns import STRUCTURED_TASKS, answer, refuses
from lorewright.text.near_duplicates import twins
from lorewright.text.prose import code_of
from lorewright.text.shingles import SHINGLE_WORDS, HashSets
from lorewright.text.tokens import squash
from lorewright.text.wordings import Wordings

_ALIKE_ANSWERS = 0.5
_ALIKE_QUESTIONS = 0.5
_NEARLY_ONE_QUESTION = 0.7
_SOME_OF_THE_ANSWER = 0.4
_LEAST_ANSWER = 4
_SIGN = re.compile(r"[-+*/=<>!&|^%$~@\\]")


def drop_exact(examples: Sequence[Example], *, wordings: Wordings | None = None) -> list[Example | Rejection]:
    """Leave out examples that say the same as an earlier one.

    In prose, whitespace, case, punctuation and emphasis do not count, but operators in code do; in structured tasks
    every character of the log is content.
    """
    wordings = wordings or Wordings()
    first_of: dict[Hashable, int] = {}
    results: list[Example | Rejection] = []
    for position, example in enumerate(examples):
        first = first_of.setdefault(_key(example, wordings), position)
        results.append(
            example
            if first == position
            else rejection(
                example,
                filter_name="exact_duplicate",
                reason="an earlier example says the same",
                twin=examples[first].id,
            )
        )
    return results


def drop_ambiguous(
    examples: Sequence[Example], *, wordings: Wordings | None = None
) -> list[Example | Rejection]:
    """Leave out every example whose question other passages answer unlike: it lacks its context, so none is right.

    Answers are alike from a word overlap (Jaccard) of one half with the first. Passages that a prompt shows are part
    of the question.
    """
    wordings = wordings or Wordings()
    asked: dict[str, list[Example]] = {}
    for example in examples:
        if example.task not in STRUCTURED_TASKS:
            asked.setdefault(_asked(example), []).append(example)
    ambiguous = {
        question: len(group)
        for question, group in asked.items()
        if any(not same_passage(group[0], one) and not _alike(group[0], one, wordings) for one in group[1:])
    }
    return [
        rejection(
            example,
            filter_name="ambiguous_question",
            reason=f"the question is asked {times} times with unlike answers: it lacks its context",
        )
        if example.task not in STRUCTURED_TASKS and (times := ambiguous.get(_asked(example)))
        else example
        for example in examples
    ]


def drop_repeated_questions(
    examples: Sequence[Example], *, threshold: float, seed: int, wordings: Wordings
) -> list[Example | Rejection]:
    """Leave out examples that ask what a kept one asks, however they answer it.

    Two questions are one when their pairs of neighbouring content words are `threshold` similar (Jaccard), neither
    gives a name or number that the other lacks, and their content words are the same, or nearly so with answers that
    share some. The answers must be alike or of one passage: then they are one in two wordings.
    """

    def same(later: Example, earlier: Example) -> bool:
        return (
            refuses(later) == refuses(earlier)
            and (same_passage(later, earlier) or _alike(earlier, later, wordings))
            and _ask_alike(later, earlier, wordings)
            and not differ(later.prompt, earlier.prompt)
            and not contradict(answered(later), answered(earlier), plain=False)
        )

    return _drop(
        examples,
        lambda chosen: wordings.run_sets((_asked_words(one, wordings) for one in chosen), length=2),
        threshold=threshold,
        seed=seed,
        same=same,
        filter_name="repeated_question",
        reason=lambda _one, _twin, likeness: (
            f"the question is {likeness:.2f} similar to the twin's, limit {threshold:.2f}, and has one answer"
        ),
    )


def drop_near(
    examples: Sequence[Example], *, threshold: float, seed: int, wordings: Wordings
) -> list[Example | Rejection]:
    """Leave out examples that share with a kept one half of the question's content words, and `threshold` of all.

    Both are Jaccard similarities. A question shown with passages is compared with others that are, and without the
    passages.
    """

    def same(later: Example, earlier: Example) -> bool:
        return (
            refuses(later) == refuses(earlier)
            and similarity(wordings.content(later.prompt), wordings.content(earlier.prompt))
            >= _ALIKE_QUESTIONS
            and not differ(later.prompt, earlier.prompt)
            and not contradict(answered(later), answered(earlier))
        )

    return _drop(
        examples,
        lambda chosen: wordings.stem_sets((one.prompt, answered(one)) for one in chosen),
        threshold=threshold,
        seed=seed,
        same=same,
        filter_name="near_duplicate",
        reason=lambda _one, _twin, likeness: (
            f"question and answer are {likeness:.2f} similar to the twin's, limit {threshold:.2f}"
        ),
    )


def drop_repeated_answers(
    examples: Sequence[Example], *, threshold: float, seed: int, wordings: Wordings
) -> list[Example | Rejection]:
    """Leave out examples that answer as a kept one does, to another wording of its question.

    Two answers are one when their three-word runs are `threshold` similar (Jaccard). Answers of fewer than four words
    and refusals fit many questions; so does a phrase that other passages answer other questions with.
    """

    def same(later: Example, earlier: Example) -> bool:
        return (
            (
                same_passage(later, earlier)
                or overlap(wordings.content(later.prompt), wordings.content(earlier.prompt))
                >= _ALIKE_QUESTIONS
            )
            and not contradict(later.prompt, earlier.prompt)
            and not contradict(answered(later), answered(earlier))
        )

    return _drop(
        examples,
        lambda chosen: wordings.run_sets(
            (wordings.words(answered(one)) for one in chosen), length=SHINGLE_WORDS
        ),
        threshold=threshold,
        seed=seed,
        wanted=lambda one: not refuses(one) and _is_sentence(answered(one), wordings),
        same=same,
        filter_name="repeated_answer",
        reason=lambda _one, _twin, likeness: (
            f"the answer is {likeness:.2f} similar to the twin's, limit {threshold:.2f}, to a like question"
        ),
    )


def _drop(
    examples: Sequence[Example],
    sets: Callable[[Sequence[Example]], HashSets],
    *,
    threshold: float,
    seed: int,
    same: Callable[[Example, Example], bool],
    filter_name: str,
    reason: Callable[[Example, Example, float], str],
    wanted: Callable[[Example], bool] = lambda _example: True,
) -> list[Example | Rejection]:
    """Leave out what is a twin of an earlier example by its set, where both show passages or neither does."""
    positions = [
        place for place, one in enumerate(examples) if one.task not in STRUCTURED_TASKS and wanted(one)
    ]
    chosen = [examples[place] for place in positions]
    results: list[Example | Rejection] = list(examples)
    found = twins(
        sets(chosen),
        threshold=threshold,
        seed=seed,
        groups=list(map(is_shown, chosen)),
        same=lambda later, earlier: same(chosen[later], chosen[earlier]),
    )
    for place, twin in zip(positions, found, strict=True):
        if twin is not None:
            one, kept = examples[place], chosen[twin.position]
            why = reason(one, kept, twin.similarity)
            results[place] = rejection(one, filter_name=filter_name, reason=why, twin=kept.id)
    return results


def _asked(example: Example) -> str:
    return squash("\n".join(turn.content for turn in example.messages[:-1] if turn.role != "system"))


def _asked_words(example: Example, wordings: Wordings) -> Sequence[int]:
    return wordings.stems(example.prompt) or wordings.words(example.prompt)


def _key(example: Example, wordings: Wordings) -> Hashable:
    if example.task in STRUCTURED_TASKS:
        return example.task, *((turn.role, turn.content.strip()) for turn in example.messages)
    return example.task, *((turn.role, *_plain(turn.content, wordings)) for turn in example.messages)


def _plain(text: str, wordings: Wordings) -> tuple[bytes, str]:
    """Return a text's words, and the operators of its code."""
    spelled = wordings.words(text).tobytes()
    if "`" in text and _SIGN.search(text):
        return spelled, "".join(sign for piece in code_of(text) for sign in _SIGN.findall(piece))
    return spelled, ""


def _ask_alike(one: Example, other: Example, wordings: Wordings) -> bool:
    asked = wordings.content(one.prompt), wordings.content(other.prompt)
    return asked[0] == asked[1] or (
        similarity(*asked) >= _NEARLY_ONE_QUESTION
        and overlap(wordings.content(answered(one)), wordings.content(answered(other))) >= _SOME_OF_THE_ANSWER
    )


def _is_sentence(text: str, wordings: Wordings) -> bool:
    return len(text.split()) >= _LEAST_ANSWER or len(wordings.words(text)) >= _LEAST_ANSWER


def _alike(first: Example, other: Example, wordings: Wordings) -> bool:
    one, another = (frozenset(wordings.words(answer(each))) for each in (first, other))
    return similarity(one, another) >= _ALIKE_ANSWERS
