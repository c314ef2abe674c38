"""Passages that differ by a number, what is asked about them, and a Lorewright project made of them."""

import random
from pathlib import Path

MODEL = "fixed"
EVIDENCE = "The scheduler retries a task three times before it gives up."
ANSWER_SCHEMA = {
    "type": "object",
    "properties": {
        "pairs": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("question", "answer", "evidence")},
                "required": ["question", "answer", "evidence"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["pairs"],
    "additionalProperties": False,
}
INSTRUCTION = (
    "Write question and answer pairs about the passage. Each pair quotes the sentence that the answer rests on, word "
    'for word. Return JSON: {"pairs": [{"question": "...", "answer": "...", "evidence": "..."}]}.'
)
_WORDS = (
    "the a of in to is for with by on task worker queue runs reads writes keeps starts stops value name file path time"
    " limit order result state setting record message number first last each every other same new old"
)
_PASSAGES_A_FILE = 50


def passage(number: int) -> str:
    """Return a passage of some 900 characters, the same for a number each time."""
    draw, words = random.Random(number), _WORDS.split()
    sentences = [
        f"Station {number} {' '.join(draw.choices(words, k=draw.randint(9, 14)))}." for _ in range(12)
    ]
    sentences.insert(draw.randrange(len(sentences)), EVIDENCE)
    return " ".join(sentences)


def prompts(count: int) -> list[str]:
    """Return prompts about so many passages."""
    return [f"{INSTRUCTION}\n\nPassage:\n{passage(number)}" for number in range(count)]


def write_project(project: Path, *, count: int, url: str, slots: int, max_new_tokens: int) -> None:
    """Write settings and Markdown files of fifty passages each, every passage under its own heading."""
    docs = project / "docs"
    docs.mkdir(parents=True, exist_ok=True)
    for first in range(0, count, _PASSAGES_A_FILE):
        numbers = range(first, min(first + _PASSAGES_A_FILE, count))
        sections = (f"## Station {number}\n\n{passage(number)}\n" for number in numbers)
        text = f"# Stations from {first}\n\n" + "\n".join(sections)
        (docs / f"stations-{first}.md").write_text(text, encoding="utf-8")
    settings = f"""[project]
name = "stations"
[[sources]]
path = "docs"
[generation]
model = "bench/{MODEL}"
tasks = ["qa"]
concurrency = {slots}
max_new_tokens = {max_new_tokens}
[providers.bench]
base_url = "{url}"
"""
    (project / "lore.toml").write_text(settings, encoding="utf-8")
