"""dataset push: a version on the Hub, its card included, in one commit."""

import re
import tempfile
from pathlib import Path

from lorewright.core.files import storage_errors
from lorewright.core.progress import Reporter
from lorewright.hub.datasets import Pushed, push
from lorewright.hub.pushed_card import card_on_hub
from lorewright.stages.dataset_sets import require_whole
from lorewright.stages.dataset_versions import CARD, Version
from lorewright.stages.whole_folder import size_of

# What an earlier version had and a later one has not must not stay beside it.
_OWN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\.(jsonl|parquet)")


def push_version(
    version: Version, *, repo_id: str, private: bool, force: bool, reporter: Reporter
) -> tuple[Pushed, int]:
    """Push the files of a version and return where they went, and their bytes.

    Raises:
        DatasetError: Somebody changed the version's files, or the Hub refuses or does not answer.
        MissingDependencyError: The Hub's client is not installed.
        StorageError: The disk refuses.
    """
    require_whole(version)
    with storage_errors("preparing what is pushed"), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in sorted(version.folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                (folder / path.name).symlink_to(path)
        card = (version.folder / CARD).read_text(encoding="utf-8")
        (folder / CARD).unlink()
        splits = [one for one, rows in version.counts.items() if rows]
        (folder / CARD).write_text(card_on_hub(card, repo_id=repo_id, splits=splits), encoding="utf-8")
        size = size_of(folder)
        reporter.say(f"  sending {size / 1e6:,.1f} MB to {repo_id}")
        pushed = push(
            folder,
            repo_id=repo_id,
            private=private,
            message=f"Version {version.number} of {version.name}",
            force=force,
            is_replaced=lambda file: _OWN.fullmatch(file) is not None,
        )
    return pushed, size
