"""The part of a card that says how a dataset is loaded, from a folder or from the Hub."""

from collections.abc import Mapping


def loading_part(place: str, *, records: str, axolotl: Mapping[str, str], watched: bool) -> str:
    """Return "Loading" as Markdown: `datasets`, TRL and Axolotl.

    Args:
        place: What `load_dataset` takes: a folder, or `owner/name`.
        records: The Parquet file of whole training examples, as `load_dataset` takes it.
        axolotl: Where Axolotl finds the same file.
        watched: Whether there is a validation set.
    """
    evaluated = '\n    eval_dataset=data["validation"],' if watched else ""
    found = "\n    ".join(f"{key}: {value}" for key, value in axolotl.items())
    return f"""\
## Loading

```python
from datasets import load_dataset

data = load_dataset("{place}")
records = load_dataset("parquet", data_files="{records}")
```

With TRL, which trains on the completion alone:

```python
from trl import SFTConfig, SFTTrainer

SFTTrainer(
    model="Qwen/Qwen3-0.6B",
    args=SFTConfig(output_dir="model"),
    train_dataset=data["train"],{evaluated}
).train()
```

With Axolotl:

```yaml
datasets:
  - {found}
    type: chat_template
    field_messages: messages
```"""
