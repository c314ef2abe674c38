"""One example with one passage, and what a filter says of it."""

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message
from lorewright.stages.curate_checks import alone
from lorewright.stages.curation_settings import CurationSettings

PASSAGE = """## Retries

A job that fails is tried again after `retry.delay` (30 seconds), at most `retry.attempts` times (5 by default).
A job of a queue with `strict = true` is never tried again: it goes to the dead-letter queue, which keeps it for 14
days.

* `--fast` starts a worker without a warm-up.
* `--safe` starts a worker after all checks have passed, which takes 90 s.

The settings are read from `/etc/acme/queue.toml`. A message may have 8 KiB. Python 3.11.4 or later is needed.
"""
QUESTION = "How does Acme Queue retry a failing job?"


def example(
    asked: str = QUESTION,
    said: str = "It is tried again.",
    quote: str = PASSAGE,
    /,
    *,
    task: str = "qa",
    **metadata: object,
) -> Example:
    """Return a question, its answer and its evidence."""
    return talk((asked, said), quote=quote, task=task, **metadata)


def talk(*turns: tuple[str, str], quote: str = PASSAGE, task: str = "qa", **metadata: object) -> Example:
    """Return a conversation of questions and answers about a passage."""
    messages = tuple(
        message
        for asked, said in turns
        for message in (Message(role="user", content=asked), Message(role="assistant", content=said))
    )
    evidence = (Evidence(chunk_id="c", start=0, end=len(quote), quote=quote),)
    return make_example(
        task=task, messages=messages, evidence=evidence, origin="office/m", metadata=dict(metadata)
    )


def objection(name: str, one: Example, *, passage: str = PASSAGE) -> str:
    """Return what the filter of a name says of an example with the default settings; empty where it says nothing."""
    filters = alone(
        CurationSettings(), chunk_texts={"c": passage}, chunk_headings={"c": ("Acme Queue", "Retries")}
    )
    return filters[name](one) or ""


def answered(name: str, answer: str, question: str = QUESTION, quote: str = PASSAGE) -> str:
    """Return what a filter says of an answer to a question."""
    return objection(name, example(question, answer, quote), passage=quote)
