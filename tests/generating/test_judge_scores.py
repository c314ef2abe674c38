"""`lore curate` with a judge: what it rejects and keeps, what it says of its replies, what it is never shown."""

import json
from dataclasses import replace

import pytest
from generated_project import Project, page  # type: ignore[import-not-found]
from judged_project import (  # type: ignore[import-not-found]
    EXAMPLES,
    JUDGE,
    OFF,
    curated,
    is_judging,
    judged_questions,
    judging,
    rows,
    run_of,
)
from scripted_http import Answer, Question, ScriptedServer, broken  # type: ignore[import-not-found]

SECRET = "sk-proj-9fK2mQ7xT4vB8nL3wR6yP1cD5hJ0gZs2"


def by_pump(prompt: str) -> int:
    """Score what is asked about Ajax low."""
    return 1 if "Ajax" in prompt else 5


@pytest.fixture
def judged(served: Project, server: ScriptedServer) -> Project:
    """The project, its server a judge that finds everything about Ajax bad."""
    served.configure(server.base_url, more=JUDGE)
    server.script = judging(by_pump)
    return served


def test_low_scores_are_rejected_with_score_and_explanation_and_nothing_is_lost(judged: Project) -> None:
    curated(judged)
    run, kept, rejections = run_of(judged), rows(judged, "examples"), rows(judged, "rejections")
    assert len(kept) == 18
    assert {one.filter for one in rejections} == {"judge"}
    assert all("Ajax" in one.name for one in rejections)
    assert all(
        "the score is 0.00, wanted 0.50 (faithfulness 1 of 5): Because" in one.reason for one in rejections
    )
    assert run.metrics["accounts"]["examples"] == {"given": 24, "kept": 18, "rejected": 6, "failed": 0}
    assert run.metrics["accounts"]["prompts"] == {"given": 24, "kept": 24, "rejected": 0, "failed": 0}
    judgements = rows(judged, "judgements")
    assert {one.example_id for one in judgements} == {one.record_id for one in rejections} | {
        one.id for one in kept
    }
    assert {(one.model, one.served_model) for one in judgements} == {("office/scripted-1", "scripted-1")}
    assert all(one.rubric.startswith("faithfulness ") for one in judgements)
    assert len(rows(judged, "calls")) == EXAMPLES
    assert (run.metrics["judged"], run.metrics["without_score"]) == (24, 0)


def test_without_a_judge_nothing_is_asked(served: Project, server: ScriptedServer) -> None:
    served.configure(server.base_url, more=OFF)
    curated(served)
    assert not list(judged_questions(server.asked))
    assert set(run_of(served).outputs).isdisjoint({"judgements.parquet", "calls.parquet", "calibration.json"})


def test_another_limit_asks_nothing_anew(judged: Project, server: ScriptedServer) -> None:
    curated(judged)
    before = len(server.asked)
    curated(judged, "--set", "curation.judge.min_score=0")
    assert len(rows(judged, "examples")) == EXAMPLES
    curated(judged, "--set", "curation.judge.concurrency=1")
    assert len(rows(judged, "examples")) == 18
    assert len(server.asked) == before


@pytest.mark.parametrize(("worst", "warned"), [("", True), ("Ajax", False)])
def test_a_judge_that_rejects_most_is_not_believed_in_silence(
    judged: Project, server: ScriptedServer, worst: str, warned: bool
) -> None:
    server.script = judging(lambda prompt: 1 if worst in prompt else 5)
    assert ("The judge rejects 24 of 24 that it scored" in curated(judged)) is warned


def test_new_documents_ask_only_for_their_examples(judged: Project, server: ScriptedServer) -> None:
    curated(judged)
    before = len(list(judged_questions(server.asked)))
    judged.write("docs/hebe.md", page("Hebe"))
    curated(judged)
    new = list(judged_questions(server.asked))[before:]
    assert len(new) == 6
    assert all("Hebe" in one.prompt for one in new)


def test_unusable_replies_are_recorded_and_their_examples_kept(
    judged: Project, server: ScriptedServer
) -> None:
    good = judging(by_pump)

    def spoilt(question: Question) -> Answer:
        bad = is_judging(question) and "Dione" in question.prompt
        return replace(good(question), text="I would rather not say.") if bad else good(question)

    server.script = spoilt
    told = curated(judged, "--set", "curation.judge.max_failed=0.5")
    assert "6 failed (6 invalid)" in told
    without = [one for one in rows(judged, "judgements") if one.score is None]
    assert len(without) == 6
    assert all("no JSON" in one.problem for one in without)
    assert {one.example_id for one in without} <= {one.id for one in rows(judged, "examples")}
    assert run_of(judged).metrics["accounts"]["prompts"]["failed"] == 6


def test_too_many_unusable_replies_fail_and_only_they_are_asked_for_again(
    judged: Project, server: ScriptedServer
) -> None:
    good = judging(by_pump)

    def spoilt(question: Question) -> Answer:
        bad = is_judging(question) and "Dione" in question.prompt
        return (
            replace(good(question), text='{"explanation": "x", "faithfulness": 9}') if bad else good(question)
        )

    server.script = spoilt
    told = curated(judged, code=1)
    assert "6 of 24 replies are unusable, more than curation.judge.max_failed = 0.2 allows" in told
    assert "lore curate --retry-failed" in told
    assert "--set curation.judge.max_failed=1" in told
    assert not (judged.workspace / "runs" / "curate").exists() or not list(
        (judged.workspace / "runs" / "curate").glob("*/run.json")
    )
    server.script = good
    before = len(server.asked)
    told = curated(judged, "--retry-failed")
    assert "6 unusable replies will be asked for again" in told
    assert len(server.asked) == before + 6
    assert len(rows(judged, "examples")) == 18


def test_a_failing_server_leaves_the_run_unfinished_and_the_next_command_asks_the_rest(
    judged: Project, server: ScriptedServer
) -> None:
    good = judging(by_pump)
    server.script = lambda question: (
        broken() if is_judging(question) and "Ceres" in question.prompt else good(question)
    )
    told = curated(judged, code=1)
    assert "have no answer" in told
    assert "ask for only those: lore curate" in told
    assert "lore curate --set curation.judge.model=''" in told
    (listed,) = (judged.workspace / "runs" / "curate").glob("*.partial/checkpoints/unanswered.jsonl")
    missing = [json.loads(line) for line in listed.read_text().splitlines()]
    assert all(one["task"] == "score" for one in missing)
    server.script = good
    before = len(server.asked)
    curated(judged)
    assert len(server.asked) - before == len(missing)
    assert len(rows(judged, "examples")) == 18


def test_no_secret_of_a_passage_reaches_the_judge(judged: Project, server: ScriptedServer) -> None:
    text = page("Hebe").replace("in the hall H", f"in the hall H with api_key = {SECRET}")
    assert SECRET in text
    judged.write("docs/hebe.md", text)
    curated(judged)
    asked = [one for one in judged_questions(server.asked) if "Hebe" in one.prompt]
    assert asked
    assert all(SECRET not in one.prompt for one in server.asked)
    assert any("[secret:" in one.prompt for one in asked)
    for path in (judged.workspace / "runs" / "curate").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_a_rubric_of_ones_own_is_asked_and_a_change_of_it_asks_anew(
    judged: Project, server: ScriptedServer
) -> None:
    own = '+++\ncriteria = ["tone"]\n+++\nRate the tone of {{ question }} {{ answer }}'
    judged.write("tone.md", own)
    option = ("--set", "curation.judge.rubric=tone.md")
    curated(judged, *option)
    assert {next(iter(one.scores)) for one in rows(judged, "judgements")} == {"tone"}
    before = len(server.asked)
    curated(judged, *option)
    assert len(server.asked) == before
    judged.write("tone.md", own + " once more.")
    curated(judged, *option)
    assert len(server.asked) == before + EXAMPLES


@pytest.mark.parametrize(
    ("rubric", "said"),
    [("faithfullness", "did you mean 'faithfulness'?"), ("gone.md", "neither a rubric nor a file")],
)
def test_a_rubric_that_is_not_there_is_named_before_anything_is_asked(
    judged: Project, server: ScriptedServer, rubric: str, said: str
) -> None:
    judged.generate()
    before = len(server.asked)
    told = curated(judged, "--set", f"curation.judge.rubric={rubric}", code=2)
    assert said in told
    assert len(server.asked) == before
