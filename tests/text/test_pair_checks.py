"""Questions that nobody could answer without the passage, and answers that are none."""

import pytest

from lorewright.text.answer_checks import bad_answer
from lorewright.text.question_checks import bad_question

GOOD_QUESTIONS = [
    "Is it possible to run DIRAC on macOS?",
    "How do I configure the pilot so that it restarts?",
    "What does `RetryPolicy.delay` return?",
    "What is the default port of the DIRAC Framework service?",
    "How do I join two tables in DataFusion?",
    "Why does this error appear in DIRAC: 'no proxy found'?",
    "What happens if the given path does not exist in DataFusion?",
    "Which Python versions does DIRAC support?",
    "Wie konfiguriere ich den Scheduler?",
    "如何配置调度器？",
    "When should I use a `LogicalPlan`?",
    "What does `main` do?",
    "Does `read_csv` fail if the given file is missing?",
    "How do I set the port of DIRAC in the server section?",
]
BAD_QUESTIONS = [
    "What does this function do?",
    "What is the default value?",
    "How do I install it?",
    "How do I turn it on?",
    "How can you configure them for production?",
    "How does it work?",
    "What does it return when the buffer is empty?",
    "According to the passage, what is DIRAC?",
    "What does the author say about DIRAC?",
    "What is described in the text?",
    "In the code, what does foo return?",
    "What does the above code print?",
    "What are the parameters?",
    "Which of the following is true about DIRAC?",
    "What is the purpose of this class in DataFusion?",
    "What is shown in the following example of DIRAC?",
    "string",
    "...",
    "",
    "How does DIRAC " + "really " * 80 + "work?",
]
GOOD_ANSWERS = [
    "Error handling in DIRAC uses `S_OK` and `S_ERROR`.",
    "`ValueError` is raised.",
    "You cannot use it with macOS.",
    "```python\nd = {}\n```",
    "The service does not provide a default.",
    "It returns `{}`.",
    "3",
]
BAD_ANSWERS = [
    "Error: timeout",
    "Error 500: internal",
    "HTTP 503 Service Unavailable",
    "Traceback (most recent call last):\n  x",
    "Request failed after 3 tries",
    '{"error": "overloaded"}',
    "I'm sorry, but I can't help with that.",
    "I cannot answer this.",
    "As an AI language model, I do not know.",
    "The passage does not mention this.",
    "That is not specified in the provided text.",
    "According to the text, it is 3.",
    "As shown above in the passage, it is 3.",
    "N/A",
    "...",
    "string",
    "Use it:\n```py\nx = 1",
    "fn main() { x(); } }",
]


@pytest.mark.parametrize("question", GOOD_QUESTIONS)
def test_a_question_that_stands_alone_is_good(question: str) -> None:
    assert bad_question(question) == ""


@pytest.mark.parametrize("question", BAD_QUESTIONS)
def test_a_question_that_leans_on_something_unseen_is_not(question: str) -> None:
    assert bad_question(question)


def test_a_follow_up_may_lean_on_the_conversation_but_on_no_passage() -> None:
    assert bad_question("And how long does it wait?", first=False) == ""
    assert bad_question("What does the passage say of it?", first=False)


@pytest.mark.parametrize("answer", GOOD_ANSWERS)
def test_an_answer_that_answers_is_good(answer: str) -> None:
    assert bad_answer(answer) == ""


@pytest.mark.parametrize("answer", BAD_ANSWERS)
def test_a_refusal_an_error_or_a_fragment_is_no_answer(answer: str) -> None:
    assert bad_answer(answer)


def test_where_a_refusal_is_wanted_it_passes() -> None:
    assert bad_answer("The documentation does not say.")
    assert bad_answer("The documentation does not say.", refuses=True) == ""
    assert bad_answer("", refuses=True)


def test_data_may_end_in_a_brace() -> None:
    assert bad_answer('{"error_message": "unexpected }}"}', prose=False) == ""
