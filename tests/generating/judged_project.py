"""A project whose server makes its examples and scores them, and the decisions of people about them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, get_args

from generated_project import Project  # type: ignore[import-not-found]
from scripted_http import Answer, Question, answer  # type: ignore[import-not-found]

from lorewright.core.assessments import Decision, Judgement
from lorewright.core.making import review_key
from lorewright.core.records import Call, Example, Message, Record, Rejection, Run
from lorewright.core.tables import read_table
from lorewright.stages.curation_settings import FilterName
from lorewright.store.database import Database
from lorewright.store.decided import Seen, make_decided
from lorewright.store.reviews import add_decisions

OFF = f"[curation]\noff = {json.dumps(list(get_args(FilterName)))}\n"
JUDGE = f'{OFF}\n[curation.judge]\nmodel = "office/scripted-1"\nconcurrency = 4\n'
EXAMPLES = 24
_moments = count()


def is_judging(question: Question) -> bool:
    """Whether a question asks for a judgement."""
    return "explanation" in ((question.schema or {}).get("properties") or {})


def judging(score: Callable[[str], int], better: str = "A") -> Callable[[Question], Answer]:
    """Return a script that scores by what it is shown, compares always alike, and makes examples as ever."""

    def play(question: Question) -> Answer:
        if not is_judging(question):
            made: Answer = answer(question)
            return made
        properties = dict(question.schema["properties"])
        said: dict[str, Any] = {"explanation": f"Because of {question.digest[:6]}."}
        for name in properties.keys() - {"explanation"}:
            said[name] = better if name == "better" else score(question.prompt)
        return Answer(json.dumps({name: said[name] for name in properties}))

    return play


def curated(project: Project, *options: str, code: int = 0) -> str:
    """Run `lore curate`, which has to end with an exit code; return what it printed, without its line breaks."""
    done = project.lore("curate", *options, cwd=project.folder)
    assert done.returncode == code, f"{done.stdout}{done.stderr}"
    return done.stdout if "--json" in options else " ".join(f"{done.stdout} {done.stderr}".split())


def run_of(project: Project) -> Run:
    """Return the newest run of curate."""
    done = project.lore("show", "curate", "--json", cwd=project.folder)
    return Run.model_validate_json(done.stdout)


def rows(project: Project, name: str) -> list[Any]:
    """Return the rows of an artefact of the newest run of curate."""
    kinds: dict[str, type[Record]] = {
        "examples": Example,
        "rejections": Rejection,
        "judgements": Judgement,
        "calls": Call,
    }
    path = project.workspace / "runs" / "curate" / run_of(project).id / f"{name}.parquet"
    return list(read_table(path, kinds[name]))


def decide(project: Project, example: Example, decision: Decision, answer: str = "") -> None:
    """Decide about an example as a person."""
    messages: tuple[Message, ...] = ()
    if decision == "edit":
        messages = (*example.messages[:-1], Message(role="assistant", content=answer))
    decided = make_decided(
        key=review_key(example.messages),
        decision=decision,
        messages=messages,
        reviewer="ana",
        reviewed_at=datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=next(_moments)),
        seen=Seen(),
    )
    add_decisions(Database(project.workspace), [decided])


def judged_questions(asked: list[Question]) -> Iterator[Question]:
    """Yield the questions that asked for a judgement."""
    return (one for one in asked if is_judging(one))
