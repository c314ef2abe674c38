"""Filters of one example: context, empty answers, boilerplate, paths, language."""

import json

import pytest
from filtered import PASSAGE, QUESTION, answered, example, objection, talk  # type: ignore[import-not-found]

LEANING = [
    "What does this function do?",
    "What does the second parameter mean?",
    "How does the class handle errors?",
    "What does the script print?",
    "Why does the warning matter?",
    "In the example, which queue is used?",
    "Which of these options is the fastest?",
    "What happens in step 3?",
    "What is its default?",
    "What happens when it gets too large?",
    "According to the text, how long does it wait?",
    "Which one is faster?",
    "What is configured here?",
    "Was macht die folgende Funktion?",
    "Que signifie ce paramètre ?",
    "Что делает эта функция?",
    "上述命令会打开什么？",
]
STANDING = [
    "What does `--fast` of the Acme worker do?",
    "What is the default delay of Acme Queue?",
    "Why does this error appear in Acme: 'no such queue'?",
    "What does the first argument of `retry` mean?",
    "How do I configure Acme so that it restarts?",
    "Is it possible to run Acme Queue on macOS?",
    "Wie lange wartet Acme Queue?",
    "Acme Queue 默认重试几次？",
]


@pytest.mark.parametrize("asked", LEANING)
def test_a_question_that_needs_what_it_was_made_from_is_told(asked: str) -> None:
    assert objection("context", example(asked)).startswith("the question")


@pytest.mark.parametrize("asked", STANDING)
def test_a_question_that_stands_alone_passes(asked: str) -> None:
    assert objection("context", example(asked)) == ""


def test_what_shows_its_passage_or_code_may_point_to_it() -> None:
    shown = f"Explain this function.\n\n```python\n{PASSAGE}\n```"
    assert objection("context", example(shown, task="code_documentation")) == ""
    passages = f"[1]\n<passage>\n{PASSAGE}</passage>\n\nQuestion: What does this do?"
    assert objection("context", example(passages, task="grounded_qa", question="What does this do?")) == ""
    assert objection("context", example(f"Summarise this text. {PASSAGE}", task="mine")) == ""


def test_a_follow_up_may_lean_on_the_conversation_but_on_no_passage() -> None:
    first = ("How does Acme Queue retry a job?", "It waits for 30 seconds.")
    assert objection("context", talk(first, ("And how often does it do that?", "5 times."))) == ""
    assert "the passage'" in objection(
        "context", talk(first, ("What does the passage say of it?", "5 times."))
    )


def test_an_answer_that_quotes_a_passage_its_reader_misses_is_told() -> None:
    assert "'the passage'" in answered("context", "As the passage says, it is tried again.")


EMPTY = [
    "It depends on your specific needs and requirements.",
    "It does exactly what its name suggests and handles the relevant cases.",
    "This feature plays a crucial role in ensuring that the system works properly and efficiently.",
    "It provides a wide range of useful features that help users achieve their goals.",
    "There are various ways to do it, and the right approach differs for each project.",
    "It is an important concept that allows developers to build powerful applications.",
    "Simply follow the necessary steps and make sure that everything is set up properly.",
    "It offers a robust and flexible mechanism that improves the overall experience.",
    "Dies ist ein wichtiger Bestandteil, der verschiedene nützliche Möglichkeiten bietet.",
]
TELLING = [
    "It waits for 30 seconds first.",
    "No, never.",
    "Jobs go to the dead-letter queue.",
    "`retry.attempts` says how often, depending on your needs.",
    "A worker starts without a warm-up.",
]


@pytest.mark.parametrize("answer", EMPTY)
def test_an_answer_that_fits_every_product_is_told(answer: str) -> None:
    assert answered("generic", answer)


@pytest.mark.parametrize("answer", TELLING)
def test_an_answer_that_tells_something_passes(answer: str) -> None:
    assert answered("generic", answer) == ""


def test_the_question_in_other_words_is_no_answer() -> None:
    asked = "How does Acme Queue retry a failing job of a strict queue?"
    assert "only repeats" in answered(
        "generic", "Acme Queue retries the failing job of the strict queue.", asked
    )


PAGES = [
    ("Under which licence is Acme Queue released?", "Under the MIT licence."),
    ("Who maintains Acme Queue?", "Jo Doe."),
    ("Who holds the copyright of Acme Queue?", "The authors."),
    ("Which badges does the README of Acme show?", "Build and coverage."),
    ("What is in the table of contents of the Acme manual?", "Retries."),
    ("Where can I edit the Acme documentation?", "On the forge."),
    ("When was the Acme manual last updated?", "In May."),
    ("Which page comes after Retries in the Acme manual?", "Queues."),
    ("What is Acme Queue?", "© 2031 Acme. All rights reserved."),
    ("How is Acme licensed?", "It is released under the Apache License 2.0."),
    ("Unter welcher Lizenz steht Acme?", "Unter der EUPL."),
    ("Qui maintient Acme ?", "Jo Doe."),
]
SUBJECTS = [
    ("How many licence tokens does an Acme job take?", "One token of the licence server."),
    ("Which licence server does Acme ask?", "The one of the cluster."),
    ("Who may restart a worker of Acme?", "Anybody on call."),
    ("What does the badge reader of Acme send?", "An event."),
    ("How do I report a failed job in Acme?", "With `acme report`."),
]


@pytest.mark.parametrize(("asked", "answer"), PAGES)
def test_what_is_about_the_page_is_told(asked: str, answer: str) -> None:
    assert "about the page" in objection("boilerplate", example(asked, answer))


@pytest.mark.parametrize(("asked", "answer"), [pair for pair in SUBJECTS if "badge" not in pair[0]])
def test_a_subject_that_sounds_like_boilerplate_passes(asked: str, answer: str) -> None:
    assert objection("boilerplate", example(asked, answer)) == ""


def test_evidence_that_is_a_notice_makes_no_example() -> None:
    quote = "Copyright (c) 2031 the Acme authors. All rights reserved."
    assert "the evidence" in objection("boilerplate", example(QUOTED, "It is Acme's.", quote), passage=quote)


QUOTED = "What is Acme Queue?"
PATHS = [
    "/home/mira/src/acme/queue.toml",
    "/Users/oskar/acme",
    "/root/acme/queue.toml",
    "C:\\Users\\Dana\\acme\\queue.toml",
    "C:/Users/Dana/acme",
    "D:\\a\\_temp\\report.xml",
    "/mnt/c/Users/Dana/acme",
    "/home/runner/work/acme/acme",
    "/builds/acme/target/junit.xml",
    "/github/workspace/acme",
    "/__w/acme/acme",
    "/var/folders/zz/acme",
    "file:///home/mira/acme.html",
    "/private/tmp/pytest-of-mira/acme",
    "/scratch/mira/acme.log",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_a_machine_is_told_in_question_and_answer(path: str) -> None:
    assert objection("paths", example(QUESTION, f"It is written to `{path}`."))
    assert objection("paths", example(f"What is in {path}?"))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/acme/queue.toml",
        "/usr/local/bin/acme",
        "/var/lib/acme",
        "~/.config/acme",
        "$HOME/acme",
        "./home/x",
        "https://acme.example/home/mira/x",
        "acme/Users/list",
        "GET /users/42",
    ],
)
def test_paths_that_hold_everywhere_pass(path: str) -> None:
    assert answered("paths", f"It is read from `{path}`.") == ""


def test_local_paths_of_the_passage_pass_but_homes_do_not() -> None:
    passage = "Results go to /scratch/shared/acme. Logs of /home/user/acme and /home/mira/acme are kept."
    assert answered("paths", "They go to /scratch/shared/acme.", quote=passage) == ""
    assert answered("paths", "Those of /home/user/acme.", quote=passage) == ""
    assert "/home/mira" in answered("paths", "Those of /home/mira/acme.", quote=passage)


def test_data_may_repeat_the_paths_of_its_prompt_and_no_others() -> None:
    line = "panicked at /home/runner/work/acme/src/frame.rs:212"
    copied = json.dumps({"error_message": line, "llm_reasoning": "A test failed."})
    told = json.dumps({"error_message": line, "llm_reasoning": "The run in /home/runner/work/acme broke."})
    assert objection("paths", example(line, copied, task="log_analysis")) == ""
    assert objection("paths", example(line, told, task="log_analysis"))


FOREIGN = [
    "Der Auftrag wird nach 30 Sekunden erneut versucht, höchstens aber fünfmal.",
    "La tâche est relancée après 30 secondes, au plus cinq fois.",
    "El trabajo se repite después de 30 segundos, como máximo cinco veces.",
    "Il lavoro viene ripetuto dopo 30 secondi, al massimo cinque volte.",
    "De taak wordt na 30 seconden opnieuw geprobeerd.",
    "Задание выполняется снова через 30 секунд.",
    "任务会在三十秒后重试，最多五次。",
    "ジョブは30秒後に再試行されます。",
    "It is tried again after 30 seconds. Danach wird es in die Warteschlange für unzustellbare Aufträge verschoben.",
]


@pytest.mark.parametrize("answer", FOREIGN)
def test_an_answer_in_another_language_is_told(answer: str) -> None:
    assert answered("language", answer).startswith("the answer is in")


@pytest.mark.parametrize(
    "answer",
    [
        "5 attempts.",
        "`retry.delay`",
        "Async runtime: tokio; TLS via rustls.",
        "Jobs die; queue drains.",
        "Set `Der Standardwert ist drei` as its text.",
        "No warm-up.",
    ],
)
def test_short_technical_english_is_english(answer: str) -> None:
    assert answered("language", answer) == ""


def test_the_language_is_that_of_question_or_evidence() -> None:
    german = "Der Auftrag wird nach 30 Sekunden noch einmal versucht."
    assert answered("language", german, "Wann wird ein Auftrag von Acme noch einmal versucht?", german) == ""
    assert answered("language", german, "Wann wird ein Auftrag von Acme noch einmal versucht?") == ""
    english = "It is tried again after 30 seconds, and then it goes to the dead-letter queue."
    assert "English" in answered(
        "language", english, "Wann wird ein Auftrag von Acme noch einmal versucht?", german
    )
    assert "Latin" in answered(
        "language", english, "Когда задание выполняется снова?", "Оно выполняется через 30 секунд."
    )
