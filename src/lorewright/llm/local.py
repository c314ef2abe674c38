"""A causal language model from a local folder or the Hub cache: answers, streams, and scores answers."""

import importlib.util
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal

from lorewright.core.errors import ConfigError, MissingDependencyError, NotFoundError, ProviderError
from lorewright.core.records import Message
from lorewright.llm.devices import require_train_extra, resolve_device, resolve_dtype
from lorewright.llm.key_values import roomy_cache
from lorewright.llm.libraries import prepare
from lorewright.llm.templates import encode_answer, encode_prompt, ensure_template

Quantization = Literal["none", "nf4"]
# Used where a model's configuration does not say how much it can read.
DEFAULT_MAX_LENGTH = 2048
INSTEAD = "use a decoder such as Qwen/Qwen3-0.6B, or --base tiny"


@dataclass
class LocalModel:
    """A loaded model with its tokenizer.

    Attributes:
        name: The base's name, with the adapter's folder after a plus.
        max_length: Tokens the model can read, prompt and answer together.
        trimmed: How many prompts lost their beginning so far because they exceeded `max_length`.
    """

    name: str
    model: Any
    tokenizer: Any
    device: str
    max_length: int
    trimmed: int = 0

    def generate(
        self,
        conversations: Sequence[Sequence[Message]],
        *,
        max_new_tokens: int,
        batch_size: int = 16,
        tick: Callable[[int], None] = lambda _: None,
    ) -> list[str]:
        """Return the greedy answer to each conversation, in input order, without the end mark.

        Conversations of similar length share a batch. A prompt that leaves no room for the answer keeps its tail
        and is counted in `trimmed`. `tick` gets the number of conversations just answered.
        """
        prompts = [self._prompt_ids(messages, max_new_tokens) for messages in conversations]
        answers = [""] * len(prompts)
        for batch in _batches([len(ids) for ids in prompts], batch_size):
            rows = self._generate_batch([prompts[i] for i in batch], max_new_tokens)
            for index, text in zip(batch, rows, strict=True):
                answers[index] = text
            tick(len(batch))
        return answers

    def stream(self, messages: Sequence[Message], max_new_tokens: int) -> Iterator[str]:
        """Yield the greedy answer to one conversation in pieces, as it is made."""
        from transformers import TextIteratorStreamer

        ids = self._prompt_ids(messages, max_new_tokens)
        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=True)
        failures: list[Exception] = []
        worker = Thread(target=self._stream_into, args=(streamer, ids, max_new_tokens, failures), daemon=True)
        worker.start()
        yield from (piece for piece in streamer if piece)
        worker.join()
        if failures:
            raise ProviderError(f"{self.name} failed while answering: {failures[0]}") from failures[0]

    def answer_nll(
        self,
        conversations: Sequence[Sequence[Message]],
        *,
        batch_size: int = 8,
        tick: Callable[[int], None] = lambda _: None,
    ) -> list[tuple[float, int]]:
        """Return for each conversation how surprising its last message, the answer, is.

        Each pair is the sum of negative log-likelihoods in nats over the answer's tokens, the end mark
        included, and the number of those tokens. What exceeds `max_length` loses the beginning of its prompt.
        """
        return self._nll([self._pair_ids(messages) for messages in conversations], batch_size, tick)

    def text_nll(
        self, texts: Sequence[str], *, batch_size: int = 8, tick: Callable[[int], None] = lambda _: None
    ) -> list[tuple[float, int]]:
        """Return for each text, without any template, how surprising it is.

        Each pair is the sum of negative log-likelihoods in nats over its tokens and the number of those tokens. The
        first token follows the mark of a beginning where the tokenizer has one, else it is not counted. What exceeds
        `max_length` is left out.
        """
        return self._nll([self._text_ids(text) for text in texts], batch_size, tick)

    def _text_ids(self, text: str) -> tuple[list[int], list[int]]:
        ids = list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        begin = self.tokenizer.bos_token_id
        whole = (ids if begin is None else [begin, *ids])[: self.max_length]
        return whole[:1], whole[1:]

    def _nll(
        self, pairs: Sequence[tuple[list[int], list[int]]], batch_size: int, tick: Callable[[int], None]
    ) -> list[tuple[float, int]]:
        results = [(0.0, 0)] * len(pairs)
        for batch in _batches([len(prompt) + len(answer) for prompt, answer in pairs], batch_size):
            for index, sums in zip(batch, self._nll_batch([pairs[i] for i in batch]), strict=True):
                results[index] = sums
            tick(len(batch))
        return results

    def weights_bytes(self) -> int:
        """Return the memory that the weights take, in bytes."""
        return sum(weights.numel() * weights.element_size() for weights in self.model.parameters())

    def _prompt_ids(self, messages: Sequence[Message], max_new_tokens: int) -> list[int]:
        if max_new_tokens >= self.max_length:
            raise ConfigError(
                f"an answer of {max_new_tokens} tokens leaves no room in the {self.max_length} of {self.name}",
                hint=f"lower max_new_tokens below {self.max_length}",
            )
        return self._tail(encode_prompt(self.tokenizer, messages), self.max_length - max_new_tokens)

    def _pair_ids(self, messages: Sequence[Message]) -> tuple[list[int], list[int]]:
        prompt, answer = encode_answer(self.tokenizer, messages)
        answer = answer[: self.max_length - 1]
        return self._tail(prompt, self.max_length - len(answer)), answer

    def _tail(self, ids: list[int], room: int) -> list[int]:
        self.trimmed += len(ids) > room
        return ids[-room:]

    def continue_ids(
        self, prompts: Sequence[list[int]], max_new_tokens: int, **options: Any
    ) -> list[list[int]]:
        """Return the token ids that follow each prompt, all as many: what ended sooner is filled up.

        Args:
            prompts: Token ids of each.
            max_new_tokens: Most ids that follow.
            options: More arguments of transformers' `generate`.
        """
        import torch

        width = max(map(len, prompts))
        pad = self.tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(row)) + row for row in prompts], device=self.device)
        mask = torch.tensor(
            [[0] * (width - len(row)) + [1] * len(row) for row in prompts], device=self.device
        )
        with torch.inference_mode(), _no_warnings():
            out = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=max_new_tokens,
                past_key_values=roomy_cache(self.model.config),
                **options,
            )
        following: list[list[int]] = out[:, width:].tolist()
        return following

    def _generate_batch(self, prompts: Sequence[list[int]], max_new_tokens: int) -> list[str]:
        following = self.continue_ids(prompts, max_new_tokens)
        return [text.strip() for text in self.tokenizer.batch_decode(following, skip_special_tokens=True)]

    def _stream_into(
        self, streamer: Any, ids: list[int], max_new_tokens: int, failures: list[Exception]
    ) -> None:
        import torch

        tensor = torch.tensor([ids], device=self.device)
        try:
            with torch.inference_mode():
                self.model.generate(
                    input_ids=tensor,
                    attention_mask=torch.ones_like(tensor),
                    max_new_tokens=max_new_tokens,
                    streamer=streamer,
                )
        except Exception as error:  # noqa: BLE001 - carried to the reader's thread, which raises it
            failures.append(error)
            streamer.end()

    def _nll_batch(self, pairs: Sequence[tuple[list[int], list[int]]]) -> list[tuple[float, int]]:
        import torch

        width = max(len(prompt) + len(answer) for prompt, answer in pairs)
        ids = torch.full((len(pairs), width), self.tokenizer.pad_token_id, device=self.device)
        labels = torch.full((len(pairs), width), -100, device=self.device)
        for row, (prompt, answer) in enumerate(pairs):
            end = len(prompt) + len(answer)
            ids[row, :end] = torch.tensor(prompt + answer)
            labels[row, len(prompt) : end] = torch.tensor(answer)
        mask = torch.arange(width, device=self.device)[None] < torch.tensor(
            [[len(prompt) + len(answer)] for prompt, answer in pairs], device=self.device
        )
        with torch.inference_mode(), _no_warnings():
            logits, targets = answer_logits(self.model, ids, mask.long(), labels)
            losses = torch.nn.functional.cross_entropy(logits.float(), targets, reduction="none").double()
        sizes = [len(answer) for _, answer in pairs]
        return [(float(part.sum()), len(part)) for part in torch.split(losses, sizes)]


def answer_logits(model: Any, ids: Any, mask: Any, labels: Any) -> tuple[Any, Any]:
    """Return the logits (answer tokens, vocabulary) that predict the labelled tokens, and those tokens.

    Logits are computed there only: on a small model with a large vocabulary the head is most of the work.

    Args:
        model: A causal language model, or one under a PEFT adapter.
        ids: Token ids, (rows, width), padded on the right.
        mask: 1 on tokens, 0 on padding, same shape.
        labels: The token ids whose prediction counts, -100 elsewhere, same shape. Never the first of a row.
    """
    wanted = labels.roll(-1, dims=1) != -100
    wanted[:, -1] = False
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False, logits_to_keep=wanted).logits
    # Families that take the argument but know only its older form return every position.
    return (logits if logits.dim() == 2 else logits[wanted]), labels[labels != -100]


def load(
    model: str | Path,
    *,
    adapter: Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    threads: int | None = None,
    quantization: Quantization = "none",
) -> LocalModel:
    """Return a model ready to answer. Local folders are opened without any contact to the Hub.

    Args:
        model: A model folder, or a Hub name.
        adapter: Folder of a LoRA adapter to put on it.
        device: `auto`, `cpu`, `cuda` or `mps`.
        dtype: `auto`, `float32`, `bfloat16` or `float16`.
        threads: CPU threads to compute with; all when None.
        quantization: `nf4` holds the weights in 4 bits.

    Raises:
        MissingDependencyError: The training extra, or that of `nf4`, is not installed.
        NotFoundError: There is no such model or adapter.
        ConfigError: The model is no causal language model, or the device is not there.
    """
    require_train_extra("Running a local model")
    prepare()
    import torch

    if threads:
        torch.set_num_threads(threads)
    device = resolve_device(device)
    resolved = resolve_dtype(dtype, device)
    options = _nf4(device, resolved) if quantization == "nf4" else {}
    network, tokenizer = load_base(model, dtype=resolved, **options)
    name = str(model) if not Path(model).is_dir() else Path(model).name
    if adapter is not None:
        network, name = _with_adapter(network, adapter), f"{name}+{adapter.name}"
    # What is quantised is on its device already, and cannot be moved.
    (network if quantization == "nf4" else network.to(device)).eval()
    network.generation_config = _greedy(network, tokenizer)
    return LocalModel(name, network, tokenizer, device, context_length(network.config))


def load_base(model: str | Path, *, dtype: str, **options: Any) -> tuple[Any, Any]:
    """Return a causal language model, by default on the CPU, and its tokenizer, which always has a chat template.

    Args:
        model: A model folder, or a Hub name.
        dtype: Of the weights.
        options: More arguments of transformers' `from_pretrained`.

    Raises:
        NotFoundError: There is no such model.
        ConfigError: It is an encoder or an encoder-decoder.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    local = Path(model).is_dir()
    with _no_warnings():
        try:
            config = AutoConfig.from_pretrained(model, local_files_only=local)
            _require_decoder(model, config)
            tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=local)
            network = AutoModelForCausalLM.from_pretrained(
                model, dtype=getattr(torch, dtype), local_files_only=local, **options
            )
        except (OSError, ValueError) as error:
            raise NotFoundError(
                f"model {str(model)!r} cannot be opened: {_first_line(error)}",
                hint="give a folder with config.json and weights, a Hub name, or --base tiny",
            ) from error
    ensure_template(tokenizer)
    return network, tokenizer


def _nf4(device: str, dtype: str) -> dict[str, Any]:
    """Return how transformers is asked for weights in 4 bits (NF4 of https://arxiv.org/abs/2305.14314)."""
    if importlib.util.find_spec("bitsandbytes") is None:
        raise MissingDependencyError(
            "quantization nf4 needs bitsandbytes, which is not installed",
            hint="pip install 'lorewright[nf4]'",
        )
    import torch
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=getattr(torch, dtype)
    )
    return {"quantization_config": config, "device_map": {"": device}}


def context_length(config: Any) -> int:
    """Return how many tokens a model reads, from its configuration."""
    text = config.get_text_config()
    return int(getattr(text, "max_position_embeddings", None) or DEFAULT_MAX_LENGTH)


def _require_decoder(model: str | Path, config: Any) -> None:
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    encoders = ("bert", "roberta", "distilbert", "electra", "camembert", "xlm-roberta", "deberta", "albert")
    if config.is_encoder_decoder:
        raise ConfigError(f"{model} is an encoder-decoder ({config.model_type})", hint=INSTEAD)
    masked = any("MaskedLM" in name for name in config.architectures or ())
    if masked or config.model_type in encoders or config.model_type not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise ConfigError(f"{model} is no text generator: it is of type {config.model_type}", hint=INSTEAD)


def _with_adapter(network: Any, adapter: Path) -> Any:
    if not (adapter / "adapter_config.json").is_file():
        raise NotFoundError(f"no adapter in {adapter}: adapter_config.json is missing", hint="lore train")
    from peft import PeftModel

    with _no_warnings():
        return PeftModel.from_pretrained(network, str(adapter))


def _greedy(network: Any, tokenizer: Any) -> Any:
    from transformers import GenerationConfig

    ends = network.generation_config.eos_token_id
    known = ends if isinstance(ends, list) else [] if ends is None else [ends]
    return GenerationConfig(
        do_sample=False,
        eos_token_id=sorted({*known, tokenizer.eos_token_id}),
        pad_token_id=tokenizer.pad_token_id,
    )


def _batches(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Keep the libraries' notices to their own developers off the user's terminal, in whichever threads they run."""
    with _quiet.lock:
        if not _quiet.inside:
            _quiet.kept = warnings.catch_warnings()
            _quiet.kept.__enter__()
            warnings.simplefilter("ignore")
        _quiet.inside += 1
    try:
        yield
    finally:
        with _quiet.lock:
            _quiet.inside -= 1
            if not _quiet.inside:
                _quiet.kept.__exit__(None, None, None)


class _Quiet:
    """What is put back when the last of several threads is through: filters of warnings are one for all."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.inside = 0
        self.kept: Any = None


_quiet = _Quiet()
