"""The licence that a repository states, as an SPDX id: from licence files, then from package metadata."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from lorewright.sources.licence_texts import SHORT, is_limited, recognised, words
from lorewright.sources.package_metadata import stated_licence

UNRECOGNISED = "NOASSERTION"
"""A licence is stated, in words that no known licence has; SPDX's word for it."""

_FILE = re.compile(
    r"(?:un)?licen[cs]e(?:\.(?:txt|md|rst|markdown))?|copying(?:\.(?:txt|md|rst))?", re.IGNORECASE
)
_VARIANT = re.compile(
    r"(?:licen[cs]e|copying)[-_.](?!.*(?:third|3rd|vendor|header|template))[\w.-]+", re.IGNORECASE
)
_MAX_BYTES = 300_000
_TAG = re.compile(r"SPDX-License-Identifier:\s*([\w.+-]+(?:\s+(?:OR|AND|WITH)\s+[\w.+-]+)*)")


def nearest_licence(root: Path) -> Callable[[Path], str]:
    """Return a function from a file below a root to the licence that counts for it: the nearest stated on the way up.

    Each folder is asked once. The licence is an SPDX id or expression, empty when nothing is stated, `NOASSERTION` when
    the words are those of no known licence.
    """

    @cache
    def stated(folder: Path) -> str:
        found = folder_licence(folder, root=root)
        return found if found or folder == root or not folder.is_relative_to(root) else stated(folder.parent)

    return lambda file: stated(file.parent)


def folder_licence(folder: Path, *, root: Path) -> str:
    """Return the licence that a folder itself states; files that links lead to outside the root do not count.

    Package metadata decides where it is the finer one (`-only`, `-or-later`, a choice of the files' licences), or
    where no licence file is recognised.
    """
    files = sorted(_licence_files(folder, root.resolve()))
    ids = {licence for file in files if (licence := file_licence(file))}
    metadata = stated_licence(folder)
    if not ids:
        return metadata or (UNRECOGNISED if files else "")
    if any(licence in metadata for licence in ids):
        return metadata
    for licence in [one for one in ids if one.startswith("LGPL")]:
        ids.discard(licence.removeprefix("L"))
    return " AND ".join(sorted(ids))


def file_licence(file: Path) -> str:
    """Return the SPDX id of the licence whose text a file holds; empty when it is none that is known.

    A text with a known restriction added to it is none. Of several texts in one file the first counts.
    """
    try:
        if file.stat().st_size > _MAX_BYTES:
            return ""
        text = file.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return ""
    tag = _TAG.search(text)
    if tag:
        return " ".join(tag[1].split())
    plain = words(text)
    if is_limited(plain):
        return ""
    whole = _whole_text(file)
    return whole if whole and whole not in SHORT else recognised(plain)


def _licence_files(folder: Path, root: Path) -> Iterator[Path]:
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return
    found = [name for name in names if _FILE.fullmatch(name)]
    found += [name for name in names if _VARIANT.fullmatch(name) and name not in found]
    for name in found:
        file = folder / name
        if file.is_file() and file.resolve().is_relative_to(root):
            yield file


def _whole_text(file: Path) -> str:
    from identify.identify import license_id

    try:
        return license_id(str(file)) or ""
    except (OSError, UnicodeDecodeError):
        return ""
