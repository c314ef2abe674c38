"""Pushing to the Hub: what arrives, what is refused, and what is tried again, against a stand-in of its API."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lorewright.core.errors import ConfigError, DatasetError
from lorewright.core.marks import MARK
from lorewright.hub.card import Description, Repository, SplitCount, dataset_card
from lorewright.hub.datasets import Pushed, check_access, check_repo_id, push
from lorewright.hub.split_files import write_splits

if TYPE_CHECKING:
    from tests.hub.conftest import StandInHub

# huggingface_hub uploads files in a way that its HTTP client would rather have spelled differently.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")
NAME = "acme/handbook"
SCHEMA = pa.schema([("text", pa.string()), ("headings", pa.list_(pa.string())), ("first", pa.int32())])
ROWS: list[dict[str, Any]] = [
    {"text": f"Ventil {number} öffnet.", "headings": ["Pumpen", f"§ {number}"], "first": number}
    for number in range(30)
]


def described(rows: int) -> Description:
    repository = Repository("acme/pumps", "c0ffee" * 6 + "beef", False, 3, rows, {"MIT": 3})
    counts = {"docs": SplitCount(rows, 3), "papers": SplitCount(0, 0)}
    return Description("Pumps", "lorewright", {"ingest": "i1", "chunk": "c1"}, counts, (repository,))


def make_folder(folder: Path, rows: list[dict[str, Any]], *, shard_bytes: int = 10**9) -> Path:
    folder.mkdir()
    pairs = [("docs", row) for row in rows]
    written = write_splits(
        folder,
        pairs,
        splits=["docs"],
        schema=SCHEMA,
        layout="parquet",
        shard_bytes=shard_bytes,
    )
    (folder / "README.md").write_text(dataset_card(described(len(rows)), written, repo_id=NAME))
    (folder / MARK).write_text("{}\n")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "corpus", ROWS)


def send(folder: Path, *, repo_id: str = NAME, private: bool = False, force: bool = False) -> Pushed:
    return push(
        folder, repo_id=repo_id, private=private, message="A corpus", force=force, pauses_s=(0.0, 0.0)
    )


def arrived(hub: "StandInHub") -> list[dict[str, Any]]:
    files = hub.repos[NAME].files
    names = sorted(name for name in files if name.startswith("data/docs"))
    return [row for name in names for row in pq.read_table(io.BytesIO(files[name])).to_pylist()]


def test_the_pushed_parquet_holds_the_rows_and_arrives_in_one_commit(hub: "StandInHub", folder: Path) -> None:
    pushed = send(folder)
    repo = hub.repos[NAME]
    assert arrived(hub) == ROWS
    assert len(repo.commits) == 2
    assert pushed == Pushed(f"{hub.address}/datasets/{NAME}", repo.sha, private=False)
    sent = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(repo.files) == sent | {".gitattributes"}
    assert all(repo.files[name] == (folder / name).read_bytes() for name in sent)


READ_BACK = """
import json, socket, sys
look_up = socket.getaddrinfo
def only_here(host, *rest, **options):
    assert host in {"127.0.0.1", b"127.0.0.1"}, host
    return look_up(host, *rest, **options)
socket.getaddrinfo = only_here
from datasets import load_dataset
from huggingface_hub import snapshot_download
corpus = load_dataset(sys.argv[1])
folder = snapshot_download(sys.argv[1], repo_type="dataset")
print(json.dumps({
    "rows": {name: split.to_list() for name, split in corpus.items()},
    "card": open(folder + "/README.md", encoding="utf-8").read(),
}))
"""


def test_datasets_loads_what_was_pushed(hub: "StandInHub", folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    send(folder, private=True)
    told = {"HF_HOME": str(tmp_path / "home"), "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [sys.executable, "-c", READ_BACK, NAME],
        env={**os.environ, **told, "HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout.splitlines()[-1])
    assert read["rows"] == {"docs": ROWS}
    assert read["card"] == (folder / "README.md").read_text()


def test_a_second_push_replaces_data_and_drops_files_that_are_gone(hub: "StandInHub", tmp_path: Path) -> None:
    many = make_folder(tmp_path / "many", ROWS * 600, shard_bytes=1)
    send(many)
    assert sum(name.startswith("data/docs") for name in hub.repos[NAME].files) > 1
    assert arrived(hub) == ROWS * 600
    send(make_folder(tmp_path / "few", ROWS[:5]))
    assert arrived(hub) == ROWS[:5]
    assert len(hub.repos[NAME].commits) == 3


def test_pushing_the_same_again_makes_no_commit(hub: "StandInHub", folder: Path) -> None:
    first = send(folder)
    again = send(folder)
    assert again == first
    assert len(hub.repos[NAME].commits) == 2


@pytest.mark.parametrize("private", [True, False])
def test_private_arrives_at_the_hub_and_is_reported_back(
    hub: "StandInHub", folder: Path, private: bool
) -> None:
    pushed = send(folder, private=private)
    (created,) = hub.bodies("/repos/create")
    assert created["type"] == "dataset"
    assert created.get("visibility") == ("private" if private else None)
    assert hub.repos[NAME].private is pushed.private is private


def test_private_is_never_pushed_to_a_dataset_that_is_public(hub: "StandInHub", folder: Path) -> None:
    send(folder)
    before = dict(hub.repos[NAME].files)
    with pytest.raises(DatasetError, match="exists and is public; nothing was pushed") as refused:
        send(folder, private=True)
    assert f"{hub.address}/datasets/{NAME}/settings" in refused.value.hint
    assert hub.repos[NAME].files == before


def test_a_dataset_of_somebody_else_is_left_alone_unless_forced(hub: "StandInHub", folder: Path) -> None:
    send(folder)
    theirs = {".gitattributes": b"", "README.md": b"mine", "data/rows.parquet": b"mine", "notes.txt": b"mine"}
    hub.repos[NAME].commits.append(theirs)
    with pytest.raises(DatasetError, match=r"holds 3 files that lore did not push \(README\.md") as refused:
        send(folder)
    assert "--force" in refused.value.hint
    assert hub.repos[NAME].files == theirs
    send(folder, force=True)
    assert hub.repos[NAME].files["notes.txt"] == b"mine"
    assert "data/rows.parquet" not in hub.repos[NAME].files
    assert arrived(hub) == ROWS


@pytest.mark.parametrize("place", ["/repos/create", f"/api/datasets/{NAME}", "/validate-yaml", "/commit/"])
def test_a_server_error_that_passes_is_tried_again(hub: "StandInHub", folder: Path, place: str) -> None:
    hub.troubles.append((place, 500))
    send(folder)
    assert not hub.troubles
    assert hub.count(place) >= 2
    assert arrived(hub) == ROWS
    assert len(hub.repos[NAME].commits) == 2


def test_a_server_error_that_stays_is_said_after_three_tries(hub: "StandInHub", folder: Path) -> None:
    hub.troubles += [("/repos/create", 503)] * 9
    with pytest.raises(DatasetError, match=f"{hub.address} answered 503 to {NAME}: the stand-in") as failed:
        send(folder)
    assert hub.count("/repos/create") == 3
    assert "run the same command again" in failed.value.hint


def test_a_refused_upload_is_said_with_its_status(hub: "StandInHub", folder: Path) -> None:
    hub.troubles += [("/lfs/", 400)] * 9
    with pytest.raises(DatasetError, match="answered 400"):
        send(folder)
    assert len(hub.repos[NAME].commits) == 1


def test_a_token_that_the_hub_does_not_know_is_one_message(
    hub: "StandInHub", folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    for call in (lambda: check_access(NAME), lambda: send(folder)):
        with pytest.raises(DatasetError, match=r"refused the token \(401\)") as refused:
            call()
        assert f"{hub.address}/settings/tokens" in refused.value.hint
        assert "hf_wrong" not in refused.value.message + refused.value.hint
    assert not hub.repos


def test_a_token_that_may_not_write_names_the_owner(hub: "StandInHub", folder: Path) -> None:
    hub.troubles.append(("/repos/create", 403))
    with pytest.raises(DatasetError, match=r"may not write to acme/handbook \(403") as refused:
        send(folder)
    assert "let it write to acme at" in refused.value.hint


def test_without_a_token_nothing_is_asked(
    hub: "StandInHub", folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(DatasetError, match="There is no token to push to") as refused:
        send(folder)
    assert "export HF_TOKEN" in refused.value.hint
    assert not hub.asked


def test_the_token_of_the_hub_s_own_cache_is_used(
    hub: "StandInHub", folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    token = os.environ["HF_TOKEN"]
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "no-token").write_text(token)
    send(folder)
    assert {one.authorization for one in hub.asked if one.method != "PUT"} == {f"Bearer {token}"}


def test_a_server_that_is_not_there_is_named(
    hub: "StandInHub", folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9/")
    with pytest.raises(DatasetError, match=r"could not be pushed to http://127\.0\.0\.1:9: ") as refused:
        send(folder)
    assert "HF_ENDPOINT" in refused.value.hint


def test_a_server_without_xet_is_told_how_to_do_without(
    hub: "StandInHub", folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("hf_xet")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", False)
    with pytest.raises(DatasetError, match="xet-write-token") as refused:
        send(folder)
    assert "HF_HUB_DISABLE_XET=1" in refused.value.hint


def test_offline_mode_is_said(hub: "StandInHub", folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    session = pytest.importorskip("huggingface_hub.utils")
    session.close_session()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DatasetError, match="HF_HUB_OFFLINE is set"):
        send(folder)
    assert not hub.asked


@pytest.mark.parametrize("repo_id", ["handbook", "a/b/c", "", "/handbook", "acme/", "acme/hand book", "-a/b"])
def test_a_name_without_an_owner_is_refused_before_anything_is_asked(
    hub: "StandInHub", folder: Path, repo_id: str
) -> None:
    for call in (lambda: check_repo_id(repo_id), lambda: send(folder, repo_id=repo_id)):
        with pytest.raises(ConfigError, match="is not OWNER/NAME") as refused:
            call()
        assert "--repo-id acme/handbook" in refused.value.hint
    assert not hub.asked


def test_a_name_that_the_hub_forbids_is_said_in_its_words(hub: "StandInHub", folder: Path) -> None:
    with pytest.raises(DatasetError, match="hand--book"):
        send(folder, repo_id="acme/hand--book")


def test_nothing_of_the_libraries_reaches_the_terminal(
    hub: "StandInHub", folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hub.troubles.append(("/preupload/", 500))
    check_access(NAME)
    send(folder)
    told = capfd.readouterr()
    assert told.out + told.err == ""


def test_a_commit_made_by_others_meanwhile_is_not_overwritten(
    hub: "StandInHub", folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = pytest.importorskip("huggingface_hub").HfApi
    create_commit = api.create_commit

    def late(self: Any, *arguments: Any, **options: Any) -> Any:
        hub.repos[NAME].commits.append({".gitattributes": b"", "theirs.txt": b"x"})
        return create_commit(self, *arguments, **options)

    monkeypatch.setattr(api, "create_commit", late)
    with pytest.raises(DatasetError, match="answered 412"):
        send(folder)
    assert "theirs.txt" in hub.repos[NAME].files
