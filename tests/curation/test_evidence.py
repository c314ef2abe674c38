"""Evidence exists, and stands where it says or nearly so."""

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Example, Message
from lorewright.curation.evidence import bad_evidence

CHUNK = "Set `retries` on the operator. It defaults to 3 and is counted per task."


def qa(quote: str, start: int = 0, chunk: str = "c1") -> Example:
    turns = (Message(role="user", content="How?"), Message(role="assistant", content="Set retries."))
    evidence = (Evidence(chunk_id=chunk, start=start, end=start + len(quote), quote=quote),)
    return make_example(task="qa", messages=turns, evidence=evidence, origin="extractive")


def test_a_quote_at_its_place_passes() -> None:
    assert bad_evidence(qa(CHUNK[4:13], start=4), chunk_texts={"c1": CHUNK}) is None


def test_an_example_without_evidence_is_left_out() -> None:
    example = qa(CHUNK).model_copy(update={"evidence": ()})
    assert bad_evidence(example, chunk_texts={"c1": CHUNK}) == "no evidence is named"


def test_a_chunk_that_does_not_exist_is_named() -> None:
    assert bad_evidence(qa(CHUNK, chunk="gone"), chunk_texts={"c1": CHUNK}) == "chunk gone does not exist"


def test_a_blank_quote_is_none() -> None:
    assert "is empty" in str(bad_evidence(qa(" "), chunk_texts={"c1": " "}))


def test_a_quote_that_stands_elsewhere_or_nearly_so_passes() -> None:
    assert bad_evidence(qa(CHUNK), chunk_texts={"c1": f"A new heading.\n\n{CHUNK}"}) is None
    nearly = "Set `retries` on the operator. It default to 3 and is counted per  task."
    assert bad_evidence(qa(nearly), chunk_texts={"c1": CHUNK}) is None


def test_a_quote_that_differs_in_more_than_a_slip_is_no_evidence() -> None:
    for quote in (
        "Set `retries` on the scheduler, where it is counted for each of the flows.",
        CHUNK.replace("3", "5"),
        CHUNK.replace("is counted", "is not counted"),
    ):
        assert "does not say" in str(bad_evidence(qa(quote), chunk_texts={"c1": CHUNK})), quote


def test_a_place_before_the_chunk_does_not_count_but_the_words_do() -> None:
    assert bad_evidence(qa(CHUNK[-5:], start=-5), chunk_texts={"c1": CHUNK}) is None
    assert "does not say" in str(bad_evidence(qa("xyz", start=-5), chunk_texts={"c1": CHUNK}))
