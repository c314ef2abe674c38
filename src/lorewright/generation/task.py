"""What a generation task is: a prompt, the JSON schema of its reply, and how a reply becomes messages.

The built-in ones lie in `prompts/NAME/` as `prompt.md`, `schema.json` and `task.toml`; a user's own has the same shape.
"""

import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal

from pydantic import Field

from lorewright.core.errors import ConfigError
from lorewright.core.ids import short_id
from lorewright.core.records import Message, Metadata, Record
from lorewright.core.settings import check
from lorewright.generation.material import Material, group_of

_PROMPTS = files("lorewright.generation") / "prompts"


class TaskMapping(Record):
    """How a reply becomes messages: `task.toml`, or a table of `lore.toml`.

    Templates know what the prompt knows, besides `text` and `code` (the passage unquoted, and without doc comments),
    `reply` (all of it), `item` (one entry of `items`) and, with `each`, `turn` (one entry of `item`'s list).

    Attributes:
        version: Raised with the meaning of the task.
        kinds: Documents that it is made of.
        per: What one prompt shows.
        items: Dotted path to the list in the reply that gives an example an entry; empty is the reply itself.
        each: Property of an item that lists turns; messages are made, and evidence is looked for, once a turn.
        messages: Templates of an example's messages.
        evidence: Templates of quotes that must stand in the passage; without them all of the passage is the evidence.
        copied: Templates whose every line must stand in the passage word for word.
        self_contained: Whether the user's turns must be understood without the passage.
        needs_definition: Whether only chunks in which a class or function begins are asked about.
        min_chars: Shorter passages are not asked about.
        metadata: Of every example.
        parameters: Further variables; `"enum": "$name"` in the schema becomes the list of that name.
    """

    version: int = 1
    kinds: Literal["prose", "code", "log", "any"] = "any"
    per: Literal["chunk", "document"] = "chunk"
    items: str = ""
    each: str = ""
    messages: tuple[Message, ...] = Field(min_length=2)
    evidence: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    self_contained: bool = True
    needs_definition: bool = False
    min_chars: int = Field(0, ge=0)
    metadata: Metadata = Field(default_factory=dict)
    parameters: Metadata = Field(default_factory=dict)


class Task(TaskMapping):
    """A generation task that is ready to ask and to read.

    Attributes:
        name: As in `generation.tasks`.
        system: Template of the system turn; may be empty.
        user: Template of the user's turn.
        answer_schema: JSON schema of the reply.
    """

    name: str
    system: str
    user: str
    answer_schema: Metadata

    @cached_property
    def digest(self) -> str:
        """Changes with the prompt, the schema and the mapping; part of a run's id."""
        from lorewright.generation.prompting import WORDING

        return short_id(self.model_dump(mode="json", exclude={"name"}), WORDING)

    @cached_property
    def stands_alone(self) -> bool:
        """Whether the user's turns are questions without the passage, and must be understood so."""
        from lorewright.llm.rendering import names

        asked = (message.content for message in self.messages if message.role == "user")
        shown = {name for template in asked for name in names(template, where=self.name)}
        return self.self_contained and shown.isdisjoint({"passage", "text", "code"})

    @cached_property
    def worked(self) -> str:
        """The replies that its prompt shows as examples: lines that begin as JSON objects do."""
        return "\n".join(line for line in self.system.splitlines() if line.startswith('{"'))

    def suits(self, kind: str) -> bool:
        """Whether documents of a kind are what it is made of."""
        return self.kinds in {"any", group_of(kind)}

    def unsuitable(self, material: Material) -> str:
        """Return why a material is not asked about; empty where it is."""
        if not self.suits(material.kind):
            return f"{self.name} is made of {self.kinds}, not of {material.kind}"
        if self.needs_definition and not material.definitions:
            return "no class or function begins in it"
        if len(material.text.strip()) < max(self.min_chars, 1):
            return f"it has fewer than {max(self.min_chars, 1)} characters"
        return ""


def builtin_names() -> list[str]:
    """Return the names of the tasks that come with the package."""
    return sorted(folder.name for folder in _PROMPTS.iterdir() if (folder / "task.toml").is_file())


def builtin_task(name: str, *, parameters: Mapping[str, Any] | None = None) -> Task:
    """Return a task that comes with the package.

    Args:
        name: One of `builtin_names()`.
        parameters: In place of the task's own, such as `categories` and `severities` of `log_analysis`.

    Raises:
        ConfigError: There is none of that name, or it has no such parameter.
    """
    from lorewright.llm.rendering import nearest

    if name not in builtin_names():
        raise ConfigError(f"There is no generation task {name!r}.", nearest(name, builtin_names()))
    folder = _PROMPTS / name
    mapping = tomllib.loads((folder / "task.toml").read_text(encoding="utf-8"))
    known = mapping.setdefault("parameters", {})
    for key in parameters or {}:
        if key not in known:
            raise ConfigError(f"The task {name} has no parameter {key!r}.", nearest(key, known))
    return own_task(
        name,
        prompt_text=(folder / "prompt.md").read_text(encoding="utf-8"),
        schema=(folder / "schema.json").read_text(encoding="utf-8"),
        mapping={**mapping, "parameters": {**known, **(parameters or {})}},
        prompt_name=f"{name}/prompt.md",
        schema_name=f"{name}/schema.json",
        mapping_name=f"{name}/task.toml",
    )


def own_task(
    name: str,
    *,
    prompt_text: str,
    schema: str,
    mapping: Mapping[str, Any],
    prompt_name: str = "the prompt",
    schema_name: str = "the schema",
    mapping_name: str = "lore.toml",
) -> Task:
    """Return a task made of a prompt, a JSON schema and a mapping, checked before anything is asked.

    Args:
        name: What examples are called.
        prompt_text: A Jinja template; a line `<!-- user -->` parts the system turn from the user's.
        schema: The JSON text of the reply's schema.
        mapping: As `TaskMapping`.
        prompt_name: What a message calls the prompt, such as its file.
        schema_name: What a message calls the schema.
        mapping_name: What a message calls the mapping.

    Raises:
        ConfigError: A template, the schema or the mapping cannot be used; names the file, and the nearest known name.
    """
    from lorewright.generation.task_checks import check_mapping, check_prompt, read_schema
    from lorewright.llm.rendering import turns

    mapped = check(dict(mapping), TaskMapping, where=f"{mapping_name} ({name})")
    system, user = turns(prompt_text)
    task = Task(
        **mapped.model_dump(),
        name=name,
        system=system,
        user=user,
        answer_schema=read_schema(schema, mapped.parameters, where=schema_name),
    )
    check_prompt(task, where=prompt_name)
    check_mapping(task, where=f"{mapping_name} ({name})", schema_name=schema_name)
    return task
