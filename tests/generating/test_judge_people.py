"""People beside the judge: what they decided stands, and how far the judge agrees with it is told."""

import json
from typing import Any

import pytest
from generated_project import Project  # type: ignore[import-not-found]
from judged_project import (  # type: ignore[import-not-found]
    JUDGE,
    curated,
    decide,
    judged_questions,
    judging,
    rows,
    run_of,
)
from scripted_http import ScriptedServer  # type: ignore[import-not-found]

from lorewright.core.records import Example


def by_words(prompt: str) -> int:
    """Score what a person wrote high, and what is about Ajax low."""
    return 5 if "by hand" in prompt else 1 if "Ajax" in prompt else 4


@pytest.fixture
def judged(served: Project, server: ScriptedServer) -> Project:
    """The project, judged once."""
    served.configure(server.base_url, more=JUDGE)
    server.script = judging(by_words, better="A")
    curated(served)
    return served


def about(project: Project, pump: str) -> list[Example]:
    return [one for one in project.examples() if pump in one.prompt]


def calibration(project: Project) -> dict[str, Any]:
    path = project.workspace / "runs" / "curate" / run_of(project).id / "calibration.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_what_a_person_accepted_is_judged_and_kept_at_any_score(judged: Project) -> None:
    first = about(judged, "Ajax")[0]
    decide(judged, first, "accept")
    curated(judged)
    assert first.id in {one.id for one in rows(judged, "examples")}
    scores = {one.example_id: one.score for one in rows(judged, "judgements")}
    assert scores[first.id] == 0


def test_what_a_person_rejected_is_judged_and_stays_rejected(judged: Project, server: ScriptedServer) -> None:
    first = about(judged, "Boreas")[0]
    decide(judged, first, "reject")
    before = len(server.asked)
    curated(judged)
    assert len(server.asked) == before
    (rejection,) = [one for one in rows(judged, "rejections") if one.record_id == first.id]
    assert rejection.filter == "review"
    assert first.id in {one.example_id for one in rows(judged, "judgements")}


def test_an_edit_and_what_it_replaced_are_scored_and_compared_in_both_orders(
    judged: Project, server: ScriptedServer
) -> None:
    first = about(judged, "Ceres")[0]
    decide(judged, first, "edit", "It is primed by hand.")
    before = len(server.asked)
    curated(judged)
    new = server.asked[before:]
    assert len(new) == 3
    compared = [one.prompt for one in new if "<answer_b>" in one.prompt]
    assert sum("<answer_a>\nIt is primed by hand.\n</answer_a>" in one for one in compared) == 1
    assert sum("<answer_b>\nIt is primed by hand.\n</answer_b>" in one for one in compared) == 1
    scores = {one.example_id: one.score for one in rows(judged, "judgements")}
    edited = next(
        one for one in rows(judged, "examples") if one.messages[-1].content == "It is primed by hand."
    )
    assert (scores[first.id], scores[edited.id]) == (0.75, 1.0)
    # It says A in both orders: that is a tie.
    assert {name: calibration(judged)[name] for name in ("pairs", "pairs_agreed", "pairs_tied")} == {
        "pairs": 1,
        "pairs_agreed": 0,
        "pairs_tied": 1,
    }


def test_agreement_is_counted_from_accepted_rejected_and_edited_ones_and_told_in_one_line(
    judged: Project,
) -> None:
    decide(judged, about(judged, "Boreas")[0], "accept")
    decide(judged, about(judged, "Ajax")[0], "accept")
    decide(judged, about(judged, "Ajax")[1], "reject")
    decide(judged, about(judged, "Ceres")[0], "edit", "It is primed by hand.")
    decide(judged, about(judged, "Dione")[0], "note")
    told = curated(judged)
    found = calibration(judged)
    parts = (found["good_kept"], found["good_rejected"], found["bad_kept"], found["bad_rejected"])
    assert parts == (1, 1, 1, 1)
    assert (found["n"], found["agreed"], found["kappa"]) == (4, 2, 0.0)
    assert "judge agrees with people on 2 of 4, kappa 0.00" in told
    assert "too few to trust" in told
    assert run_of(judged).metrics["agreement"] in told


def test_the_report_says_what_the_scores_are_worth(judged: Project) -> None:
    assert "nobody has reviewed what it scored" in curated(judged, "--report")
    decide(judged, about(judged, "Boreas")[0], "accept")
    assert "judge agrees with people on 1 of 1" in curated(judged, "--report")


def test_what_people_say_of_other_words_asks_nothing_anew(judged: Project, server: ScriptedServer) -> None:
    decide(judged, about(judged, "Boreas")[0], "note")
    before = len(list(judged_questions(server.asked)))
    curated(judged)
    assert len(list(judged_questions(server.asked))) == before
