"""A stand-in for Argilla's HTTP API on 127.0.0.1: it keeps what is sent, checks the key, and refuses as Argilla does.

Written after the schemas of argilla-server 2 (`api/schemas/v1`): datasets, fields, questions, records, responses.
"""

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "owner.stand-in"  # the server's own, good nowhere else
ANNOTATOR_KEY = "annotator.stand-in"
NOW = "2026-05-04T10:00:00.000000"
_MAX_PAGE, _MAX_BULK = 1000, 500


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(str(detail))
        self.status, self.detail = status, detail


@dataclass
class Dataset:
    """One dataset with its settings and records."""

    row: dict[str, Any]
    fields: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)


class ArgillaServer:
    """The server's memory.

    Attributes:
        address: Its URL.
        asked: Method and path of each request.
        troubles: Statuses that the next requests are answered with; 0 for one that is served.
    """

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[str] = []
        self.troubles: list[int] = []
        self.datasets: dict[str, Dataset] = {}
        self.workspaces = [_stamped(name=name) for name in ("first", "second")]
        self.users = {
            KEY: _stamped(username="ada", role="owner", first_name="Ada", last_name=None),
            ANNOTATOR_KEY: _stamped(username="bob", role="annotator", first_name="Bob", last_name=None),
        }

    def user_id(self, name: str) -> str:
        return next(str(user["id"]) for user in self.users.values() if user["username"] == name)

    def records(self, name: str) -> list[dict[str, Any]]:
        return next(one.records for one in self.datasets.values() if one.row["name"] == name)

    def answer(
        self, record: dict[str, Any], user: str, at: str = NOW, status: str = "submitted", **values: str
    ) -> None:
        """Answer as a person does in the pages: what is suggested and left alone is answered, too."""
        dataset = self.datasets[record["dataset_id"]]
        names = {question["id"]: question["name"] for question in dataset.questions}
        suggested = {names[one["question_id"]]: one["value"] for one in record["suggestions"]}
        said = {name: {"value": value} for name, value in {**suggested, **values}.items()}
        kept = [one for one in record["responses"] if one["user_id"] != self.user_id(user)]
        own = {"record_id": record["id"], "user_id": self.user_id(user), "status": status, "values": said}
        record["responses"] = [*kept, {**_stamped(**own), "updated_at": at}]

    def reply(self, method: str, path: str, query: dict[str, list[str]], key: str, body: Any) -> Any:
        user = self.users.get(key)
        if user is None:
            raise Refused(401, {"code": "argilla.api.errors::UnauthorizedError", "params": {}})
        for verb, pattern, act in self._routes():
            match = re.fullmatch(pattern, path)
            if verb == method and match:
                return act(*match.groups(), user=user, query=query, body=body)
        raise Refused(404, "Not Found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        one = r"/api/v1/datasets/([0-9a-f-]+)"
        return [
            ("GET", "/api/v1/me", lambda user, **_: user),
            ("GET", "/api/v1/me/workspaces", lambda **_: {"items": self.workspaces}),
            ("GET", "/api/v1/workspaces/([0-9a-f-]+)", self._workspace),
            ("GET", "/api/v1/workspaces/([0-9a-f-]+)/users", self._users),
            (
                "GET",
                "/api/v1/me/datasets",
                lambda **_: {"items": [one.row for one in self.datasets.values()]},
            ),
            ("POST", "/api/v1/datasets", self._create),
            ("GET", one, lambda name, **_: self._dataset(name).row),
            ("PATCH", one, self._update),
            ("DELETE", one, lambda name, **_: self.datasets.pop(name).row),
            ("PUT", f"{one}/publish", self._publish),
            ("GET", f"{one}/(fields|questions)", lambda name, what, **_: {"items": self._part(name, what)}),
            ("POST", f"{one}/(fields|questions)", self._add),
            ("GET", f"{one}/vectors-settings", lambda *_, **__: {"items": []}),
            ("GET", "/api/v1/me/datasets/([0-9a-f-]+)/metadata-properties", lambda *_, **__: {"items": []}),
            ("GET", f"{one}/records", self._list),
            ("PUT", f"{one}/records/bulk", self._upsert),
        ]

    def _dataset(self, name: str) -> Dataset:
        if name not in self.datasets:
            raise Refused(404, f"Dataset with id `{name}` not found")
        return self.datasets[name]

    def _workspace(self, name: str, **_: Any) -> Any:
        found = next((one for one in self.workspaces if one["id"] == name), None)
        if found is None:
            raise Refused(404, f"Workspace with id `{name}` not found")
        return found

    def _users(self, name: str, user: Any, **_: Any) -> Any:
        self._workspace(name)
        if user["role"] != "owner":
            raise Refused(403, {"code": "argilla.api.errors::ForbiddenOperationError", "params": {}})
        return {"items": list(self.users.values())}

    def _create(self, user: Any, body: Any, **_: Any) -> Any:
        if user["role"] == "annotator":
            raise Refused(403, {"code": "argilla.api.errors::ForbiddenOperationError", "params": {}})
        home = self._workspace(body["workspace_id"])
        if any(one.row["name"] == body["name"] for one in self.datasets.values()):
            raise Refused(
                409, f"Dataset with name `{body['name']}` already exists for workspace `{home['id']}`"
            )
        row = {
            "guidelines": None,
            "allow_extra_metadata": True,
            **body,
            "status": "draft",
            "last_activity_at": NOW,
        }
        made = Dataset(_stamped(**row, distribution={"strategy": "overlap", "min_submitted": 1}))
        self.datasets[made.row["id"]] = made
        return made.row

    def _update(self, name: str, body: Any, **_: Any) -> Any:
        dataset = self._dataset(name)
        dataset.row |= {key: value for key, value in body.items() if key != "id"}
        return dataset.row

    def _publish(self, name: str, **_: Any) -> Any:
        dataset = self._dataset(name)
        if not any(one["required"] for one in dataset.fields) or not any(
            one["required"] for one in dataset.questions
        ):
            raise Refused(422, "Dataset cannot be published without required fields and questions")
        dataset.row["status"] = "ready"
        return dataset.row

    def _part(self, name: str, what: str) -> list[dict[str, Any]]:
        dataset = self._dataset(name)
        return dataset.fields if what == "fields" else dataset.questions

    def _add(self, name: str, what: str, body: Any, **_: Any) -> Any:
        made = _stamped(**{key: value for key, value in body.items() if key != "id"})
        self._part(name, what).append(made)
        return made

    def _list(self, name: str, query: dict[str, list[str]], user: Any, **_: Any) -> Any:
        dataset = self._dataset(name)
        if user["role"] == "annotator":
            raise Refused(403, {"code": "argilla.api.errors::ForbiddenOperationError", "params": {}})
        offset, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["50"])[0])
        if not 0 < limit <= _MAX_PAGE:
            raise Refused(422, f"limit must be at most {_MAX_PAGE}")
        wanted = {part for value in query.get("include", []) for part in value.split(",")}
        left_out = {"responses", "suggestions"} - wanted
        page = dataset.records[offset : offset + limit]
        items = [{key: value for key, value in one.items() if key not in left_out} for one in page]
        return {"items": items, "total": len(dataset.records)}

    def _upsert(self, name: str, body: Any, **_: Any) -> Any:
        dataset = self._dataset(name)
        if dataset.row["status"] != "ready":
            raise Refused(422, "records cannot be created for a dataset that is not published")
        if not 0 < len(body["items"]) <= _MAX_BULK:
            raise Refused(422, f"1 to {_MAX_BULK} items are wanted")
        done = [self._put(dataset, item) for item in body["items"]]
        return {
            "items": [row for row, _ in done],
            "updated_item_ids": [row["id"] for row, old in done if old],
        }

    def _put(self, dataset: Dataset, item: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        fields = item.get("fields") or {}
        missing = [one["name"] for one in dataset.fields if one["required"] and not fields.get(one["name"])]
        if missing or not all(isinstance(value, str) for value in fields.values()):
            raise Refused(422, f"fields does not validate: missing required value for {missing}")
        known = {one["id"] for one in dataset.questions}
        if any(one["question_id"] not in known for one in item.get("suggestions") or ()):
            raise Refused(422, "a suggestion names a question that is not there")
        old = next((one for one in dataset.records if one["external_id"] == item["external_id"]), None)
        if old is not None:
            old |= {"fields": fields, "metadata": item["metadata"], "suggestions": item["suggestions"]}
            return old, True
        own = {key: item.get(key) for key in ("fields", "metadata", "external_id", "suggestions")}
        made = _stamped(**own, responses=[], vectors={}, dataset_id=dataset.row["id"], status="pending")
        dataset.records.append(made)
        return made, False


def _stamped(**values: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), **values, "inserted_at": NOW, "updated_at": NOW}


@contextmanager
def serving() -> Iterator[ArgillaServer]:
    """Serve for the block."""
    server = ArgillaServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as listener:
        server.address = f"http://127.0.0.1:{listener.server_port}"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        listener.shutdown()
        thread.join()


def _handler(server: ArgillaServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            parts = urlsplit(self.path)
            server.asked.append(f"{self.command} {parts.path}")
            trouble = server.troubles.pop(0) if server.troubles else 0
            try:
                if trouble:
                    raise Refused(trouble, "out of order")
                key = self.headers.get("X-Argilla-Api-Key", "")
                status, said = 200, server.reply(self.command, parts.path, parse_qs(parts.query), key, body)
            except Refused as refused:
                status, said = refused.status, {"detail": refused.detail}
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler
