"""Replies that no schema held: what can be saved is, what cannot is recorded with its text and asked for again."""

import json
from collections.abc import Callable

import pytest
from generated_project import Project, check, lines  # type: ignore[import-not-found]
from scripted_http import (  # type: ignore[import-not-found]
    CUT_BY_LENGTH,
    PROSE,
    Answer,
    Question,
    ScriptedServer,
    answer,
    corrupted,
    wrong_schema,
)
from spoilt_json import CORRUPTIONS  # type: ignore[import-not-found]

PROMPTS = 12
PAIRS = 2
CUT = ("cut in the middle", "missing last brackets")
# Thoughts before an answer are no part of it.
WHOLE = ("thoughts before",)


def told(project: Project) -> set[tuple[str, ...]]:
    """Return what the examples say, however it is broken into lines."""
    return {
        tuple(" ".join(turn.content.split()) for turn in example.messages) for example in project.examples()
    }


def corrects(question: Question) -> bool:
    """Whether a question asks to correct an answer."""
    return "That answer cannot be used" in str(question.body["messages"][-1]["content"])


def only_about(name: str, bad: Answer) -> Callable[[Question], Answer]:
    """Return a script that answers badly about the passages in which a name stands, and well about the others."""
    return lambda question: bad if name in question.prompt.rpartition("<passage>")[2] else answer(question)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_spoilt_json_is_saved_and_nothing_half_is_kept(
    kind: str, served: Project, server: ScriptedServer
) -> None:
    served.generate()
    good = told(served)
    assert len(good) == PAIRS * PROMPTS
    server.models["scripted-1"] = "2" * 64
    server.script = corrupted(kind)
    served.generate()
    check(served)
    outcome = "cut" if kind in CUT else "as asked" if kind in WHOLE else "repaired"
    assert served.run().metrics["by_outcome"] == {outcome: PROMPTS}
    assert len(server.asked) == 2 * PROMPTS
    # Of a reply without its end, the last pair is lost.
    assert len(served.examples()) == (PROMPTS if kind in CUT else PAIRS * PROMPTS)
    assert told(served) <= good


@pytest.mark.parametrize("bad", [lambda _: PROSE, wrong_schema], ids=["prose", "wrong schema"])
def test_a_reply_of_no_use_is_asked_for_once_more_with_what_is_wrong(
    bad: Callable[[Question], Answer], served: Project, server: ScriptedServer
) -> None:
    server.script = lambda question: answer(question) if corrects(question) else bad(question)
    served.generate()
    check(served)
    made = served.run().metrics
    assert made["by_outcome"] == {"healed": PROMPTS}
    assert made["candidates"] == PAIRS * PROMPTS
    assert len(server.asked) == 2 * PROMPTS
    served.generate("--set", "generation.max_failed=0.1")
    assert len(server.asked) == 2 * PROMPTS


def test_a_reply_that_stays_invalid_is_recorded_and_asked_for_again_alone(
    served: Project, server: ScriptedServer
) -> None:
    server.script = only_about("To start Ceres", PROSE)
    done = served.generate()
    check(served)
    assert "1 failed (1 invalid)" in done.stdout
    (failed,) = [call for call in served.calls() if call.problem]
    assert (failed.outcome, failed.text, failed.task) == ("invalid", PROSE.text, "qa")
    assert "To start Ceres" in served.chunks()[failed.chunk_id].text
    assert failed.problem == "the reply holds no JSON"
    assert len(served.examples()) == PAIRS * (PROMPTS - 1)
    assert len(server.asked) == PROMPTS + 1
    assert "up to date" in served.generate().stdout
    assert len(server.asked) == PROMPTS + 1

    server.script = answer
    done = served.generate("--retry-failed")
    check(served)
    assert "1 unusable repl" in done.stdout
    assert len(server.asked) == PROMPTS + 2
    assert "To start Ceres" in server.asked[-1].prompt
    assert served.run().metrics["by_outcome"] == {"as asked": PROMPTS}
    before = served.run()
    served.generate("--retry-failed")
    assert len(server.asked) == PROMPTS + 2
    assert served.run().id == before.id


def test_too_many_failures_end_the_command_and_are_listed(served: Project, server: ScriptedServer) -> None:
    server.script = only_about("Ceres", PROSE)
    done = served.generate(code=1)
    assert "3 of 12 replies are unusable, more than generation.max_failed = 0.2 allows" in done.stderr
    assert "3 × the reply holds no JSON" in done.stderr
    assert "next: ask again for only those: lore generate --retry-failed" in done.stderr
    (path,) = (served.workspace / "runs" / "generate").glob("*.partial/checkpoints/unanswered.jsonl")
    assert str(path) in done.stderr
    listed = list(lines(path.read_text()))
    assert [(one["outcome"], one["text"]) for one in listed] == [("invalid", PROSE.text)] * 3
    assert served.runs() == []
    asked = len(server.asked)
    assert asked == PROMPTS + 3

    served.generate("--set", "generation.max_failed=0.25")
    check(served)
    assert len(server.asked) == asked
    assert served.run().metrics["by_outcome"] == {"as asked": PROMPTS - 3, "invalid": 3}


def test_too_many_failures_can_be_asked_for_again(served: Project, server: ScriptedServer) -> None:
    server.script = only_about("Ceres", PROSE)
    served.generate(code=1)
    server.script = answer
    asked = len(server.asked)
    served.generate("--retry-failed")
    check(served)
    assert len(server.asked) == asked + 3
    assert served.run().metrics["by_outcome"] == {"as asked": PROMPTS}


def test_a_reply_that_is_cut_to_nothing_says_which_limit_to_raise(
    served: Project, server: ScriptedServer
) -> None:
    server.script = only_about("To start Ceres", CUT_BY_LENGTH)
    served.generate()
    check(served)
    (failed,) = [call for call in served.calls() if call.problem]
    assert failed.outcome == "invalid"
    assert "raise max_new_tokens" in failed.problem
    assert len(server.asked) == PROMPTS


def in_german(question: Question) -> Answer:
    """Answer in the right shape, in another language, with evidence of its own making."""
    pair = {
        "question": f"Wofür ist der Knopf {question.digest[:6]} da?",
        "evidence": "Der Knopf öffnet den Einlass der Pumpe.",
        "answer": "Er öffnet den Einlass der Pumpe.",
    }
    return Answer(json.dumps({"pairs": [pair]}, ensure_ascii=False))


def test_what_does_not_stand_in_the_passage_is_left_out_with_the_reason(
    served: Project, server: ScriptedServer
) -> None:
    server.script = in_german
    served.generate()
    check(served)
    assert served.examples() == []
    reasons = {(one.filter, one.reason) for one in served.rejections()}
    assert reasons == {
        ("evidence", "its evidence does not stand in the passage: 'Der Knopf öffnet den Einlass der Pumpe.'")
    }
    assert len(served.rejections()) == PROMPTS


def test_failed_calls_can_be_looked_through(served: Project, server: ScriptedServer) -> None:
    server.script = only_about("Ceres", PROSE)
    served.generate("--set", "generation.max_failed=1")
    shown = served.lore("cat", "generate", "--file", "calls", cwd=served.folder)
    assert shown.returncode == 0
    assert sum(bool(call["problem"]) for call in lines(shown.stdout)) == 3
