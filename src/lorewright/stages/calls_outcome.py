"""Whether what came of prompts is a whole: else what is missing is listed, and how to go on is said."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lorewright.core.context import Context
from lorewright.core.errors import GenerationError, InterruptedWorkError
from lorewright.core.files import write_atomic
from lorewright.core.printable import one_line
from lorewright.core.records import Call
from lorewright.llm.calls import Interrupted
from lorewright.stages.asking import AskedModel
from lorewright.stages.model_calls import Answered, Prompt

LISTED = "unanswered.jsonl"
_UNUSABLE = frozenset({"invalid", "refused"})
_REASONS_SHOWN = 3
_REASON_CHARS = 240


def require_complete(
    answered: Answered[Any],
    asked: AskedModel,
    *,
    folder: Path,
    max_failed: float,
    accept_unanswered: bool = False,
) -> None:
    """Return if a run can be made of what came of prompts.

    Args:
        answered: What came of them.
        asked: Who was asked.
        folder: Where the calls that failed are listed.
        max_failed: Share of replies that may be unusable.
        accept_unanswered: Whether calls without an answer may be missing.

    Raises:
        InterruptedWorkError: Ctrl-C was pressed.
        GenerationError: Calls have no answer, or too many replies are unusable; the message counts why.
    """
    missing = answered.unanswered
    answers = len(answered.calls) - len(missing)
    stopped = answered.outcome.stopped
    if isinstance(stopped, Interrupted):
        raise InterruptedWorkError(
            f"Stopped: {answers:,} of {len(answered.calls):,} prompts are answered and kept, {len(missing):,} remain.",
            "the same command goes on from there",
        )
    if missing and not accept_unanswered:
        raise _incomplete(answered, asked, missing, _list(missing, folder))
    unusable = [call for call in answered.calls if call.outcome in _UNUSABLE]
    if len(unusable) > max_failed * max(answers, 1):
        raise GenerationError(
            f"{len(unusable):,} of {answers:,} replies are unusable, more than {asked.key}.max_failed = {max_failed:g} "
            f"allows: {_reasons(unusable)}. They are listed with their text in {_list(unusable, folder)}.",
            f"ask again for only those: {asked.command} --retry-failed; or allow them: --set {asked.key}.max_failed=1",
        )


def account_for_prompts(prompts: Sequence[Prompt[Any]], answered: Answered[Any], context: Context) -> None:
    """Note which prompts have a usable reply, which the model refused, and which have none of use."""
    by_outcome: dict[str, list[str]] = {}
    for call in answered.calls:
        by_outcome.setdefault(call.outcome, []).append(_place_of(call.task, call.chunk_id, call.sample))
    rejected = by_outcome.pop("refused", [])
    failed = [*by_outcome.pop("invalid", []), *by_outcome.pop("unanswered", [])]
    context.account(
        "prompts",
        (_place_of(one.task, one.source, one.sample) for one in prompts),
        kept=(place for places in by_outcome.values() for place in places),
        rejected=rejected,
        failed=failed,
    )


def _place_of(task: str, source: str, sample: int) -> str:
    return f"{task} of {source}, answer {sample}"


def _incomplete(
    answered: Answered[Any], asked: AskedModel, missing: Sequence[Call], listed: Path
) -> GenerationError:
    stopped = answered.outcome.stopped
    done = len(answered.calls) - len(missing)
    told = (
        f"{done:,} of {len(answered.calls):,} prompts are answered and kept; {len(missing):,} have no answer"
    )
    if stopped is not None:
        return GenerationError(
            f"{stopped.message} {told}.",
            f"{stopped.hint}; or finish without: {asked.without}",
        )
    return GenerationError(
        f"{told}: {_reasons(missing)}. They are listed in {listed}.",
        f"ask for only those: {asked.command}; or finish without: {asked.without}",
    )


def _reasons(calls: Sequence[Call]) -> str:
    counts = Counter(_reason(call.problem) for call in calls)
    told = [f"{count:,} × {reason}" for reason, count in counts.most_common(_REASONS_SHOWN)]
    more = len(counts) - len(told)
    return "; ".join(told) + (f"; and {more:,} other reasons" if more else "")


def _reason(problem: str) -> str:
    """Return a problem in brief; what a server that is asked no more last said stands among the others."""
    told = one_line(problem).partition(", the last with: ")[0]
    if len(told) <= _REASON_CHARS:
        return told
    return f"{told[:_REASON_CHARS].rpartition(' ')[0]} …"


def _list(calls: Sequence[Call], folder: Path) -> Path:
    lines = (
        json.dumps(
            call.model_dump(
                mode="json", include={"task", "chunk_id", "sample", "outcome", "problem", "text"}
            ),
            ensure_ascii=False,
        )
        for call in calls
    )
    write_atomic(folder / LISTED, ("\n".join(lines) + "\n").encode("utf-8"))
    return folder / LISTED
