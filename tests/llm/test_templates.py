"""The chat templates and the retrieval prompt."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.records import Message, Passage, Place
from lorewright.llm.templates import (
    CHATML,
    EOS,
    PLAIN,
    RETRIEVAL_INSTRUCTION,
    encode_answer,
    ensure_template,
    retrieval_prompt,
)


def passage(text: str, *, title: str = "Tasks", headings: tuple[str, ...] = ("Tasks", "Retries")) -> Passage:
    return Passage(
        chunk_id="c",
        document_id="d",
        text=text,
        score=1.0,
        source="docs",
        path="core/tasks.rst",
        kind="rest",
        title=title,
        headings=headings,
        place=Place(unit="line", first=1, last=2),
    )


def test_passages_are_numbered_and_name_their_headings_once() -> None:
    prompt = retrieval_prompt("How?", [passage("Set retries."), passage("Or not.")], max_chars=1000)
    assert "[1] Tasks › Retries\nSet retries." in prompt
    assert "[2] Tasks › Retries\nOr not." in prompt
    assert prompt.endswith("Question: How?")


def test_a_passage_without_titles_is_known_by_its_path() -> None:
    prompt = retrieval_prompt("How?", [passage("Set retries.", title="", headings=())], max_chars=1000)
    assert "[1] core/tasks.rst\n" in prompt


def test_a_passage_that_does_not_fit_is_cut_between_words() -> None:
    prompt = retrieval_prompt("How?", [passage("word " * 200)], max_chars=600)
    assert 500 < len(prompt) <= 600
    assert "word …" in prompt


@given(
    st.lists(st.text(min_size=1, max_size=300), max_size=5),
    st.integers(min_value=0, max_value=1500),
    st.text(),
)
def test_the_prompt_stays_in_its_budget_and_keeps_the_question(
    texts: list[str], max_chars: int, question: str
) -> None:
    prompt = retrieval_prompt(question, [passage(text) for text in texts], max_chars=max_chars)
    floor = len(retrieval_prompt(question, [], max_chars=0))
    assert len(prompt) <= max(max_chars, floor)
    assert prompt.startswith(RETRIEVAL_INSTRUCTION)
    assert prompt.endswith(question)


def tokenizer(template: str | None, eos: str) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(alphabet)}, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=eos)
    made.chat_template = template
    return made


TURNS = [
    Message(role="system", content="Be brief."),
    Message(role="user", content="why?"),
    Message(role="assistant", content="it fails"),
]


@pytest.mark.parametrize(
    ("template", "eos", "text"),
    [
        (
            CHATML,
            EOS,
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nwhy?<|im_end|>\n"
            "<|im_start|>assistant\n" + "it fails<|im_end|>",
        ),
        (PLAIN, "</s>", "System: Be brief.\nUser: why?\nAssistant: it fails</s>"),
    ],
)
def test_a_training_text_ends_with_the_end_mark(template: str, eos: str, text: str) -> None:
    made = tokenizer(template, eos)
    prompt, answer = encode_answer(made, TURNS)
    assert made.decode(prompt + answer) == text
    assert answer[-1] == made.eos_token_id
    assert made.decode(answer) == f"it fails{eos}"


@pytest.mark.parametrize("template", [CHATML, PLAIN])
def test_the_generation_block_covers_the_answer_and_its_end_mark(template: str) -> None:
    made = tokenizer(template, EOS)
    turns = [{"role": message.role, "content": message.content} for message in TURNS]
    encoded = made.apply_chat_template(
        turns, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    marked = [token for token, on in zip(encoded["input_ids"], encoded["assistant_masks"], strict=True) if on]
    assert made.decode(marked) == f"it fails{EOS}"


def test_a_template_that_ends_a_turn_otherwise_still_ends_with_the_end_mark() -> None:
    made = tokenizer("{% for m in messages %}{{ m['content'] }};{% endfor %}", "</s>")
    _, answer = encode_answer(made, TURNS)
    assert answer[-1] == made.eos_token_id


def test_a_tokenizer_without_template_gets_the_plain_one() -> None:
    made = tokenizer(None, "</s>")
    ensure_template(made)
    assert made.chat_template == PLAIN
    assert made.pad_token == "</s>"
