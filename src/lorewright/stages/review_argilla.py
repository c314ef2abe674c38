"""Examples sent to an Argilla server, and what people answered there taken in."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lorewright.core.errors import ConfigError
from lorewright.core.making import review_key
from lorewright.core.printable import printable
from lorewright.core.progress import Reporter
from lorewright.core.records import Message
from lorewright.core.workspace import Workspace
from lorewright.curation.editing import asked
from lorewright.hub.argilla import (
    DECISION,
    KEY_VARIABLE,
    NEW_ANSWER,
    NEW_QUESTION,
    NOTE,
    Answered,
    Asked,
    Pushed,
    connected,
)
from lorewright.stages.review_examples import Reviewable, Shown, backgrounds_of
from lorewright.stages.review_files import Problem, Taken, known_examples, take_in
from lorewright.stages.review_rows import Known, RowProblemError, decided_of
from lorewright.store.decided import KEPT, Decided


def push_reviews(
    workspace: Workspace,
    examples: Sequence[Reviewable],
    reporter: Reporter,
    *,
    url: str,
    dataset: str,
    space: str,
) -> Pushed:
    """Send examples to a dataset of an Argilla server; those that are there already are not sent again.

    Args:
        workspace: Of the project.
        examples: What people are to decide about.
        reporter: Shows progress.
        url: Of the server; the key comes from `ARGILLA_API_KEY`.
        dataset: Its name there.
        space: The workspace there; empty for the first.

    Raises:
        ConfigError: The address or the key cannot be used.
        MissingDependencyError: argilla is not installed.
        ProviderError: The server does not answer.
        DatasetError: The dataset was made for something else.
        NotFoundError: There is no such workspace.
    """
    behind = backgrounds_of(workspace, (one.example for one in examples))
    rows = [_asked(one, behind[one.example.id].evidence) for one in examples]
    with connected(url, api_key()) as server, reporter.task("push", total=len(rows), unit="examples") as tick:
        return server.push(rows, dataset=dataset, workspace=space, tick=tick)


def pull_reviews(
    workspace: Workspace, reporter: Reporter, *, url: str, dataset: str, space: str, dry_run: bool
) -> Taken:
    """Take in what people answered on an Argilla server; each answer counts from when it was given there.

    Drafts and answers that were discarded decide nothing. An accepted example whose words were changed is an edit.

    Args:
        workspace: Of the project.
        reporter: Shows progress.
        url: Of the server; the key comes from `ARGILLA_API_KEY`.
        dataset: Its name there.
        space: The workspace there; empty for the first.
        dry_run: Only count.

    Raises:
        ConfigError: The address or the key cannot be used.
        MissingDependencyError: argilla is not installed.
        ProviderError: The server does not answer.
        DatasetError: The dataset was made for something else.
        NotFoundError: There is no such dataset or workspace.
    """
    known, now = known_examples(workspace), datetime.now(UTC)
    found: list[tuple[int, Decided]] = []
    undecided: list[int] = []
    problems: list[Problem] = []
    with connected(url, api_key()) as server, reporter.task("pull", total=None, unit="answers") as tick:
        for number, answer in enumerate(server.answers(dataset=dataset, workspace=space), 1):
            tick(1)
            try:
                decided = _decided(answer, known, now)
            except RowProblemError as problem:
                about = f"{answer.key} by {answer.user}: {problem}"
                problems.append(Problem(line=number, reason=about))
                continue
            if decided is None:
                undecided.append(number)
            else:
                found.append((number, decided))
    return take_in(workspace, found, known, undecided, problems, now=now, dry_run=dry_run)


def api_key() -> str:
    """Return the key for Argilla from the environment.

    Raises:
        ConfigError: There is none.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise ConfigError(
            f"There is no key for Argilla in {KEY_VARIABLE}.",
            f"export {KEY_VARIABLE}=... from your settings there",
        )
    return key


def _asked(one: Reviewable, shown: Iterable[Shown]) -> Asked:
    example = one.example
    facts: dict[str, str | float] = {
        "example_id": example.id,
        "task": example.task,
        "filters": "" if one.settled else one.filter or KEPT,
        "reason": one.reason,
    }
    if one.score is not None:
        facts["score"] = one.score
    return Asked(
        key=one.key,
        question=printable(asked(example)),
        answer=printable(example.messages[-1].content if example.messages else ""),
        evidence=printable("\n\n".join(_quoted(piece) for piece in shown)),
        facts={name: value for name, value in facts.items() if value != ""},
    )


def _quoted(piece: Shown) -> str:
    where = f"{piece.path}:{piece.place}\n" if piece.path else ""
    return f"{where}{piece.text[piece.start : piece.end]}"


def _decided(answer: Answered, known: Known, now: datetime) -> Decided | None:
    if answer.status != "submitted":
        return None
    values = {name: answer.values.get(name, "") for name in (DECISION, NEW_QUESTION, NEW_ANSWER, NOTE)}
    row: Mapping[str, Any] = {
        "key": answer.key,
        "decision": values[DECISION],
        "new_question": _changed(values[NEW_QUESTION], answer.question),
        "new_answer": _changed(values[NEW_ANSWER], answer.answer),
        "note": values[NOTE],
        "reviewer": answer.user,
        "reviewed_at": answer.updated_at,
        "messages": _words(answer) if answer.key not in known.by_key else [],
    }
    if row["decision"] == "accept" and (row["new_question"] or row["new_answer"]):
        row = {**row, "decision": "edit"}
    return decided_of(row, known, reviewer=answer.user, now=now)


def _changed(said: str, before: str) -> str:
    """Return what somebody wrote, nothing where they left the words that were suggested."""
    return "" if said.strip() == before.strip() else said


def _words(answer: Answered) -> list[dict[str, str]]:
    """Return the words of an example that is gone here, if a question and an answer are all of them."""
    turns = (Message(role="user", content=answer.question), Message(role="assistant", content=answer.answer))
    return [turn.model_dump() for turn in turns] if review_key(turns) == answer.key else []
