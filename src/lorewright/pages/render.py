"""Templates of pages: the shared ones and those of a room beside each other, everything from outside escaped."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(package: str) -> "Environment":
    """Return the Jinja environment of a package's `templates` folder; shared templates are found too.

    A page includes `report.css` and imports macros of `funnel.html.j2`; a missing variable is an error.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("lorewright.pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
