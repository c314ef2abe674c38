from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.accounts import account
from lorewright.core.context import Context
from lorewright.core.errors import AccountError
from lorewright.core.progress import Silent
from lorewright.core.settings import Section
from lorewright.core.stage import Stage, execute
from lorewright.core.workspace import Workspace

ids = st.lists(st.sampled_from("abcdef"), max_size=12)


@given(ids, ids, ids)
def test_counts_add_up_when_every_record_is_in_one_part(
    kept: list[str], rejected: list[str], failed: list[str]
) -> None:
    made = account("rows", [*failed, *kept, *rejected], kept=kept, rejected=rejected, failed=failed)
    assert (made.given, made.kept, made.rejected, made.failed) == (
        len(kept) + len(rejected) + len(failed),
        len(kept),
        len(rejected),
        len(failed),
    )


@given(ids, ids)
def test_a_record_that_is_lost_doubled_or_made_up_is_named(before: list[str], after: list[str]) -> None:
    if Counter(before) == Counter(after):
        return
    wrong = set(Counter(before) - Counter(after)) | set(Counter(after) - Counter(before))
    with pytest.raises(AccountError) as raised:
        account("rows", before, kept=after)
    assert any(f"{one} is in" in raised.value.message for one in wrong)


class Part(Section):
    lose: bool = False
    say_nothing: bool = False


def sort_out(part: Part, context: Context) -> dict[str, int]:
    if not part.say_nothing:
        context.account("rows", ["a", "b"], kept=["a"], rejected=[] if part.lose else ["b"])
    return {"rows": 2}


STAGE = Stage(name="sort", version=1, settings=Part, run=sort_out, needs=lambda _part: {}, accounts=("rows",))


def test_a_run_says_what_became_of_its_records(tmp_path: Path) -> None:
    run = execute(STAGE, Part(), {}, Workspace(tmp_path), Silent())
    assert run.metrics["accounts"] == {"rows": {"given": 2, "kept": 1, "rejected": 1, "failed": 0}}


@pytest.mark.parametrize("part", [Part(lose=True), Part(say_nothing=True)], ids=["loses one", "says nothing"])
def test_a_stage_that_does_not_account_for_its_records_makes_no_run(part: Part, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(AccountError):
        execute(STAGE, part, {}, workspace, Silent())
    assert workspace.newest("sort") is None
