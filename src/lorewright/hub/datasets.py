"""A folder pushed to the Hub as a dataset, in one commit (`HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME` are honoured)."""

import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lorewright.core.errors import ConfigError, DatasetError, LoreError, MissingDependencyError
from lorewright.core.files import refusal
from lorewright.core.marks import MARK
from lorewright.llm.libraries import prepare

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import DatasetInfo

T = TypeVar("T")

_REPO_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_DATA = "data/"
_PASSING_TROUBLE = frozenset({408, 429, 500, 502, 503, 504})
_PAUSES_S = (1.0, 4.0)


@dataclass(frozen=True)
class Pushed:
    """Where a dataset went.

    Attributes:
        url: Its page.
        commit: The commit that holds it.
        private: What the Hub says, whatever was asked for.
    """

    url: str
    commit: str
    private: bool


def check_repo_id(repo_id: str) -> None:
    """Refuse a name that cannot be a dataset's.

    Raises:
        ConfigError: It is not `owner/name`.
    """
    if not _REPO_ID.fullmatch(repo_id):
        raise ConfigError(
            f"{repo_id!r} is not OWNER/NAME: a dataset belongs to a user or an organisation.",
            "give both, e.g. --repo-id acme/handbook; `hf auth whoami` names your user and organisations",
        )


def check_access(repo_id: str) -> str:
    """Return the Hub's address after making sure that it can be reached and takes the token.

    Raises:
        DatasetError: There is no token, or the Hub refuses it or does not answer.
        MissingDependencyError: The Hub's client is not installed.
    """
    api = _client()
    with _hub_errors(api, repo_id):
        _patiently(api.whoami, _PAUSES_S)
    return str(api.endpoint)


def push(
    folder: Path,
    *,
    repo_id: str,
    private: bool,
    message: str,
    force: bool = False,
    is_replaced: Callable[[str], bool] = lambda _name: False,
    pauses_s: Sequence[float] = _PAUSES_S,
) -> Pushed:
    """Make a dataset on the Hub hold what a folder holds, in one commit.

    What the dataset held under `data/` and the folder does not is removed; the history keeps it.

    Args:
        folder: Holds `README.md`, the mark `lorewright.json` and the data.
        repo_id: `owner/name`; it is made if it does not exist.
        private: Make it private, and push nothing if it exists and is public.
        message: First line of the commit.
        force: Replace a dataset that was not pushed by this program.
        is_replaced: Tells of a file elsewhere than under `data/` whether it is removed likewise.
        pauses_s: Seconds before each further try after a trouble that passes.

    Raises:
        DatasetError: The Hub refuses or does not answer, or the dataset is somebody else's work.
        MissingDependencyError: The Hub's client is not installed.
    """
    check_repo_id(repo_id)
    api = _client()

    def once() -> Pushed:
        url = api.create_repo(repo_id, repo_type="dataset", private=private or None, exist_ok=True)
        there = api.dataset_info(repo_id)
        _refuse_public(there, repo_id, str(url), private=private)
        _refuse_foreign(there, repo_id, force=force)
        return Pushed(
            str(url), _commit(api, folder, there, repo_id, message, is_replaced), bool(there.private)
        )

    with _hub_errors(api, repo_id):
        return _patiently(once, pauses_s)


def _client() -> "HfApi":
    prepare()
    try:
        from huggingface_hub import HfApi, constants, get_token
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ImportError as error:
        raise MissingDependencyError(
            "Pushing to the Hub needs huggingface_hub, which is not installed.",
            "pip install 'lorewright[hub]'",
        ) from error
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if constants.HF_HUB_DISABLE_PROGRESS_BARS is None:
        disable_progress_bars()
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT", "").rstrip("/") or None)
    api.token = get_token()
    if api.token is None:
        raise DatasetError(
            f"There is no token to push to {api.endpoint} with.",
            f"make one that may write at {api.endpoint}/settings/tokens, then "
            "`export HF_TOKEN=...` or `hf auth login`",
        )
    return api


def _commit(
    api: "HfApi",
    folder: Path,
    there: "DatasetInfo",
    repo_id: str,
    message: str,
    is_replaced: Callable[[str], bool],
) -> str:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    files = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    owned = [name for name in _names(there) if name.startswith(_DATA) or is_replaced(name)]
    gone = [name for name in owned if name not in files]
    done = api.create_commit(
        repo_id,
        [
            *(CommitOperationDelete(name) for name in gone),
            *(CommitOperationAdd(name, path) for name, path in files.items()),
        ],
        commit_message=message,
        repo_type="dataset",
        parent_commit=there.sha,
    )
    return done.oid


def _names(there: "DatasetInfo") -> list[str]:
    return [file.rfilename for file in there.siblings or ()]


def _refuse_public(there: "DatasetInfo", repo_id: str, url: str, *, private: bool) -> None:
    if private and not there.private:
        raise DatasetError(
            f"{repo_id} exists and is public; nothing was pushed.",
            f"make it private at {url}/settings, or choose another --repo-id",
        )


def _refuse_foreign(there: "DatasetInfo", repo_id: str, *, force: bool) -> None:
    names = [name for name in _names(there) if name != ".gitattributes"]
    if names and MARK not in names and not force:
        raise DatasetError(
            f"{repo_id} holds {len(names):,} files that lore did not push ({', '.join(names[:3])}); "
            "they were left alone.",
            "choose another --repo-id, or add --force to replace its README.md and data/",
        )


def _patiently(call: Callable[[], T], pauses_s: Sequence[float]) -> T:
    for pause in pauses_s:
        try:
            return call()
        except (OSError, RuntimeError) as error:
            if not _passes(error):
                raise
        time.sleep(pause)
    return call()


def _passes(error: BaseException) -> bool:
    from httpx2 import ConnectError, TransportError

    if (status := _status(error)) is not None:
        return status in _PASSING_TROUBLE
    return isinstance(error, TransportError) and not isinstance(error, ConnectError)


@contextmanager
def _hub_errors(api: "HfApi", repo_id: str) -> Iterator[None]:
    """Turn what the Hub and the network say inside the block into one DatasetError."""
    from httpx2 import HTTPError

    try:
        yield
    except LoreError:
        raise
    except (OSError, RuntimeError, ValueError, HTTPError) as error:
        raise refusal(error, "pushing") or _in_words(error, str(api.endpoint), repo_id) from error


def _in_words(error: BaseException, endpoint: str, repo_id: str) -> DatasetError:
    from huggingface_hub.errors import OfflineModeIsEnabled

    status = _status(error)
    tokens = f"{endpoint}/settings/tokens"
    if status == 401:
        return DatasetError(
            f"{endpoint} refused the token (401).",
            f"make a token that may write at {tokens}, then `export HF_TOKEN=...` or `hf auth login`",
        )
    if status == 403:
        return DatasetError(
            f"The token may not write to {repo_id} (403 from {endpoint}).",
            f"let it write to {repo_id.partition('/')[0]} at {tokens}, or choose another --repo-id",
        )
    if isinstance(error, OfflineModeIsEnabled):
        return DatasetError(f"{repo_id} was not pushed: HF_HUB_OFFLINE is set.", "unset HF_HUB_OFFLINE")
    if status is None:
        said = _first_line(error)
        hint = "check the network and HF_ENDPOINT, then run the same command again"
        if "xet" in said:
            hint = "if that server does not know Xet, `export HF_HUB_DISABLE_XET=1` and run the same command again"
        return DatasetError(f"{repo_id} could not be pushed to {endpoint}: {said}.", hint)
    hint = (
        "wait a little, then run the same command again"
        if status in _PASSING_TROUBLE
        else "mend what it says, then run the same command again"
    )
    return DatasetError(f"{endpoint} answered {status} to {repo_id}: {_first_line(error)}.", hint)


def _status(error: BaseException) -> int | None:
    response = getattr(_answered(error), "response", None)
    return None if response is None else int(response.status_code)


def _answered(error: BaseException) -> BaseException:
    """Return the error that holds the Hub's answer, or the one that began it all; uploads wrap theirs."""
    while getattr(error, "response", None) is None and error.__cause__ is not None:
        error = error.__cause__
    return error


def _first_line(error: BaseException) -> str:
    first = _answered(error)
    said = getattr(first, "server_message", None) or str(first)
    line = next((line.strip() for line in said.splitlines() if line.strip()), type(first).__name__)
    return line.rstrip(".")
