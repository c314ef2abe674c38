"""`lore chat` as it is typed: at a real terminal with a real Ctrl-C, and from a pipe."""

import json
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Lore = Callable[..., CompletedProcess[str]]
CUT, HOLD = "\0cut", "\0hold"
KNOWN = "How long is the basalt sieve rinsed with water?"
UNKNOWN = "Is heavy rain in the weather report of tomorrow?"
RUN = "from lorewright.cli.main import main; main()"
OFFICE = ("chat", "--model", "office/small")


def test_ctrl_c_stops_the_answer_hangs_up_and_the_conversation_goes_on(
    terminal: Callable[..., Any], served: Path, chat_server: Any
) -> None:
    chat_server.scripts = [("It is rinsed ", "for three [1] ", HOLD), ("Three minutes [1].",)]
    chat = terminal(*OFFICE)
    chat.expect("Answers come from office/small, shown 5 passages.")
    chat.expect("> ")
    chat.type(f"{KNOWN}\n")
    chat.expect("It is rinsed for three")
    assert not chat_server.hung_up.is_set()
    chat.interrupt()
    chat.expect("[1]\r\n\r\n")
    chat.expect("basalt.md:1-5")
    chat.expect("Stopped.")
    assert chat_server.hung_up.wait(30)
    chat.expect("> ")
    chat.type(f"{KNOWN}\n")
    chat.expect("Three minutes [1].")
    chat.expect("> ")
    chat.interrupt(after_s=0.5)
    chat.expect("Ctrl-C again or /quit to leave.")
    chat.expect("> ")
    chat.interrupt(after_s=0.5)
    assert chat.leave() == 0
    assert [len(messages) for messages in chat_server.asked] == [1, 3]
    assert chat_server.asked[1][1] == {"role": "assistant", "content": "It is rinsed for three [1]"}


def test_ctrl_c_stops_an_answer_of_ask_and_says_so_in_the_exit_code(
    terminal: Callable[..., Any], chat_server: Any
) -> None:
    chat_server.scripts = [("It is rinsed ", "for three [1] ", HOLD)]
    ask = terminal("ask", KNOWN, "--model", "office/small")
    ask.expect("It is rinsed for three")
    ask.interrupt()
    ask.expect("basalt.md:1-5")
    ask.expect("Stopped.")
    assert ask.leave() == 130
    assert chat_server.hung_up.wait(30)


def test_while_a_model_is_reading_there_is_a_sign_of_life_and_ctrl_c_ends_the_wait(
    terminal: Callable[..., Any], chat_server: Any
) -> None:
    chat_server.scripts = [(HOLD,)]
    ask = terminal("ask", KNOWN, "--model", "office/small")
    ask.expect("office/small is reading")
    ask.interrupt()
    ask.expect("Stopped.")
    assert ask.leave() == 130
    assert chat_server.hung_up.wait(30)


def test_questions_are_behind_the_arrow_keys_of_the_next_conversation(
    terminal: Callable[..., Any], served: Path
) -> None:
    pytest.importorskip("readline")
    first = terminal("chat", "--no-model")
    first.expect("> ")
    first.type(f"{KNOWN}\n")
    first.expect("[1]")
    first.expect("> ")
    first.type("/sources\n")
    first.expect("> ")
    first.type("\x04")
    assert first.leave() == 0
    kept = served / ".lore" / "chat_history"
    assert kept.read_text() == f"{KNOWN}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    second = terminal("chat", "--no-model")
    second.expect("> ")
    second.type("\x1b[A")
    second.expect(KNOWN[-12:])
    second.type("\n")
    second.expect("is rinsed with water for 3 minutes")
    second.expect("> ")
    second.type("/quit\n")
    assert second.leave() == 0
    assert kept.read_text() == f"{KNOWN}\n" * 2


def test_open_runs_the_pager_at_the_line_without_a_shell(
    terminal: Callable[..., Any], served: Path, tmp_path: Path
) -> None:
    told = tmp_path / "told $(x)"
    program = tmp_path / "less"
    program.write_text(
        f'#!{sys.executable}\nimport json, sys\njson.dump(sys.argv[1:], open(sys.argv[1], "w"))\n'
    )
    program.chmod(0o755)
    chat = terminal("chat", "--no-model", PAGER=shlex.join([str(program), str(told)]))
    chat.expect("> ")
    chat.type(f"{KNOWN}\n")
    chat.expect("[1]")
    chat.expect("> ")
    chat.type("/open 1\n")
    chat.expect("> ")
    chat.type("/quit\n")
    assert chat.leave() == 0
    assert json.loads(told.read_text()) == [str(told), "+1", str(served / "docs" / "basalt.md")]


def test_from_a_pipe_there_is_no_prompt_and_nothing_is_remembered(lore: Lore, served: Path) -> None:
    done = lore("chat", "--no-model", cwd=served, stdin=f"{KNOWN}\n\n/open 1\n{UNKNOWN}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The basalt sieve is rinsed with water for 3 minutes")
    assert "> " not in done.stdout
    assert "    ## Washing the basalt sieve\n" in done.stdout
    assert "Not in the documentation, as far as the index can tell (evidence 0.0" in done.stdout
    assert not (served / ".lore" / "chat_history").exists()


def test_a_real_pipe_with_bytes_that_are_no_text_is_read(served: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, "chat", "--no-model"],
        input=b"\xff\xfe basalt sieve rinsed\n",
        capture_output=True,
        check=True,
        cwd=served,
    )
    assert b"The basalt sieve is rinsed" in done.stdout
    assert done.stderr == b""


def test_a_server_that_fails_is_one_message_and_the_conversation_goes_on(
    lore: Lore, served: Path, chat_server: Any
) -> None:
    chat_server.scripts = [("Half ", CUT), ("The whole [1].",)]
    done = lore(*OFFICE, cwd=served, stdin=f"{KNOWN}\n{KNOWN}\n")
    assert done.returncode == 0
    half, _, rest = done.stdout.partition("Next: ")
    assert half.startswith("Half\noffice ")
    assert "The whole [1].\n\n[1] basalt.md" in rest
    assert [len(messages) for messages in chat_server.asked] == [1, 1]


def test_a_follow_up_is_searched_with_the_question_before_it_and_asked_as_it_is(
    lore: Lore, served: Path, chat_server: Any
) -> None:
    chat_server.scripts = [("Three [1].",), ("Beside the oven [1].",)]
    done = lore(*OFFICE, cwd=served, stdin=f"{KNOWN}\nand where is it dried?\n")
    assert f"(searched together with: {KNOWN})" in done.stdout
    assert done.stdout.count("[1] basalt.md:1-5") == 2
    question, answer, follow_up = (message["content"] for message in chat_server.asked[1])
    assert (question, answer) == (KNOWN, "Three [1].")
    assert follow_up.endswith("Question: and where is it dried?")
    assert "basalt sieve is rinsed" in follow_up


def test_the_model_is_changed_in_the_middle(lore: Lore, served: Path, chat_server: Any) -> None:
    chat_server.scripts = [("Three [1].",)]
    lines = f"/model own\n/model nobody/x\n/model office/small\n{KNOWN}\n/model none\n{KNOWN}\n"
    done = lore("chat", cwd=served, stdin=lines)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("No model is trained yet.\nNext: lore plan\n")
    assert (
        "The model 'nobody/x' is not PROVIDER/MODEL; providers in lore.toml: office.\nNext: add to"
        in done.stdout
    )
    assert "Answers come from office/small, shown 5 passages.\nThree [1].\n" in done.stdout
    assert "Answers are the documents' own words.\nThe basalt sieve" in done.stdout
    assert len(chat_server.asked) == 1


def test_a_saved_conversation_goes_on(lore: Lore, served: Path, chat_server: Any) -> None:
    chat_server.scripts = [("Three [1].",), ("Beside the oven [1].",)]
    saved = served / "talk.jsonl"
    assert lore(*OFFICE, cwd=served, stdin=f"{KNOWN}\n/save {saved}\n").returncode == 0
    done = lore(*OFFICE, "--resume", str(saved), cwd=served, stdin=f"and then?\n/save! {saved}\n")
    assert f"(searched together with: {KNOWN})" in done.stdout
    assert [message["content"] for message in chat_server.asked[1]][:2] == [KNOWN, "Three [1]."]
    told = [json.loads(line) for line in saved.read_text().splitlines()]
    assert [line["content"] for line in told] == [KNOWN, "Three [1].", "and then?", "Beside the oven [1]."]
    assert told[3]["citations"][0]["path"] == "basalt.md"
    missing = lore(*OFFICE, "--resume", "none.jsonl", cwd=served)
    assert missing.returncode == 1
    assert "error: There is no file none.jsonl." in missing.stderr


def test_a_model_can_be_asked_without_passages_and_without_an_index(
    lore: Lore, project: Path, chat_server: Any
) -> None:
    settings = project / "lore.toml"
    settings.write_text(settings.read_text() + f'[providers.office]\nbase_url = "{chat_server.address}"\n')
    chat_server.scripts = [("I think so [1].",)]
    done = lore(*OFFICE, "--no-passages", cwd=project, stdin="Is it so?\n/sources\nand why?\n")
    assert done.stdout == "I think so [1].\nThe last answer has no sources.\nI think so [1].\n"
    assert chat_server.asked[0] == [{"role": "user", "content": "Is it so?"}]
    assert chat_server.asked[1][-1] == {"role": "user", "content": "and why?"}
    nobody = lore("chat", "--no-passages", "--no-model", cwd=project)
    assert nobody.returncode == 2
    assert "a model must answer" in nobody.stderr
    no_index = lore(*OFFICE, cwd=project)
    assert no_index.returncode == 1
    assert " next: lore index" in no_index.stderr
