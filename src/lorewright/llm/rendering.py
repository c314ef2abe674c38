"""Templates of prompts and messages: Jinja in its sandbox, strict about names; what is filled in is inert."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from lorewright.core.errors import ConfigError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.nodes import Expr
    from jinja2.sandbox import SandboxedEnvironment

USER_TURN = "<!-- user -->"
"""The line of a prompt file that ends the system turn; without it all of the file is the user's turn."""


def render(template: str, variables: Mapping[str, Any]) -> str:
    """Return a template filled in, without whitespace at its ends.

    Raises:
        ValueError: It names something that is not there, or fails in another way.
    """
    from jinja2 import TemplateError

    try:
        return _compiled(template).render(variables).strip()
    except (TemplateError, TypeError, ArithmeticError, LookupError, AttributeError, RuntimeError) as error:
        raise ValueError(str(error)) from error


def names(template: str, *, where: str) -> dict[str, set[tuple[str, ...]]]:
    """Return the variables of a template, and of each the chains of properties it is asked for.

    `{{ item.question }}` gives `{"item": {("question",)}}`, a bare `{{ item }}` gives `{"item": set()}`.

    Raises:
        ConfigError: It is no template; the message has `where` and the line.
    """
    from jinja2 import TemplateError, TemplateSyntaxError, meta, nodes

    try:
        tree = _environment().parse(template)
        _compiled(template)
        found: dict[str, set[tuple[str, ...]]] = {
            name: set() for name in meta.find_undeclared_variables(tree)
        }
    except TemplateError as error:
        line = f":{error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
        raise ConfigError(
            f"{where}{line} is no Jinja template: {error}.", "see jinja.palletsprojects.com/templates"
        ) from error
    for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
        name, chain = _chain(node)
        if name in found and chain:
            found[name].add(chain)
    return found


def turns(prompt_text: str) -> tuple[str, str]:
    """Return the templates of the system turn, empty where there is none, and of the user's turn of a prompt file."""
    lines = prompt_text.splitlines()
    border = next((number for number, line in enumerate(lines) if line.strip() == USER_TURN), None)
    if border is None:
        return "", prompt_text.strip()
    return "\n".join(lines[:border]).strip(), "\n".join(lines[border + 1 :]).strip()


def require_known(
    found: Iterable[str], known: Collection[str], *, where: str, hints: Mapping[str, str] | None = None
) -> None:
    """Check that a template names only what there is.

    Args:
        found: Its variables.
        known: Those that there are.
        where: What a message calls the template.
        hints: What to say of some names; of the others the nearest known one is said.

    Raises:
        ConfigError: Names the variable, and the nearest known one.
    """
    for name in sorted(found):
        if name not in known:
            hint = (hints or {}).get(name) or nearest(name, known)
            raise ConfigError(f"{where}: there is no variable {name!r}.", hint)


def require_filled(template: str, variables: Mapping[str, Any], *, where: str, hint: str) -> None:
    """Check that a template can be filled in.

    Raises:
        ConfigError: It cannot; `hint` says what to do.
    """
    try:
        render(template, variables)
    except ValueError as error:
        raise ConfigError(f"{where} cannot be filled in: {error}.", hint) from error


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint that names what was probably meant."""
    known = sorted(known)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


def _chain(node: "Expr") -> tuple[str, tuple[str, ...]]:
    """Return what a dotted expression begins with and its properties; an empty name where it is something else."""
    from jinja2 import nodes

    properties: list[str] = []
    while True:
        if isinstance(node, nodes.Getattr):
            properties.append(node.attr)
            node = node.node
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            properties.append(str(node.arg.value))
            node = node.node
        else:
            break
    return (node.name if isinstance(node, nodes.Name) else ""), tuple(reversed(properties))


@cache
def _environment() -> "SandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    class PropertiesOnly(SandboxedEnvironment):
        """A dot after an object of a reply asks for its property, never for a method of Python's dict."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping):
                return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
            return super().getattr(obj, attribute)

    environment = PropertiesOnly(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"json": _as_json, "fenced": fenced, "prefixed": _prefixed}
    return environment


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def fenced(text: str, language: str = "") -> str:
    """Return a text as a block of code in Markdown, between fences that it does not hold."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}".rstrip() for line in text.splitlines())


@lru_cache(maxsize=256)
def _compiled(template: str) -> "Template":
    return _environment().from_string(template)
