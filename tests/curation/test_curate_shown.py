"""Examples that show passages, refuse, or go on: judged by what is asked and answered, not by what is shown."""

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Rejection
from lorewright.curation.curate import curate
from lorewright.llm.retrieval_template import RETRIEVAL
from lorewright.stages.curate_checks import alone
from lorewright.stages.curate_together import together
from lorewright.stages.curation_settings import CurationSettings

CHUNK = "Set the retries of a task to three before it runs again after an error in the night."
PASSAGES = f"Answer from the passages.\n\n[1]\n<passage>\n{CHUNK}\n</passage>\n\n" * 3


def example(*turns: str, task: str = "qa", **metadata: object) -> Example:
    roles = ("user", "assistant")
    return make_example(
        task=task,
        messages=tuple(
            Message(role="user" if roles[number % 2] == "user" else "assistant", content=turn)
            for number, turn in enumerate(turns)
        ),
        evidence=(Evidence(chunk_id="c", start=0, end=len(CHUNK), quote=CHUNK),),
        origin="office/m",
        metadata=metadata,
    )


SETTINGS = CurationSettings(max_answer_chars=500, min_answer_chars=3, max_prompt_chars=5000)


def shown(question: str, answer: str, task: str = "grounded_qa", **metadata: object) -> Example:
    return example(f"{PASSAGES}Question: {question}", answer, task=task, question=question, **metadata)


def judged(*examples: Example) -> list[str]:
    """Return for each example in order why it is left out; empty for one that is kept."""
    outcomes = curate(
        examples,
        alone=alone(SETTINGS, chunk_texts={"c": CHUNK}),
        together=together(SETTINGS),
    )
    by_id = {
        one.record_id if isinstance(one, Rejection) else one.id: one.filter
        if isinstance(one, Rejection)
        else ""
        for one in outcomes
    }
    return [by_id[one.id] for one in examples]


def test_different_questions_about_the_same_passages_are_no_twins() -> None:
    assert judged(
        shown("How often does a task run again?", "Set the retries to three. [1]"),
        shown("What happens after an error in the night?", "It runs again after an error. [1]"),
    ) == ["", ""]


def test_a_question_asked_bare_and_with_passages_are_no_twins() -> None:
    question, answer = (
        "How often does a task of the night run again after an error?",
        "Set the retries of it to three",
    )
    assert judged(example(question, f"{answer}."), shown(question, f"{answer}. [1]")) == ["", ""]


def test_nearly_the_same_question_with_passages_is_left_out() -> None:
    question = (
        "How often does a task of the project run again in the night after an error was seen by the team"
    )
    kept, twin = judged(
        shown(f"{question} today?", "Set the retries of a task to three before it runs again. [1]"),
        shown(f"{question}?", "Set the retries of a task to three before it runs again. [1]"),
    )
    assert (kept, twin) == ("", "repeated_question")


def test_a_refusal_needs_no_words_of_its_evidence() -> None:
    refusal = shown("Who wrote the scheduler?", RETRIEVAL.refusal, task="refusal", refusal=True)
    assert judged(refusal) == [""]


def test_refusals_of_different_questions_are_all_kept() -> None:
    asked = ["Who wrote the scheduler?", "Which year saw the first release?", "Is there a limit for workers?"]
    refusals = [shown(one, RETRIEVAL.refusal, task="refusal", refusal=True) for one in asked]
    assert judged(*refusals) == ["", "", ""]


def test_a_follow_up_that_two_conversations_share_is_not_ambiguous() -> None:
    assert judged(
        example(
            "How do I set the retries of a task?",
            "Set the retries of a task to three.",
            "And after an error?",
            "It runs again after an error.",
            task="conversation",
        ),
        example(
            "What is done before the night?",
            "Set the retries before it runs.",
            "And after an error?",
            "To three, before the night.",
            task="conversation",
        ),
    ) == ["", ""]


def test_a_summary_may_use_words_of_its_own() -> None:
    said = "Operators decide how frequently broken jobs get another chance overnight, and who is told by mail of it."
    assert judged(example("Summarise what the project says about failing work.", said, task="summary")) == [
        ""
    ]
    assert judged(example("What does the handbook say about failing work?", said)) == ["grounding"]
