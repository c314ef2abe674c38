"""The card of a version of a dataset, as it stands on the Hub: there it is loaded by another name."""

import re
from collections.abc import Sequence

_LOADING = re.compile(r"^## Loading\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)


def card_on_hub(card: str, *, repo_id: str, splits: Sequence[str]) -> str:
    """Return the card of a version with its part about loading written anew.

    Args:
        card: As the version has it.
        repo_id: `owner/name`.
        splits: The sets that have rows.
    """
    return _LOADING.sub(lambda _: _loading(repo_id, splits), card, count=1)


def _loading(repo_id: str, splits: Sequence[str]) -> str:
    watched = '\n    eval_dataset=data["validation"],' if "validation" in splits else ""
    return f"""\
## Loading

```python
from datasets import load_dataset

data = load_dataset("{repo_id}")
records = load_dataset("parquet", data_files="hf://datasets/{repo_id}/train.parquet")
```

With TRL, which trains on the completion alone:

```python
from trl import SFTConfig, SFTTrainer

SFTTrainer(
    model="Qwen/Qwen3-0.6B",
    args=SFTConfig(output_dir="model"),
    train_dataset=data["train"],{watched}
).train()
```

With Axolotl:

```yaml
datasets:
  - path: {repo_id}
    data_files: train.parquet
    split: train
    type: chat_template
    field_messages: messages
```

"""
