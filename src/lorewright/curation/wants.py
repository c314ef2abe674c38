"""What each filter wants of an example, in words for people."""

WANTS = {
    "schema": "user and assistant in turns, none empty, the assistant last",
    "json": "a JSON object without empty fields as the answer of a structured task",
    "length": "answer and prompt within their limits",
    "form": "closed fences, no stray braces, no leftovers of a template, no error in place of an answer",
    "refusal": "an answer where the evidence holds one",
    "context": "a question that can be understood by somebody who sees no passage",
    "generic": "an answer that says something of its subject",
    "boilerplate": "a question about the subject, not about licences, authors or navigation",
    "paths": "no absolute path of somebody's machine",
    "language": "an answer in the language of its evidence",
    "evidence": "evidence that exists and is quoted as it stands",
    "grounding": "numbers, identifiers, paths and content words that the evidence holds",
    "exact_duplicate": "no copy of an earlier example",
    "repeated_question": "one answer to a question",
    "ambiguous_question": "a question that different passages do not answer differently",
    "near_duplicate": "no near copy of an earlier example",
    "repeated_answer": "one question to an answer",
    "same_meaning": "no other wording of an earlier example",
    "judge": "a score of the judge that is high enough",
    "balance": "no source or task with more than its share",
    "review": "no rejection by a person",
    "leakage": "nothing that a test example says as well",
    "split": "evidence on one side of the split",
    "parse": "text that can be read",
    "source": "a file within the limits of the settings",
}


def wants(filter_name: str) -> str:
    """Return what a filter wants; empty for one that is not known here, such as a task's name."""
    return WANTS.get(filter_name, "")
