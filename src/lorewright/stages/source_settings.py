"""The settings of `[[sources]]` and `[ingest]` in `lore.toml`."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from lorewright.core.settings import Section, no_effect
from lorewright.parsing.dispatch import KINDS
from lorewright.sources.addresses import repository_name

Count = Annotated[int, Field(ge=1)]


def _has_secret(place: str) -> bool:
    if "://" not in place:
        return False
    parts = urlsplit(place)
    return bool(parts.password or (parts.username and parts.scheme in {"http", "https"}))


class SourceSettings(Section):
    """[[sources]]"""

    path: str = Field(
        "", description="A file or folder, relative to lore.toml; a source has one of the first five keys."
    )
    git: str = Field("", description="A repository's URL or path.")
    urls: tuple[str, ...] = Field(
        (),
        description="Addresses of PDF, HTML, Markdown or text; a query in one stays in each run's manifest.",
    )
    repos: str = Field(
        "", description='A JSON file of repositories, `{"NAME": {"url": ..., "branch": ...}}`.'
    )
    pdfs: str = Field("", description="A JSON file of addresses, `[url, ...]`.")
    ref: str = Field("", description="Branch, tag or commit of `git`; empty is its default branch.")
    token_env: str = Field(
        "",
        description="Variable with the token of a private repository; by default GITHUB_TOKEN, GITLAB_TOKEN or "
        "HF_TOKEN at their hosts, LORE_GIT_TOKEN elsewhere.",
    )
    name: str = Field("", description="What citations call it; empty is made from the place.")
    include: tuple[str, ...] = Field((), description="Globs of files to read; empty is every known kind.")
    exclude: tuple[str, ...] = Field((), description="Globs of files to leave out.")

    @model_validator(mode="after")
    def _one_place(self) -> "SourceSettings":
        places = ("path", "git", "urls", "repos", "pdfs")
        if sum(bool(getattr(self, place)) for place in places) != 1:
            message = "a source has one of `path`, `git`, `urls`, `repos` and `pdfs`"
            raise ValueError(message)
        if any(_has_secret(place) for place in (self.git, *self.urls)):
            message = "an address holds a password or token; put it into the environment and name that by `token_env`"
            raise ValueError(message)
        return self

    @property
    def place(self) -> str:
        """The place as it is written in lore.toml, the first of several."""
        return self.path or self.git or self.repos or self.pdfs or self.urls[0]

    @property
    def label(self) -> str:
        """What citations call the source: its name, its folder's, a host, or a repository's owner and name."""
        if self.name:
            return self.name
        if self.git:
            return repository_name(self.git)
        if self.urls:
            return urlsplit(self.urls[0]).hostname or "addresses"
        named = [part for part in Path(self.path or self.repos or self.pdfs).parts if part not in {"/", ".."}]
        return (named[-1] if self.path else Path(named[-1]).stem) if named else "project"


class IngestSettings(Section):
    """[ingest]"""

    kinds: dict[str, str] = Field(
        {},
        description='More suffixes or names of files and their kinds: { ".res" = "code", ".pdf" = "pdf-text" }.',
    )
    max_bytes: Count = Field(20_000_000, description="Larger files are rejected, with that reason.")
    max_depth: Count = Field(
        64, description="Folders below a source that are entered; deeper ones are rejected."
    )
    timeout_s: float = Field(
        60.0, gt=0, description="Seconds one file may take before its parser is stopped."
    )
    memory_mb: int = Field(2048, ge=256, description="Memory one parser process may take, in MiB.")
    workers: int = no_effect(
        2, "Parser processes; 0 parses in the main process, without limits of time and memory.", ge=0, le=256
    )

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: dict[str, str]) -> dict[str, str]:
        for key, kind in kinds.items():
            if not re.fullmatch(r"\.[^./*?\s]+|[^./*?\s][^/*?]*", key):
                message = f"{key!r} is neither a suffix such as '.res' nor the name of a file"
                raise ValueError(message)
            if kind not in KINDS:
                message = f"{key!r} is given the unknown kind {kind!r}; known are {', '.join(KINDS)}"
                raise ValueError(message)
        return {key.casefold(): kind for key, kind in kinds.items()}
