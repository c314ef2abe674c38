from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_example
from lorewright.core.records import Message, Rejection
from lorewright.pages.funnel import FunnelStep, reasons_of, spread, viewer
from lorewright.pages.render import environment


@given(st.lists(st.integers()), st.integers(0, 12))
def test_a_spread_is_in_order_and_holds_both_ends(items: list[int], count: int) -> None:
    shown = spread(list(enumerate(items)), count)
    assert shown == sorted(set(shown))
    assert len(shown) == min(count, len(items))
    if count >= 2 and items:
        assert (shown[0][0], shown[-1][0]) == (0, len(items) - 1)


def rejection(number: int, name: str, twin: str = "") -> Rejection:
    return Rejection(
        record="example", record_id=f"e{number}", filter=name, reason=f"because {number}", twin=twin, name="?"
    )


def test_reasons_come_most_frequent_first_with_ten_examples_each() -> None:
    rejections = [rejection(number, "form" if number % 3 else "length") for number in range(40)]
    found = reasons_of(rejections, view=viewer(rejections, ()), wants=lambda name: f"good {name}")
    assert [(one.filter, one.count, len(one.shown)) for one in found] == [
        ("form", 26, 10),
        ("length", 14, 10),
    ]
    assert found[0].wants == "good form"
    assert found[0].shown[0].reason == "because 1"
    assert found[0].shown[-1].reason == "because 38"


def test_a_rejected_example_is_shown_with_its_answer_and_the_question_of_its_twin() -> None:
    one, twin = (
        make_example(
            task="qa",
            messages=(Message(role="user", content=asked), Message(role="assistant", content="a" * 900)),
            evidence=(),
            origin="import",
        )
        for asked in ("What <b>is</b> it?", "What was it?")
    )
    rejected = Rejection(
        record="example", record_id=one.id, filter="near_duplicate", reason="0.9", twin=twin.id
    )
    shown = viewer([rejected], [one, twin])(rejected)
    assert shown.name == "What <b>is</b> it?"
    assert shown.twin_name == "What was it?"
    assert shown.answer == "a" * 400 + " …"


def test_a_page_escapes_what_documents_say() -> None:
    rejected = [rejection(1, "form")]
    step = FunnelStep(
        stage="curate",
        records="examples",
        came_in=2,
        kept=1,
        reasons=reasons_of(
            [one.model_copy(update={"name": "<script>alert(1)</script>"}) for one in rejected],
            view=viewer(rejected, ()),
            wants=lambda _name: "",
        ),
    )
    template = environment("lorewright.curation").from_string(
        '{% from "funnel.html.j2" import funnel_section %}{{ funnel_section([step]) }}'
    )
    page = template.render(step=step)
    assert "<script>" not in page
    assert "50.0%" in page
