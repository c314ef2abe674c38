"""Question and answer pairs with planted duplicates of known kinds, in the words of Python's own documentation."""

import random
import re
import sysconfig
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

KINDS = ("copy", "near copy", "same question", "same answer")
SHARE = 0.05  # of all pairs that are planted, a kind
TEMPTING = 0.05  # of all pairs that look like a duplicate and are none
_DOCSTRING = re.compile(r'"""(.+?)"""', re.DOTALL)
_WORD = re.compile(r"[a-z]+")
_OPENINGS = ("how does", "what does", "when is", "why can", "where does", "which of", "what happens when")


class Pair(NamedTuple):
    """A question and its answer.

    Attributes:
        passage: What it is made of, by a number.
        twin: The number of the pair that it repeats; -1 for one that repeats none.
        kind: Of the duplicate; `tempting` for one that only looks like one, empty for others.
    """

    question: str
    answer: str
    passage: int
    twin: int = -1
    kind: str = ""


def pairs(count: int, *, seed: int = 0) -> list[Pair]:
    """Return so many pairs, questions of 10 to 25 words, answers of 30 to 120; each duplicate behind its twin."""
    draw = random.Random(seed)
    follow = _chain()
    made: list[Pair] = []
    fresh = _fresh(follow, draw)
    planted = [kind for kind in KINDS for _ in range(int(count * SHARE))]
    planted += ["tempting"] * int(count * TEMPTING)
    made += (next(fresh) for _ in range(count - len(planted)))
    originals = draw.sample(range(len(made)), len(planted))
    for kind, twin in zip(planted, originals, strict=True):
        made.append(_planted(kind, made[twin], twin, follow, draw))
    return made


def _planted(kind: str, one: Pair, twin: int, follow: dict[str, list[str]], draw: random.Random) -> Pair:
    if kind == "copy":
        return Pair(
            one.question.lower().rstrip("?"), one.answer.replace(". ", ".\n"), one.passage, twin, kind
        )
    if kind == "near copy":
        question, answer = (_edited(text, follow, draw, share=0.06) for text in (one.question, one.answer))
        return Pair(question, answer, one.passage, twin, kind)
    if kind == "same question":
        return Pair(one.question, _sentences(follow, draw, draw.randint(30, 120)), one.passage, twin, kind)
    if kind == "same answer":
        return Pair(_question(follow, draw, one.passage), one.answer, one.passage, twin, kind)
    name = f"`option_{draw.randrange(10**6)}`"
    question = re.sub(r"`\w+`", name, one.question)
    return Pair(question, re.sub(r"`\w+`", name, one.answer), one.passage, -1, kind)


def _fresh(follow: dict[str, list[str]], draw: random.Random) -> Iterator[Pair]:
    passage = 0
    while True:
        for number in range(draw.randint(1, 4)):
            name = f"option_{passage}_{number}"
            question = _question(follow, draw, passage).replace(" of ", f" of `{name}` ", 1)
            if name not in question:
                question = question.replace("?", f" for `{name}`?")
            answer = f"{_sentences(follow, draw, draw.randint(30, 120))} See `{name}`."
            yield Pair(question, answer, passage)
        passage += 1


def _question(follow: dict[str, list[str]], draw: random.Random, passage: int) -> str:
    """Return a question that names no option; all of one passage are about the same thing."""
    about = random.Random(passage).sample(sorted(follow), 3)
    said = [*draw.choice(_OPENINGS).split(), *about, *_walk(follow, draw, draw.randint(5, 19))]
    return f"{' '.join(said).capitalize()}?"


def _sentences(follow: dict[str, list[str]], draw: random.Random, length: int) -> str:
    said = _walk(follow, draw, length)
    cut = [said[start : start + 14] for start in range(0, length, 14)]
    return " ".join(f"{' '.join(part).capitalize()}." for part in cut)


def _edited(text: str, follow: dict[str, list[str]], draw: random.Random, *, share: float) -> str:
    """Return a text with a few words replaced, left out or doubled, but no name."""
    edited = text.split(" ")
    plain = [place for place, word in enumerate(edited) if word.isalpha()]
    for place in draw.sample(plain, max(1, round(len(plain) * share))):
        edited[place] = draw.choice([draw.choice(sorted(follow)), "", f"{edited[place]} also"])
    return " ".join(edited)


def _walk(follow: dict[str, list[str]], draw: random.Random, length: int) -> list[str]:
    said = [draw.choice(follow["the"])]
    while len(said) < length:
        said.append(draw.choice(follow[said[-1]]))
    return said


def _chain() -> dict[str, list[str]]:
    """Return the words that follow each word in the docstrings of the standard library, as often as they do."""
    follow: dict[str, list[str]] = defaultdict(list)
    for file in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        for docstring in _DOCSTRING.findall(file.read_text(encoding="utf-8", errors="ignore")):
            _learn(follow, _WORD.findall(docstring.lower()))
    return {
        word: known
        for word, those in follow.items()
        if (known := [one for one in those if one in follow] or ["the"])
    }


def _learn(follow: dict[str, list[str]], said: Sequence[str]) -> None:
    for one, other in pairwise(said):
        follow[one].append(other)
