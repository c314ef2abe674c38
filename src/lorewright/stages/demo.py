"""The demo's project: documents that every Python has, task logs from a seed, and an ordinary lore.toml."""

import json
import shutil
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from lorewright.core.errors import ConfigError
from lorewright.core.files import write_atomic
from lorewright.core.workspace import SETTINGS_FILE
from lorewright.loganalysis.synthesis import synthesize

MODULES = (
    "argparse.py",
    "asyncio/queues.py",
    "asyncio/streams.py",
    "base64.py",
    "calendar.py",
    "collections/__init__.py",
    "configparser.py",
    "contextlib.py",
    "copy.py",
    "csv.py",
    "dataclasses.py",
    "difflib.py",
    "email/message.py",
    "enum.py",
    "fnmatch.py",
    "fractions.py",
    "functools.py",
    "getpass.py",
    "glob.py",
    "graphlib.py",
    "gzip.py",
    "heapq.py",
    "http/cookies.py",
    "ipaddress.py",
    "json/__init__.py",
    "json/decoder.py",
    "json/encoder.py",
    "logging/handlers.py",
    "mimetypes.py",
    "operator.py",
    "pathlib.py",
    "platform.py",
    "pprint.py",
    "queue.py",
    "random.py",
    "sched.py",
    "secrets.py",
    "shelve.py",
    "shlex.py",
    "shutil.py",
    "smtplib.py",
    "statistics.py",
    "string.py",
    "tempfile.py",
    "textwrap.py",
    "timeit.py",
    "traceback.py",
    "urllib/parse.py",
    "uuid.py",
    "weakref.py",
    "zipfile.py",
)
SUFFIXES = {"text/markdown": ".md", "text/x-rst": ".rst", "text/plain": ".txt"}
FOLDERS = STDLIB, PACKAGES, LOGS = "stdlib", "packages", "logs"
LABELS = "labels.jsonl"
_MAX_CHARS = 60_000

_SETTINGS = '''\
# An ordinary project file, made by `lore demo`. Change a value and run `lore run --train` to see what it does.
[project]
name = "Python"

[[sources]]
path = "stdlib"                # documented modules of this Python's standard library

[[sources]]
path = "packages"              # the long descriptions of the packages installed beside it

[[sources]]
path = "logs"                  # Airflow-style task logs, drawn from a seed

[index]
exclude_kinds = ["log"]        # logs are to be analysed, not to be cited

[generation]
subject = ""                   # many packages: a question names the one it is about
tasks = ["qa", "log_analysis"]
labels = ["labels.jsonl"]

[curation]
max_answer_chars = 600         # a model this small cannot learn essays
max_prompt_chars = 1800

[dataset]
ratios = [0.7, 0.1, 0.2]
split_by = "template"          # a kind of error is either trained on or tested, never both

[training]
base = "tiny"                  # made here, from the documents of the train side
epochs = 3
batch_size = 8
max_length = 640

[training.tiny]
steps = 450
sequence_length = 512
batch_size = 2

[evaluation]
max_examples = 60
max_new_tokens = 192
passages = 2
context_chars = 700
note = """
This demo is small on purpose: it runs on two processor cores in minutes, without a GPU, a key or the network. Its \\
base model has 2.4 million parameters and knows nothing but the text it was made from, a thousandth of what even a \\
small real model has.

Expect it to learn the shape of the log task and to know little about the documents: for questions, retrieval should \\
win. With documents of your own and a real base model the same commands apply.
"""
'''

_OWN_SETTINGS = """\
# An ordinary project file, made by `lore demo`.
[project]
name = {name}

[[sources]]
path = {path}

[training]
base = {base}
"""


def make_project(folder: Path) -> None:
    """Write the demo's documents, logs, labels and lore.toml; a folder that has them is left as it is.

    Raises:
        ConfigError: The folder holds something else.
    """
    if (folder / SETTINGS_FILE).exists():
        return
    if folder.exists() and any(entry.name not in FOLDERS for entry in folder.iterdir()):
        raise ConfigError(
            f"{folder} is not empty and holds no {SETTINGS_FILE}.", "lore demo --dir NEW_FOLDER"
        )
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name, text in _modules():
        _write(folder / STDLIB / name, text)
    for name, text in _descriptions():
        _write(folder / PACKAGES / name, text)
    labels = []
    for log in synthesize(seed=0, per_template=16):
        _write(folder / LOGS / log.path, log.text)
        labels.append(json.dumps(log.label, ensure_ascii=False))
    _write(folder / LABELS, "\n".join(labels) + "\n")
    write_atomic(folder / SETTINGS_FILE, _SETTINGS.encode("utf-8"))


def own_project(folder: Path, documents: Path, base: str) -> None:
    """Write a project file for somebody's documents and base model; one that is there must be the same."""
    name = json.dumps(documents.resolve().name)
    text = _OWN_SETTINGS.format(name=name, path=json.dumps(str(documents.resolve())), base=json.dumps(base))
    target = folder / SETTINGS_FILE
    if target.exists() and target.read_text(encoding="utf-8") != text:
        raise ConfigError(f"{target} is of another project.", "lore demo --dir NEW_FOLDER --path DIR")
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(target, text.encode("utf-8"))


def _modules() -> Iterator[tuple[str, str]]:
    """Yield the documented modules of this Python's standard library that are there."""
    library = Path(sysconfig.get_path("stdlib"))
    for name in MODULES:
        file = library / name
        if file.is_file():
            yield name, file.read_text(encoding="utf-8", errors="replace")


def _descriptions() -> Iterator[tuple[str, str]]:
    """Yield the long descriptions of the installed distributions, sorted by name."""
    found: dict[str, Distribution] = {}
    for distribution in distributions():
        found.setdefault(distribution.metadata["Name"].lower(), distribution)
    for name in sorted(found):
        metadata = found[name].metadata
        text = metadata.get_payload()  # type: ignore[attr-defined]
        kind = (metadata["Description-Content-Type"] or "text/plain").partition(";")[0].strip().lower()
        if isinstance(text, str) and text.strip() and len(text) <= _MAX_CHARS:
            yield f"{name}{SUFFIXES.get(kind, '.txt')}", text


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
