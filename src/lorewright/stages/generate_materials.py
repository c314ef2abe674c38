"""What prompts may show: the passages of documents with their secrets masked, and where those stood."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lorewright.core.records import Chunk, Document, Metadata, Passage, Rejection
from lorewright.generation.material import Material, Piece, document_parts, make_material
from lorewright.loganalysis.candidates import context as candidate_lines
from lorewright.text.masking import PERSONAL_KINDS, Found, Masked, mask, mask_chunk
from lorewright.text.personal import find_personal
from lorewright.text.secrets import find_again, find_secrets
from lorewright.text.spans import Locator

SUMMARY_CHARS = 6000
"""Characters of a document that one prompt about it shows; a longer document is asked about in parts."""
HELD_BACK = "secrets"
Span = tuple[int, int]
_DEFINITIONS = frozenset({"class", "function"})


@dataclass
class Materials:
    """The passages that prompts are made of.

    Attributes:
        chunks: One a passage, in the order of documents.
        parts: A document each, in parts where it is long; of several chunking strategies the one that says most.
        logs: A log each, as its candidate lines.
        rejections: Passages that were held back for the secrets in them.
        masked: Kind and place of each secret, e-mail address and name of a home folder; never what it was.
    """

    chunks: list[Material] = field(default_factory=list)
    parts: list[Material] = field(default_factory=list)
    logs: list[Material] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    masked: list[Metadata] = field(default_factory=list)

    def counted(self) -> dict[str, int]:
        """Return how many of each kind were masked or held back."""
        return dict(Counter(str(one["kind"]) for one in self.masked).most_common())


def make_materials(
    documents: Sequence[Document],
    chunks: Iterable[Chunk],
    places: Iterable[Chunk],
    *,
    project: str,
    hold_back: bool,
) -> Materials:
    """Return what prompts about passages show.

    Args:
        documents: Whose passages are used.
        chunks: The passages, each id once.
        places: All places of all passages: a document is shown with those that other documents have, too.
        project: What the documents are about.
        hold_back: Leave out passages that hold a secret in place of masking it; personal data is always masked.
    """
    made = Materials()
    owned: dict[str, list[Chunk]] = defaultdict(list)
    for chunk in chunks:
        owned[chunk.document_id].append(chunk)
    standing: dict[str, list[Chunk]] = defaultdict(list)
    for chunk in places:
        if chunk.document_id in owned:
            standing[chunk.document_id].append(chunk)
    for document in documents:
        if mine := owned.get(document.id):
            whole = _of_one_strategy(standing[document.id])
            _add(made, document, mine, whole, project=project, hold_back=hold_back)
    return made


class Masker:
    """Masks passages of documents; a secret that the border of a passage cuts is masked on both sides of it."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {document.id: document for document in documents}
        self._found: dict[str, list[Found]] = {}
        self._shown: dict[str, list[Span]] = {}

    def piece(self, chunk: Chunk) -> Piece:
        """Return a chunk as any prompt may show it."""
        document, found = self._of(chunk.document_id)
        return _piece(document, found, chunk)

    def passage(self, passage: Passage) -> Passage:
        """Return a passage as any prompt may show it."""
        document, found = self._of(passage.document_id)
        self._shown.setdefault(document.id, []).append((passage.start, passage.end))
        text = self._masked(passage).text
        names = [_masked_name(document, found, name) for name in (passage.title, *passage.headings)]
        return passage.model_copy(update={"text": text, "title": names[0], "headings": tuple(names[1:])})

    def holds_secret(self, passage: Passage) -> bool:
        """Return whether something in a passage's text is masked that is no personal data."""
        return any(mark.kind not in PERSONAL_KINDS for mark in self._masked(passage).marks)

    def places(self) -> list[Metadata]:
        """Return kind and place of what was masked in the passages that were returned, each once."""
        return [
            place
            for document_id, spans in self._shown.items()
            for place in _places(self._documents[document_id], spans, self._found[document_id])
        ]

    def _masked(self, passage: Passage) -> Masked:
        """Return a passage masked: where anything is, all that it spans, for joined chunks may part a secret."""
        document, found = self._of(passage.document_id)
        if any(one.start < passage.end and passage.start < one.end for one in found):
            return mask_chunk(document.text, passage.start, passage.end, found)
        return mask(passage.text, _found(passage.text))

    def _of(self, document_id: str) -> tuple[Document, list[Found]]:
        document = self._documents[document_id]
        if document_id not in self._found:
            self._found[document_id] = _found(document.text)
        return document, self._found[document_id]


def masked_kinds(text: str) -> list[str]:
    """Return the kind of each thing that is masked in a text, in order."""
    return [mark.kind for mark in mask(text, _found(text)).marks]


def masked_text(text: str) -> str:
    """Return a text without secrets and personal data, as any prompt may show it."""
    return mask(text, _found(text)).text


def _of_one_strategy(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return those chunks of a document that one strategy has cut, in order: those of several say the same twice."""
    said: Counter[str] = Counter()
    for chunk in chunks:
        said[chunk.strategy] += len(chunk.text)
    most = max(said, key=lambda strategy: (said[strategy], strategy), default="")
    return sorted((one for one in chunks if one.strategy == most), key=lambda one: (one.start, one.end))


def _add(
    made: Materials,
    document: Document,
    chunks: Sequence[Chunk],
    whole: Sequence[Chunk],
    *,
    project: str,
    hold_back: bool,
) -> None:
    found = _found(document.text)
    shown = _with_masked_names(document, found)
    pieces: dict[str, Piece] = {}
    for chunk in chunks:
        piece = _piece(document, found, chunk)
        if hold_back and (kinds := secret_kinds(piece)):
            made.rejections.append(_held_back(document, chunk, kinds))
        else:
            pieces[chunk.id] = piece
    made.masked += _places(document, [(chunk.start, chunk.end) for chunk in chunks], found)
    made.chunks += [make_material(shown, [piece], project=project) for piece in pieces.values()]
    standing = [pieces.get(chunk.id) or _piece(document, found, chunk) for chunk in whole]
    standing = [piece for piece in standing if not (hold_back and secret_kinds(piece))]
    if not standing:
        return
    parts = document_parts(standing, max_chars=SUMMARY_CHARS)
    made.parts += [make_material(shown, part, project=project) for part in parts]
    if document.kind == "log":
        text = "\n".join(piece.text for piece in standing) if hold_back else mask(document.text, found).text
        made.logs.append(make_material(shown, standing, project=project, shown=candidate_lines(text)))


def secret_kinds(piece: Piece) -> list[str]:
    """Return the kinds of secrets that are masked in a passage, sorted."""
    return sorted({mark.kind for mark in piece.masked.marks} - PERSONAL_KINDS)


def _found(text: str) -> list[Found]:
    return [*find_secrets(text), *find_personal(text)]


def _with_masked_names(document: Document, found: Sequence[Found]) -> Document:
    """Return a document whose title and definitions hold no secret."""
    title = _masked_name(document, found, document.title)
    if not found:
        return document if title == document.title else document.model_copy(update={"title": title})
    blocks = tuple(
        one._replace(title=_masked_name(document, found, one.title)) if one.kind in _DEFINITIONS else one
        for one in document.blocks
    )
    return document.model_copy(update={"title": title, "blocks": blocks})


def _masked_name(document: Document, found: Sequence[Found], name: str) -> str:
    """Return a title or heading without secrets, also those that only the document's text shows to be some."""
    return mask(name, [*_found(name), *find_again(document.text, found, name)]).text


def _piece(document: Document, found: Sequence[Found], chunk: Chunk) -> Piece:
    headings = tuple(_masked_name(document, found, name) for name in chunk.headings)
    shown = chunk if headings == chunk.headings else chunk.model_copy(update={"headings": headings})
    return Piece(shown, mask_chunk(document.text, chunk.start, chunk.end, found))


def _places(document: Document, spans: Sequence[Span], found: Sequence[Found]) -> Iterator[Metadata]:
    """Yield kind and place of what was found in the passages."""
    if not found:
        return
    locator = Locator(document.source_map, document.text)
    for one in sorted(found, key=lambda one: one.start):
        if any(start < one.end and one.start < end for start, end in spans):
            place = locator.place(one.start, one.end)
            yield {"kind": one.kind, "source": document.source, "path": document.path, "place": str(place)}


def _held_back(document: Document, chunk: Chunk, kinds: Sequence[str]) -> Rejection:
    return Rejection(
        record="candidate",
        record_id=chunk.id,
        filter=HELD_BACK,
        reason=f"held back for what it holds: {', '.join(kinds)}",
        name=f"{document.source}/{document.path}:{chunk.place}",
    )
