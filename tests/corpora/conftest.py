"""The shared corpora, parsed once; tests that need them are skipped where they do not lie beside the checkout."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from lorewright.core.records import Document
from lorewright.parsing.dispatch import kind_of, parse
from lorewright.parsing.encoding import decode
from lorewright.parsing.placing import placed

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"


@dataclass(frozen=True)
class Sample:
    """One document with the lines of its file; none where the file is no text."""

    document: Document
    lines: tuple[str, ...]


@cache
def _samples(name: str) -> tuple[Sample, ...]:
    found = []
    for file in sorted((CORPORA / name).rglob("*")):
        kind = kind_of(file.name) if file.is_file() else None
        if kind is None:
            continue
        data = file.read_bytes()
        path = file.relative_to(CORPORA / name).as_posix()
        document = placed(parse(data, kind=kind), source=name, path=path)
        lines = () if kind == "pdf" else tuple(decode(data)[0].split("\n"))
        found.append(Sample(document, lines))
    return tuple(found)


@pytest.fixture(params=["datafusion", "dirac", "loghub"])
def samples(request: pytest.FixtureRequest) -> tuple[Sample, ...]:
    """Every document of one corpus, in turn."""
    return samples_of(request.param)


def samples_of(name: str) -> tuple[Sample, ...]:
    """Return every document of a corpus, or skip the test."""
    if not (CORPORA / name).is_dir():
        pytest.skip(f"the corpus {name} does not lie beside the checkout")
    return _samples(name)
