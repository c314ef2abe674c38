"""Lists of sources in JSON: `repos.json`, repositories by name, and `pdfs.json`, URLs."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lorewright.core.errors import ConfigError
from lorewright.sources.addresses import public_url

_REPOSITORIES = '{"NAME": {"url": "https://...", "branch": "..."}}'
_URLS = '["https://...", ...]'


@dataclass(frozen=True)
class ListedRepository:
    """One repository of a list.

    Attributes:
        name: Its key in the list.
        url: A URL or a path.
        branch: Its branch; empty, where the list tells none, for the repository's own default.
    """

    name: str
    url: str
    branch: str = ""


def read_repositories(path: Path) -> tuple[ListedRepository, ...]:
    """Return the repositories of a `repos.json`, in its order.

    Raises:
        ConfigError: The file cannot be read or has another shape.
    """
    entries = _read(path, _REPOSITORIES)
    if not isinstance(entries, dict):
        raise _misshapen(path, f"it holds {_shown(entries)}", _REPOSITORIES)
    return tuple(_repository(path, name, entry) for name, entry in entries.items())


def read_urls(path: Path) -> tuple[str, ...]:
    """Return the URLs of a `pdfs.json`, in its order.

    Raises:
        ConfigError: The file cannot be read or has another shape.
    """
    entries = _read(path, _URLS)
    if not isinstance(entries, list):
        raise _misshapen(path, f"it holds {_shown(entries)}", _URLS)
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, str) or not entry.strip():
            raise _misshapen(path, f"entry {number} is {_shown(entry)}", _URLS)
    return tuple(entry.strip() for entry in entries)


def _repository(path: Path, name: str, entry: Any) -> ListedRepository:
    if not name.strip():
        raise _misshapen(path, "a repository has an empty name", _REPOSITORIES)
    if not isinstance(entry, dict):
        raise _misshapen(path, f"{name!r} is {_shown(entry)}", _REPOSITORIES)
    unknown = sorted(entry.keys() - {"url", "branch"})
    if unknown:
        raise _misshapen(path, f"{name!r} has the unknown key {unknown[0]!r}", _REPOSITORIES)
    url, branch = entry.get("url"), entry.get("branch", "")
    if not isinstance(url, str) or not url.strip():
        told = f"the `url` {_shown(url)}" if "url" in entry else "no `url`"
        raise _misshapen(path, f"{name!r} has {told}", _REPOSITORIES)
    if not isinstance(branch, str):
        raise _misshapen(path, f"{name!r} has the `branch` {_shown(branch)}", _REPOSITORIES)
    return ListedRepository(name=name, url=url.strip(), branch=branch.strip())


def _read(path: Path, shape: str) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"), object_pairs_hook=lambda pairs: _unique(path, pairs))
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", "correct the path of the list"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is no JSON: {error}.", f"mend it: {shape}") from error


def _unique(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise ConfigError(
            f"{path}: the key {twice[0]!r} stands there twice.", "rename or remove one of the two"
        )
    return dict(pairs)


def _misshapen(path: Path, found: str, shape: str) -> ConfigError:
    return ConfigError(f"{path}: {found}.", f"write {shape}")


def _shown(value: Any) -> str:
    text = public_url(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 60 else f"{text[:57]}..."
