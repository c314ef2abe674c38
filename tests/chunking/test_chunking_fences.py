"""Fences and rows inside other blocks: found as Markdown closes them, in linear time."""

import pytest

from lorewright.chunking.fences import fences_and_rows


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in fences_and_rows(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n  ```py\n  x\n  ```\n- b", ["```py\n  x\n  ```"]),
        ("> ~~~\n> x\n> ~~~", ["~~~\n> x\n> ~~~"]),
        ("````\n```\nx\n````", ["````\n```\nx\n````"]),
        ("~~~\n```\nx\n~~~", ["~~~\n```\nx\n~~~"]),
        ("```\nx\n- ```", []),
        ("```a\n```b\nx\n```", ["```a\n```b\nx\n```"]),
        ("````\nx\n```\ny\n```", ["```\ny\n```"]),
        ("| a | b |\n|---|---|\n| 1 | 2 | x", ["| a | b |", "|---|---|"]),
        ("```\n| a |\n```\n- | b |", ["```\n| a |\n```", "| b |"]),
    ],
)
def test_what_stays_whole(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("line", ["- ```a\n", "> ~~~x\n", "1. ```\t`\n"])
def test_fences_that_nothing_closes_are_looked_for_once(line: str) -> None:
    assert found(line * 20_000) == []
