from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.chunking.chunk import STRATEGIES, chunk
from lorewright.core.errors import ConfigError
from lorewright.core.making import make_document
from lorewright.core.records import Block, Chunk, Document, SourceMap
from lorewright.parsing.dispatch import parse
from lorewright.parsing.placing import placed


def _document(
    text: str, blocks: tuple[Block, ...] = (), *, kind: str = "markdown", title: str = "T"
) -> Document:
    return make_document(
        source="s", path="p", kind=kind, title=title, text=text, source_map=SourceMap(), blocks=blocks
    )


def _outline(text: str, *, title: str = "T", kind: str = "markdown") -> Document:
    """A document whose lines `# x` are headings and whose other stretches are paragraphs."""
    blocks: list[Block] = []
    position = 0
    for part in text.split("\n\n"):
        level = len(part) - len(part.lstrip("#"))
        name = part.lstrip("# ") if level else ""
        if part.strip():
            end = position + len(part)
            blocks.append(Block("heading" if level else "paragraph", position, end, level, name, position))
        position += len(part) + 2
    return _document(text, tuple(blocks), kind=kind, title=title)


def _cut(
    document: Document,
    *,
    strategy: str = "headings",
    max_chars: int = 60,
    min_chars: int = 0,
    overlap_chars: int = 0,
) -> list[Chunk]:
    return chunk(
        document, strategies=(strategy,), max_size=max_chars, min_size=min_chars, overlap=overlap_chars
    )


def _paths(chunks: list[Chunk]) -> list[tuple[str, str]]:
    return [(" > ".join(passage.headings), passage.text) for passage in chunks]


def _check(document: Document, chunks: list[Chunk], max_chars: int) -> None:
    """The promises of every strategy, one by one."""
    text = document.text
    covered = bytearray(len(text))
    for passage in chunks:
        assert text[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert len(passage.text) <= max_chars
        assert passage.place.first == text.count("\n", 0, passage.start) + 1
        covered[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    lost = [text[index] for index, seen in enumerate(covered) if not seen and not text[index].isspace()]
    assert lost == []
    assert [passage.start for passage in chunks] == sorted(passage.start for passage in chunks)
    words = _words(text)
    for passage in chunks:
        for edge in (passage.start, passage.end):
            inside = [end - start for start, end in words if start < edge < end]
            assert all(length > max_chars for length in inside)


def _words(text: str) -> list[tuple[int, int]]:
    """Runs without whitespace: no cut goes inside one that fits in a chunk."""
    words, start = [], 0
    for index, character in enumerate(text + " "):
        if character.isspace():
            if start < index:
                words.append((start, index))
            start = index + 1
    return words


_prose = st.lists(
    st.one_of(
        st.text(alphabet="abcdefgh", min_size=1, max_size=9),
        st.sampled_from(
            [
                "# One",
                "## Two",
                "### Three",
                "End.",
                "- x",
                "\n",
                "\n\n",
                "    ",
                "\u4f60\u597d\u3002",
                "e\u0301",
                "\t",
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(
    parts=_prose,
    kind=st.sampled_from(["markdown", "rest", "text", "log", "pdf", "python"]),
    strategy=st.sampled_from(STRATEGIES),
    max_chars=st.integers(1, 80),
    data=st.data(),
)
def test_every_character_is_kept_and_no_word_cut(
    parts: list[str], kind: str, strategy: str, max_chars: int, data: st.DataObject
) -> None:
    document = _outline("\n\n".join(" ".join(parts).split("\n\n")), kind=kind)
    chunks = _cut(
        document,
        strategy=strategy,
        max_chars=max_chars,
        min_chars=data.draw(st.integers(0, max_chars)),
        overlap_chars=data.draw(st.integers(0, max_chars - 1)),
    )
    _check(document, chunks, max_chars)


_code = st.lists(
    st.sampled_from(
        [
            "import os\n",
            "X = 1\n",
            "# a remark\n",
            "\n",
            (
                '@decorated\nclass A:\n    """Says."""\n\n    x = 1\n\n'
                "    # above\n    def f(self):\n        return 1  # why\n\n"
            ),
            "class B(A): pass\n",
            "def g(a, b):\n    def inner():\n        return a\n    return inner\n",
            "if X:\n    async def h():\n        '''Text.'''\n",
            "class C:\n    class D:\n        def e(self): ...\n        y = 2\n    z = 3\n",
        ]
    ),
    max_size=12,
)


@settings(deadline=None)
@given(lines=_code, max_chars=st.integers(20, 200), strategy=st.sampled_from(STRATEGIES), data=st.data())
def test_every_character_of_code_is_kept(
    lines: list[str], max_chars: int, strategy: str, data: st.DataObject
) -> None:
    source = "".join(lines)
    if not source.strip():
        return
    document = placed(parse(source.encode(), kind="python"), source="s", path="m.py")
    chunks = _cut(document, strategy=strategy, max_chars=max_chars, min_chars=data.draw(st.integers(0, 20)))
    _check(document, chunks, max_chars)


def test_sections_carry_their_heading_path_and_their_heading() -> None:
    document = _outline("# A\n\nalpha\n\n## B\n\nbeta\n\n### C\n\ngamma\n\n## D\n\ndelta")
    assert _paths(_cut(document)) == [
        ("A", "# A\n\nalpha"),
        ("A > B", "## B\n\nbeta"),
        ("A > B > C", "### C\n\ngamma"),
        ("A > D", "## D\n\ndelta"),
    ]


def test_the_title_heads_the_path_of_a_document_without_a_top_heading() -> None:
    assert _paths(_cut(_outline("intro\n\n## B\n\nbeta", title="Guide"))) == [
        ("Guide", "intro"),
        ("Guide > B", "## B\n\nbeta"),
    ]


def test_small_siblings_are_joined_under_their_parent_and_cousins_are_not() -> None:
    document = _outline("# A\n\n" + "alpha " * 6 + "\n\n## C\n\nc\n\n### D\n\nd\n\n## E\n\ne\n\n## F\n\nf")
    assert [headings for headings, _ in _paths(_cut(document, min_chars=30))] == ["A", "A > C", "A"]
    assert _cut(document, min_chars=30)[-1].text == "## E\n\ne\n\n## F\n\nf"


def test_a_small_introduction_is_joined_with_the_small_sections_it_holds() -> None:
    document = _outline("# A\n\n## f\n\nAdds.\n\n### Arguments\n\nnone\n\n### Notes\n\n" + "word " * 6)
    assert _paths(_cut(document, min_chars=30)) == [
        ("A > f", "# A\n\n## f\n\nAdds.\n\n### Arguments\n\nnone"),
        ("A > f > Notes", "### Notes\n\n" + "word " * 5 + "word"),
    ]


def test_a_large_section_keeps_its_own_path_beside_a_small_one() -> None:
    document = _outline("# A\n\n## B\n\nb\n\n## C\n\n" + "gamma " * 5 + "\n\n## D\n\nd")
    assert [headings for headings, _ in _paths(_cut(document, min_chars=30))] == ["A > B", "A > C", "A > D"]


def test_joining_stops_at_the_limit() -> None:
    document = _outline("# A\n\nalpha\n\n" + "\n\n".join(f"## H{i}\n\n{'word ' * 4}." for i in range(4)))
    sizes = [len(passage.text) for passage in _cut(document, min_chars=50, max_chars=60)]
    assert sizes == [40, 58, 28]


def test_a_last_heading_with_nothing_under_it_goes_with_the_section_before() -> None:
    assert _paths(_cut(_outline("# A\n\nalpha\n\n## B\n\nbeta\n\n## C"))) == [
        ("A", "# A\n\nalpha"),
        ("A > B", "## B\n\nbeta\n\n## C"),
    ]
    assert _paths(_cut(_outline("# A"))) == [("A", "# A")]


def test_a_sentence_that_announces_what_comes_stays_with_it() -> None:
    document = _outline("Alpha beta gamma delta.\n\nFor example:\n\nepsilon zeta eta theta")
    assert [passage.text for passage in _cut(document, max_chars=45)] == [
        "Alpha beta gamma delta.",
        "For example:\n\nepsilon zeta eta theta",
    ]


def test_a_heading_with_nothing_under_it_goes_with_its_first_section() -> None:
    assert _paths(_cut(_outline("# A\n\n## B\n\nbeta\n\n## C\n\ngamma"))) == [
        ("A > B", "# A\n\n## B\n\nbeta"),
        ("A > C", "## C\n\ngamma"),
    ]


def test_a_large_section_is_cut_between_blocks_before_anything_else() -> None:
    document = _outline("# A\n\n" + "one two. " * 4 + "end.\n\nthree four. five\n\nsix seven")
    assert [passage.text for passage in _cut(document, max_chars=50)] == [
        "# A\n\n" + "one two. " * 4 + "end.",
        "three four. five\n\nsix seven",
    ]


def test_a_large_paragraph_is_cut_at_a_sentence_not_at_a_line_end() -> None:
    document = _outline("Alpha beta\ngamma. Delta\nepsilon zeta eta\ntheta iota.")
    assert [passage.text for passage in _cut(document, max_chars=40)] == [
        "Alpha beta\ngamma.",
        "Delta\nepsilon zeta eta\ntheta iota.",
    ]


def test_an_abbreviation_ends_no_sentence() -> None:
    document = _outline("Set it, e.g. to one or to two. Then go on with it.")
    assert _cut(document, max_chars=40)[0].text == "Set it, e.g. to one or to two."


def test_code_is_cut_at_a_line_and_a_new_item_comes_before_its_wrapped_lines() -> None:
    code = "run one. Two\n  run three\nrun four\n  run five"
    block = Block(kind="code", start=0, end=len(code), body=0)
    assert [passage.text for passage in _cut(_document(code, (block,)), max_chars=36)] == [
        "run one. Two\n  run three",
        "run four\n  run five",
    ]
    items = "- one two\n  three\n- four five\n  six seven"
    block = Block(kind="list", start=0, end=len(items), body=0)
    assert [passage.text for passage in _cut(_document(items, (block,)), max_chars=35)] == [
        "- one two\n  three",
        "- four five\n  six seven",
    ]


def test_code_inside_a_list_is_cut_at_a_line_rather_than_a_word() -> None:
    items = "- run\n\n      one two\n      three four\n      five six"
    block = Block(kind="list", start=0, end=len(items), body=0)
    assert [passage.text for passage in _cut(_document(items, (block,)), max_chars=45, min_chars=10)] == [
        "- run\n\n      one two\n      three four",
        "      five six",
    ]


def test_indentation_of_a_first_whole_line_stays() -> None:
    code = "a:\n    b: 1\n    c: 2"
    block = Block(kind="code", start=0, end=len(code), body=0)
    assert [passage.text for passage in _cut(_document(code, (block,)), max_chars=12)] == [
        "a:\n    b: 1",
        "    c: 2",
    ]


def test_a_word_longer_than_a_chunk_is_cut_behind_a_sign() -> None:
    document = _outline("see https://example.org/one/two/three?four=five")
    assert [passage.text for passage in _cut(document, max_chars=20)] == [
        "see",
        "https://example.org/",
        "one/two/three?four=",
        "five",
    ]


def test_a_word_that_fits_is_not_cut_even_where_a_small_piece_is_left_before_it() -> None:
    document = _outline("a=" + "b" * 19 + "=c")
    assert [passage.text for passage in _cut(document, max_chars=20, min_chars=5)] == [
        "a=",
        "b" * 19 + "=",
        "c",
    ]


def test_chinese_is_cut_at_its_own_full_stop_and_between_characters() -> None:
    document = _outline("\u4f60\u597d\u4e16\u754c\u3002\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002")
    assert [passage.text for passage in _cut(document, max_chars=9)] == [
        "\u4f60\u597d\u4e16\u754c\u3002",
        "\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002",
    ]
    assert [len(passage.text) for passage in _cut(document, max_chars=4)] == [4, 1, 4, 3]


def test_a_last_piece_is_not_left_too_small() -> None:
    document = _outline(" ".join(["word"] * 21))
    sizes = [len(passage.text) for passage in _cut(document, max_chars=100, min_chars=40)]
    assert sizes == [64, 39]


def test_paragraphs_are_joined_up_to_the_minimum_and_headings_stay_with_what_follows() -> None:
    document = _outline("# A\n\none\n\ntwo two two\n\nthree\n\n## B\n\nfour", kind="text")
    assert _paths(_cut(document, strategy="paragraphs", min_chars=8)) == [
        ("A", "# A\n\none"),
        ("A", "two two two\n\nthree"),
        ("A > B", "## B\n\nfour"),
    ]


def test_windows_repeat_whole_words_up_to_the_overlap() -> None:
    text = " ".join(f"w{number:02}" for number in range(40))
    chunks = _cut(_outline(text), strategy="windows", max_chars=40, overlap_chars=12)
    assert all(len(passage.text) <= 40 for passage in chunks)
    for before, after in pairwise(chunks):
        assert before.text.split()[-3:] == after.text.split()[:3]


def test_windows_carry_the_headings_of_where_they_begin() -> None:
    document = _outline("# A\n\nalpha alpha alpha\n\n## B\n\nbeta beta beta")
    chunks = _cut(document, strategy="windows", max_chars=26)
    assert [passage.headings for passage in chunks] == [("A",), ("A", "B")]
    assert {passage.strategy for passage in chunks} == {"windows"}


def test_auto_chooses_by_kind_and_by_whether_there_are_headings() -> None:
    for kind, text, expected in (
        ("markdown", "words", "headings"),
        ("rest", "words", "headings"),
        ("text", "words", "paragraphs"),
        ("pdf", "words", "paragraphs"),
        ("pdf", "# One\n\nwords", "headings"),
        ("log", "words", "headings"),
        ("rust", "words", "code"),
        ("code", "words", "code"),
    ):
        chunks = _cut(_outline(text, kind=kind), strategy="auto")
        assert {passage.strategy for passage in chunks} == {expected}, kind


def test_a_log_is_packed_full_and_cut_between_its_entries() -> None:
    entries = "\n".join(f"2025-08-10T16:13:{second:02} INFO step {second} is done" for second in range(60))
    document = placed(parse(entries.encode(), kind="log"), source="s", path="a.log")
    chunks = _cut(document, strategy="auto", max_chars=400, min_chars=50)
    assert min(len(passage.text) for passage in chunks[:-1]) > 350
    assert all(line.startswith("2025-") for passage in chunks for line in passage.text.split("\n"))


def test_a_log_is_cut_at_lines_and_a_traceback_stays_with_its_line() -> None:
    log = "[t1] INFO start of it. Now\n[t2] ERROR failed\n  File a\n  File b\n[t3] INFO the end of it"
    document = placed(parse(log.encode(), kind="log"), source="s", path="a.log")
    assert [passage.text for passage in _cut(document, strategy="auto", max_chars=62)] == [
        "[t1] INFO start of it. Now",
        "[t2] ERROR failed\n  File a\n  File b\n[t3] INFO the end of it",
    ]


def test_an_edit_elsewhere_keeps_the_ids_of_passages() -> None:
    before = _outline("# A\n\nalpha alpha\n\n## B\n\nbeta beta\n\n## C\n\ngamma gamma")
    after = _outline("# A\n\nalpha alpha, and more of it\n\n## B\n\nbeta beta\n\n## C\n\ngamma gamma")
    old, new = _cut(before), _cut(after)
    assert old[0].id != new[0].id
    assert [passage.id for passage in old[1:]] == [passage.id for passage in new[1:]]
    assert old[1].start != new[1].start


def test_a_document_without_text_has_no_chunks() -> None:
    assert _cut(_document(" \n\n")) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"strategies": ("semantic",)}, "unknown chunking strategy 'semantic'"),
        ({"strategies": ()}, "no chunking strategy is named"),
        ({"max_size": 0}, "chunks of 0 to 0"),
        ({"min_size": 61}, "chunks of 61 to 60"),
        ({"min_size": -1}, "chunks of -1 to 60"),
        ({"overlap": 60}, "an overlap of 60 does not fit in chunks of 60"),
        ({"overlap": -1}, "an overlap of -1"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_with_a_hint(
    settings: dict[str, Any], message: str
) -> None:
    chosen: dict[str, Any] = {"max_size": 60, "min_size": 0, "overlap": 0}
    with pytest.raises(ConfigError, match=message) as caught:
        chunk(_outline("text"), **(chosen | settings))
    assert caught.value.hint
