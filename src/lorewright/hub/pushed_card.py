"""The card of a version of a dataset, as it stands on the Hub: there it is loaded by another name."""

import re
from collections.abc import Sequence

from lorewright.hub.loading_part import loading_part

_LOADING = re.compile(r"^## Loading\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)


def card_on_hub(card: str, *, repo_id: str, splits: Sequence[str]) -> str:
    """Return the card of a version with its part about loading written anew.

    Args:
        card: As the version has it.
        repo_id: `owner/name`.
        splits: The sets that have rows.
    """
    part = loading_part(
        repo_id,
        records=f"hf://datasets/{repo_id}/train.parquet",
        axolotl={"path": repo_id, "data_files": "train.parquet", "split": "train"},
        watched="validation" in splits,
    )
    return _LOADING.sub(lambda _: f"{part}\n\n", card, count=1)
