"""The tokenizer of the tiny base is the same when its folder is loaded again."""

from pathlib import Path

from lorewright.training.tiny_tokenizer import train_tokenizer

TEXTS = ["def foo(self): return 12345  # it's 2,000 ok", "hello world, I'm 12 years old"] * 40
AWKWARD = [
    "it's 12345 the  foo\n\n x=1",
    "e\u0301 ünïcode 中文",
    "\t\ttabs  and   spaces",
    "",
    "a_b.c(d=[1, 22, 333])",
]


def test_a_saved_tokenizer_parts_text_as_the_one_that_was_trained(tmp_path: Path) -> None:
    from transformers import AutoTokenizer, Qwen2Config

    made = train_tokenizer(TEXTS, vocabulary_size=400, max_length=512)
    made.save_pretrained(tmp_path)
    Qwen2Config().save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    for text in AWKWARD:
        assert made(text)["input_ids"] == loaded(text)["input_ids"], text
    assert loaded.decode(made("it's 12345")["input_ids"]) == "it's 12345"
