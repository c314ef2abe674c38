"""Real PDFs, typeset by TeX: the manuals of Debian's package glpk-doc, where it is installed."""

import os
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from lorewright.core.records import Parsed
from lorewright.parsing.pdf import parse_pdf
from lorewright.text.spans import Locator

_FOLDER = Path("/usr/share/doc/glpk-doc")
_NAMES = ("glpk.pdf", "gmpl.pdf", "graphs.pdf", "cnfsat.pdf")
_WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(scope="module", params=_NAMES)
def manual(request: pytest.FixtureRequest) -> tuple[bytes, Parsed]:
    path = _FOLDER / request.param
    if not path.exists():
        if os.environ.get("LORE_REQUIRE_DEBIAN_PDFS"):
            pytest.fail(f"{path} is missing: apt-get install glpk-doc")
        pytest.skip("needs Debian's package glpk-doc")
    data = path.read_bytes()
    return data, parse_pdf(data)


def _by_page(parsed: Parsed) -> dict[int, str]:
    offsets = (*parsed.source_map.offsets, len(parsed.text))
    return {
        number: parsed.text[start:end]
        for number, (start, end) in zip(parsed.source_map.numbers, pairwise(offsets), strict=True)
    }


def test_each_page_keeps_its_words(manual: tuple[bytes, Parsed]) -> None:
    data, parsed = manual
    kept = _by_page(parsed)
    file = PdfDocument(data)
    lost: Counter[str] = Counter()
    for number, page in enumerate(file, 1):
        words = page.get_textpage()
        plain = re.sub("[\x02\ufffe]", "", words.get_text_range())
        lost += Counter(_WORD.findall(plain)) - Counter(_WORD.findall(kept.get(number, "")))
        words.close()
        page.close()
    file.close()
    # Compounds whose hyphen PDFium took for a divided word's are two words here.
    assert sum(lost.values()) < 0.002 * len(_WORD.findall(parsed.text))


def test_blocks_are_in_order_and_on_one_page_each(manual: tuple[bytes, Parsed]) -> None:
    _, parsed = manual
    places = Locator(parsed.source_map, parsed.text)
    assert all(one.end < other.start for one, other in pairwise(parsed.blocks))
    for block in parsed.blocks:
        place = places.place(block.start, block.end)
        assert place.first == place.last
    shown = "\n".join(parsed.text[block.start : block.end] for block in parsed.blocks)
    assert shown.split() == parsed.text.split()


def test_headings_are_those_of_the_outline(manual: tuple[bytes, Parsed]) -> None:
    data, parsed = manual
    file = PdfDocument(data)
    outline = [(mark.level + 1, re.sub(r"[\W_]", "", mark.get_title())) for mark in file.get_toc()]
    file.close()
    found = [
        (block.level, re.sub(r"[\W_]", "", block.title)) for block in parsed.blocks if block.kind == "heading"
    ]
    named = [
        (level, title)
        for level, title in outline
        if any(level == its_level and its_title.endswith(title) for its_level, its_title in found)
    ]
    assert len(named) >= 0.9 * len(outline)


def test_page_numbers_are_dropped(manual: tuple[bytes, Parsed]) -> None:
    _, parsed = manual
    last_lines = [text.strip().rpartition("\n")[2] for text in _by_page(parsed).values()]
    numbers = [line for number, line in zip(_by_page(parsed), last_lines, strict=True) if line == str(number)]
    if parsed.metadata["pages"] > 10:
        assert not numbers
        assert "page number" in {entry["what"] for entry in parsed.metadata["dropped"]}
