"""The records that flow between stages. Frozen; free metadata is a JSON object.

Every stage reads and writes these and nothing else; `core.tables` gives each one its Arrow schema.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator

Unit = Literal["line", "page"]
BlockKind = Literal[
    "heading",
    "paragraph",
    "list",
    "table",
    "code",
    "quote",
    "definition",
    "class",
    "function",
    "docstring",
    "other",
]
_BLOCK_KINDS = frozenset(get_args(BlockKind))
Role = Literal["system", "user", "assistant"]
Metadata = dict[str, Any]
PROSE_KINDS = frozenset({"markdown", "rest", "html", "notebook", "text", "pdf"})
"""Kinds of documents that are read as prose; the others are logs and code, one kind a programming language."""


class Record(BaseModel):
    """A frozen record without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceMap(Record):
    """Where each stretch of a document's text stood in its file.

    Attributes:
        unit: What is counted: lines of the file, or pages.
        offsets: Characters of `Document.text`, strictly increasing, the first 0.
        numbers: The 1-based line or page at each offset. With unit "line" every newline of the text after a
            point counts one further until the next point; with "page" the number holds until the next point.
    """

    unit: Unit = "line"
    offsets: tuple[int, ...] = (0,)
    numbers: tuple[int, ...] = (1,)


class Place(Record):
    """The first and last line or page (1-based, inclusive) of a stretch of a source file."""

    unit: Unit
    first: int
    last: int

    def __str__(self) -> str:
        prefix = "p. " if self.unit == "page" else ""
        return f"{prefix}{self.first}" if self.first == self.last else f"{prefix}{self.first}-{self.last}"


class Block(NamedTuple):
    """One structural part of a document's text, found by its parser.

    A tuple and no record, for documents have many: it takes a quarter of the time and memory.

    Attributes:
        kind: `heading`, `paragraph`, `list`, `table`, `code`, `quote`, `definition` and `other` are leaves that
            never overlap; `class` and `function` are definitions in code and may hold others; `docstring` is the
            text between the quotes, inside its definition.
        start: First character in `Document.text`.
        end: One past the last character, trailing whitespace excluded.
        level: Heading level from 1; nesting depth from 0 of a definition in code.
        title: A heading's plain text; the term of a `definition`; the qualified name of a `class`, `function`
            or `docstring` (empty for the module's).
        body: Where a `definition`'s description, or a `class` or `function`'s body, begins; `start` elsewhere.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    title: str = ""
    body: int = 0


def _read_blocks(blocks: Iterable[Any]) -> tuple[Block, ...]:
    """Return blocks as they are, or made of the rows of a table or of JSON."""
    if isinstance(blocks, tuple) and all(type(one) is Block for one in blocks):
        return blocks
    found = tuple(one if type(one) is Block else Block(**one) for one in blocks)
    unknown = next((one.kind for one in found if one.kind not in _BLOCK_KINDS), None)
    if unknown is not None:
        message = f"there is no kind of block called {unknown!r}"
        raise ValueError(message)
    return found


def _block_rows(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    return [block._asdict() for block in blocks]


Blocks = Annotated[tuple[Block, ...], PlainValidator(_read_blocks), PlainSerializer(_block_rows)]


class Parsed(Record):
    """What a parser makes of a file's content, wherever the file stands: a rename changes nothing here.

    Attributes:
        kind: `markdown`, `rest`, `html`, `notebook`, `text`, `log`, `pdf`, `code`, or a programming language.
        title: What the content itself calls the document; empty when it does not say.
        licence: SPDX id that the file states; empty when it states none.
        text: Cleaned text.
        blocks: Structure, in order of `start`.
        metadata: Free; `dropped` lists boilerplate that cleaning took out, as `{"what", "first", "last"}` lines or
            pages; `language` is the programming language of code.
        seconds: What parsing took, in CPU seconds.
    """

    kind: str
    title: str = ""
    licence: str = ""
    text: str
    source_map: SourceMap = SourceMap()
    blocks: Blocks = ()
    metadata: Metadata = Field(default_factory=dict)
    seconds: float = 0.0


class Document(Record):
    """One source file as cleaned text with its structure: what was parsed, at its place.

    Attributes:
        id: Hash of source and path.
        digest: Hash of the text.
        title: Never empty.
        titled: Whether the content states the title; else it is made of the path, and no chunk's headings hold it.
        licence: SPDX id, of the file or else of its repository; `NOASSERTION` where the words are those of no known
            licence, empty when neither states one.
    """

    id: str
    digest: str
    source: str
    path: str
    kind: str
    title: str
    titled: bool = True
    licence: str = ""
    text: str
    source_map: SourceMap = SourceMap()
    blocks: Blocks = ()
    metadata: Metadata = Field(default_factory=dict)


class Chunk(Record):
    """A passage of one document: `document.text[start:end] == text`. One row a place.

    Attributes:
        id: Hash of kind, headings and text; the same passage at two places has one id, so consumers take each once.
        headings: Titles from the document's top heading down to the passage's own section.
        strategy: `headings`, `paragraphs` or `windows`.
    """

    id: str
    document_id: str
    kind: str
    text: str
    start: int
    end: int
    place: Place
    headings: tuple[str, ...] = ()
    strategy: str
    metadata: Metadata = Field(default_factory=dict)


class Message(Record):
    """One turn of a conversation."""

    role: Role
    content: str


class Evidence(Record):
    """The stretch of a chunk that supports an answer: `chunk.text[start:end] == quote`."""

    chunk_id: str
    start: int
    end: int
    quote: str


class Example(Record):
    """One training or test conversation; the last message is the assistant's answer.

    Attributes:
        id: Hash of task, messages and the evidence's chunk ids.
        group: What must not be divided by a split: set by the dataset stage, empty before.
        origin: `extractive`, `provider/model`, `feedback`, `query` or `import`.
        metadata: Free; `question` is what is asked where the prompt also shows passages, and `refusal` is true where
            the answer is that they do not hold one.
    """

    id: str
    task: str
    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...] = ()
    group: str = ""
    origin: str
    metadata: Metadata = Field(default_factory=dict)

    @property
    def prompt(self) -> str:
        """What the user says, instructions and shown passages left out."""
        asked = self.metadata.get("question")
        said = (message.content for message in self.messages[:-1] if message.role == "user")
        return str(asked) if asked else "\n".join(said)


class Rejection(Record):
    """Why a record was left out.

    Attributes:
        record: What kind of record: `document`, `candidate` or `example`.
        record_id: Its id; a document's is the one it would have had.
        filter: The name of the step that said no.
        reason: In words, with the value that decided.
        twin: Id of the kept record it duplicates, if any.
        name: What a person knows it by: source/path of a file, the question of an example.
    """

    record: Literal["document", "candidate", "example"]
    record_id: str
    filter: str
    reason: str
    twin: str = ""
    name: str = ""


class SourceState(Record):
    """What a source was when it was read. `commit` is empty outside git; `dirty` counts changed files."""

    source: str
    location: str
    commit: str = ""
    dirty: bool = False
    documents: int = 0


class FileState(Record):
    """What became of one file of a source: every file is either read or rejected.

    Attributes:
        digest: SHA-256 of its bytes; empty where it was not read.
        bytes: Its size.
        change: Since the run before: `added`, `modified`, `renamed` or `unchanged`.
        before: The path it had before a rename.
        seconds: What parsing took, when it was parsed.
    """

    source: str
    path: str
    kind: str
    digest: str
    bytes: int
    outcome: Literal["read", "rejected"]
    change: Literal["added", "modified", "renamed", "unchanged"]
    before: str = ""
    seconds: float = 0.0


class Assignment(Record):
    """The side a document is on: `split` is `train`, `validation` or `test`; `group` stays whole."""

    document_id: str
    group: str
    split: str


class Passage(Record):
    """A chunk found by retrieval, with what is needed to cite it. Higher scores are better.

    `start` and `end` are characters of `Document.text`; where passages were joined, text and place span them all.
    """

    chunk_id: str
    document_id: str
    text: str
    score: float
    source: str
    path: str
    kind: str
    title: str
    headings: tuple[str, ...] = ()
    place: Place
    start: int
    end: int
    commit: str = ""


CallOutcome = Literal["as asked", "repaired", "cut", "healed", "invalid", "refused", "unanswered"]


class Call(Record):
    """What became of one prompt of a task.

    Attributes:
        key: What its reply is kept under in the reply cache.
        task: The task that asked.
        chunk_id: The passage that it was made of; the question for a task that has none.
        sample: Number of the answer where several to one prompt are wanted.
        model: `provider/model`, as it was asked for.
        served_model: What the provider called the model that answered.
        outcome: How the reply became usable: `as asked`, `repaired` here, `cut` with its last item lost, `healed` by
            a second call; or why it did not: `invalid`, `refused` by the provider, `unanswered`.
        text: The reply as it came.
        problem: What is wrong with it; empty when nothing is.
        prompt_tokens: Tokens read, all calls of this prompt together.
        completion_tokens: Tokens written, likewise.
    """

    key: str
    task: str
    chunk_id: str
    sample: int
    model: str
    served_model: str = ""
    outcome: CallOutcome
    text: str = ""
    problem: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Prediction(Record):
    """What a system answered.

    Attributes:
        text: The answer; empty where there is none.
        latency_s: Seconds that it took, in a batch its share; None when it was not really asked for just now.
        passages: Ids of the chunks that the system was shown, best first.
        finish: `stop`, `length` where the answer was cut, `other` where it was broken off for another reason.
        error: Why there is no answer; empty where there is one.
        tokens: Of the answer, where the model said.
        usd: What it cost; None where that is not known, or it was not asked for just now.
    """

    example_id: str
    system: str
    text: str
    latency_s: float | None = None
    passages: tuple[str, ...] = ()
    finish: Literal["stop", "length", "other"] = "stop"
    error: str = ""
    tokens: int = 0
    usd: float | None = None


class Score(Record):
    """One metric of one prediction; `explanation` says what a reader cannot see from the value."""

    example_id: str
    system: str
    metric: str
    value: float
    explanation: str = ""


class Run(Record):
    """The manifest of one finished stage.

    Attributes:
        id: Hash of stage, version, the settings that affect the result, the input artefacts' digests and the
            fingerprint of what lies outside.
        inputs: Input stage to run id, for lineage.
        outputs: Artefact to the digest of its content, free of order and of provenance.
        metrics: Counts and figures of this run.
        environment: Versions, host, seconds: what does not change the result.
    """

    id: str
    stage: str
    version: int
    settings: Metadata
    inputs: dict[str, str]
    consumed: dict[str, str] = Field(default_factory=dict)
    fingerprint: str = ""
    outputs: dict[str, str]
    metrics: Metadata
    environment: Metadata
    started_at: datetime
    finished_at: datetime
