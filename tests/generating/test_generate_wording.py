"""What `lore generate` says of what it did, and how to go on: with the choice that was made, and no other."""

import signal

import pytest
from generated_project import Project, page, wait_until  # type: ignore[import-not-found]
from scripted_http import Answer, ScriptedServer, answer, broken, late  # type: ignore[import-not-found]


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setattr("lorewright.llm.retries._FIRST_WAIT_S", 0.001)
    monkeypatch.setattr("lorewright.llm.endpoints._BACKOFF_S", 0.001)


def test_a_plan_and_a_preview_say_how_to_go_on_with_the_same_choice(served: Project) -> None:
    choice = "--task qa --path 'a*.md' --limit 2 --set generation.samples=2"
    options = ("--task", "qa", "--path", "a*.md", "--limit", "2", "--set", "generation.samples=2")
    planned = served.generate("--dry-run", *options).stdout
    assert f"next: lore generate {choice} --preview 5, or lore generate {choice}\n" in planned
    tried = served.generate("--preview", "1", *options).stdout
    assert f"next: lore generate {choice} --dry-run, or lore generate {choice}\n" in tried


def test_calls_without_an_answer_are_asked_for_with_the_same_choice(
    served: Project, server: ScriptedServer
) -> None:
    server.script = broken(500)
    failed = served.generate("--limit", "2", code=1).stderr
    assert "lore generate --limit 2; or finish without: lore generate --limit 2 --accept-unanswered" in failed


def test_a_stopped_refresh_goes_on_without_asking_all_anew(served: Project, server: ScriptedServer) -> None:
    served.generate()
    before = server.answered
    server.script = late(0.3)
    process = served.start("generate", "--refresh", "--task", "qa")
    wait_until(lambda: server.answered > before, process)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "next: lore generate --task qa goes on from there" in told
    server.script = answer
    served.generate("--task", "qa")
    assert server.answered == before + 12


def test_a_choice_that_suits_no_task_says_so_and_sends_nobody_on_to_curate(served: Project) -> None:
    told = served.generate("--task", "code_explanation", "--language", "markdown", "--limit", "5").stdout
    assert "nothing was made: no chosen passage suits a task" in told
    assert "lore curate" not in told
    assert "None of the passages that were tried suits a task" in (
        served.generate("--task", "code_explanation", "--language", "markdown", "--preview", "2").stdout
    )


def test_reasons_are_counted_without_what_they_quote(served: Project, server: ScriptedServer) -> None:
    reply = (
        '{"pairs": [{"question": "What is pump %s?", "evidence": "No %s here.", "answer": "It is pump %s."}]}'
    )
    server.script = lambda question: Answer(reply.replace("%s", question.digest[:8]))
    told = served.generate().stdout
    assert "left out 12: its evidence does not stand in the passage\n" in told
    assert "all of them: lore cat generate --file rejections" in told


def test_the_question_at_the_end_of_a_long_prompt_is_shown(served: Project) -> None:
    served.write("docs/dione.md", page("Dione") + "\n" + "Dione moves water from hall to hall. " * 80 + "\n")
    options = ("--task", "grounded_qa", "--path", "dione.md", "--set", "generation.unanswerable=0")
    shown = served.generate("--preview", "9", *options, "--set", "evaluation.context_chars=4000").stdout
    assert " characters …" in shown
    assert "Question: What does" in shown
