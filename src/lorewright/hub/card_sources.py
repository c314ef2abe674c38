"""Where the rows of a card come from: its sources, their commits and licences."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from lorewright.hub.markdown import table

# Licences that the Hub knows by the lower-case form of their SPDX identifier.
_HUB_LICENCES = frozenset(
    {
        *("agpl-3.0", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0"),
        *("epl-2.0", "gpl-2.0", "gpl-3.0", "isc", "lgpl-2.1", "lgpl-3.0", "mit", "mpl-2.0", "unlicense"),
    }
)
_VARIANT = re.compile(r"-(only|or-later)$")


class Source(Protocol):
    """What a card tells of a source, whatever is counted in it."""

    @property
    def name(self) -> str:
        """As lore.toml calls it."""

    @property
    def commit(self) -> str:
        """Empty outside git."""

    @property
    def changed(self) -> bool:
        """Whether files differed from the commit."""

    @property
    def documents(self) -> int:
        """Documents that a row is made of."""

    @property
    def licences(self) -> Mapping[str, int]:
        """Licence to the number of documents that state it; the empty one stands for none stated."""


def hub_licences(sources: Iterable[Source]) -> list[str]:
    """Return the Hub's names of licences, or nothing if a document states none or one the Hub lacks."""
    names = {_VARIANT.sub("", licence.lower()) for one in sources for licence in one.licences}
    return sorted(names) if names <= _HUB_LICENCES else []


def sources_table(sources: Sequence[tuple[Source, int]], *, noun: str, counted: str) -> str:
    """Return a table of sources with what is counted in each.

    Args:
        sources: Each with the number of what is counted.
        noun: What a source is called.
        counted: What is counted.
    """
    heads = (noun, "Commit", "Documents", counted, "Licences (documents)")
    rows = [
        (one.name, _commit(one), f"{one.documents:,}", f"{number:,}", _licences(one))
        for one, number in sources
    ]
    return table(heads, rows)


def _commit(one: Source) -> str:
    if not one.commit:
        return "not in git"
    return f"`{one.commit}`" + (", with changes" if one.changed else "")


def _licences(one: Source) -> str:
    return ", ".join(f"{licence or 'not stated'} ({number:,})" for licence, number in one.licences.items())
