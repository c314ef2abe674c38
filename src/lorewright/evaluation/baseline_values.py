"""The baselines file: what a model scored when somebody said "not below this again", by task, test set and metric."""

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from lorewright.core.errors import ConfigError


class Baseline(BaseModel):
    """What one system scored on one task and test set.

    Attributes:
        run: The evaluation that found it.
        date: Day of that evaluation, as 2026-11-30.
        examples: Digest of the test examples; two values of the same ones may be compared.
        metrics: Means by metric.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    run: str
    date: str
    examples: str
    metrics: dict[str, float]


Baselines = Mapping[str, Mapping[str, Baseline]]
"""By task, then test set."""
_KNOWN = TypeAdapter(dict[str, dict[str, Baseline]])


def parse_baselines(text: str, *, name: str) -> dict[str, dict[str, Baseline]]:
    """Return the baselines that a file holds.

    Raises:
        ConfigError: It is no such file; the message has its name and the first thing that is wrong.
    """
    try:
        return _KNOWN.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(
            f"{name} is no file of baselines: {where + ': ' if where else ''}{first['msg']}.",
            "take it from version control, or remove it and type lore evaluate --update-baselines",
        ) from error


def baselines_text(baselines: Baselines) -> str:
    """Return baselines as the text of their file, in an order that does not change."""
    plain = {
        task: {test_set: one.model_dump() for test_set, one in sorted(sets.items())}
        for task, sets in sorted(baselines.items())
    }
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def with_baselines(old: Baselines, new: Baselines) -> dict[str, dict[str, Baseline]]:
    """Return the old ones with the new in their places; what was not measured anew stays."""
    return {task: {**old.get(task, {}), **new.get(task, {})} for task in sorted({*old, *new})}


def changes(old: Baselines, new: Baselines) -> Iterator[tuple[str, str, str, float | None, float]]:
    """Yield task, test set, metric, old and new value of what differs; the old is None where there was none."""
    for task, sets in sorted(new.items()):
        for test_set, one in sorted(sets.items()):
            before = old.get(task, {}).get(test_set)
            for metric, value in sorted(one.metrics.items()):
                was = before.metrics.get(metric) if before else None
                if was != value:
                    yield task, test_set, metric, was, value
