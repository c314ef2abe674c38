"""Examples sent to an Argilla server for people to decide about, and their answers fetched (argilla 2.x).

Records carry the key of the words of an example as their id, so that nothing is doubled and answers find home. Answers
are read from the server's own list of records (`GET /api/v1/datasets/{id}/records?include=responses`), for the client
drops when they were given.
"""

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Literal

from lorewright.core.errors import (
    ConfigError,
    DatasetError,
    LoreError,
    MissingDependencyError,
    NotFoundError,
    ProviderError,
)
from lorewright.core.progress import Tick
from lorewright.core.records import Record

KEY_VARIABLE = "ARGILLA_API_KEY"
DECISION, NEW_QUESTION, NEW_ANSWER, NOTE = "decision", "new_question", "new_answer", "note"
_QUESTION, _ANSWER, _EVIDENCE = "question", "answer", "evidence"
_DECISIONS = {
    "accept": "accept: right as it is",
    "edit": "edit: I have said it better below",
    "reject": "reject: leave it out",
}
_GUIDELINES = (
    "Is the answer right, complete, and borne out by the evidence? Does the question make sense alone? "
    "Accept it, say it better and choose edit, or reject it."
)
_RECORDS_A_REQUEST = 200
_RECORDS_A_PAGE = 500
_TIMEOUT_S = 60
_RETRIES = 2


class Asked(Record):
    """An example as people see it there; `facts` stand beside it."""

    key: str
    question: str
    answer: str
    evidence: str
    facts: dict[str, str | float]


class Answered(Record):
    """What one person answered about one example.

    Attributes:
        values: What they chose and wrote, by the name of what was asked.
        user: Their name there; their id where the key may not list names.
        status: Whether it is their answer, or only a `draft`, or they did not want to answer.
        updated_at: When, as the server spells it.
    """

    key: str
    question: str
    answer: str
    values: dict[str, str]
    user: str
    status: Literal["submitted", "draft", "discarded"]
    updated_at: str


class Pushed(Record):
    """What became of examples that were sent: `sent` are new there, `there` were so before."""

    sent: int
    there: int
    dataset: str
    workspace: str


class Server:
    """An Argilla server; `connected` opens one."""

    def __init__(self, client: Any, library: ModuleType, url: str) -> None:
        self._client = client
        self._library = library
        self.url = url

    def push(self, asked: Sequence[Asked], *, dataset: str, workspace: str, tick: Tick) -> Pushed:
        """Send the examples that are not there yet; the dataset is made where it is missing.

        Raises:
            DatasetError: There is a dataset of that name that was made for something else.
            NotFoundError: There is no such workspace.
        """
        home = self._workspace(workspace)
        found = self._dataset(dataset, home) or self._made(dataset, home)
        there = {str(record.get("external_id")) for record in self._records(found, responses=False)}
        fresh = [one for one in asked if one.key not in there]
        for at in range(0, len(fresh), _RECORDS_A_REQUEST):
            some = fresh[at : at + _RECORDS_A_REQUEST]
            self._client.api.records.bulk_upsert(
                dataset_id=found.id, records=[self._record(one, found).api_model() for one in some]
            )
            tick(len(some))
        return Pushed(sent=len(fresh), there=len(asked) - len(fresh), dataset=dataset, workspace=home.name)

    def answers(self, *, dataset: str, workspace: str) -> Iterator[Answered]:
        """Yield every answer of every person.

        Raises:
            NotFoundError: There is no such dataset or workspace.
            DatasetError: The dataset was made for something else.
        """
        home = self._workspace(workspace)
        found = self._dataset(dataset, home)
        if found is None:
            raise NotFoundError(
                f"{self.url} has no dataset {dataset!r} in the workspace {home.name!r}.",
                f"lore review push --argilla {self.url} --dataset {dataset}",
            )
        names = self._names(home)
        for record in self._records(found, responses=True):
            yield from _answers(record, names)

    def _workspace(self, name: str) -> Any:
        spaces = list(self._client.workspaces)
        chosen = [one for one in spaces if not name or one.name == name]
        if not chosen:
            listed = ", ".join(one.name for one in spaces) or "none"
            said = f"no workspace {name!r}" if name else "no workspace for this key"
            raise NotFoundError(
                f"{self.url} has {said}; it has: {listed}.",
                "name one of these with --workspace, or make one there",
            )
        return chosen[0]

    def _dataset(self, name: str, workspace: Any) -> Any:
        models = self._client.api.datasets.list(workspace.id)
        model = next((one for one in models if one.name == name), None)
        if model is None:
            return None
        found = self._library.Dataset.from_model(model, self._client).get()
        questions = {one.name for one in found.settings.questions}
        fields = {one.name for one in found.settings.fields}
        if not {DECISION, NEW_ANSWER} <= questions or not {_QUESTION, _ANSWER} <= fields:
            raise DatasetError(
                f"The dataset {name!r} on {self.url} was made for something else: it asks for "
                f"{', '.join(sorted(questions)) or 'nothing'}.",
                "give another name with --dataset",
            )
        return found

    def _made(self, name: str, workspace: Any) -> Any:
        library = self._library
        settings = library.Settings(
            guidelines=_GUIDELINES,
            fields=[
                library.TextField(name=_QUESTION, use_markdown=True, client=self._client),
                library.TextField(name=_ANSWER, use_markdown=True, client=self._client),
                library.TextField(name=_EVIDENCE, required=False, client=self._client),
            ],
            questions=[
                library.LabelQuestion(name=DECISION, labels=_DECISIONS, client=self._client),
                library.TextQuestion(name=NEW_QUESTION, required=False, client=self._client),
                library.TextQuestion(name=NEW_ANSWER, required=False, client=self._client),
                library.TextQuestion(name=NOTE, required=False, client=self._client),
            ],
            allow_extra_metadata=True,
        )
        made = library.Dataset(name=name, workspace=workspace, settings=settings, client=self._client)
        return made.create()

    def _record(self, one: Asked, dataset: Any) -> Any:
        """Return a record with the words as they are suggested, so that people change them in place."""
        words = {_QUESTION: one.question, _ANSWER: one.answer}
        evidence = {_EVIDENCE: one.evidence} if one.evidence else {}
        suggested = {NEW_QUESTION: one.question, NEW_ANSWER: one.answer}
        return self._library.Record(
            id=one.key,
            fields=words | evidence,
            metadata=dict(one.facts),
            suggestions=[self._library.Suggestion(name, text) for name, text in suggested.items() if text],
            _dataset=dataset,
        )

    def _records(self, dataset: Any, *, responses: bool) -> Iterator[Mapping[str, Any]]:
        offset = 0
        while True:
            params: dict[str, Any] = {"offset": offset, "limit": _RECORDS_A_PAGE}
            if responses:
                params["include"] = ["responses"]
            reply = self._client.http_client.get(f"/api/v1/datasets/{dataset.id}/records", params=params)
            reply.raise_for_status()
            items = reply.json()["items"]
            yield from items
            offset += len(items)
            if len(items) < _RECORDS_A_PAGE:
                return

    def _names(self, workspace: Any) -> dict[str, str]:
        """Return the names of the people of a workspace; of the key's own user alone, where no more may be seen."""
        from argilla._exceptions import ForbiddenError

        me = self._client.me
        names = {str(me.id): str(me.username)}
        try:
            users = self._client.api.users.list_by_workspace_id(workspace.id)
        except ForbiddenError:
            return names
        return names | {str(one.id): one.username for one in users}


@contextmanager
def connected(url: str, key: str) -> Iterator[Server]:
    """Open a server for the block, and say in words what goes wrong there.

    Args:
        url: Its address.
        key: An API key; it stands in no message.

    Raises:
        MissingDependencyError: argilla is not installed.
        ConfigError: The address or the key cannot be used.
        ProviderError: The server does not answer, or is no Argilla.
    """
    if not url.startswith(("http://", "https://")):
        raise ConfigError(
            f"{url!r} is no address of an Argilla server.", "it begins with http:// or https://"
        )
    library = _library()
    with warnings.catch_warnings():
        # The client warns of the way in which it is written itself.
        warnings.simplefilter("ignore")
        # Made in two steps, for the client asks the server at once, and one that is refused must be closed, too.
        client = library.Argilla.__new__(library.Argilla)
        try:
            client.__init__(api_url=url, api_key=key, timeout=_TIMEOUT_S, retries=_RETRIES)
            yield Server(client, library, url)
        except LoreError:
            raise
        except Exception as error:
            words = _in_words(error, url)
            if words is None:
                raise
            raise words from error
        finally:
            if (http := getattr(client, "http_client", None)) is not None:
                http.close()


def _library() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import argilla
        except ImportError as error:
            raise MissingDependencyError(
                "Reviews on an Argilla server need its client, which is not installed.",
                "pip install 'lorewright[argilla]'",
            ) from error
    library: ModuleType = argilla
    return library


def _in_words(error: Exception, url: str) -> LoreError | None:
    import httpx
    from argilla._exceptions import ArgillaAPIError, ArgillaCredentialsError, ArgillaError, ForbiddenError

    if isinstance(error, ArgillaCredentialsError):
        return ConfigError(
            f"{url} does not know the key in {KEY_VARIABLE}.", "copy it from your settings there"
        )
    status = (
        error.status_code
        if isinstance(error, ArgillaAPIError)
        else error.response.status_code
        if isinstance(error, httpx.HTTPStatusError)
        else 0
    )
    if status == 403 or isinstance(error, ForbiddenError):
        return ConfigError(
            f"The key in {KEY_VARIABLE} may not do that on {url}.", "use the key of an admin of the workspace"
        )
    if status or isinstance(error, ArgillaError):
        told = f" ({status})" if status else ""
        return ProviderError(
            f"{url} refused{told}: {_brief(error)}", "run the same command again", status=status
        )
    if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
        return ProviderError(
            f"{url} does not answer: {_brief(error)}", "is the server running, and the address right?"
        )
    if isinstance(error, ValueError | KeyError | TypeError):
        return ProviderError(f"{url} does not answer like an Argilla server.", "is the address right?")
    return None


def _brief(error: Exception) -> str:
    said = str(error.args[0] if error.args else error).partition("\n")[0].rstrip(".")
    return f"{said[:300] or type(error).__name__}."


def _answers(record: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[Answered]:
    fields = record.get("fields") or {}
    for response in record.get("responses") or ():
        user = str(response.get("user_id") or "")
        values = response.get("values") or {}
        yield Answered(
            key=str(record.get("external_id") or ""),
            question=str(fields.get(_QUESTION) or ""),
            answer=str(fields.get(_ANSWER) or ""),
            values={name: _said(value) for name, value in values.items()},
            user=names.get(user, user) or "somebody",
            status=response["status"],
            updated_at=str(response.get("updated_at") or ""),
        )


def _said(value: Any) -> str:
    said = value.get("value") if isinstance(value, Mapping) else value
    return said if isinstance(said, str) else "" if said is None else json.dumps(said)
