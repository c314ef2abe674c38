"""A byte-level BPE tokenizer as GGUF states it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lorewright.core.errors import ExportError

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2_PATTERN = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL
LLAMA3_PATTERN = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + TAIL

# What splits text into words, and whether a whole word in the vocabulary skips the merges → llama.cpp's name.
PRE_TOKENIZERS = {
    (("bytes-by-word",), False): "gpt-2",
    (("digits", "bytes-by-word"), False): "smollm",
    (("split " + QWEN2_PATTERN, "bytes"), False): "qwen2",
    (("split " + LLAMA3_PATTERN, "bytes"), False): "smaug-bpe",
    (("split " + LLAMA3_PATTERN, "bytes"), True): "llama-bpe",
}
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer's tables.

    Attributes:
        tokens: Token texts by id, in the byte-level alphabet.
        types: llama.cpp's token types by id.
        merges: Pairs joined by a space, the first merged first.
        pre_tokenizer: llama.cpp's name of how text is cut into words.
        normalizer: `nfc` or `none`.
    """

    tokens: list[str]
    types: list[int]
    merges: list[str]
    pre_tokenizer: str
    normalizer: str


def read_vocabulary(tokenizer: Mapping[str, Any], *, size: int) -> Vocabulary:
    """Return the tables of a tokenizer given as the content of a `tokenizer.json`.

    Args:
        tokenizer: The parsed JSON.
        size: Rows of the model's embedding; ids without a token are named `[PADi]`.

    Raises:
        ExportError: the tokenizer is of another kind, cuts words in an unknown way, normalises text in an unknown
            way, or has more tokens than the embedding has rows.
    """
    _refuse_other_kinds(tokenizer)
    model = tokenizer["model"]
    tokens, types = [f"[PAD{i}]" for i in range(size)], [UNUSED] * size
    added = tokenizer.get("added_tokens") or []
    highest = max([*model["vocab"].values(), *(entry["id"] for entry in added)], default=0)
    if highest >= size:
        raise ExportError(
            f"the tokenizer's highest token id is {highest}, but the embedding has only {size} rows"
        )
    for text, token_id in model["vocab"].items():
        tokens[token_id], types[token_id] = text, NORMAL
    for entry in added:
        tokens[entry["id"]] = _added_text(entry)
        types[entry["id"]] = CONTROL if entry["special"] else USER_DEFINED
    return Vocabulary(
        tokens=tokens,
        types=types,
        merges=[pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]],
        pre_tokenizer=_pre_tokenizer(tokenizer),
        normalizer=_normalizer(tokenizer.get("normalizer")),
    )


def _refuse_other_kinds(tokenizer: Mapping[str, Any]) -> None:
    model, decoder = tokenizer["model"], tokenizer.get("decoder") or {}
    if model["type"] != "BPE" or decoder.get("type") != "ByteLevel":
        raise ExportError(
            f"cannot write a {model['type']} tokenizer with a {decoder.get('type')} decoder as GGUF; "
            "known is byte-level BPE"
        )
    for feature in ("continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"):
        if model.get(feature):
            raise ExportError(f"the tokenizer's {feature}={model[feature]!r} has no place in GGUF")


def _pre_tokenizer(tokenizer: Mapping[str, Any]) -> str:
    stated = tokenizer.get("pre_tokenizer") or {"type": "none"}
    steps = stated["pretokenizers"] if stated["type"] == "Sequence" else [stated]
    key = (tuple(_step(step) for step in steps), bool(tokenizer["model"].get("ignore_merges")))
    if key not in PRE_TOKENIZERS:
        raise ExportError(
            f"llama.cpp has no known pre-tokenizer for {' then '.join(key[0])!r} with ignore_merges={key[1]}; "
            f"known are {', '.join(sorted(PRE_TOKENIZERS.values()))}",
            hint="a wrong one would change every answer silently, so none is guessed",
        )
    return PRE_TOKENIZERS[key]


def _step(step: Mapping[str, Any]) -> str:
    """Return one pre-tokenizer as the tables above spell it, or its JSON if they have no word for it."""
    match step:
        case {"type": "ByteLevel", "add_prefix_space": False, "use_regex": use_regex}:
            return "bytes-by-word" if use_regex else "bytes"
        case {"type": "Digits", "individual_digits": True}:
            return "digits"
        case {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}:
            return f"split {pattern}"
    return str(dict(step))


def _normalizer(stated: Mapping[str, Any] | None) -> str:
    if not stated:
        return "none"
    if stated["type"] == "NFC":
        return "nfc"
    raise ExportError(f"cannot write the text normaliser {stated['type']} as GGUF; known is NFC")


def _added_text(entry: Mapping[str, Any]) -> str:
    for trait in ("lstrip", "rstrip", "single_word"):
        if entry.get(trait):
            raise ExportError(f"added token {entry['content']!r} has {trait}, which GGUF cannot state")
    return str(entry["content"])
