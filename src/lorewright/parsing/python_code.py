"""Python code."""

from lorewright.core.records import Parsed
from lorewright.parsing.code import parse_code


def parse_python(text: str) -> Parsed:
    """Return a Python file's code with its structure, as `parse_code` does."""
    return parse_code(text, language="python")
