"""Which examples a person should look at, and in which order."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Literal

from lorewright.core.errors import ConfigError, NotFoundError
from lorewright.core.ids import short_id
from lorewright.stages.review_examples import Reviewable

Sample = Literal["mixed", "edge", "rejected", "random", "low-score"]


def queue(
    examples: Sequence[Reviewable],
    decided: Collection[str],
    *,
    sample: Sample = "mixed",
    task: str = "",
    filter_name: str = "",
    limit: int,
    seed: int = 0,
) -> list[Reviewable]:
    """Return examples that nobody has decided about, those first that are most worth a person's time.

    `edge` are edge cases, `low-score` what the judge kept with its lowest scores first, `rejected` one of each filter
    in turn, `random` a stable draw of what was kept; `mixed` takes one of each in turn.

    Args:
        examples: All there are.
        decided: Keys that people have decided about.
        sample: What to choose.
        task: Only this task.
        filter_name: Only what this filter rejected.
        limit: At most so many.
        seed: Of the draws.

    Raises:
        ConfigError: No example has such a task, or was rejected by such a filter.
        NotFoundError: No edge cases were set aside, or no judge was asked.
    """
    _require(task, {one.example.task for one in examples}, "task")
    _require(filter_name, {one.filter for one in examples if one.filter}, "filter")
    open_ones = [
        one
        for one in examples
        if one.key not in decided
        and not one.settled
        and task in {"", one.example.task}
        and filter_name in {"", one.filter}
    ]
    drawn = sorted(open_ones, key=lambda one: short_id("review", seed, one.key))
    if filter_name:
        return _distinct(drawn)[:limit]
    chosen: Mapping[Sample, Callable[[], list[Reviewable]]] = {
        "edge": lambda: [one for one in open_ones if one.edge],
        "low-score": lambda: sorted(
            (one for one in drawn if one.score is not None and not one.filter),
            key=lambda one: one.score or 0.0,
        ),
        "rejected": lambda: _in_turn(_by_filter(drawn).values()),
        "random": lambda: [one for one in drawn if not one.filter],
    }
    if sample == "mixed":
        return _distinct(_in_turn(make() for make in chosen.values()))[:limit]
    if sample == "edge" and not any(one.edge for one in examples):
        raise NotFoundError("No edge cases were set aside.", "lore curate, or lore review --sample random")
    if sample == "low-score" and all(one.score is None for one in examples):
        raise NotFoundError(
            "No judge has scored the examples.",
            "name one in curation.judge.model of lore.toml, then lore curate; or lore review --sample random",
        )
    return _distinct(chosen[sample]())[:limit]


def _require(wanted: str, there: set[str], what: str) -> None:
    if wanted and wanted not in there:
        listed = ", ".join(sorted(there)) or "none"
        raise ConfigError(f"No example is there for the {what} {wanted!r}.", f"there are: {listed}")


def _by_filter(examples: Iterable[Reviewable]) -> dict[str, list[Reviewable]]:
    found: dict[str, list[Reviewable]] = {}
    for one in examples:
        if one.filter:
            found.setdefault(one.filter, []).append(one)
    return found


def _in_turn(lists: Iterable[Sequence[Reviewable]]) -> list[Reviewable]:
    return [one for some in zip_longest(*lists) for one in some if one is not None]


def _distinct(examples: Iterable[Reviewable]) -> list[Reviewable]:
    """Return examples without those that say the same as an earlier one: one decision holds for all of them."""
    found: dict[str, Reviewable] = {}
    for one in examples:
        found.setdefault(one.key, one)
    return list(found.values())
