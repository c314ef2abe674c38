"""What was parsed, at the place where it stands."""

from pathlib import PurePosixPath

from lorewright.core.making import make_document
from lorewright.core.records import PROSE_KINDS, Document, Parsed
from lorewright.text.modules import module_name


def placed(parsed: Parsed, *, source: str, path: str, licence: str = "") -> Document:
    """Return a parsed file as the document at a path.

    Args:
        parsed: What the file holds.
        source: Name of its source.
        path: Its path in that source.
        licence: What the repository states; the file's own goes before it.
    """
    return make_document(
        source=source,
        path=path,
        kind=parsed.kind,
        title=parsed.title or _title(parsed, path),
        titled=bool(parsed.title),
        licence=parsed.licence or licence,
        text=parsed.text,
        source_map=parsed.source_map,
        blocks=parsed.blocks,
        metadata=parsed.metadata,
    )


def _title(parsed: Parsed, path: str) -> str:
    """What people call the file: a module by its dotted name, a log by its path, code by its file's name."""
    if parsed.kind == "python":
        return module_name(path)
    if parsed.kind == "log":
        return path
    name = PurePosixPath(path)
    return name.stem if parsed.kind in PROSE_KINDS - {"text"} else name.name
