"""Whether every doc comment of real code stands in some passage.

    python benchmarks/doc_comments.py [--limit N] FOLDER [FOLDER ...]

Doc comments are found by means of their own: Python's `ast`, and for other languages expressions over lines. Prints a
Markdown table by language; exits 1 when a line of a doc comment stands in no passage and is no recorded licence.
"""

import argparse
import ast
import re
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lorewright.chunking.chunk import chunk
from lorewright.core.errors import ParseError
from lorewright.core.records import Document
from lorewright.parsing.code import parse_code
from lorewright.parsing.encoding import declared_in_code, decode
from lorewright.parsing.placing import placed

_SUFFIXES = {
    "python": ".py .pyi",
    "javascript": ".js .mjs .cjs .jsx",
    "typescript": ".ts .mts .cts",
    "tsx": ".tsx",
    "rust": ".rs",
    "go": ".go",
    "java": ".java",
    "c": ".c .h",
    "cpp": ".cc .cpp .cxx .hpp .hh .hxx .cuh",
    "bash": ".sh .bash",
    "php": ".php",
    "csharp": ".cs",
    "ruby": ".rb",
    "kotlin": ".kt .kts",
}
_LANGUAGES = {suffix: language for language, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_SHELL = re.compile(rb"#!.*\b(?:ba|da|k)?sh\b")
_LARGEST_BYTES = 2_000_000

Found = tuple[int, str]

_STAR = r"/\*\*(?![*/])(?:[^*]|\*(?!/))*\*/"
_BANG = r"/\*!(?:[^*]|\*(?!/))*\*/"
_SLASHES = r"(?:^[ \t]*///(?!/).*\n?)+"
_INNER = r"(?:^[ \t]*//!.*\n?)+"
_PATTERNS = {
    "javascript": _STAR,
    "typescript": _STAR,
    "tsx": _STAR,
    "rust": f"{_STAR}|{_BANG}|{_SLASHES}|{_INNER}",
    "go": r"(?:^//.*\n)+(?=func (?:\([^)\n]*\) )?[A-Z])",
    "java": f"{_STAR}|{_SLASHES}",
    "c": f"{_STAR}|{_BANG}|{_SLASHES}|{_INNER}",
    "cpp": f"{_STAR}|{_BANG}|{_SLASHES}|{_INNER}",
    "bash": r"(?:^[ \t]*#(?!!).*\n)+(?=[ \t]*(?:function[ \t]+[\w-]+|[\w-]+[ \t]*\(\)))",
    "php": _STAR,
    "csharp": f"{_STAR}|{_SLASHES}",
    "ruby": r"(?:^[ \t]*#(?!!).*\n)+(?=[ \t]*(?:def|class|module)[ \t])",
    "kotlin": _STAR,
}
# In scripts, what looks like a doc comment may stand in a string.
_STRINGS = r"//(?!/).*|/\*(?:[^*]|\*(?!/))*\*/|`(?:\\.|[^`\\])*`|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
_SCRIPTS = {"javascript", "typescript", "tsx"}
_MARKERS = re.compile(r"^\s*(?:/\*[*!]*|//[/!]?|\*+(?!/)|#+)?\s*|\s*\*+/\s*$")


@dataclass
class _Language:
    """What was seen of one language."""

    files: int = 0
    rejected: int = 0
    size: int = 0
    seconds: float = 0.0
    errors: int = 0
    comments: int = 0
    licences: int = 0
    whole: int = 0
    blocks: int = 0
    missing: list[str] = field(default_factory=list)


def main() -> None:
    """Read the folders, print the table, exit 1 when a doc comment is lost."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folders", nargs="+", type=Path)
    arguments.add_argument(
        "--limit", type=int, default=0, help="at most so many files a language, spread evenly"
    )
    arguments.add_argument("--max-chars", type=int, default=1200)
    given = arguments.parse_args()
    warnings.simplefilter("ignore")
    paths: dict[str, list[Path]] = defaultdict(list)
    for folder in given.folders:
        for path, language in _code(folder):
            paths[language].append(path)
    seen = {language: _Language() for language in sorted(paths)}
    for language, figures in seen.items():
        step = max(1, len(paths[language]) // given.limit) if given.limit else 1
        for path in paths[language][::step]:
            _examine(path, language, figures, max_chars=given.max_chars)
    _print(seen)
    sys.exit(1 if any(figures.missing for figures in seen.values()) else 0)


def _code(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink() or not 0 < path.stat().st_size <= _LARGEST_BYTES:
            continue
        if language := _LANGUAGES.get(path.suffix):
            yield path, language
        elif not path.suffix:
            with path.open("rb") as file:
                if _SHELL.match(file.readline(80)):
                    yield path, "bash"


def _examine(path: Path, language: str, figures: _Language, *, max_chars: int) -> None:
    data = path.read_bytes()
    figures.files += 1
    try:
        text, _ = decode(data, declared=declared_in_code(data) if language == "python" else None)
        started = time.process_time()
        parsed = parse_code(text, language=language)
        figures.seconds += time.process_time() - started
    except ParseError:
        figures.rejected += 1
        return
    figures.size += len(data)
    figures.errors += "syntax_error" in parsed.metadata
    document = placed(parsed, source="s", path=path.name)
    lines = {line.strip() for passage in _passages(document, max_chars) for line in passage.split("\n")}
    whole_text = document.text
    docstrings = "\n".join(
        whole_text[block.start : block.end] for block in document.blocks if block.kind == "docstring"
    )
    dropped = [(part["first"], part["last"]) for part in parsed.metadata.get("dropped", ())]
    for number, comment in _EXTRACTORS.get(language, _by_pattern(language))(text):
        _compare(comment, number, lines, docstrings, dropped, figures, path, max_chars)


def _compare(
    comment: str,
    number: int,
    lines: set[str],
    docstrings: str,
    dropped: list[tuple[int, int]],
    figures: _Language,
    path: Path,
    max_chars: int,
) -> None:
    if any(first <= number <= last for first, last in dropped):
        figures.licences += 1
        return
    said = [line.strip() for line in comment.split("\n") if line.strip()]
    bare = [content for line in said if (content := _MARKERS.sub("", line))]
    if not bare:
        return
    figures.comments += 1
    figures.blocks += bare[0] in docstrings
    lost = [line for line in said if line not in lines and not _within(line, lines, max_chars)]
    figures.whole += not lost
    figures.missing += [f"{path}:{number}: {lost[0][:80]}"] if lost else []


def _within(line: str, lines: set[str], max_chars: int) -> bool:
    """A line that shares its line with code, or is longer than a passage and hence cut."""
    if any(line in other for other in lines):
        return True
    return len(line) > max_chars and all(any(word in other for other in lines) for word in line.split()[:50])


def _passages(document: Document, max_chars: int) -> list[str]:
    passages = chunk(document, strategies=("auto",), max_size=max_chars, min_size=200, overlap=0)
    return [passage.text for passage in passages]


def _of_python(text: str) -> Iterator[Found]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = text.split("\n")
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, holders) and ast.get_docstring(node, clean=False):
            value = node.body[0].value  # type: ignore[attr-defined]
            source = "\n".join(lines[value.lineno - 1 : value.end_lineno])
            quotes = re.search(r"(\"\"\"|'''|\"|')(.*)\1", source, re.S)
            yield value.lineno, quotes[2] if quotes else source


def _by_pattern(language: str) -> Callable[[str], Iterator[Found]]:
    docs = f"(?P<doc>{_PATTERNS.get(language, '(?!)')})"
    pattern = re.compile(f"{docs}|{_STRINGS}" if language in _SCRIPTS else docs, re.M)

    def extracted(text: str) -> Iterator[Found]:
        position, line = 0, 1
        for match in pattern.finditer(text):
            line += text.count("\n", position, match.start())
            position = match.start()
            if match["doc"]:
                yield line, match["doc"]

    return extracted


_EXTRACTORS: dict[str, Callable[[str], Iterator[Found]]] = {"python": _of_python}


def _print(seen: dict[str, _Language]) -> None:
    print(
        "| language | files | rejected | with errors | MB | MB/CPU-s | doc comments | in some passage "
        "| as a docstring block | licences |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for language, figures in seen.items():
        rate = figures.size / 1e6 / figures.seconds if figures.seconds else 0.0
        count = max(1, figures.comments)
        print(
            f"| {language} | {figures.files} | {figures.rejected} | {figures.errors} | {figures.size / 1e6:.1f} "
            f"| {rate:.1f} | {figures.comments} | {figures.whole / count:.2%} | {figures.blocks / count:.1%} "
            f"| {figures.licences} |"
        )
    for figures in seen.values():
        for line in figures.missing[:10]:
            print("missing:", line)


if __name__ == "__main__":
    main()
