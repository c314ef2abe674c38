from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.making import make_document, make_example
from lorewright.core.records import Block, Document, Evidence, Example, Message, SourceMap
from lorewright.curation.coverage import coverage, measure_coverage
from lorewright.parsing.dispatch import parse
from lorewright.parsing.placing import placed

PAGE = """\
# Pumps

{intro}

## Pressure

{pressure}

### Relief

{relief}

## Stub

See above.
""".format(
    intro="A pump moves water. " * 8,
    pressure="Pressure is kept at 6 bar. " * 8,
    relief="The relief valve opens at 9 bar. " * 8,
)
CODE = '''\
class Pump:
    """A pump."""

    def start(self):
        """Start it."""
        return self.valve.open()

    def stop(self):
        return self.valve.close()


def prime(pump):
    return pump.start()
'''


def document(text: str, path: str, kind: str) -> Document:
    return placed(parse(text.encode(), kind=kind), source="docs", path=path, licence="")


def quoting(chunk: str, start: int, end: int) -> Example:
    return make_example(
        task="qa",
        messages=(Message(role="user", content=f"{chunk} {start}"), Message(role="assistant", content="a")),
        evidence=(Evidence(chunk_id=chunk, start=start, end=end, quote="x"),),
        origin="extractive",
    )


def test_a_section_counts_its_own_text_and_stubs_are_passed_over() -> None:
    page = document(PAGE, "pumps.md", "markdown")
    at = page.text.index("The relief valve")
    found = coverage([page], [quoting("c", 3, 20)], {"c": [(page.id, at)]})
    by_name = {gap.name: gap for gap in found.gaps}
    assert set(by_name) == {"Pumps", "Pumps › Pressure"}
    assert {one.level: (one.units, one.covered) for one in found.levels} == {
        "document": (1, 1),
        "section": (3, 1),
    }
    assert by_name["Pumps › Pressure"].place.first == 5


def test_a_method_is_no_part_of_its_class() -> None:
    code = document(CODE, "pump.py", "python")
    at = code.text.index("self.valve.open")
    units = list(measure_coverage([code], [quoting("c", 0, 5)], {"c": [(code.id, at)]}))
    symbols = {one.name: one.examples for one in units if one.level == "symbol"}
    assert symbols == {"Pump": 0, "Pump.start": 1, "Pump.stop": 0, "prime": 0}
    assert [one.examples for one in units if one.level == "document"] == [1]


def test_gaps_come_largest_first_and_what_is_covered_is_no_gap() -> None:
    pages = [document(f"# T{n}\n\n{'word ' * n}", f"{n}.md", "markdown") for n in (20, 80, 40)]
    found = coverage(pages, [quoting("c", 0, 3)], {"c": [(pages[1].id, 6)]})
    assert [gap.path for gap in found.gaps if gap.level == "document"] == ["40.md", "20.md"]
    sizes = [gap.characters for gap in found.gaps]
    assert all(one >= other for one, other in pairwise(sizes))


def test_nothing_at_all_is_covered_without_examples_and_without_documents() -> None:
    assert coverage([], [], {}).levels == ()
    page = document(PAGE, "pumps.md", "markdown")
    assert all(one.covered == 0 for one in coverage([page], [], {}).levels)


@given(st.data())
def test_symbols_divide_their_text_and_counts_agree_with_looking_at_each(data: st.DataObject) -> None:
    text = "x" * 60
    spans = data.draw(st.lists(st.tuples(st.integers(0, 59), st.integers(1, 60)), max_size=8))
    nested: list[tuple[int, int]] = []
    for start, end in sorted({(a, b) for a, b in spans if a < b}, key=lambda s: (s[0], -s[1])):
        if all(b <= start or end <= b for a, b in nested):
            nested.append((start, end))
    blocks = tuple(Block("function", start, end, 0, f"f{start}_{end}") for start, end in nested)
    one = make_document(
        source="s", path="p.py", kind="python", title="p", text=text, source_map=SourceMap(), blocks=blocks
    )
    quotes = data.draw(st.lists(st.tuples(st.integers(0, 58), st.integers(1, 20)), max_size=4))
    examples = [quoting("c", start, min(60, start + length)) for start, length in quotes]
    units = [u for u in measure_coverage([one], examples, {"c": [(one.id, 0)]}) if u.level == "symbol"]
    owner = [-1] * 60
    for number, (start, end) in enumerate(nested):
        owner[start:end] = [number] * (end - start)
    for number, unit in enumerate(units):
        own = {at for at in range(60) if owner[at] == number}
        assert unit.characters == len(own)
        touching = [e for e in examples if own & set(range(e.evidence[0].start, e.evidence[0].end))]
        assert unit.examples == len(touching)
