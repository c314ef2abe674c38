"""Absolute paths of somebody's machine, which hold nowhere else and tell who wrote them."""

import re
from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.curation.turns import STRUCTURED_TASKS, answer, answers, json_value, questions, quotes
from lorewright.text.tokens import squash

_REST = r"[^\s\"'`<>|,;)\]}]"
_START = r"(?<![\w.~$}/\\-])"
# Homes, and the folders of build machines, hold for one person or one run, whoever wrote them down.
_PRIVATE = re.compile(
    rf"file:///(?:home|Users|root|[A-Za-z]:)\b{_REST}*"
    rf"|{_START}(?:"
    rf"/(?:home|Users|export/home|usr/home|var/home|mnt/[a-z]/Users|media|Volumes)/(?P<owner>[\w.@-]+)(?:/{_REST}*)?"
    rf"|/root/{_REST}+"
    rf"|/(?:private/)?(?:var/folders|tmp/(?:pytest|pip|tmp|build|ci|runner|work)|var/(?:lib/)?(?:jenkins|buildkite"
    rf"|gitlab-runner)\w*)"
    rf"[-\w]*/?{_REST}*"
    rf"|/(?:builds|github/(?:workspace|home)|__w|bitbucket/pipelines|drone/src|codebuild|circleci|vsts)/{_REST}+"
    rf"|/opt/(?:hostedtoolcache|actions-runner|buildagent|atlassian)\w*/{_REST}*"
    rf"|[A-Za-z]:[\\/]+(?:Users|Documents and Settings|a|actions-runner|agent|jenkins)[\\/]+{_REST}+"
    rf")"
)
# These may be what a document is about: a cluster's file systems, where a program is installed.
_LOCAL = re.compile(
    rf"file:///{_REST}+"
    rf"|{_START}(?:/(?:mnt|scratch|afs|nfs|net|gpfs|lustre|people|workspaces?|workdir|data|project"
    rf"|work)/{_REST}+"
    rf"|[A-Za-z]:\\+{_REST}+|(?<![A-Za-z])[A-Za-z]:/(?!/){_REST}+|\\\\[\w.-]+\\{_REST}+)"
)
_ANYBODY = frozenset(
    {
        "user",
        "username",
        "you",
        "yourname",
        "your_name",
        "me",
        "name",
        "someuser",
        "myuser",
        "ubuntu",
        "$user",
    }
)
"""Owners of homes that stand for anybody."""
_ADDRESS = re.compile(r"\b(?:https?|ftp|s3|gs|ssh|git|postgres(?:ql)?|redis|amqp|mongodb|jdbc:\w+)://\S+")


def machine_path(example: Example, *, chunk_texts: Mapping[str, str]) -> str | None:
    """Want no absolute path of somebody's machine.

    Homes and folders of build machines are none, even where the chunk has them, unless their owner stands for
    anybody (`/home/user`). Other local paths (`/scratch/...`, `C:\\...`) pass where the chunk has them; those that mean
    the same everywhere (`/etc/...`), and those of addresses, pass. In structured tasks, what the prompt says may be
    repeated.
    """
    known = "\n".join([quotes(example), *(chunk_texts.get(piece.chunk_id, "") for piece in example.evidence)])
    for text in _written(example):
        bare = _ADDRESS.sub(" ", text)
        found = next((one for one in _PRIVATE.finditer(bare) if not _is_anybodys(one, known)), None)
        found = found or next(
            (one for one in _LOCAL.finditer(bare) if one[0].rstrip(".:/\\") not in known), None
        )
        if found:
            return f"a path of somebody's machine: {found[0][:80]!r}"
    return None


def _is_anybodys(found: re.Match[str], known: str) -> bool:
    return (found["owner"] or "").casefold() in _ANYBODY and found[0].rstrip(".:/\\") in known


def _written(example: Example) -> list[str]:
    """Return what must hold anywhere: questions and answers; of data, the texts that the prompt does not have."""
    value = json_value(answer(example)) if example.task in STRUCTURED_TASKS else None
    if value is None:
        return [*questions(example), *answers(example)]
    prompt = squash("\n".join(turn.content for turn in example.messages[:-1]))
    return [text for text in _texts(value) if squash(text) not in prompt]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]
