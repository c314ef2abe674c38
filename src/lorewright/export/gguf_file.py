"""Write a model folder as one GGUF file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import json
import os
from pathlib import Path
from typing import Any

from lorewright.core.errors import ExportError, MissingDependencyError, NotFoundError
from lorewright.export.huggingface import load_tokenizer
from lorewright.export.shapes import Shape, read_shape
from lorewright.export.template import plain_template
from lorewright.export.vocabulary import Vocabulary, read_vocabulary
from lorewright.export.weights import Quantisation, write_tensors
from lorewright.llm.gguf_runtime import NORMALIZER_KEY


def write_gguf(model_dir: Path, out_path: Path, *, quantisation: Quantisation) -> dict[str, Any]:
    """Write a model folder as GGUF; nothing is at `out_path` until it is whole.

    Tensors pass one at a time, so memory holds the largest of them and not the model. Vectors stay F32, and
    matrices whose rows are no multiple of 32 become F16 where Q8_0 is asked for.

    Args:
        model_dir: A complete transformers folder of the Qwen2 or Llama shape with a byte-level BPE tokenizer.
        out_path: The file to write; replaced if it is there.
        quantisation: How matrices are stored.

    Returns:
        `architecture`, `quantisation`, `pre_tokenizer`, `parameters`, `bytes`, and `tensors`: the number of
        tensors of each type.

    Raises:
        NotFoundError: the folder holds no model.
        ExportError: its architecture or tokenizer cannot be written, or a weight is not finite.
        MissingDependencyError: an extra is not installed.
    """
    try:
        import gguf
        import safetensors.torch  # noqa: F401 - asked for here so that the error comes before any work
    except ImportError as error:
        raise MissingDependencyError(
            f"writing GGUF needs {error.name}, which is not installed",
            hint="pip install 'lorewright[gguf,train]'",
        ) from error
    config = _read_config(model_dir)
    shape = read_shape(config)
    tokenizer = load_tokenizer(model_dir)
    vocabulary = read_vocabulary(json.loads(tokenizer.backend_tokenizer.to_str()), size=shape.vocabulary_size)
    out_path.parent.mkdir(parents=True, exist_ok=True)
    partial = out_path.with_name(out_path.name + ".partial")
    writer = gguf.GGUFWriter(partial, shape.architecture)
    try:
        _describe_model(writer, shape, name=model_dir.name, quantisation=quantisation)
        _describe_tokenizer(writer, vocabulary, tokenizer)
        counts = write_tensors(writer, model_dir, shape, quantisation)
        writer.close()
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(out_path)
    except BaseException:
        writer.close()
        partial.unlink(missing_ok=True)
        raise
    return {
        "architecture": shape.architecture,
        "quantisation": quantisation,
        "pre_tokenizer": vocabulary.pre_tokenizer,
        "bytes": out_path.stat().st_size,
        **counts,
    }


def _read_config(model_dir: Path) -> dict[str, Any]:
    path = model_dir / "config.json"
    if not path.is_file():
        raise NotFoundError(f"there is no model at {model_dir}: config.json is missing", hint="lore train")
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return config


def _describe_model(writer: Any, shape: Shape, *, name: str, quantisation: Quantisation) -> None:
    import gguf

    writer.add_name(name)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_rope_freq_base(float(shape.rope["rope_theta"]))
    writer.add_rope_dimension_count(shape.head_size)
    if shape.rope["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(float(shape.rope["factor"]))
    writer.add_vocab_size(shape.vocabulary_size)
    file_types = {
        "f32": gguf.LlamaFileType.ALL_F32,
        "f16": gguf.LlamaFileType.MOSTLY_F16,
        "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    }
    writer.add_file_type(file_types[quantisation])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def _describe_tokenizer(writer: Any, vocabulary: Vocabulary, tokenizer: Any) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.pre_tokenizer)
    writer.add_string(NORMALIZER_KEY, vocabulary.normalizer)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    writer.add_token_merges(vocabulary.merges)
    if tokenizer.eos_token_id is None:
        raise ExportError("the tokenizer names no end-of-sequence token, so no answer would end")
    writer.add_eos_token_id(tokenizer.eos_token_id)
    if tokenizer.bos_token_id is not None:
        writer.add_bos_token_id(tokenizer.bos_token_id)
    if tokenizer.pad_token_id is not None:
        writer.add_pad_token_id(tokenizer.pad_token_id)
    first = tokenizer("a").input_ids[0]
    writer.add_add_bos_token(tokenizer.bos_token_id is not None and first == tokenizer.bos_token_id)
    if tokenizer.chat_template:
        writer.add_chat_template(plain_template(tokenizer.chat_template))
