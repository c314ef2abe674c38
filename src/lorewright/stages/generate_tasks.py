"""Which tasks the settings name and how each is made: from structure, by a model, or of what other tasks made."""

from dataclasses import dataclass
from difflib import get_close_matches

from lorewright.core.errors import ConfigError
from lorewright.core.workspace import Workspace
from lorewright.generation.task import Task, builtin_names, builtin_task, own_task
from lorewright.stages.generate_structure import TASKS, structure_suits
from lorewright.stages.generation_settings import (
    EXTRACTIVE,
    GenerationSettings,
    LogAnalysisSettings,
    OwnTaskSettings,
)

QA, GROUNDED_QA, REFUSAL, QUERIES, LOG_ANALYSIS = "qa", "grounded_qa", "refusal", "queries", "log_analysis"
RETRIEVING = frozenset({GROUNDED_QA, REFUSAL, QUERIES})
"""Tasks whose examples show passages of the index."""


@dataclass(frozen=True)
class TaskList:
    """How the tasks of the settings are made.

    Attributes:
        wanted: Names as in the settings.
        structural: Names in `TASKS`, made without a model.
        asked: Those that a model is asked for, one prompt a passage or document.
        queries: Whether real questions are answered from passages.
    """

    wanted: tuple[str, ...]
    structural: tuple[str, ...]
    asked: tuple[Task, ...]
    queries: bool

    def suits(self, kind: str, *, labelled: bool) -> bool:
        """Whether a task may make something of the passages of documents of a kind, labelled by people or not."""
        if not self.structural and not self.asked:
            return True
        return any(structure_suits(name, kind, labelled=labelled) for name in self.structural) or any(
            task.suits(kind) for task in self.asked
        )


def task_list(
    generation: GenerationSettings, log_analysis: LogAnalysisSettings, workspace: Workspace
) -> TaskList:
    """Return how the tasks of the settings are made.

    Raises:
        ConfigError: There is no such task, it needs a model and none is set, or a task of your own cannot be used.
    """
    has_model = generation.model != EXTRACTIVE
    # The examples of `grounded_qa` are made of those of `qa`.
    names = dict.fromkeys([*generation.tasks, *([QA] if GROUNDED_QA in generation.tasks else [])])
    structural: list[str] = []
    asked: list[Task] = []
    for name in names:
        if name in generation.own:
            _want_model(name, has_model)
            asked.append(_own_task(name, generation.own[name], workspace))
        elif name in {GROUNDED_QA, QUERIES}:
            if name == QUERIES:
                _want_model(name, has_model)
        elif has_model and name in builtin_names():
            asked.append(_builtin_task(name, log_analysis))
            # Labels of people stand beside what a model says of the other logs.
            structural += [name] if name == LOG_ANALYSIS else []
        elif name in TASKS.names():
            structural.append(name)
        elif name in builtin_names():
            _want_model(name, has_model)
        else:
            raise _unknown(name, generation)
    return TaskList(
        wanted=generation.tasks,
        structural=tuple(structural),
        asked=tuple(asked),
        queries=QUERIES in names,
    )


def _builtin_task(name: str, log_analysis: LogAnalysisSettings) -> Task:
    if name != LOG_ANALYSIS:
        return builtin_task(name)
    return builtin_task(
        name,
        parameters={
            "categories": list(log_analysis.categories),
            "severities": list(log_analysis.severities),
        },
    )


def _own_task(name: str, settings: OwnTaskSettings, workspace: Workspace) -> Task:
    if name in {*builtin_names(), *TASKS.names(), GROUNDED_QA, QUERIES}:
        raise ConfigError(
            f"The task {name!r} of [generation.own] has the name of one that is there.", "rename it"
        )
    mapping = settings.model_dump(mode="json", exclude={"prompt", "answer_schema"})
    return own_task(
        name,
        prompt_text=_file(workspace, settings.prompt, name, "prompt"),
        schema=_file(workspace, settings.answer_schema, name, "answer_schema"),
        mapping=mapping,
        prompt_name=settings.prompt,
        schema_name=settings.answer_schema,
        mapping_name=f"[generation.own.{name}] in lore.toml",
    )


def _file(workspace: Workspace, path: str, task: str, key: str) -> str:
    try:
        return (workspace.project_dir / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(
            f"The file {path!r} of [generation.own.{task}] cannot be read: {reason}.",
            f"mend `generation.own.{task}.{key}` in lore.toml",
        ) from error


def _want_model(name: str, has_model: bool) -> None:
    if not has_model:
        raise ConfigError(
            f"The task {name!r} needs a model, and generation.model is {EXTRACTIVE!r}.",
            'set generation.model in lore.toml, e.g. "ollama/qwen3:8b", or: lore generate --model ollama/qwen3:8b',
        )


def _unknown(name: str, generation: GenerationSettings) -> ConfigError:
    known = sorted({*builtin_names(), *TASKS.names(), *generation.own, GROUNDED_QA, QUERIES})
    near = get_close_matches(name, known, n=1)
    return ConfigError(
        f"There is no task named {name!r}.",
        f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}",
    )
