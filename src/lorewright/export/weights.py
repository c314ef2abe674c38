"""A model's weights, converted and written one tensor at a time."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lorewright.core.errors import ExportError, NotFoundError
from lorewright.export.shapes import Shape, rope_factors, rotated_heads, tensor_names

if TYPE_CHECKING:
    import numpy as np

Quantisation = Literal["f32", "f16", "q8_0"]
Q8_BLOCK = 32
# Q8_0 stores 127 steps of an F16 scale.
LARGEST_VALUES = {"F32": math.inf, "F16": 65504.0, "Q8_0": 127 * 65504.0}
StoredTensor = tuple[Path, str, tuple[int, ...]]


def write_tensors(writer: Any, model_dir: Path, shape: Shape, quantisation: Quantisation) -> dict[str, Any]:
    """Write everything of a GGUF file: the head the writer has collected, then the weights of a folder.

    Returns:
        `tensors`, the number of tensors of each type, and `parameters`.

    Raises:
        NotFoundError: the folder holds no weights.
        ExportError: a tensor has no place in the shape, or a weight is not finite or too large.
    """
    import numpy as np

    stored = list(_stored_tensors(model_dir, shape))
    factors = np.array(rope_factors(shape), dtype=np.float32)
    counts = _announce(writer, stored, shape, quantisation)
    if factors.size:
        writer.add_tensor_info("rope_freqs.weight", factors.shape, factors.dtype, factors.nbytes)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for file, name, sizes in stored:
        data = _interleaved(_read_tensor(file, name), rotated_heads(name, shape))
        writer.write_tensor_data(_quantised(data, name, _stored_type(sizes, quantisation)))
    if factors.size:
        writer.write_tensor_data(factors)
    return counts


def _announce(
    writer: Any, stored: list[StoredTensor], shape: Shape, quantisation: Quantisation
) -> dict[str, Any]:
    import gguf
    import numpy as np

    names = tensor_names(shape)
    tensors: dict[str, int] = {}
    parameters = 0
    for _file, name, sizes in stored:
        kind = _stored_type(sizes, quantisation)
        block_size, block_bytes = gguf.GGML_QUANT_SIZES[kind]
        count = math.prod(sizes)
        width = count // block_size * block_bytes
        writer.add_tensor_info(names(name), sizes, np.dtype(np.float32), width, raw_dtype=kind)
        tensors[kind.name] = tensors.get(kind.name, 0) + 1
        parameters += count
    return {"tensors": tensors, "parameters": parameters}


def _stored_tensors(model_dir: Path, shape: Shape) -> Iterator[StoredTensor]:
    from safetensors import safe_open

    files = sorted(model_dir.glob("*.safetensors"))
    if not files:
        raise NotFoundError(f"there are no weights (*.safetensors) in {model_dir}", hint="lore train")
    for file in files:
        with safe_open(file, framework="pt") as weights:
            for name in sorted(weights.keys()):
                if not (shape.tied and name == "lm_head.weight"):
                    yield file, name, tuple(weights.get_slice(name).get_shape())


def _read_tensor(file: Path, name: str) -> "np.ndarray[Any, Any]":
    from safetensors import safe_open

    with safe_open(file, framework="pt") as weights:
        data: np.ndarray[Any, Any] = weights.get_tensor(name).float().numpy()
    return data


def _interleaved(data: "np.ndarray[Any, Any]", heads: int) -> "np.ndarray[Any, Any]":
    """Return rows reordered so that each head's two halves alternate; unchanged for 0 heads."""
    if not heads:
        return data
    halves = data.reshape(heads, 2, data.shape[0] // heads // 2, *data.shape[1:])
    return halves.swapaxes(1, 2).reshape(data.shape)


def _stored_type(sizes: tuple[int, ...], quantisation: Quantisation) -> Any:
    from gguf import GGMLQuantizationType as Kind

    if len(sizes) == 1 or quantisation == "f32":
        return Kind.F32
    return Kind.Q8_0 if quantisation == "q8_0" and sizes[-1] % Q8_BLOCK == 0 else Kind.F16


def _quantised(data: "np.ndarray[Any, Any]", name: str, kind: Any) -> "np.ndarray[Any, Any]":
    import gguf
    import numpy as np

    if not np.isfinite(data).all():
        raise ExportError(f"tensor {name} holds values that are not finite", hint="train again: lore train")
    largest = float(np.abs(data).max(initial=0.0))
    if largest > LARGEST_VALUES[kind.name]:
        raise ExportError(
            f"tensor {name} holds {largest:.4g}, too large for {kind.name}", hint="write f32 instead"
        )
    stored: np.ndarray[Any, Any] = gguf.quants.quantize(np.ascontiguousarray(data), kind)
    return stored
