"""`lore search` and `lore ask` as they are typed, on a real index and against a server that does as it is told."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from lorewright.cli.ask import MODES
from lorewright.retrieval import search

Lore = Callable[..., CompletedProcess[str]]
CUT = "\0cut"
KNOWN = "How long is the basalt sieve rinsed with water?"
UNKNOWN = "Is heavy rain in the weather report of tomorrow?"
RUN = "from lorewright.cli.main import main; main()"
LOADED = f"""
import json, sys
try:
    {RUN}
except SystemExit as stop:
    print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
HEAVY = {
    "torch",
    "transformers",
    "datasets",
    "sentence_transformers",
    "xllamacpp",
    "gguf",
    "httpx2",
    "trl",
    "peft",
}


def asked(lore: Lore, project: Path, *options: str, question: str = KNOWN) -> str:
    done = lore("ask", question, *options, cwd=project)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_json(lore: Lore, project: Path, *options: str, question: str = KNOWN) -> dict[str, Any]:
    return dict(json.loads(asked(lore, project, *options, "--json", question=question)))


def test_search_shows_place_trail_commit_and_the_words_that_matched(lore: Lore, quarry: Path) -> None:
    done = lore("search", "mesh", "basalt", "-k", "1", cwd=quarry)
    citation, snippet = done.stdout.splitlines()
    assert citation.startswith("[1] basalt.md:1-5  Shelf 3 › Washing the basalt sieve  (")
    assert len(citation.rpartition("(")[2]) == len("0123456789)")
    assert snippet.startswith("    The basalt sieve is rinsed")
    assert "would spoil its mesh" in snippet
    assert "## Washing" not in snippet


def test_search_in_json_has_the_place_that_people_read(lore: Lore, quarry: Path) -> None:
    done = lore("search", "basalt", "-k", "1", "--json", cwd=quarry)
    (found,) = json.loads(done.stdout)
    assert (found["label"], found["path"]) == ("basalt.md:1-5", "basalt.md")


def test_search_takes_filters_and_says_what_to_try_where_nothing_is_found(lore: Lore, quarry: Path) -> None:
    found = lore("search", "sieve", "--path", "g*.md", "-k", "20", cwd=quarry).stdout
    assert "granite.md" in found
    assert "basalt.md" not in found
    nothing = lore("search", "helicopter", "--kind", "markdown", cwd=quarry)
    assert nothing.returncode == 0
    assert nothing.stdout.splitlines() == [
        "Nothing in the index shares a word with this question.",
        "  try: the same without --kind, --source and --path",
        "  try: other words, such as the documents might use",
        "  try: search by meaning: set index.embedder in lore.toml, then lore index",
    ]
    assert json.loads(lore("search", "helicopter", "--json", cwd=quarry).stdout) == []


def test_a_way_of_searching_that_the_index_does_not_have_is_one_message(lore: Lore, quarry: Path) -> None:
    done = lore("search", "sieve", "--mode", "dense", cwd=quarry)
    assert done.returncode == 1
    assert "error: This index has no vectors" in done.stderr
    assert "index.embedder" in done.stderr
    assert lore("search", "sieve", "--mode", "full-text", cwd=quarry).returncode == 0


def test_the_modes_of_the_options_are_those_of_the_index() -> None:
    assert search.MODES == MODES


def test_without_a_model_the_documents_own_words_answer(lore: Lore, served: Path, chat_server: Any) -> None:
    for options in ((), ("--no-model",), ("--model", "none")):
        shown = asked(lore, served, *options)
        assert "The basalt sieve is rinsed with water for 3 minutes" in shown
        assert "\n\n[1] basalt.md:1-5  Shelf 3 › Washing the basalt sieve  (" in shown
    assert chat_server.asked == []


def test_sources_prints_each_cited_passage_whole(lore: Lore, quarry: Path) -> None:
    shown = asked(lore, quarry, "--sources")
    below = shown.partition("[1] basalt.md:1-5")[2]
    assert "    ## Washing the basalt sieve\n\n    The basalt sieve is rinsed" in below
    assert below.rstrip().endswith("on shelf 3.")


def test_a_question_that_the_documents_do_not_answer_is_refused_with_the_nearest(
    lore: Lore, served: Path, chat_server: Any
) -> None:
    for options in ((), ("--model", "office/small")):
        shown = asked(lore, served, *options, question=UNKNOWN)
        first, second, *nearest = shown.splitlines()
        assert first.startswith("Not in the documentation, as far as the index can tell (evidence 0.0")
        assert first.endswith(", it takes 0.30; --min-evidence 0 answers anyway).")
        assert second == "Nearest:"
        assert [line[:3] for line in nearest if line.startswith("[")] == ["[1]", "[2]", "[3]"]
        assert all("rain" in line for line in nearest if line.startswith("    "))
        told = as_json(lore, served, *options, question=UNKNOWN)
        assert told["refused"] is True
        assert told["answer"] == ""
        assert told["support"] < told["min_support"] == 0.3
        assert len(told["citations"]) == 5
    assert chat_server.asked == []


def test_with_no_evidence_wanted_nothing_is_refused(lore: Lore, quarry: Path) -> None:
    told = as_json(lore, quarry, "--min-evidence", "0", question=UNKNOWN)
    assert told["refused"] is False
    assert "rain" in told["answer"]
    assert as_json(lore, quarry, "--min-evidence", "1")["refused"] is True
    done = lore("ask", "x", "--min-evidence", "7", cwd=quarry)
    assert done.returncode == 2
    assert "--min-evidence" in done.stderr


def test_a_model_s_answer_is_followed_by_the_citations_of_its_marks(
    lore: Lore, served: Path, chat_server: Any
) -> None:
    chat_server.scripts = [("\n\nFor ", "3 min", "utes [", "1]; see `rows[7]`.", "\n\n")]
    shown = asked(lore, served, "--model", "office/small", "-k", "2")
    assert shown.startswith("For 3 minutes [1]; see `rows[7]`.\n\n[1] basalt.md:1-5")
    assert len(shown.splitlines()) == 3
    ((message,),) = chat_server.asked
    assert message["role"] == "user"
    assert "[2]" in message["content"]
    assert "[3]" not in message["content"]
    assert message["content"].endswith(f"Question: {KNOWN}")


def test_marks_that_cite_nothing_and_answers_without_any_are_pointed_out(
    lore: Lore, served: Path, chat_server: Any
) -> None:
    chat_server.scripts = [("So [1, 9].",), ("Just so.",), ("So [9].",)]
    ask = ("--model", "office/small", "-k", "2")
    good_and_bad = asked(lore, served, *ask)
    assert "[9] cites nothing: the model was given 2 passages.\n[1] basalt.md" in good_and_bad
    assert "[2] " not in good_and_bad
    uncited = asked(lore, served, *ask)
    assert "Just so.\n\nThe answer cites no passage. It was given:\n[1] basalt.md" in uncited
    assert "\n[2] " in uncited
    bad = asked(lore, served, *ask)
    assert "[9] cites nothing" in bad
    assert "The answer cites no passage. It was given:\n[1] basalt.md" in bad


def test_a_model_that_says_it_does_not_know_refuses(lore: Lore, served: Path, chat_server: Any) -> None:
    chat_server.scripts = [("The documentation", " does not say.")]
    shown = asked(lore, served, "--model", "office/small")
    assert shown.startswith(
        "The documentation does not say.\n\noffice/small found no answer in what it was given.\nNearest:\n[1] "
    )
    told = as_json(lore, served, "--model", "office/small")
    assert told["refused"] is True
    assert told["answer"] == "The documentation does not say."


def test_a_model_that_writes_nothing_is_said_to(lore: Lore, served: Path, chat_server: Any) -> None:
    chat_server.scripts = [(" ",)]
    shown = asked(lore, served, "--model", "office/small")
    assert shown.startswith("office/small wrote nothing.\nNearest:\n[1] basalt.md")


def test_the_model_of_the_settings_answers_unless_told_otherwise(
    lore: Lore, served: Path, chat_server: Any
) -> None:
    settings = served / "lore.toml"
    settings.write_text(settings.read_text().replace("[ask]\n", '[ask]\nmodel = "office/small"\n'))
    chat_server.scripts = [("Three [1].",)]
    told = as_json(lore, served)
    assert (told["model"], told["answer"], told["refused"]) == ("office/small", "Three [1].", False)
    assert told["cited"] == [1]
    assert told["citations"][0]["label"] == "basalt.md:1-5"
    assert len(told["passages"]) == 5
    assert as_json(lore, served, "--no-model")["model"] is None


def test_an_answer_that_is_cut_stays_on_the_screen_and_the_command_fails(
    lore: Lore, served: Path, chat_server: Any
) -> None:
    chat_server.scripts = [("For 3 minutes [1], ", "then ", CUT)]
    done = lore("ask", KNOWN, "--model", "office/small", cwd=served)
    assert done.returncode == 1
    assert done.stdout.startswith("For 3 minutes [1], then\n\n[1] basalt.md:1-5")
    assert "error: office " in done.stderr
    assert " next: " in done.stderr
    assert "Traceback" not in done.stderr
    in_json = lore("ask", KNOWN, "--model", "office/small", "--json", cwd=served)
    assert (in_json.returncode, in_json.stdout) == (1, "")
    assert "error: office " in in_json.stderr


@pytest.mark.parametrize(
    ("options", "said", "code"),
    [
        (("--model", "nobody/x"), "'nobody/x' is not PROVIDER/MODEL", 2),
        (("--model", "own"), "No model is trained yet", 1),
        (("--model", "office/x", "--no-model"), "exclude each other", 2),
        (("--source", "elsewhere"), "no source 'elsewhere'", 1),
        (("--mode", "psychic"), "'psychic'", 2),
    ],
)
def test_what_cannot_be_asked_is_one_message(
    lore: Lore, served: Path, options: tuple[str, ...], said: str, code: int
) -> None:
    done = lore("ask", KNOWN, *options, cwd=served)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_nothing_heavy_is_loaded_where_no_model_is_asked(quarry: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, "ask", KNOWN, "--no-model"],
        check=True,
        capture_output=True,
        text=True,
        cwd=quarry,
    )
    assert "The basalt sieve" in done.stdout
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded.isdisjoint(HEAVY)


def on_terminal(started: Any) -> str:
    shown: str = started.rest()
    assert started.leave() == 0, shown
    return shown


def test_on_a_terminal_words_are_whole_and_matches_emphasised(
    terminal: Callable[..., Any], chat_server: Any
) -> None:
    found = on_terminal(terminal("search", "basalt", "-k", "1"))
    assert "\x1b[1;32mbasalt\x1b[0m sieve is rinsed" in found
    assert "    Shelf 3 › Washing the \x1b[1;32mbasalt\x1b[0m sieve\r\n" in found
    chat_server.scripts = [
        tuple("It is rinsed for three minutes and dried beside the oven after that [1]." * 2)
    ]
    told = on_terminal(terminal("ask", KNOWN, "--model", "office/small"))
    assert "It is rinsed for three minutes and dried beside the oven\r\nafter that [1].It is" in told
