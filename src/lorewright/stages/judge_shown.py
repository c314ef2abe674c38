"""What a judge is shown: the rubric of the settings, and examples with the passages of their evidence."""

from collections.abc import Iterable
from pathlib import Path

from lorewright.core.errors import ConfigError
from lorewright.core.records import Chunk, Document, Example
from lorewright.core.workspace import Workspace
from lorewright.curation.judged import shows_passages, subject_of
from lorewright.llm.judging import Rubric, Subject, builtin_rubric, builtin_rubrics, own_rubric
from lorewright.llm.rendering import nearest
from lorewright.stages.generate_materials import Masker, masked_text, secret_kinds


def rubric_of(name: str, workspace: Workspace, *, key: str) -> Rubric:
    """Return a rubric of the settings.

    Args:
        name: That of one of ours, or a file.
        workspace: Of the project.
        key: Where the settings name it.

    Raises:
        ConfigError: There is none of that name and no such file, or it cannot be used.
    """
    if name in builtin_rubrics():
        return builtin_rubric(name)
    path = workspace.project_dir / Path(name).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(
            f"{key} is {name!r}, which is neither a rubric nor a file that can be read ({path}: {reason}).",
            nearest(name, builtin_rubrics()),
        ) from error
    return own_rubric(name, text)


def lacks(rubric: Rubric, subject: Subject) -> str:
    """Return why something cannot be judged by a rubric; empty where it can."""
    if rubric.needs_evidence and not any(map(str.strip, subject.passages)):
        return "it has no evidence to be judged by"
    if rubric.needs_reference and not subject.reference.strip():
        return f"there is no reference answer, and the rubric {rubric.name} compares with one"
    return ""


class Subjects:
    """Examples as a judge may see them: secrets masked, or not shown at all."""

    def __init__(self, documents: Iterable[Document], chunks: Iterable[Chunk], *, hold_back: bool) -> None:
        self._masker, self._hold_back = Masker(documents), hold_back
        self._chunks: dict[str, Chunk] = {}
        for chunk in chunks:
            self._chunks.setdefault(chunk.id, chunk)

    def subject(self, example: Example) -> Subject | str:
        """Return what is shown, or why nothing is."""
        texts: list[str] = []
        held: set[str] = set()
        for chunk_id in dict.fromkeys(piece.chunk_id for piece in example.evidence):
            if (chunk := self._chunks.get(chunk_id)) is None or shows_passages(example):
                continue
            piece = self._masker.piece(chunk)
            held.update(secret_kinds(piece))
            texts.append("\n\n".join(filter(None, (" › ".join(piece.chunk.headings), piece.text))))
        if self._hold_back and held:
            return f"held back for what its passage holds: {', '.join(sorted(held))}"
        return subject_of(example, passages=texts, mask=masked_text)
