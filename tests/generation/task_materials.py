"""What the tests of generation tasks share: documents, their chunks, and materials made of them."""

from lorewright.chunking.chunk import chunk
from lorewright.core.making import chunk_id, make_document
from lorewright.core.records import Chunk, Document, Example, Passage, Place, SourceMap
from lorewright.generation.material import Material, Piece, make_material
from lorewright.parsing.code import parse_code
from lorewright.text.masking import Masked

PATH = "kitchenware/teapot_manual/sugarbowl.md"
PATH_WORDS = ("kitchenware", "teapot", "sugarbowl")
TEXT = (
    "Retries of the scheduler are off by default. Set `retries` to a number from 1 to 10 to turn them on.\n\n"
    "The wait between two tries doubles each time, up to `max_delay`, which is 300 seconds unless set."
)


def chunk_of(text: str, *, kind: str = "markdown", headings: tuple[str, ...] = ("Queue", "Retries")) -> Chunk:
    return Chunk(
        id=chunk_id(kind, headings, text),
        document_id="d1",
        kind=kind,
        text=text,
        start=0,
        end=len(text),
        place=Place(unit="line", first=1, last=text.count("\n") + 1),
        headings=headings,
        strategy="headings",
    )


def document_of(text: str, *, kind: str = "markdown", titled: bool = True, path: str = PATH) -> Document:
    title = "Queue" if titled else "sugarbowl"
    return make_document(
        source="docs", path=path, kind=kind, title=title, titled=titled, text=text, source_map=SourceMap()
    )


def plain_piece(chunk: Chunk) -> Piece:
    """Return a chunk in which nothing is masked."""
    return Piece(chunk, Masked(chunk.text))


def material_of(text: str = TEXT, *, kind: str = "markdown", project: str = "Acme") -> Material:
    return make_material(
        document_of(text, kind=kind), [plain_piece(chunk_of(text, kind=kind))], project=project
    )


def code_of(text: str, language: str) -> tuple[Document, list[Chunk]]:
    parsed = parse_code(text, language=language)
    document = make_document(
        source="docs",
        path=f"kitchenware/{language}_teapot.src",
        kind=parsed.kind,
        title="teapot",
        titled=False,
        text=parsed.text,
        source_map=parsed.source_map,
        blocks=parsed.blocks,
    )
    return document, chunk(document, max_size=2000, min_size=1, overlap=0)


def code_material(text: str, language: str) -> Material:
    document, chunks = code_of(text, language)
    return make_material(document, [plain_piece(one) for one in chunks], project="Acme")


def passage_of(one: Chunk) -> Passage:
    return Passage(
        chunk_id=one.id,
        document_id=one.document_id,
        text=one.text,
        score=1.0,
        source="docs",
        path=PATH,
        kind=one.kind,
        title="Queue",
        headings=one.headings,
        place=one.place,
        start=one.start,
        end=one.end,
    )


def evidence_stands(example: Example, pieces: tuple[Piece, ...]) -> bool:
    texts = {piece.chunk.id: piece.chunk.text for piece in pieces}
    return all(texts[one.chunk_id][one.start : one.end] == one.quote for one in example.evidence)
