"""A stand-in for the Hub's HTTP API on 127.0.0.1: it keeps what is pushed to it and gives it back."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from lorewright.llm.libraries import prepare

TOKEN = "hf_stand_in"  # the server's own, good nowhere else


@dataclass
class StoredRepo:
    """One dataset: its commits, the newest last, each with all files."""

    private: bool
    commits: list[dict[str, bytes]] = field(default_factory=lambda: [{".gitattributes": b""}])

    @property
    def files(self) -> dict[str, bytes]:
        return self.commits[-1]

    @property
    def sha(self) -> str:
        return hashlib.sha1(b"commit %d" % len(self.commits)).hexdigest()


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    authorization: str
    body: bytes


@dataclass
class StandInHub:
    """The server's memory. `troubles` are (part of a path, status), each answered once."""

    address: str
    repos: dict[str, StoredRepo] = field(default_factory=dict)
    lfs: dict[str, bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    troubles: list[tuple[str, int]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def bodies(self, part: str) -> list[Any]:
        """Return what was sent to paths that hold a word."""
        return [json.loads(one.body) for one in self.asked if part in one.path and one.method == "POST"]

    def count(self, part: str) -> int:
        return sum(part in one.path for one in self.asked)

    def answer(self, asked: Asked) -> "Answer":
        """Return status, headers and body."""
        for trouble in self.troubles:
            if trouble[0] in asked.path:
                self.troubles.remove(trouble)
                return Answer(trouble[1], {"error": f"the stand-in was told to say {trouble[1]}"})
        if asked.method == "PUT":
            self.lfs[asked.path.rpartition("/")[2]] = asked.body
            return Answer(200, {})
        known = asked.authorization == f"Bearer {TOKEN}"
        for pattern, reply, is_open in _ROUTES:
            if found := re.fullmatch(pattern, asked.path):
                repo = self.repos.get(found.groupdict().get("name", ""))
                if not known and not (is_open and repo is not None and not repo.private):
                    return Answer(401, {"error": "Invalid username or password."})
                answered: Answer = reply(self, asked, **found.groupdict(""))
                return answered
        return Answer(404, {"error": f"nothing at {asked.path}"})


@dataclass
class Answer:
    """What the server sends back; anything but bytes goes as JSON."""

    status: int
    content: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


def _whoami(hub: StandInHub, asked: Asked) -> Answer:
    return Answer(200, {"type": "user", "name": "tester", "orgs": [{"name": "acme"}]})


def _create(hub: StandInHub, asked: Asked) -> Answer:
    wanted = json.loads(asked.body)
    name = f"{wanted['organization']}/{wanted['name']}"
    url = f"{hub.address}/datasets/{name}"
    if name in hub.repos:
        return Answer(409, {"error": "You already created this dataset repo", "url": url})
    hub.repos[name] = StoredRepo(private=wanted.get("visibility") == "private")
    return Answer(200, {"url": url})


def _info(hub: StandInHub, asked: Asked, name: str, revision: str = "main") -> Answer:
    repo = hub.repos.get(name)
    if repo is None:
        return Answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
    siblings = [{"rfilename": name} for name in repo.files]
    told = {"id": name, "sha": repo.sha, "private": repo.private, "siblings": siblings, "tags": []}
    return Answer(200, {**told, "downloads": 0, "likes": 0, "gated": False, "disabled": False})


def _validate(hub: StandInHub, asked: Asked) -> Answer:
    import yaml  # type: ignore[import-untyped]

    head = yaml.safe_load(json.loads(asked.body)["content"].split("---\n")[1])
    wrong = [] if isinstance(head.get("configs"), list) else [{"message": "configs must be a list"}]
    warned = [{"message": one} for one in hub.warnings]
    return Answer(400 if wrong else 200, {"errors": wrong, "warnings": warned})


def _preupload(hub: StandInHub, asked: Asked, name: str) -> Answer:
    files = []
    for one in json.loads(asked.body)["files"]:
        there = hub.repos[name].files.get(one["path"])
        big = one["path"].endswith(".parquet")
        files.append(
            {
                "path": one["path"],
                "uploadMode": "lfs" if big else "regular",
                "shouldIgnore": False,
                "oid": _oid(there, big=big) if there is not None else None,
            }
        )
    return Answer(200, {"files": files})


def _batch(hub: StandInHub, asked: Asked, name: str) -> Answer:
    objects = []
    for one in json.loads(asked.body)["objects"]:
        upload = {"upload": {"href": f"{hub.address}/lfs/{one['oid']}"}}
        objects.append(one if one["oid"] in hub.lfs else {**one, "actions": upload})
    return Answer(200, {"transfer": "basic", "objects": objects})


def _commit(hub: StandInHub, asked: Asked, name: str) -> Answer:
    repo = hub.repos[name]
    lines = [json.loads(line) for line in asked.body.splitlines()]
    if lines[0]["value"].get("parentCommit") not in {None, repo.sha}:
        return Answer(412, {"error": "A commit has happened since. Please refresh and try again."})
    files = dict(repo.files)
    for line in lines[1:]:
        value = line["value"]
        if line["key"] == "file":
            files[value["path"]] = base64.b64decode(value["content"])
        elif line["key"] == "lfsFile":
            files[value["path"]] = hub.lfs[value["oid"]]
        elif line["key"] == "deletedFile":
            del files[value["path"]]
    repo.commits.append(files)
    url = f"{hub.address}/datasets/{name}/commit/{repo.sha}"
    return Answer(200, {"commitUrl": url, "commitOid": repo.sha, "hookOutput": "", "success": True})


def _tree(hub: StandInHub, asked: Asked, name: str, revision: str, folder: str = "") -> Answer:
    prefix = unquote(folder).strip("/")
    files = hub.repos[name].files
    return Answer(200, [_entry(path, files[path]) for path in files if path.startswith(prefix)])


def _paths(hub: StandInHub, asked: Asked, name: str) -> Answer:
    files = hub.repos[name].files
    wanted = re.findall(r"paths=([^&]+)", asked.body.decode()) or json.loads(asked.body)["paths"]
    found: list[dict[str, Any]] = []
    for path in map(unquote, wanted):
        if path in files:
            found.append(_entry(path, files[path]))
        elif any(other.startswith(f"{path}/") for other in files):
            found.append({"type": "directory", "path": path, "oid": "0" * 40})
    return Answer(200, found)


def _resolve(hub: StandInHub, asked: Asked, name: str, path: str) -> Answer:
    repo = hub.repos[name]
    content = repo.files.get(unquote(path))
    commit = {"X-Repo-Commit": repo.sha}
    if content is None:
        return Answer(404, {"error": "Entry not found"}, {**commit, "X-Error-Code": "EntryNotFound"})
    return Answer(200, content, {**commit, "ETag": f'"{_oid(content, big=True)}"'})


def _entry(name: str, content: bytes) -> dict[str, Any]:
    return {"type": "file", "path": name, "size": len(content), "oid": _oid(content, big=False)}


def _oid(content: bytes, *, big: bool) -> str:
    if big:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


# (path, answer, whether public datasets answer it without a token)
_ID = r"(?P<name>[^/]+/[^/]+?)"
_ROUTES: list[tuple[str, Any, bool]] = [
    ("/api/whoami-v2", _whoami, False),
    ("/api/repos/create", _create, False),
    ("/api/validate-yaml", _validate, False),
    (rf"/api/datasets/{_ID}/preupload/[^/]+", _preupload, False),
    (rf"/datasets/{_ID}\.git/info/lfs/objects/batch", _batch, False),
    (rf"/api/datasets/{_ID}/commit/[^/]+", _commit, False),
    (rf"/api/datasets/{_ID}/tree/(?P<revision>[^/]+)(?P<folder>/.*)?", _tree, True),
    (rf"/api/datasets/{_ID}/paths-info/[^/]+", _paths, True),
    (rf"/datasets/{_ID}/resolve/[^/]+/(?P<path>.+)", _resolve, True),
    (rf"/api/datasets/{_ID}/revision/(?P<revision>[^/]+)", _info, True),
    (rf"/api/datasets/{_ID}", _info, True),
]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandInHub]:
    """A running stand-in that `HF_ENDPOINT` and `HF_TOKEN` lead to, spoken to without Xet."""
    prepare()
    constants = pytest.importorskip("huggingface_hub.constants")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    stand_in = StandInHub(f"http://127.0.0.1:{server.server_port}")
    _Handler.hub = stand_in
    monkeypatch.setenv("HF_ENDPOINT", stand_in.address)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield stand_in
    server.shutdown()
    thread.join()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: StandInHub

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        asked = Asked(self.command, path, self.headers.get("Authorization", ""), body)
        self.hub.asked.append(asked)
        answer = self.hub.answer(asked)
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = _serve

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
