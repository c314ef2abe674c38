"""Defects that are told by their words: notices as evidence, labels of pages, refusals and answers that say nothing."""

import pytest
from filtered import answered, example, objection  # type: ignore[import-not-found]

ASKED = "What is Acme Queue?"
NOTICES = [
    "Document no.: SOP-117   Version: 6",
    "Reviewed by: P. Lindqvist",
    "Page 1 of 4",
    "Distribution: laboratory staff, archive.",
    "Home > Docs > Operations > Backups",
    "Edit on GitHub | View page source | Report an issue",
    "Was this page helpful? Yes / No",
    "We use cookies to improve your experience. Accept all | Manage preferences",
    "Built with Sphinx 9.1 using the Furo theme.",
    "## 4.2.0 (2028-03-10)",
    "Typeset in Charter. Cover design: Ines Falk.",
    "Stand: März 2029 · Redaktion: Abteilung Technik",
    "Dernière mise à jour : 3 avril 2028",
    "最后更新:2028年4月1日。",
]
NO_NOTICES = [
    "Approved by the line manager within 3 working days.",
    "owner: What it belongs to, as an argument to its function.",
    "coverage: which documents have no example.",
    "Version 3 keeps the log of each run for 14 days.",
    "## 4.2.0 (2028-03-10)\n- `acme restore` resumes after a broken connection.",
    "Confirm with Yes / No. The worker waits until somebody has answered.",
    "The next page of the wizard asks for a password.",
]
ABOUT_PAGES = [
    "Which organisation sponsors Acme?",
    "Who approved SOP-117?",
    "Which edition of the Acme handbook is this handbook?",
    "When was Acme 4.2.0 released?",
    "Welchen Stand hat das Wartungshandbuch der Pumpe?",
    "¿Quién elaboró el manual del autoclave?",
    "考勤页面的下一页是什么?",
]
ABOUT_SUBJECTS = [
    'How do I hide the "Edit this page" link in Papyrus?',
    "How fast must a page be acknowledged by whoever is on call?",
    "How do I fetch the next page of results from Acme?",
    "Who approves changes of the travel policy?",
    "What does the footer of an invoice contain?",
    "What is the document number field of an invoice used for?",
    "How is documentation built with `make docs`?",
    "Which edition of Acme supports clustering?",
    "Which licence setting lets a second server share the key?",
    "What does the sidebar of Acme show after a restart?",
]


@pytest.mark.parametrize("quote", NOTICES)
def test_evidence_that_is_nothing_but_a_notice_is_told(quote: str) -> None:
    assert "the evidence" in objection("boilerplate", example(ASKED, "It is Acme's.", quote), passage=quote)


@pytest.mark.parametrize("quote", NO_NOTICES)
def test_evidence_that_sounds_like_a_notice_passes(quote: str) -> None:
    assert objection("boilerplate", example(ASKED, "It is Acme's.", quote), passage=quote) == ""


@pytest.mark.parametrize("asked", ABOUT_PAGES)
def test_a_question_about_a_page_is_told(asked: str) -> None:
    assert "the question is about the page" in objection("boilerplate", example(asked))


@pytest.mark.parametrize("asked", ABOUT_SUBJECTS)
def test_a_subject_that_sounds_like_a_page_passes(asked: str) -> None:
    assert objection("boilerplate", example(asked)) == ""


@pytest.mark.parametrize(
    ("said", "evidence"),
    [
        ("The reason is not explained.", "Acme waits because disks are slow."),
        ("Details about it are beyond the scope of the text.", "Acme waits for 30 seconds."),
        ("You would have to check with the lead.", "Acme waits for 30 seconds."),
        ("It leaves open how long it waits.", "Acme pauses for 30 seconds."),
        ("Der Text macht dazu keine Angaben.", "Acme wartet 30 Sekunden."),
        ("Le texte ne précise pas la durée.", "Acme attend 30 secondes."),
        ("В тексте это не указано.", "Acme ждёт 30 секунд."),
    ],
)
def test_an_answer_that_knows_nothing_declines(said: str, evidence: str) -> None:
    assert "declines" in answered("refusal", said, "Why does a worker pause?", evidence)


@pytest.mark.parametrize(
    ("said", "evidence"),
    [
        ("They are not included.", "Hidden files are skipped."),
        ("Ask the help desk.", "It is unlocked by the help desk."),
        ("Because no listener is known.", "It is closed when there is no listener."),
        ("No, it is not specified.", "It is open."),
        ("The order is unknown.", "Rows come in an unknown order."),
    ],
)
def test_an_answer_with_a_not_in_it_does_not_decline(said: str, evidence: str) -> None:
    assert answered("refusal", said, "What becomes of hidden ones?", evidence) == ""


@pytest.mark.parametrize(
    "said",
    [
        "It should be done regularly.",
        "Only authorised and trained personnel should do so.",
        "It is handled in line with company policy.",
        "Appropriate measures must be taken.",
        "For a sufficient amount of time.",
        "Das hängt vom Einzelfall ab.",
        "根据实际情况合理安排。",
    ],
)
def test_words_in_place_of_something_definite_are_empty(said: str) -> None:
    assert answered("generic", said, "Who may turn the switch, and when?", "The electrician does on Mondays.")


def test_a_name_in_other_words_is_no_answer_and_an_empty_default_is_one() -> None:
    asked = "What does `Retry.delay` of Acme compute?"
    assert "only repeats" in answered("generic", "`delay` computes the delay.", asked, "The seconds to wait.")
    told = 'The default of `ref` is `""`.'
    assert answered("generic", told, "What is the default of `ref` in Acme?", '`ref` = `""`') == ""
