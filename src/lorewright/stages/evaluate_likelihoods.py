"""How likely a model in this process finds the reference answers; what a stopped run had computed is read back."""

import json
from collections.abc import Iterator, Mapping, Sequence

from lorewright.core.context import Context
from lorewright.core.files import write_atomic
from lorewright.core.ids import short_id
from lorewright.llm.local import LocalModel
from lorewright.stages.evaluate_suites import Suite

Likelihoods = list[tuple[float, int]]
"""Sum of the negative log-likelihood of an answer's tokens in nats, and how many tokens, example by example."""


def likelihoods(
    name: str, model: LocalModel, suites: Sequence[Suite], batch_size: int, context: Context
) -> dict[str, Likelihoods]:
    """Return the likelihoods of the reference answers of every suite that a model answers, by the suite's key."""
    wanted = [suite for suite in suites if name in suite.models]
    total = sum(len(suite.examples) for suite in wanted)
    found = {}
    with context.task(f"{name}: references", total=total, unit="answers") as tick:
        for suite in wanted:
            path = context.checkpoint_dir / f"likelihoods-{short_id(name, suite.key)}.json"
            if not path.exists():
                computed = model.answer_nll(
                    [example.messages for example in suite.examples], batch_size=batch_size
                )
                write_atomic(path, json.dumps(computed).encode("utf-8"))
            found[suite.key] = [(total, tokens) for total, tokens in json.loads(path.read_bytes())]
            tick(len(suite.examples))
    return found


def too_long(
    suites: Sequence[Suite], found: Mapping[str, Mapping[str, Likelihoods]], limit: int
) -> Iterator[str]:
    """Yield, for each suite with references that no answer may be as long as, how many: a right answer would be cut.

    Args:
        suites: What was asked.
        found: Likelihoods by model and suite; the model that needs the fewest tokens for a reference counts.
        limit: Of an answer, in tokens.
    """
    for suite in suites:
        lengths = [of[suite.key] for of in found.values() if suite.key in of]
        needed = [min(tokens for _, tokens in row) for row in zip(*lengths, strict=True)]
        longer = sum(tokens > limit for tokens in needed)
        if longer:
            yield (
                f"{longer:,} of {len(suite.examples):,} reference answers of {suite.task} on {suite.test_set} are "
                f"longer than evaluation.max_new_tokens = {limit}: an answer like them is cut and counts as none. "
                f"The longest has {max(needed):,} tokens."
            )
