from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Evidence, Message
from lorewright.datasets.evidence import Span, meeting, overlapping, spans

SPANS = st.builds(
    lambda document, start, length: Span(document, start, start + length),
    st.sampled_from(["a", "b"]),
    st.integers(0, 30),
    st.integers(1, 12),
)


def overlap(one: Span, other: Span) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def test_spans_are_in_characters_of_every_document_the_chunk_stands_in() -> None:
    example = make_example(
        task="qa",
        messages=(Message(role="user", content="q"), Message(role="assistant", content="a")),
        evidence=(Evidence(chunk_id="c", start=3, end=5, quote="xx"),),
        origin="extractive",
    )
    places = {"c": [("two", 100), ("one", 0)]}
    assert spans(example, places) == [Span("one", 3, 5), Span("two", 103, 105)]
    assert spans(example, {}) == []


@given(st.lists(SPANS, max_size=10))
def test_overlapping_links_exactly_what_overlap_links(found: list[Span]) -> None:
    owners = list(range(len(found)))
    linked, exact = list(owners), list(owners)
    pairs = overlapping([(span, owner) for owner, span in enumerate(found)])
    assert all(found[one].document_id == found[other].document_id for one, other in pairs)
    for _ in owners:
        for one, other in pairs:
            linked[one] = linked[other] = min(linked[one], linked[other])
        for one in owners:
            for other in owners:
                if overlap(found[one], found[other]):
                    exact[one] = exact[other] = min(exact[one], exact[other])
    assert linked == exact


@given(st.lists(st.lists(SPANS, max_size=3), max_size=5), st.lists(SPANS, max_size=6))
def test_meeting_is_any_overlap(owners: list[list[Span]], others: list[Span]) -> None:
    expected = [
        position
        for position, own in enumerate(owners)
        if any(overlap(span, other) for span in own for other in others)
    ]
    assert meeting(owners, others) == expected
