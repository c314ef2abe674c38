"""What holds for every filter of one example, whatever the texts."""

from filtered import PASSAGE, example, talk  # type: ignore[import-not-found]
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.stages.curate_checks import alone
from lorewright.stages.curation_settings import CurationSettings

PIECES = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(PASSAGE.split()),
        st.sampled_from(
            [
                "```",
                "`",
                "{{",
                "}}",
                "1,000",
                "half an",
                "-5",
                "三十",
                "/home/x",
                "not",
                "[1]",
                "\n",
                "\n- ",
                "|",
            ]
        ),
    ),
    max_size=20,
).map(" ".join)
TASKS = st.sampled_from(["qa", "summary", "code_explanation", "log_analysis", "conversation", "mine"])


def filters(passage: str, off: tuple[str, ...] = ()) -> dict[str, object]:
    chosen = CurationSettings.model_validate({"off": off})
    return dict(alone(chosen, chunk_texts={"c": passage}, chunk_headings={"c": ("Acme",)}))


@settings(max_examples=150, deadline=None)
@given(PIECES, PIECES, PIECES, TASKS)
def test_every_filter_says_nothing_or_a_reason_and_the_same_each_time(
    asked: str, said: str, quote: str, task: str
) -> None:
    one = example(asked, said, quote, task=task)
    for name, objection in alone(CurationSettings(), chunk_texts={"c": quote}, chunk_headings={}).items():
        reason = objection(one)
        assert reason is None or reason.strip(), name
        assert objection(one) == reason, name


@settings(max_examples=80, deadline=None)
@given(PIECES)
def test_an_answer_that_is_its_evidence_is_grounded(text: str) -> None:
    grounding = alone(CurationSettings(), chunk_texts={"c": text}, chunk_headings={})["grounding"]
    assert grounding(example("What does Acme say?", text, text)) is None


def test_filters_have_the_names_of_the_settings_and_can_be_switched_off() -> None:
    names = list(filters(PASSAGE))
    assert names[0] == "schema"
    assert "grounding" not in filters(PASSAGE, off=("grounding",))
    assert set(names) - {"schema"} <= set(
        CurationSettings.model_json_schema()["properties"]["off"]["items"]["enum"]
    )


def test_a_good_conversation_passes_all_of_them() -> None:
    one = talk(
        (
            "How does Acme Queue retry a failing job?",
            "It waits 30 seconds and tries again, five times at most.",
        ),
        (
            "And a job of a strict queue?",
            "With `strict = true` it goes to the dead-letter queue at once, for two weeks.",
        ),
        task="conversation",
    )
    told = {
        name: objection(one)
        for name, objection in alone(CurationSettings(), chunk_texts={"c": PASSAGE}).items()
    }
    assert {name: reason for name, reason in told.items() if reason} == {}
