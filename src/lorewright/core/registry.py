"""Plug-ins by name, loaded when first used: `name -> "module:attribute"`, extended by entry points."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from lorewright.core.errors import ConfigError


class Registry:
    """The plug-ins of one kind; other distributions add theirs by entry points in group `lorewright.<kind>`."""

    def __init__(self, kind: str, builtin: Mapping[str, str]) -> None:
        self.kind = kind
        self._builtin = dict(builtin)

    def names(self) -> list[str]:
        """Return all names, sorted, without importing any plug-in."""
        return sorted(self._targets())

    def load(self, name: str) -> Any:
        """Import and return the plug-in.

        Raises:
            ConfigError: There is none of that name, or it cannot be imported.
        """
        targets = self._targets()
        if name not in targets:
            near = get_close_matches(name, targets, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(targets)) or 'none'}"
            raise ConfigError(f"There is no {self.kind.removesuffix('s')} named {name!r}.", hint)
        module, _, attribute = targets[name].partition(":")
        try:
            return getattr(import_module(module), attribute)
        except Exception as error:  # a plug-in is somebody else's code and may raise anything
            raise ConfigError(
                f"The {self.kind.removesuffix('s')} {name!r} ({targets[name]}) cannot be loaded: {error}.",
                "reinstall the package that offers it",
            ) from error

    def origins(self, names: Iterable[str]) -> list[str]:
        """Return which release of which distribution offers each name that is not built in, for run ids."""
        points = {point.name: point for point in entry_points(group=f"lorewright.{self.kind}")}
        offered = [points[name] for name in names if name in points and name not in self._builtin]
        return [f"{point.name} {point.dist.name} {point.dist.version}" for point in offered if point.dist]

    def _targets(self) -> dict[str, str]:
        found = {point.name: point.value for point in entry_points(group=f"lorewright.{self.kind}")}
        return {**found, **self._builtin}
