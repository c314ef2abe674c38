"""Lengths as training counts them, and what becomes of what is too long."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.making import make_example
from lorewright.core.progress import Silent
from lorewright.core.records import Example, Message
from lorewright.core.workspace import Workspace
from lorewright.datasets.formats import prompt_completion
from lorewright.datasets.lengths import Length, fate, histogram, spread
from lorewright.stages.dataset_inspect import Reader, inspect_files, inspect_sets, tokenizer_folder
from lorewright.stages.dataset_sets import Sets


def example(question: str, answer: str, task: str = "qa") -> Example:
    messages = (Message(role="user", content=question), Message(role="assistant", content=answer))
    return make_example(task=task, messages=messages, evidence=(), origin="import")


def sets_of(**members: Sequence[Example]) -> Sets:
    return Sets(
        label="faq/v1",
        sizes={name: len(own) for name, own in members.items()},
        read=lambda name: iter(members[name]),
        made_at="",
        mark="m",
        source_of=lambda _example: None,
    )


EXAMPLES = [
    example("Which task reads table 7?", "Task 1 reads it."),
    example("Why?", "Because. " * 60, task="long"),
    example("Which? " * 90, "That one.", task="long"),
    example("What?", ""),
]


def test_what_is_left_out_is_what_training_leaves_out(tiny_base: Path) -> None:
    from lorewright.llm.chat_tokenizer import load_chat_tokenizer
    from lorewright.training.encoding import encode_rows

    limit = 100
    reader = Reader(tiny_base, "tiny", limit)
    found = inspect_sets(sets_of(train=EXAMPLES), reader, reporter=Silent())
    tokenizer = load_chat_tokenizer(tiny_base).tokenizer
    trained = encode_rows(tokenizer, [prompt_completion(one) for one in EXAMPLES], max_length=limit)
    told = found.fates["train"]
    assert told.left_out == len(trained.dropped) == 2
    assert told.kept == len(trained.features) == 2
    assert (told.cut, told.dropped) == (1, 1)
    assert (told.unsupervised, told.without_end) == (1, 0)


def test_tokens_are_those_of_the_chat_template(tiny_base: Path) -> None:
    from lorewright.llm.chat_tokenizer import load_chat_tokenizer
    from lorewright.llm.templates import encode_answer

    reader = Reader(tiny_base, "tiny", 10_000)
    found = inspect_sets(sets_of(train=EXAMPLES[:2], test=EXAMPLES[2:]), reader, reporter=Silent())
    tokenizer = load_chat_tokenizer(tiny_base).tokenizer
    lengths = [sum(map(len, encode_answer(tokenizer, one.messages))) for one in EXAMPLES]
    assert found.all.tokens == sum(lengths)
    assert found.by_split["train"].tokens == sum(lengths[:2])
    assert found.by_task["long"].quantiles[1.0] == max(lengths)
    assert sum(bar.examples for bar in found.bars) == len(EXAMPLES)
    # The model's own limit is the lower one.
    assert found.max_length == 128


def test_a_file_is_inspected_like_a_version(tiny_base: Path, tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("question,answer\nWhich task?,Task 1.\n,\na,b,c\n")
    found = inspect_files([path], Reader(tiny_base, "tiny", 100), reporter=Silent())
    assert (found.all.examples, found.unreadable) == (1, 1)


def test_a_base_that_is_not_made_yet_is_said_with_what_to_type(tmp_path: Path) -> None:
    for workspace in (None, Workspace(tmp_path)):
        with pytest.raises(ConfigError, match="no tokenizer yet") as caught:
            tokenizer_folder("tiny", workspace=workspace, project_dir=tmp_path)
        assert "--tokenizer" in caught.value.hint
    with pytest.raises(NotFoundError, match=r"holds no tokenizer\.json"):
        tokenizer_folder(".", workspace=None, project_dir=tmp_path)


LENGTHS = st.lists(
    st.builds(
        Length,
        split=st.just("train"),
        task=st.just("qa"),
        prompt=st.integers(0, 5000),
        answer=st.integers(0, 5000),
        is_kept=st.booleans(),
        ends=st.booleans(),
    )
)


@given(LENGTHS)
def test_bars_and_fates_count_every_example_once(lengths: list[Length]) -> None:
    bars = histogram(lengths)
    assert sum(bar.examples for bar in bars) == len(lengths)
    assert len(bars) <= 16
    for bar in bars:
        assert bar.examples == sum(bar.first <= one.total < bar.end for one in lengths)
    told = fate(lengths, max_length=1000)
    assert told.kept + told.left_out == len(lengths)
    assert told.cut + told.dropped == told.left_out


@given(LENGTHS)
def test_a_quantile_is_the_length_of_an_example(lengths: list[Length]) -> None:
    found = spread(lengths)
    totals = [one.total for one in lengths] or [0]
    assert found.quantiles[1.0] == max(totals)
    assert set(found.quantiles.values()) <= set(totals)
