"""The local runtime on a tiny random Qwen2: answers, order, scores, refusals."""

import socket
from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.records import Message
from lorewright.llm.local import LocalModel, answer_logits, load
from lorewright.llm.templates import CHATML, EOS, PAD, SPECIAL_TOKENS, encode_answer, encode_prompt


def build_model(folder: Path, *, max_length: int = 128, layers: int = 2) -> Path:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(["a task retries when it fails, user, assistant, system"] * 3, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=EOS, pad_token=PAD)
    tokenizer.chat_template = CHATML
    torch.manual_seed(3)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=48,
        max_position_embeddings=max_length,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.3,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(model_dir: Path) -> LocalModel:
    return load(model_dir, device="cpu", dtype="float32", threads=1)


def ask(text: str) -> list[Message]:
    return [Message(role="user", content=text)]


def answered(question: str, answer: str) -> list[Message]:
    return [*ask(question), Message(role="assistant", content=answer)]


def test_a_local_folder_is_opened_without_any_connection(
    model_dir: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    loaded = load(model_dir, device="cpu", threads=1)
    loaded.generate([ask("why?")], max_new_tokens=3)
    assert loaded.max_length == 128
    assert capfd.readouterr() == ("", "")


def test_answers_come_back_in_input_order_whatever_the_batches(model: LocalModel) -> None:
    questions = ["a", "why does a task retry when it fails so often", "task", "a user, a system", "retries?"]
    conversations = [ask(question) for question in questions]
    alone = [model.generate([c], max_new_tokens=6)[0] for c in conversations]
    ticks: list[int] = []
    together = model.generate(conversations, max_new_tokens=6, batch_size=2, tick=ticks.append)
    assert together == alone
    assert ticks == [2, 2, 1]


def test_streaming_yields_the_same_answer(model: LocalModel) -> None:
    conversation = ask("why does a task retry?")
    streamed = "".join(model.stream(conversation, 8))
    assert streamed.strip() == model.generate([conversation], max_new_tokens=8)[0]


def test_answer_nll_equals_the_plain_computation_over_the_answer_and_its_end_mark(model: LocalModel) -> None:
    import torch

    conversations = [answered("a", "it fails"), answered("why does it fail?", "a task retries when it fails")]
    results = model.answer_nll(conversations, batch_size=2)
    for conversation, (total, count) in zip(conversations, results, strict=True):
        prompt, answer = encode_answer(model.tokenizer, conversation)
        with torch.no_grad():
            logits = model.model(torch.tensor([prompt + answer])).logits[0].double()
        wanted = torch.log_softmax(logits, -1)[len(prompt) - 1 : -1]
        expected = -sum(float(wanted[i, token]) for i, token in enumerate(answer))
        assert answer[-1] == model.tokenizer.eos_token_id
        assert count == len(answer)
        assert total == pytest.approx(expected, abs=1e-3)


def test_text_nll_equals_the_plain_computation_over_all_tokens_but_the_first(model: LocalModel) -> None:
    import torch

    texts = ["why does a task retry when it fails?", "it fails", "why", ""]
    results = model.text_nll(texts, batch_size=2)
    for text, (total, count) in zip(texts[:2], results, strict=False):
        ids = model.tokenizer(text, add_special_tokens=False)["input_ids"]
        with torch.no_grad():
            logits = model.model(torch.tensor([ids])).logits[0].double()
        wanted = torch.log_softmax(logits, -1)[:-1]
        expected = -sum(float(wanted[i, token]) for i, token in enumerate(ids[1:]))
        assert count == len(ids) - 1 > 0
        assert total == pytest.approx(expected, abs=1e-3)
    assert results[3] == (0.0, 0), "an empty text has no tokens"
    assert model.text_nll(["task " * 400])[0][1] == model.max_length - 1


def test_a_prompt_beyond_the_context_keeps_its_tail_and_is_counted(model_dir: Path) -> None:
    loaded = load(model_dir, device="cpu", threads=1)
    loaded.generate([ask("task " * 400), ask("task")], max_new_tokens=4)
    assert loaded.trimmed == 1
    assert loaded.answer_nll([answered("task " * 400, "fails")])[0][1] > 1
    assert loaded.trimmed == 2


def test_an_answer_longer_than_the_context_is_refused(model: LocalModel) -> None:
    with pytest.raises(ConfigError, match="128"):
        model.generate([ask("a")], max_new_tokens=128)


def test_a_missing_model_names_itself(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match="empty") as caught:
        load(tmp_path / "empty", device="cpu")
    assert "tiny" in caught.value.hint


def test_a_missing_adapter_names_its_folder(model_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="adapter_config"):
        load(model_dir, adapter=tmp_path, device="cpu")


@pytest.mark.parametrize("family", ["bert", "t5"])
def test_models_that_do_not_write_text_are_refused_with_what_to_use(family: str, tmp_path: Path) -> None:
    from transformers import BertConfig, T5Config

    (BertConfig() if family == "bert" else T5Config()).save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match=family) as caught:
        load(tmp_path, device="cpu")
    assert "Qwen" in caught.value.hint


def test_an_unknown_device_is_named(model_dir: Path) -> None:
    with pytest.raises(ConfigError, match="quantum"):
        load(model_dir, device="quantum")


def test_prompt_and_answer_tokens_are_those_of_the_template(model: LocalModel) -> None:
    prompt, answer = encode_answer(model.tokenizer, answered("why?", "it fails"))
    assert prompt == encode_prompt(model.tokenizer, ask("why?"))
    text = model.tokenizer.decode(prompt + answer)
    assert text == "<|im_start|>user\nwhy?<|im_end|>\n<|im_start|>assistant\nit fails<|im_end|>"


def test_answer_logits_ignores_padding(model: LocalModel) -> None:
    import torch

    ids = torch.tensor([[5, 6, 7, 8, 0, 0], [9, 10, 11, 12, 13, 14]])
    labels = torch.tensor([[-100, -100, 7, 8, -100, -100], [-100, -100, -100, -100, 13, 14]])
    mask = torch.tensor([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])
    with torch.no_grad():
        logits, targets = answer_logits(model.model, ids, mask, labels)
        whole = model.model(input_ids=ids, attention_mask=mask).logits
    assert targets.tolist() == [7, 8, 13, 14]
    expected = torch.stack([whole[0, 1], whole[0, 2], whole[1, 3], whole[1, 4]])
    assert torch.allclose(logits, expected, atol=1e-5)
