"""The model shapes that can be written as GGUF: their hyper-parameters and the names of their tensors."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lorewright.core.errors import ExportError

ARCHITECTURES = {"Qwen2ForCausalLM": "qwen2", "LlamaForCausalLM": "llama"}
ROPE_TYPES = ("default", "linear", "llama3")


@dataclass(frozen=True)
class Shape:
    """The hyper-parameters of a dense decoder.

    Attributes:
        architecture: llama.cpp's name of it.
        context: Positions it was trained for.
        head_size: Components of one attention head.
        rope: `rope_type`, `rope_theta` and what the type needs besides, as in the model's configuration.
        tied: Input and output share one embedding.
    """

    architecture: str
    vocabulary_size: int
    context: int
    hidden_size: int
    layers: int
    intermediate_size: int
    heads: int
    kv_heads: int
    head_size: int
    norm_epsilon: float
    rope: Mapping[str, Any]
    tied: bool


def read_shape(config: Mapping[str, Any]) -> Shape:
    """Return the shape a model's `config.json` describes.

    Raises:
        ExportError: the architecture is unknown, or it uses a feature that the GGUF shape has no place for.
    """
    names = config.get("architectures") or ["(none)"]
    if names[0] not in ARCHITECTURES:
        raise ExportError(
            f"cannot write the architecture {names[0]} as GGUF; known are {', '.join(sorted(ARCHITECTURES))}",
            hint="choose a base model of one of these shapes in lore.toml: [training] base",
        )
    _refuse_unsupported(config)
    heads = int(config["num_attention_heads"])
    hidden_size = int(config["hidden_size"])
    return Shape(
        architecture=ARCHITECTURES[names[0]],
        vocabulary_size=int(config["vocab_size"]),
        context=int(config["max_position_embeddings"]),
        hidden_size=hidden_size,
        layers=int(config["num_hidden_layers"]),
        intermediate_size=int(config["intermediate_size"]),
        heads=heads,
        kv_heads=int(config.get("num_key_value_heads") or heads),
        head_size=int(config.get("head_dim") or hidden_size // heads),
        norm_epsilon=float(config["rms_norm_eps"]),
        rope=_rope(config),
        tied=bool(config.get("tie_word_embeddings", False)),
    )


def tensor_names(shape: Shape) -> Callable[[str], str]:
    """Return a function from transformers' name of a tensor to llama.cpp's.

    The function raises ExportError if the shape has no such tensor.
    """
    import gguf

    architecture = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == shape.architecture)
    names = gguf.get_tensor_name_map(architecture, shape.layers)

    def renamed(name: str) -> str:
        mapped = names.get_name(name, (".weight", ".bias"))
        if mapped is None:
            raise ExportError(f"tensor {name} has no place in the GGUF shape {shape.architecture}")
        return str(mapped)

    return renamed


def rotated_heads(name: str, shape: Shape) -> int:
    """Return how many heads a tensor's rows must be interleaved for, or 0 if they stay as they are.

    llama.cpp's `llama` rotates neighbouring components of a head, transformers its two halves.
    """
    if shape.architecture != "llama":
        return 0
    if ".self_attn.q_proj." in name:
        return shape.heads
    return shape.kv_heads if ".self_attn.k_proj." in name else 0


def rope_factors(shape: Shape) -> list[float]:
    """Return the divisors of the rotary frequencies that `llama3` scaling asks for; empty for other types.

    Formula: transformers, `modeling_rope_utils._compute_llama3_parameters`.
    """
    if shape.rope["rope_type"] != "llama3":
        return []
    factor, low = float(shape.rope["factor"]), float(shape.rope["low_freq_factor"])
    high = float(shape.rope["high_freq_factor"])
    trained = float(shape.rope["original_max_position_embeddings"])
    factors = []
    for index in range(0, shape.head_size, 2):
        wavelength = 2 * math.pi * float(shape.rope["rope_theta"]) ** (index / shape.head_size)
        smooth = min(max((trained / wavelength - low) / (high - low), 0.0), 1.0)
        factors.append(1 / ((1 - smooth) / factor + smooth))
    return factors


def _rope(config: Mapping[str, Any]) -> dict[str, Any]:
    rope = dict(config.get("rope_parameters") or config.get("rope_scaling") or {})
    rope["rope_type"] = rope.get("rope_type") or rope.get("type") or "default"
    rope.setdefault("rope_theta", config.get("rope_theta", 10000.0))
    if rope["rope_type"] not in ROPE_TYPES:
        raise ExportError(
            f"cannot write rotary scaling {rope['rope_type']!r} as GGUF; known are {', '.join(ROPE_TYPES)}"
        )
    return rope


def _refuse_unsupported(config: Mapping[str, Any]) -> None:
    if config.get("hidden_act", "silu") != "silu":
        raise ExportError(f"cannot write the activation {config['hidden_act']!r} as GGUF; known is 'silu'")
    if config.get("use_sliding_window"):
        raise ExportError(f"cannot write a sliding window ({config.get('sliding_window')} tokens) as GGUF")
    if config.get("quantization_config"):
        raise ExportError(
            "the model is stored quantised; GGUF is written from full weights",
            hint="merge the adapter into the unquantised base: lore export",
        )
