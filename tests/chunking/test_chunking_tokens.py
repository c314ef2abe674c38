"""Budgets in tokens, by tokenizers of every family, and several strategies at once."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from lorewright.chunking.chunk import STRATEGIES, chunk
from lorewright.chunking.rulers import Tokens
from lorewright.core.errors import ConfigError
from lorewright.core.records import Document
from lorewright.parsing.dispatch import parse
from lorewright.parsing.placing import placed
from lorewright.text.tokenizer import load_tokenizer

_TEXT = (
    "The scheduler starts a task when its dependencies have succeeded. A task that fails is retried.\n" * 5
    + "Über Größen: naïve café, 東京の天気は晴れです。Привет, мир!\n    indented_code(argument=1)\n"
)


def _byte_level() -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        [_TEXT], trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    )
    return made


def _word_piece() -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(
        [_TEXT], trainers.WordPieceTrainer(vocab_size=200, special_tokens=["[UNK]"], show_progress=False)
    )
    return made


def _unigram() -> Tokenizer:
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.train_from_iterator(
        [_TEXT],
        trainers.UnigramTrainer(
            vocab_size=120, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False
        ),
    )
    return made


_FAMILIES = {"byte-level": _byte_level(), "word-piece": _word_piece(), "unigram": _unigram()}
_piece = st.sampled_from(
    [
        "retried ",
        "Größen",
        "東京の天気",
        "\n",
        "\n\n",
        "    ",
        "task. ",
        "```\nx = 1\n```\n",
        "# Head\n\n",
        "q" * 40,
        "- ",
    ]
)
_texts = st.lists(_piece, min_size=1, max_size=50).map("".join)


class _Counter:
    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    def counts(self, texts: Sequence[str]) -> list[int]:
        return [len(one) for one in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def ends(self, text: str) -> list[int]:
        return [end for _, end in self.tokenizer.encode(text, add_special_tokens=False).offsets]


def _document(text: str) -> Document:
    return placed(parse(text.encode(), kind="markdown"), source="s", path="a.md")


@pytest.mark.parametrize("family", _FAMILIES)
@pytest.mark.parametrize("strategy", STRATEGIES)
@given(text=_texts, limit=st.integers(12, 60), overlap=st.integers(0, 11))
def test_no_chunk_has_more_tokens_than_its_budget_when_it_is_tokenized_alone(
    family: str, strategy: str, text: str, limit: int, overlap: int
) -> None:
    if not text.strip():
        return
    counter = _Counter(_FAMILIES[family])
    document = _document(text)
    chunks = chunk(
        document, strategies=(strategy,), max_size=limit, min_size=4, overlap=overlap, counter=counter
    )
    counted = counter.counts([passage.text for passage in chunks])
    assert max(counted) <= limit
    covered = {index for passage in chunks for index in range(passage.start, passage.end)}
    assert not [
        index for index, sign in enumerate(document.text) if not sign.isspace() and index not in covered
    ]


@pytest.mark.parametrize("family", _FAMILIES)
@given(text=_texts, size=st.integers(12, 60), data=st.data())
def test_a_stretch_of_whole_lines_that_fits_also_fits_when_it_is_tokenized_alone(
    family: str, text: str, size: int, data: st.DataObject
) -> None:
    ruler = Tokens(text, _Counter(_FAMILIES[family]))
    edges = [0, *(index + 1 for index, sign in enumerate(text) if sign == "\n"), len(text)]
    start, end = sorted(data.draw(st.lists(st.sampled_from(edges), min_size=2, max_size=2)))
    assert not ruler.fits(start, end, size) or ruler.fits_alone(start, end, size)
    assert start <= ruler.forward(start, size) <= len(text)
    assert 0 <= ruler.back(start, size) <= start


def test_a_token_budget_makes_chunks_as_large_as_it_allows() -> None:
    counter = _Counter(_FAMILIES["byte-level"])
    document = _document("The scheduler starts a task. " * 200)
    chunks = chunk(document, max_size=100, min_size=20, overlap=0, counter=counter)
    sizes = counter.counts([passage.text for passage in chunks])
    assert min(sizes[:-1]) > 80


def test_one_enormous_line_is_counted_in_small_steps() -> None:
    asked: list[int] = []

    class Watched(_Counter):
        def ends(self, text: str) -> list[int]:
            asked.append(len(text))
            return super().ends(text)

    document = _document("word " * 20_000)
    chunk(document, max_size=100, min_size=20, overlap=10, counter=Watched(_FAMILIES["byte-level"]))
    assert max(asked) < 3_000


def test_a_tokenizer_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    _FAMILIES["byte-level"].save(str(path))
    loaded = load_tokenizer(path)
    assert loaded.counts(["a task", ""]) == [len(loaded.ends("a task")), 0]
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"other\.json is no tokenizer"):
        load_tokenizer(tmp_path / "other.json")


def test_several_strategies_stand_beside_each_other_without_exact_doubles() -> None:
    document = _document("# One\n\n" + "Words of one. " * 20 + "\n\n# Two\n\nWords of two.\n\nMore words.\n")
    single = {
        one: chunk(document, strategies=(one,), max_size=100, min_size=0, overlap=20)
        for one in ("headings", "paragraphs", "windows")
    }
    both = chunk(
        document, strategies=("headings", "paragraphs", "windows"), max_size=100, min_size=0, overlap=20
    )
    places = {(passage.id, passage.start) for passage in both}
    assert len(places) == len(both)
    assert places == {(passage.id, passage.start) for chunks in single.values() for passage in chunks}
    assert [passage.start for passage in both] == sorted(passage.start for passage in both)
    assert {passage.strategy for passage in both} == {"headings", "paragraphs", "windows"}
    assert (
        chunk(document, strategies=("auto", "headings"), max_size=100, min_size=0, overlap=0)
        == single["headings"]
    )
