"""The metadata at the head of a GGUF file, read without loading the model.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from lorewright.core.errors import NotFoundError, ProviderError

FILE_TYPES = {0: "f32", 1: "f16", 7: "q8_0"}

NUMBER_FORMATS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
STRING_TYPE, ARRAY_TYPE = 8, 9
SUPPORTED_VERSIONS = (2, 3)

Scalar = str | int | float | bool


def read_metadata(path: Path, keys: Collection[str]) -> dict[str, Scalar]:
    """Return those of the named scalar values that the file holds; arrays are skipped.

    Raises:
        NotFoundError: there is no such file.
        ProviderError: it is not a GGUF file, or it ends within its head.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no model file {path}", hint="lore export")
    with path.open("rb") as file:
        try:
            return _read_values(file, path, frozenset(keys))
        except (struct.error, EOFError, UnicodeDecodeError, KeyError) as error:
            raise ProviderError(
                f"{path} is not a whole GGUF file: its head ends or breaks at byte {file.tell()}",
                hint="write it again: lore export",
            ) from error


def _read_values(file: BinaryIO, path: Path, keys: frozenset[str]) -> dict[str, Scalar]:
    magic, version, _tensors, count = struct.unpack("<4sIQQ", _take(file, 24))
    if magic != b"GGUF" or version not in SUPPORTED_VERSIONS:
        raise ProviderError(
            f"{path} is not a GGUF file of version 2 or 3 (it begins with {magic!r}, version {version})",
            hint="lore export writes one",
        )
    found: dict[str, Scalar] = {}
    for _ in range(count):
        key = _string(file)
        value = _value(file, _number(file, "<I"))
        if key in keys and value is not None:
            found[key] = value
            if len(found) == len(keys):
                break
    return found


def _value(file: BinaryIO, type_id: int) -> Scalar | None:
    if type_id == STRING_TYPE:
        return _string(file)
    if type_id == ARRAY_TYPE:
        _skip_array(file)
        return None
    number: Scalar = struct.unpack(
        NUMBER_FORMATS[type_id], _take(file, struct.calcsize(NUMBER_FORMATS[type_id]))
    )[0]
    return number


def _skip_array(file: BinaryIO) -> None:
    type_id = _number(file, "<I")
    length = _number(file, "<Q")
    if type_id in NUMBER_FORMATS:
        file.seek(length * struct.calcsize(NUMBER_FORMATS[type_id]), 1)
        return
    for _ in range(length):
        if type_id == STRING_TYPE:
            file.seek(_number(file, "<Q"), 1)
        else:
            _value(file, type_id)


def _string(file: BinaryIO) -> str:
    return _take(file, _number(file, "<Q")).decode("utf-8")


def _number(file: BinaryIO, form: str) -> int:
    number: int = struct.unpack(form, _take(file, struct.calcsize(form)))[0]
    return number


def _take(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise EOFError
    return data
