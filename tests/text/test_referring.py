"""Pronouns, definite nouns and ellipses that nothing in their question explains."""

import pytest

from lorewright.text.question_checks import bad_question
from lorewright.text.referring import dangling_pronoun, dangling_this, unexplained

BACK = {
    "What does the function return?": "the function",
    "Which fields does the request body contain?": "the request body",
    "What happens after the seven days?": "the seven days",
    "Who approves amounts above that?": "above that",
    "What is to be done with such a copy?": "such a copy",
    "What else must not be worn?": "else",
    "Which version is required?": "which version",
    "Who must be informed?": "who must be informed ?",
    "How many are stored in each?": "How many are",
    "What is the maximum allowed?": "the maximum",
}
ALONE = [
    "How long are camera recordings kept?",
    "What is the mileage rate for a private car?",
    "When is the diesel generator tested under load?",
    "What is the difference between a view and a table?",
    "How many days can I carry over into the next year?",
    "How do I run a query from the command line?",
    "How does the company pay overtime?",
    "What is the maximum size of an attachment?",
    "Do gloves replace hand hygiene?",
    "How do I set the retries of a task?",
]


@pytest.mark.parametrize(("question", "said"), BACK.items())
def test_what_points_back_is_told(question: str, said: str) -> None:
    assert unexplained(question) == said


@pytest.mark.parametrize("question", ALONE)
def test_a_question_with_a_subject_of_its_own_stands_alone(question: str) -> None:
    assert unexplained(question) == ""
    assert bad_question(question) == ""


def test_a_noun_that_its_evidence_calls_by_more_is_too_short_alone() -> None:
    asked = "Who may turn the knob?"
    assert unexplained(asked) == ""
    assert unexplained(asked, known="Turn the knob twice a day.") == ""
    assert unexplained(asked, known="The bypass knob Q7 is turned by the electrician.") == "the knob"
    assert unexplained(asked, known="The knob of a pump may be turned by anybody.") == "the knob"


@pytest.mark.parametrize(
    ("question", "pronoun"),
    [
        ("How long do they carry the load?", "they"),
        ("How often is it measured afterwards?", "it"),
        ("In what order are they applied?", "they"),
        ("How do I install and configure it?", "it"),
        ("What happens to a message if it is lost?", ""),
        ("Can a tube of plasma be frozen again if it has thawed?", ""),
        ("Is it possible to freeze plasma?", ""),
        ("How are results sorted before they are printed?", ""),
    ],
)
def test_a_pronoun_needs_a_noun_before_it(question: str, pronoun: str) -> None:
    assert dangling_pronoun(question) == pronoun


@pytest.mark.parametrize(
    ("question", "pointing"),
    [
        ("What is the purpose of this?", "this"),
        ("What suspends all of these periods?", "these"),
        ("What happens when a freezer thaws, and how is this documented?", ""),
        ("What is needed, and when is this sent?", "this"),
    ],
)
def test_this_needs_a_clause_before_it(question: str, pointing: str) -> None:
    assert dangling_this(question) == pointing


@pytest.mark.parametrize(
    "question",
    [
        "Worauf deutet das hin?",
        "Was ist laut Text vor dem Öffnen zu tun?",
        "Bis wann müssen sie eingereicht werden?",
        "Que dit le texte sur les reports ?",
        "Dans ce cas, que faut-il envoyer ?",
        "¿Qué hay que hacer en ese caso?",
        "Где они хранятся и сколько дней?",
        "Что нужно сделать перед этим?",
        "根据上文,谁负责审批?",
        "这种情况下需要提交什么?",
    ],
)
def test_other_languages_point_back_too(question: str) -> None:
    assert bad_question(question).startswith("leans")


@pytest.mark.parametrize(
    "question",
    [
        "Wann werden Belege eingereicht?",
        "Was bedeutet das Feld Status im Portal Rota?",
        "Wie können Sie eine Dienstreise beantragen?",
        "Combien de jours de congés peuvent être reportés ?",
        "¿Cuándo se puede abrir la puerta del autoclave?",
        "Сколько дней хранятся резервные копии?",
        "迟到三十分钟以上如何处理?",
    ],
)
def test_other_languages_stand_alone(question: str) -> None:
    assert bad_question(question) == ""


def test_the_name_of_a_button_points_to_nothing() -> None:
    assert bad_question('What does the button "Save this draft" do in Papyrus?') == ""
