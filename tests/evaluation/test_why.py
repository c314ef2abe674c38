"""Why an answer is wrong: each cause where its conditions hold, one for every answer, nothing claimed beyond it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message, Passage, Place, Prediction
from lorewright.evaluation.metrics import headline_metric
from lorewright.evaluation.scoring import score
from lorewright.evaluation.why import CAUSES, ORDER, Seen, ShownPassage, Why, count_causes, explain
from lorewright.evaluation.why_next import next_step
from lorewright.llm.retrieval_template import RETRIEVAL

LIMITS: Any = {"passages": 3, "context_chars": 1500, "max_new_tokens": 128, "own_question": False}
QUESTION = "How long must a silenced alarm of Pumphouse wait before it sends mail again?"
REFERENCE = "A silenced alarm sends no mail for the next twelve hours."
QUOTE = "A silenced alarm stays in the list of alarms but sends no mail for the next twelve hours."
OTHER = "Pumphouse needs Python 3.11 or newer and a serial port for each pump controller."


def asked(reference: str = REFERENCE, quote: str = QUOTE, prompt: str = QUESTION, **metadata: Any) -> Example:
    pieces = (Evidence(chunk_id="alarms", start=0, end=len(quote), quote=quote),) if quote else ()
    messages = (Message(role="user", content=prompt), Message(role="assistant", content=reference))
    return make_example(task="qa", messages=messages, evidence=pieces, origin="extractive", metadata=metadata)


def passage(text: str, chunk_id: str = "other", path: str = "alarms.md") -> Passage:
    return Passage(
        chunk_id=chunk_id,
        document_id="d",
        text=text,
        score=1.0,
        source="docs",
        path=path,
        kind="markdown",
        title="Alarms of Pumphouse",
        headings=("Silencing an alarm",),
        place=Place(unit="line", first=3, last=5),
        start=0,
        end=len(text),
    )


def shown(*texts: str) -> tuple[ShownPassage, ...]:
    return tuple(ShownPassage(passage(text), text) for text in texts)


def why(
    example: Example, text: str, *, system: str = "tuned+rag", seen: Seen | None = None, **fields: Any
) -> Why:
    prediction = Prediction(example_id=example.id, system=system, text=text, **fields)
    scored = score([example], [prediction], metrics=[headline_metric([example])], shown={example.id: [text]})
    return explain(example, prediction, seen or Seen(shown=shown(QUOTE)), value=next(iter(scored)).value)


def test_an_answer_in_the_words_of_the_reference_is_right() -> None:
    assert why(asked(), "A silenced alarm sends no mail for twelve hours [1].").cause == "right"


def test_a_long_answer_that_says_the_whole_reference_is_right() -> None:
    answer = f"Many things are to be known of alarms in every kind of pump house. {REFERENCE} That is all there is."
    assert why(asked(), answer).cause == "right"


def test_words_of_the_question_alone_make_no_answer_right() -> None:
    example = asked(
        reference="The default of `night_mode` is false.",
        quote="| `night_mode` | false |",
        prompt="What is the default of `night_mode`?",
    )
    found = why(example, "The default of `night_mode` is", seen=Seen(shown=shown("| `night_mode` | false |")))
    assert found.value >= 0.5
    assert found.cause == "ignored"


def test_another_number_makes_an_answer_wrong_however_alike_it_is() -> None:
    example = asked(
        reference="The pump is stopped at a pressure of 6.5 bar.",
        quote="The pump is stopped at a pressure of 6.5 bar.",
    )
    found = why(example, "The pump is stopped at a pressure of 9.5 bar.", seen=Seen(shown=shown(OTHER)))
    assert found.value >= 0.5
    assert found.cause == "not-retrieved"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "empty answer"),
        ({"text": "A silenced", "finish": "length"}, "cut at the limit"),
        ({"text": "", "error": "no such key"}, "no such key"),
    ],
)
def test_what_is_no_answer_failed(fields: dict[str, Any], said: str) -> None:
    found = why(asked(), **fields)
    assert found.cause == "failed"
    assert said in found.detail


def test_without_evidence_among_the_passages_the_source_was_not_retrieved() -> None:
    nearby = (passage(OTHER), passage("Something else."), passage(QUOTE, chunk_id="alarms"))
    found = why(asked(), "Five minutes.", seen=Seen(shown=shown(OTHER), nearby=nearby))
    assert found.cause == "not-retrieved"
    assert (found.rank, found.found_at) == (None, 3)
    assert "rank 3" in found.detail


def test_evidence_that_the_budget_cut_off_was_not_shown() -> None:
    cut = (ShownPassage(passage(QUOTE, chunk_id="alarms"), QUOTE[:20]),)
    found = why(asked(), "Five minutes.", seen=Seen(shown=cut))
    assert found.cause == "not-retrieved"
    assert found.cut
    assert "budget" in found.detail
    step = next_step(found, asked(), **LIMITS)
    assert "evaluation.context_chars=3000" in step


def test_evidence_joined_into_a_longer_passage_was_shown() -> None:
    joined = f"Alarms are raised.\n\n{QUOTE.replace(' stays', chr(10) + 'stays')}\n\nDry running is detected."
    assert why(asked(), "Dry running.", seen=Seen(shown=shown(joined))).cause == "ignored"


def test_with_the_evidence_before_it_a_wrong_answer_ignores_the_context() -> None:
    found = why(asked(), "Ask the person who built the pump house.", seen=Seen(shown=shown(OTHER, QUOTE)))
    assert (found.cause, found.rank) == ("ignored", 2)


def test_a_refusal_with_the_evidence_before_it_is_told_from_one_without() -> None:
    assert why(asked(), RETRIEVAL.refusal).cause == "refused"
    assert why(asked(), RETRIEVAL.refusal, seen=Seen(shown=shown(OTHER))).cause == "not-retrieved"
    assert why(asked(), RETRIEVAL.refusal, system="tuned", seen=Seen()).cause == "not-learned"


def test_a_model_that_is_shown_nothing_has_not_learned_it() -> None:
    found = why(asked(), "Three days.", system="tuned", seen=Seen(nearby=(passage(QUOTE, "alarms"),)))
    assert found.cause == "not-learned"
    step = next_step(found, asked(), **LIMITS)
    assert "tuned+rag" in step


def test_a_prompt_that_shows_the_passages_itself_is_context() -> None:
    example = asked(prompt=f"{QUOTE}\n\nQuestion: for how long is an alarm silent?")
    assert why(example, "Ask somebody else.", system="tuned", seen=Seen()).cause == "ignored"
    bare = asked(prompt=f"{OTHER}\n\nQuestion: {QUESTION}", question=QUESTION)
    assert why(bare, "Ask somebody else.", system="tuned", seen=Seen()).cause == "not-retrieved"


def test_an_answer_where_there_is_none_is_wrong_and_a_refusal_right() -> None:
    example = asked(reference=RETRIEVAL.refusal, quote="", refusal=True)
    assert why(example, "It is 42.").cause == "unanswerable"
    assert why(example, "The documentation does not say.").cause == "right"
    doubted = Seen(shown=shown(QUOTE), fault="a person rejected the example: it is answered")
    assert why(example, "It is 42.", seen=doubted).cause == "reference"


def test_a_fault_of_the_reference_goes_before_what_the_system_saw() -> None:
    seen = Seen(shown=shown(OTHER), fault="a person rejected the example: wrong unit")
    found = why(asked(), "Five minutes.", seen=seen)
    assert found.cause == "reference"
    assert "wrong unit" in found.detail
    step = next_step(found, asked(), **LIMITS)
    assert f"lore review edit {asked().id[:8]}" in step


def test_an_answer_that_quotes_the_evidence_is_not_called_wrong_for_its_words() -> None:
    example = asked(
        reference="The default of `poll_seconds` is 15.",
        quote="| `poll_seconds` | 15 | Seconds between two readings of the pressure sensors of one pump. |",
        prompt="What is the default of `poll_seconds`?",
    )
    found = why(
        example,
        example.evidence[0].quote,
        system="retrieval",
        seen=Seen(shown=shown(example.evidence[0].quote)),
    )
    assert found.cause == "other-words"


def test_the_head_of_a_table_is_no_evidence() -> None:
    head, row = "| Option | Default | Description |", "| `poll_seconds` | 15 | Seconds between readings. |"
    pieces = tuple(
        Evidence(chunk_id=name, start=0, end=len(one), quote=one) for name, one in (("h", head), ("r", row))
    )
    example = asked(
        reference="The default of `poll_seconds` is 15.", prompt="What is the default of `poll_seconds`?"
    ).model_copy(update={"evidence": pieces})
    assert (
        why(example, "It is 3.", seen=Seen(shown=shown(f"{head}\n| `night_mode` | false |"))).cause
        == "not-retrieved"
    )
    assert why(example, "It is 3.", seen=Seen(shown=shown(f"{OTHER}\n{row}"))).cause == "ignored"


CONTRARY = passage(
    "A silenced alarm of Pumphouse must wait 3 hours before it sends mail again.", path="faq.md"
)
HOURS = asked(
    reference="It sends no mail for 12 hours.",
    quote="A silenced alarm stays in the list but sends no mail for 12 hours.",
)


def test_an_answer_that_another_passage_carries_against_the_evidence_is_contradicted() -> None:
    seen = Seen(shown=shown(HOURS.evidence[0].quote), nearby=(CONTRARY,))
    found = why(HOURS, "It must wait 3 hours.", seen=seen)
    assert found.cause == "contradicted"
    assert found.otherwise == CONTRARY
    assert "3" in found.detail


def test_no_contradiction_is_claimed_where_the_passage_is_about_something_else() -> None:
    off_topic = CONTRARY.model_copy(update={"text": "A pump must wait 3 hours.", "title": "", "headings": ()})
    found = why(HOURS, "It must wait 3 hours.", seen=Seen(shown=shown(OTHER), nearby=(off_topic,)))
    assert found.cause == "not-retrieved"
    same = CONTRARY.model_copy(update={"text": f"{CONTRARY.text} {HOURS.evidence[0].quote}"})
    found = why(HOURS, "It must wait 3 hours.", seen=Seen(shown=shown(OTHER), nearby=(same,)))
    assert found.cause != "contradicted", "a passage that holds the evidence says both"


def test_a_number_where_the_reference_has_none_contradicts_nothing() -> None:
    said = "A silenced alarm sends no mail for some time."
    example = asked(said, f"{said} See rule 7.")
    found = why(example, "It must wait 3 hours.", seen=Seen(shown=shown(OTHER), nearby=(CONTRARY,)))
    assert found.cause == "not-retrieved"


def test_a_few_words_of_the_evidence_do_not_carry_an_answer() -> None:
    answer = "The list of mail and alarms is a silenced object of the specified week."
    assert why(asked(), answer).cause == "ignored"


def log(answer: str) -> Why:
    reference = json.dumps({"error_message": "No space left on device", "category": "resource_error"})
    line = "OSError: No space left on device"
    example = asked(reference=reference, quote="No space left on device", prompt=f"INFO start\n{line}")
    return why(example, answer, system="tuned", seen=Seen())


def test_a_wrong_field_that_the_log_says_was_ignored_and_one_that_it_does_not_say_not_learned() -> None:
    assert log('{"error_message": "No space left on device", "category": "resource_error"}').cause == "right"
    found = log('{"error_message": "Disk", "category": "resource_error"}')
    assert (found.cause, "error_message" in found.detail) == ("ignored", True)
    found = log('{"error_message": "No space left on device", "category": "timeout_error"}')
    assert (found.cause, "category" in found.detail) == ("not-learned", True)
    assert log("The disk is full.").cause == "failed"


def test_where_no_evidence_is_named_nothing_is_claimed() -> None:
    assert why(asked(quote=""), "Five minutes.").cause == "unknown"


SAID = st.sampled_from(
    [
        "",
        REFERENCE,
        QUOTE,
        OTHER,
        RETRIEVAL.refusal,
        "It must wait 3 hours.",
        '{"category": "x"}',
        "Error: connection refused",
        "[1]",
        "沉默",
        "\x00\u202e",
    ]
)
TEXTS = st.lists(st.one_of(SAID, st.text(max_size=40)), max_size=4)
EXAMPLES = st.sampled_from(
    [
        asked(),
        HOURS,
        asked(quote=""),
        asked(reference=RETRIEVAL.refusal, quote="", refusal=True),
        asked(reference='{"error_message": "No space left on device", "n": 1}', quote="No space left"),
        asked(prompt=f"{QUOTE} When?", question="When?"),
        asked(reference="十二小时", quote="警报静音十二小时", question="警报静音多久?"),
    ]
)


@given(
    example=EXAMPLES,
    texts=st.lists(
        st.tuples(st.one_of(SAID, st.text(max_size=60)), st.sampled_from(["stop", "length"])), max_size=5
    ),
    context=st.none() | TEXTS,
    nearby=TEXTS,
    fault=st.sampled_from(["", "a person rejected the example"]),
)
def test_every_answer_has_exactly_one_cause_and_counts_add_up(
    example: Example,
    texts: list[tuple[str, Any]],
    context: list[str] | None,
    nearby: list[str],
    fault: str,
) -> None:
    seen = Seen(
        None if context is None else shown(*context), tuple(passage(text, "near") for text in nearby), fault
    )
    system = "tuned" if context is None else "tuned+rag"
    found = [why(example, text, system=system, seen=seen, finish=finish) for text, finish in texts]
    assert all(one.cause in ORDER and one.detail for one in found)
    assert sum(count_causes(found).values()) == len(texts)
    again = [why(example, text, system=system, seen=seen, finish=finish) for text, finish in texts]
    assert again == found
    for one in found:
        step = next_step(one, example, **LIMITS)
        assert bool(step) == (one.cause != "right")
        assert one.cause != "not-learned" or context is None or example.messages[-1].content.startswith("{")
        assert one.cause != "reference" or fault


@given(answer=st.text(max_size=80), context=TEXTS)
def test_the_source_counts_as_not_retrieved_only_where_no_passage_holds_it(
    answer: str, context: list[str]
) -> None:
    found = why(asked(), answer, seen=Seen(shown=shown(*context, QUOTE)))
    assert found.cause != "not-retrieved"
    assert found.rank is not None


def test_every_cause_is_told_in_words() -> None:
    assert tuple(CAUSES) == ORDER
