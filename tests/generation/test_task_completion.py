"""Code to complete: cuts between statements, the answer as it stands, nothing invented and nothing secret."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_materials import PATH_WORDS, code_of, document_of  # type: ignore[import-not-found]

from lorewright.core.records import Chunk, Document, Example, Rejection
from lorewright.generation.completion import GAP, complete

PYTHON = '''
class Queue:
    def push(self, job, delay):
        """Push a job.

        The text says
        if, for and return.
        """
        if self.closed:
            raise Closed(job)
        due = now() + delay
        place = search(
            self.jobs,
            due,
        )
        for one in self.jobs:
            if one.due > due:
                break
        else:
            place = -1
        self.jobs.insert(place, job)
        return place

    def size(self):
        return len(self.jobs)
'''
RUST = """
impl Queue {
    /// Pushes.
    pub fn push(&mut self, job: Job) -> Result<usize, Error> {
        if self.closed {
            return Err(Error::Closed);
        } else {
            self.seen += 1;
        }
        let place = match self.find(&job) {
            Ok(place) | Err(place) => place,
        };
        self.metrics
            .pushed
            .fetch_add(1, Ordering::Relaxed);
        self.jobs.insert(place, job);
        Ok(place)
    }
}
"""
JAVA = """
class Queue {
  int push(Job job, long delay)
  {
    if (closed) {
      throw new ClosedException();
    }
    long due = now() + delay;
    int place = search(
        jobs,
        due);
    jobs.add(place, new Entry(due, job));
    return place;
  }
}
"""
CODE = {"python": PYTHON, "rust": RUST, "java": JAVA}


def examples_of(document: Document, chunks: list[Chunk], seed: int = 0) -> list[Example]:
    found = [one for one in complete(document, chunks, seed=seed, max_chars=4000) if isinstance(one, Example)]
    assert found
    return found


def inside(fenced: str) -> str:
    match = re.search(r"^```\w*\n(.*)\n```$", fenced, re.S | re.M)
    assert match
    return match[1]


@pytest.mark.parametrize("language", CODE)
@pytest.mark.parametrize("seed", range(6))
def test_prompt_and_answer_together_are_the_function(language: str, seed: int) -> None:
    document, chunks = code_of(CODE[language], language)
    texts = {one.id: one.text for one in chunks}
    kinds = set()
    for example in examples_of(document, chunks, seed):
        shown, answer = (inside(turn.content) for turn in example.messages)
        kinds.add(example.metadata["kind"])
        if example.metadata["kind"] == "rest":
            assert f"{shown}\n{answer}" in document.text
        else:
            assert shown.count(GAP) == 1
            indent = shown[: shown.index(GAP)].rpartition("\n")[2]
            assert shown.replace(f"{indent}{GAP}", answer) in document.text
        assert all(texts[one.chunk_id][one.start : one.end] == one.quote for one in example.evidence)
        assert "".join(one.quote for one in example.evidence).split() == answer.split()
    assert kinds == {"rest", "gap"}


@pytest.mark.parametrize("language", CODE)
@pytest.mark.parametrize("seed", range(6))
def test_cuts_stand_between_statements(language: str, seed: int) -> None:
    document, chunks = code_of(CODE[language], language)
    for example in examples_of(document, chunks, seed):
        answer = inside(example.messages[1].content)
        assert re.match(
            r" +(?:if|due|place|for|self\.(?:jobs|metrics)|return|let|Ok|long|int|jobs\.)\b", answer
        ), answer
        assert "The text says" not in answer
        assert not re.search(r"[(,=.]$", inside(example.messages[0].content))


def test_the_same_function_and_seed_give_the_same_cut_wherever_it_stands() -> None:
    document, chunks = code_of(PYTHON, "python")
    moved, others = code_of("import os\n\n\n" + PYTHON.lstrip(), "python")
    assert [one.messages for one in examples_of(document, chunks)] == [
        one.messages for one in examples_of(moved, others)
    ]


def test_short_functions_prose_and_repeated_functions_give_nothing() -> None:
    document, chunks = code_of(PYTHON + PYTHON.replace("Queue", "Other"), "python")
    assert {one.metadata["heading"] for one in examples_of(document, chunks)} == {"Queue.push"}
    assert list(complete(document_of("text"), [], seed=0, max_chars=4000)) == []


def test_no_path_stands_in_an_example() -> None:
    document, chunks = code_of(PYTHON, "python")
    said = "".join(turn.content for one in examples_of(document, chunks) for turn in one.messages)
    assert not [word for word in PATH_WORDS if word in said]


def test_a_long_function_and_one_with_a_secret_are_rejected() -> None:
    document, chunks = code_of(PYTHON, "python")
    (long,) = complete(document, chunks, seed=0, max_chars=100)
    place = document.text.index("delay")
    (secret,) = complete(document, chunks, seed=0, max_chars=4000, hidden=[(place, place + 3)])
    assert isinstance(long, Rejection)
    assert "more than 100" in long.reason
    assert isinstance(secret, Rejection)
    assert "secret" in secret.reason


@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(2, 9))
def test_cuts_of_any_size_keep_all_lines(seed: int, depth: int, count: int) -> None:
    lines = [f"{' ' * depth}x{number} = call({number})" for number in range(count)]
    document, chunks = code_of("def f():\n" + "\n".join(lines) + "\n", "python")
    for one in complete(document, chunks, seed=seed, max_chars=4000):
        assert isinstance(one, Example)
        shown, answer = (inside(turn.content) for turn in one.messages)
        assert len(answer.splitlines()) + len(shown.splitlines()) in {count + 1, count + 2}
