"""Examples made from structure: natural, self-contained, grounded; weak ones rejected with a reason."""

import itertools
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import chunk_id, make_document
from lorewright.core.records import Block, BlockKind, Chunk, Document, Example, Place, Rejection, SourceMap
from lorewright.generation.extractive import extract, locate

GUIDE = """# Scheduler

The scheduler starts tasks when their inputs are ready. It keeps a queue for each pool.

## Installing the scheduler

Run the installer on every node before you start the service. Like this:

```
lore install scheduler
```

## Options

| Option | Description | Default |
| ------ | ----------- | ------- |
| `max_threads` | Upper bound of worker threads in one process. | 15 |
| `port` | Port the service listens on. | |

## Example

The code looks like this:

## License

Licensed to everybody under the terms of the licence file.
"""


def leaf(text: str, kind: BlockKind, needle: str, end: str, **more: Any) -> Block:
    start = text.index(needle)
    return Block(kind, start, text.index(end, start) + len(end), **more)


def guide_blocks(text: str) -> tuple[Block, ...]:
    return (
        leaf(text, "heading", "# Scheduler", "Scheduler", level=1, title="Scheduler"),
        leaf(text, "paragraph", "The scheduler starts", "each pool."),
        leaf(text, "heading", "## Installing", "the scheduler", level=2, title="Installing the scheduler"),
        leaf(text, "paragraph", "Run the installer", "Like this:"),
        leaf(text, "code", "```", "scheduler\n```"),
        leaf(text, "heading", "## Options", "Options", level=2, title="Options"),
        leaf(text, "table", "| Option", "listens on. | |"),
        leaf(text, "heading", "## Example", "Example", level=2, title="Example"),
        leaf(text, "paragraph", "The code looks", "like this:"),
        leaf(text, "heading", "## License", "License", level=2, title="License"),
        leaf(text, "paragraph", "Licensed to", "file."),
    )


def document_of(
    text: str, blocks: tuple[Block, ...], *, kind: str = "markdown", path: str = "guide.md"
) -> Document:
    return make_document(
        source="docs",
        path=path,
        kind=kind,
        title="Scheduler",
        text=text,
        source_map=SourceMap(),
        blocks=blocks,
    )


def chunks_of(document: Document, *cuts: int) -> list[Chunk]:
    edges = [0, *cuts, len(document.text)]
    return [
        Chunk(
            id=chunk_id(document.kind, (), document.text[start:end]),
            document_id=document.id,
            kind=document.kind,
            text=document.text[start:end],
            start=start,
            end=end,
            place=Place(unit="line", first=1, last=1),
            strategy="headings",
        )
        for start, end in itertools.pairwise(edges)
    ]


def run(document: Document, *cuts: int, project: str = "Acme") -> tuple[dict[str, Example], list[Rejection]]:
    found = list(extract(document, chunks_of(document, *cuts), project=project))
    examples = {one.messages[0].content: one for one in found if isinstance(one, Example)}
    return examples, [one for one in found if isinstance(one, Rejection)]


def answers(document: Document, *, project: str = "Acme") -> dict[str, str]:
    examples, _ = run(document, project=project)
    return {question: example.messages[1].content for question, example in examples.items()}


def guide() -> Document:
    return document_of(GUIDE, guide_blocks(GUIDE))


def test_a_section_is_asked_about_by_its_heading_and_answered_by_its_first_sentences() -> None:
    found = answers(guide())
    assert (
        "The scheduler starts tasks when their inputs are ready. It keeps a queue for each pool."
        in found.values()
    )
    install = next(answer for question, answer in found.items() if "install the scheduler" in question)
    assert install == "Run the installer on every node before you start the service."


def test_a_row_of_an_option_table_gives_its_description_and_its_default() -> None:
    found = answers(guide())
    described = {question: answer for question, answer in found.items() if "max_threads" in question}
    assert "Upper bound of worker threads in one process." in described.values()
    assert "The default of `max_threads` is 15." in described.values()
    assert not any("default" in question and "port" in question for question in found)


def test_every_question_names_the_project() -> None:
    assert all("Acme" in question for question in answers(guide()))


def test_weak_candidates_are_rejected_with_the_value_that_decided() -> None:
    _, rejections = run(guide())
    reasons = " | ".join(rejection.reason for rejection in rejections)
    assert "like this:" in reasons
    assert "'License'" in reasons
    assert all(one.record == "candidate" and one.filter == "extractive" and one.name for one in rejections)


def test_evidence_is_quoted_from_the_chunk_that_holds_it() -> None:
    document = guide()
    chunks = {chunk.id: chunk for chunk in chunks_of(document, GUIDE.index("## Options"))}
    examples, _ = run(document, GUIDE.index("## Options"))
    assert examples
    for example in examples.values():
        for piece in example.evidence:
            assert chunks[piece.chunk_id].text[piece.start : piece.end] == piece.quote


def test_an_answer_whose_text_is_in_no_chunk_is_rejected() -> None:
    document = guide()
    only_end = chunks_of(document, GUIDE.index("## License"))[-1:]
    found = list(extract(document, only_end, project="Acme"))
    assert found
    assert all(isinstance(one, Rejection) for one in found)
    assert any("in no chunk" in one.reason for one in found if isinstance(one, Rejection))


def test_the_same_input_gives_the_same_records() -> None:
    document = guide()
    assert list(extract(document, chunks_of(document), project="Acme")) == list(
        extract(document, chunks_of(document), project="Acme")
    )


def test_a_log_yields_nothing() -> None:
    assert list(extract(document_of("12:00 ERROR no\n", (), kind="log"), [], project="Acme")) == []


MODULE = '''"""Tools for queues of tasks and their workers."""


class Queue:
    """A queue that keeps tasks in the order of their priority."""

    def put(self, task, *, priority=0,
            timeout: float | None = None):
        """Add a task and wake one waiting worker.

        Args:
            task: What to run, any callable without arguments.
            timeout: Seconds to wait for a free place; None waits
                for ever.

        Returns:
            The number of tasks that now wait.
        """
        return 1

    def _secret(self, value):
        """Do a thing that nobody outside should know about."""
'''


def module() -> Document:
    def doc(needle: str, end: str, title: str) -> Block:
        return leaf(MODULE, "docstring", needle, end, title=title)

    blocks = (
        doc("Tools for", "workers.", ""),
        leaf(MODULE, "class", "class Queue", 'about."""', title="Queue", body=MODULE.index('"""A queue')),
        doc("A queue that", "priority.", "Queue"),
        leaf(
            MODULE,
            "function",
            "def put",
            "return 1",
            title="Queue.put",
            level=1,
            body=MODULE.index('"""Add a'),
        ),
        doc("Add a task", "now wait.", "Queue.put"),
        leaf(
            MODULE,
            "function",
            "def _secret",
            'about."""',
            title="Queue._secret",
            level=1,
            body=MODULE.index('"""Do'),
        ),
        doc("Do a thing", "about.", "Queue._secret"),
    )
    return document_of(MODULE, blocks, kind="python", path="src/acme/queues.py")


def test_a_signature_is_the_answer_to_how_a_function_is_called() -> None:
    found = answers(module())
    signatures = [answer for question, answer in found.items() if re.search("signature|arguments", question)]
    assert signatures == ["`put(self, task, *, priority=0, timeout: float | None = None)`"]


def test_a_docstring_answers_for_its_summary_its_parameters_and_what_is_returned() -> None:
    found = answers(module())
    about = {question: answer for question, answer in found.items() if "`acme.queues.Queue.put`" in question}
    assert "Add a task and wake one waiting worker." in about.values()
    assert "Seconds to wait for a free place; None waits for ever." in about.values()
    assert about["What does `acme.queues.Queue.put` return?"] == "The number of tasks that now wait."


def test_private_definitions_are_not_asked_about() -> None:
    assert not any("_secret" in question for question in answers(module()))


def test_the_module_docstring_tells_what_the_module_is_for() -> None:
    found = answers(module())
    assert any(
        "`acme.queues`" in question and answer.startswith("Tools for") for question, answer in found.items()
    )


@given(st.text(alphabet="ab.\n |`:*#-", max_size=80), st.lists(st.integers(0, 80), max_size=3))
def test_whatever_the_text_evidence_matches_and_every_candidate_ends_as_one_record(
    text: str, cuts: list[int]
) -> None:
    stripped = text.rstrip()
    blocks = tuple(
        Block(kind=kind, start=0, end=len(stripped), title="a: b")
        for kind in ("heading", "paragraph", "table", "list", "definition", "code")
        if stripped
    )
    document = document_of(text, blocks)
    edges = sorted({cut for cut in cuts if 0 < cut < len(text)})
    chunks = [chunk for chunk in chunks_of(document, *edges) if chunk.text]
    texts = {chunk.id: chunk.text for chunk in chunks}
    for record in extract(document, chunks, project="Acme"):
        if isinstance(record, Example):
            assert record.evidence
            assert all(texts[one.chunk_id][one.start : one.end] == one.quote for one in record.evidence)
        else:
            assert record.reason


@given(st.integers(0, 40), st.integers(1, 40), st.lists(st.integers(1, 79), max_size=4))
def test_the_pieces_of_a_stretch_put_together_are_the_stretch(
    start: int, length: int, cuts: list[int]
) -> None:
    text = "".join(chr(33 + place) for place in range(80))
    document = document_of(text, ())
    pieces = locate([(start, start + length)], chunks_of(document, *sorted(set(cuts))))
    assert "".join(piece.quote for piece in pieces) == text[start : start + length]
