"""Numbers, names, roles, denials and words of an answer against its evidence."""

import json

import pytest
from filtered import PASSAGE, QUESTION, answered, example, objection, talk  # type: ignore[import-not-found]

SUPPORTED = [
    "It is tried again after 30 seconds, 5 times at most.",
    "After half a minute, and no more than five times.",
    "The worker waits thirty seconds, then the job runs again.",
    "Dead letters are kept for two weeks.",
    "A message holds at most 8192 bytes.",
    "It may have 8,192 bytes.",
    "Checks take one and a half minutes, that is 90 s.",
    "Set `retry.attempts` in `/etc/acme/queue.toml`.",
    "`queue.toml` in `/etc/acme` holds it.",
    "With `strict = true` a job is never retried.",
    "Python 3.11.4, or anything later.",
    "Use `--safe`, which starts a worker after all checks have passed; `--fast` leaves out the warm-up.",
    "Not at all where the queue is strict.",
]


@pytest.mark.parametrize("answer", SUPPORTED)
def test_a_rewording_passes(answer: str) -> None:
    assert answered("grounding", answer) == ""


CHANGED = [
    ("It is tried again after 20 seconds.", "20 seconds"),
    ("It is tried again after 30 minutes.", "30 minutes"),
    ("It is tried six times.", "six"),
    ("It is kept for three weeks.", "three weeks"),
    ("A message may have 16 KiB.", "16 KiB"),
    ("Python 3.12.4 is needed.", "3.12.4"),
    ("Checks take 900 s.", "900 s"),
    ("It is tried -5 times.", "-5"),
    ("The job is kept for 15 days.", "15 days"),
]


@pytest.mark.parametrize(("answer", "number"), CHANGED)
def test_a_number_that_the_evidence_has_not_is_named(answer: str, number: str) -> None:
    assert repr(number) in answered("grounding", answer)


UNKNOWN = [
    ("Set `retry.limit`.", "retry.limit"),
    ("Set `retry.max_attempts`.", "retry.max_attempts"),
    ("Start it with `--quick`.", "--quick"),
    ("Start it with --quick, then wait.", "--quick"),
    ("It is read from `/etc/acme/worker.toml`.", "/etc/acme/worker.toml"),
    ("It raises `RetryError`.", "RetryError"),
    ("It raises RetryError.", "RetryError"),
    ("Error ACME-42 is logged.", "ACME-42"),
    ("Call `queue.requeue()`.", "queue.requeue"),
]


@pytest.mark.parametrize(("answer", "name"), UNKNOWN)
def test_a_name_that_nobody_mentioned_is_told(answer: str, name: str) -> None:
    assert repr(name) in answered("grounding", answer)


def test_what_the_question_says_may_be_repeated() -> None:
    asked = "How do I run `acme drain` in Acme 7 within 45 seconds?"
    assert answered("grounding", "`acme drain` of Acme 7 waits 45 seconds.", asked) == ""


def test_a_number_that_follows_from_two_of_the_answer_may_be_new() -> None:
    assert answered("grounding", "5 attempts with 30 seconds between them, that is 150 seconds.") == ""
    assert answered("grounding", "It waits 150 seconds.")


def test_numbers_and_names_of_the_headings_are_known() -> None:
    assert (
        answered("grounding", "`Retries` of `Acme` are set in `/etc/acme/queue.toml`.", "Where is it set?")
        == ""
    )


def test_a_number_from_elsewhere_in_the_place_of_the_evidences_is_told() -> None:
    one = example("How long does Acme wait?", "It waits for 90 s.", "`retry.delay` (30 seconds)")
    assert "where the evidence says '30 seconds'" in objection("grounding", one)
    same = example(
        "How long does Acme wait?", "It waits for 30 seconds; checks take 90 s.", "`retry.delay` (30 seconds)"
    )
    assert objection("grounding", same) == ""


def test_a_name_from_elsewhere_in_the_place_of_the_evidences_is_told() -> None:
    quote = "* `--fast` starts a worker without a warm-up."
    one = example("How do I skip the warm-up in Acme?", "Start the worker with `--safe`.", quote)
    assert "where the evidence says '--fast'" in objection("grounding", one)


@pytest.mark.parametrize(
    "answer",
    [
        "`--safe` starts a worker without a warm-up, and `--fast` after all checks have passed.",
        "`--safe` leaves out the warm-up, whereas `--fast` waits until the checks passed.",
    ],
)
def test_names_that_took_each_others_place_are_told(answer: str) -> None:
    assert "exchanges" in answered("grounding", answer)


def test_numbers_that_took_each_others_place_are_told() -> None:
    passage = "The queue `emails` may have 100 jobs. The queue `reports` may have 20 jobs."
    right = "`emails` may have 100 jobs, and `reports` may have 20 jobs."
    assert answered("grounding", right, quote=passage) == ""
    wrong = "`emails` may have 20 jobs, and `reports` may have 100 jobs."
    assert "exchanges" in answered("grounding", wrong, quote=passage)


def test_code_with_a_word_changed_is_told() -> None:
    passage = "Send it back:\n\n```sh\nacme dead requeue emails --limit 200\n```"
    asked = "How do I send dead letters back in Acme?"
    assert answered("grounding", "`acme dead requeue emails --limit 200`", asked, passage) == ""
    assert answered("grounding", "`acme dead requeue QUEUE --limit 200`", asked, passage) == ""
    assert answered("grounding", "`acme dead replay emails --limit 200`", asked, passage)
    fewer = "How do I send 50 dead letters of `reports` back in Acme?"
    assert answered("grounding", "`acme dead requeue emails --limit 50`", fewer, passage) == ""
    assert answered("grounding", "`acme dead requeue reports --limit 200`", fewer, passage) == ""


@pytest.mark.parametrize(
    ("quote", "answer"),
    [
        ("Backups block writers of the table.", "Backups do not block writers of the table."),
        ("The cache is not shared between workers.", "The cache is shared between workers."),
        ("Die Warteschlange wird beim Start geleert.", "Die Warteschlange wird beim Start nicht geleert."),
        ("Файл журнала удаляется при запуске.", "Файл журнала не удаляется при запуске."),
    ],
)
def test_a_denial_too_many_or_too_few_is_told(quote: str, answer: str) -> None:
    assert answered("grounding", answer, "Acme?", quote)
    assert answered("grounding", quote, "Acme?", quote) == ""


@pytest.mark.parametrize(
    ("quote", "answer"),
    [
        ("The cache is not shared between workers.", "No, the cache is not shared between workers."),
        ("Backups fail when writers hold the table.", "Backups do not work while writers hold the table."),
        (
            "`a` is shared between workers. `b` is not shared between workers.",
            "`b` is not shared between workers.",
        ),
    ],
)
def test_the_same_in_other_words_is_no_denial(quote: str, answer: str) -> None:
    assert answered("grounding", answer, "Acme?", quote) == ""


INVENTED = [
    "A background thread compares heartbeats with the leader's clock and elects another node by majority vote.",
    "The broker writes an audit record, notifies subscribers by webhook and rotates its credentials afterwards.",
    "Ein Hintergrundprozess vergleicht Prüfsummen, verwirft beschädigte Blöcke und benachrichtigt den Administrator.",
    "系统会自动通知管理员，生成审计报告，并且关闭所有网络连接直到人工确认。",
]


@pytest.mark.parametrize("answer", INVENTED)
def test_a_fluent_answer_that_the_evidence_does_not_carry_is_told(answer: str) -> None:
    assert "the evidence carries" in answered("grounding", answer)


def test_words_of_other_scripts_are_compared_too() -> None:
    chinese = "任务失败后会在三十秒后重试，最多五次。超过次数的任务进入死信队列，保存十四天。"
    asked = "云梯如何处理失败的任务？"
    assert (
        answered("grounding", "失败的任务在 30 秒后重试，最多 5 次，然后进入死信队列。", asked, chinese) == ""
    )
    assert "40 秒" in answered("grounding", "失败的任务在 40 秒后重试。", asked, chinese)
    russian = "Задание повторяется через 30 секунд, не более пяти раз, затем попадает в очередь ошибок."
    assert (
        answered(
            "grounding", "Оно повторяется через полминуты и попадает в очередь ошибок.", "Что с ним?", russian
        )
        == ""
    )


def test_free_tasks_may_use_words_of_their_own_but_no_new_names_or_numbers() -> None:
    words = "A background thread compares heartbeats with a clock and elects another node by majority."
    assert objection("grounding", example(QUESTION, words, task="summary")) == ""
    assert objection("grounding", example(QUESTION, "It waits 45 seconds.", task="summary"))
    assert objection("grounding", example(QUESTION, "It calls `elect()`.", task="code_explanation"))


def test_each_turn_of_a_conversation_is_compared() -> None:
    turns = (("How long does Acme wait?", "It waits 45 seconds."), ("And then?", "The job is tried again."))
    assert "45 seconds" in objection("grounding", talk(*turns))


def test_marks_of_shown_passages_are_no_numbers() -> None:
    asked = "How long does Acme wait?"
    shown = f"[7]\n<passage>\n{PASSAGE}</passage>\n\nQuestion: {asked}"
    assert (
        objection("grounding", example(shown, "It waits 30 seconds [7].", task="grounded_qa", question=asked))
        == ""
    )
    assert objection(
        "grounding", example(shown, "It waits 45 seconds [7].", task="grounded_qa", question=asked)
    )


def test_refusals_and_data_are_not_compared() -> None:
    refused = example(QUESTION, "The documentation of version 9 does not say.", task="refusal", refusal=True)
    assert objection("grounding", refused) == ""
    assert objection("grounding", example(QUESTION, json.dumps({"severity": 9}), task="mine")) == ""
    assert (
        objection("grounding", example(QUESTION, json.dumps({"confidence": 0.7}), task="log_analysis")) == ""
    )


def test_an_empty_answer_or_evidence_stops_nothing() -> None:
    assert answered("grounding", "") == ""
    assert answered("grounding", "...", quote=" ") == ""


RECKONED = [
    ("`a`, `b` or `c` may be set.", "There are three values."),
    ("It is tried after 10 minutes, and after another 15 minutes by the next.", "25 minutes in total: 10, then 15."),
    ("Alerts go out when it fails more than once.", "They go out after two or more failures."),
    ("Nobody is on call during the first three months.", "In the fourth month, after the first three."),
    ("Hotels may cost 140 euros, and 190 euros in Zurich.", "Up to 190 euros, fifty more than elsewhere."),
    ("Comptez 20 minutes pour 100 Go.", "Pour 200 Go, 40 minutes, car il faut 20 minutes pour 100 Go."),
    ("Backups are made daily.", "They are made every 24 hours."),
    ("Письмо приходит за неделю до этого.", "Письмо приходит за 7 дней до этого."),
    ("消息隐藏 90 秒。", "消息隐藏一分半钟。"),
    ("A third of the budget is kept.", "About 33% of the budget is kept."),
    ("ttl = 24 * 3600", "`ttl` is 86400."),
    ("It opens at 9 am.", "It opens at 09:00."),
    ("2026-04-02T08:14:09Z refused", "It was refused at 08:14:09."),
    ("Fixed in 2.4.1.", "It was fixed in v2.4.1."),
]  # fmt: skip


@pytest.mark.parametrize(("quote", "answer"), RECKONED)
def test_a_number_may_count_or_follow_or_be_said_in_another_way(quote: str, answer: str) -> None:
    assert answered("grounding", answer, "Acme?", quote) == ""


MISRECKONED = [
    ("`a`, `b` or `c` may be set.", "There are four values."),
    ("It has five modes: `a`, `b` and `c` are documented.", "There are three modes in all of Acme."),
    ("It is tried after 10 minutes, and after another 15 minutes by the next.", "35 minutes in total: 10, then 15."),
    ("Alerts go out when it fails more than once.", "They go out after three or more failures."),
    ("Hotels may cost 140 euros, and 190 euros in Zurich.", "Up to 190 euros, sixty more than elsewhere."),
    ("Backups are made daily.", "They are made every 48 hours."),
    ("消息隐藏 90 秒。", "消息隐藏两分半钟。"),
    ("A third of the budget is kept.", "A quarter of the budget is kept."),
    ("Fixed in 2.4.1.", "It was fixed in v2.4.2."),
]  # fmt: skip


@pytest.mark.parametrize(("quote", "answer"), MISRECKONED)
def test_a_number_that_follows_from_nothing_is_told(quote: str, answer: str) -> None:
    assert answered("grounding", answer, "Acme?", quote)


@pytest.mark.parametrize(
    ("quote", "answer"),
    [
        ("Set `max_retries`.", "Set `maxRetries`."),
        ("Set `maxRetries`.", "Give `--max-retries`."),
        ("Set `log.file_path`.", "Set `LOG_FILE_PATH`."),
        ("`storage` can be increased.", "`spec.storage` can only grow."),
        ("The lock allows reading and writing.", "It allows read/write access."),
        ("It uses `all-MiniLM-L6-v2`.", "It uses MiniLM-L6-v2."),
        ("Call `Client(url)`.", "```python\nclient = Client('https://example.com')\n```"),
        ("max_open_files = 100", "It is the maximum number of open files."),
    ],
)
def test_a_name_may_be_spelled_in_another_way(quote: str, answer: str) -> None:
    around = f"{quote}\nThe `spec` of Acme."
    one = example("Acme?", answer, quote)
    assert objection("grounding", one, passage=around) == ""


def test_a_name_from_elsewhere_is_told_by_its_role_or_where_nothing_else_is_said() -> None:
    passage = "number text NOT NULL UNIQUE,\ncurrency char(3) NOT NULL"
    one = example("Which column must be unique?", "`currency`", "number text NOT NULL UNIQUE,")
    assert "where the evidence says" in objection("grounding", one, passage=passage)
    right = example("Which column must be unique?", "`number`", "number text NOT NULL UNIQUE,")
    assert objection("grounding", right, passage=passage) == ""


def test_what_the_question_denies_need_not_be_denied_again() -> None:
    quote = "Information that is public is not confidential."
    assert answered("grounding", "Information that is public.", "What is not confidential?", quote) == ""
