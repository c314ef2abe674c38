"""Requests that a server does not understand in full, asked again in simpler words, which are remembered.

Servers differ in which parameters they take and in how they can be held to JSON. A refusal that speaks of one of these
is answered by leaving it out. What was left out of a request that then succeeds is left out of all later ones; how an
answer is held to JSON is remembered for each schema, since a server may take one and refuse another.
"""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from lorewright.llm.endpoints import AnswerFormat, Endpoint
from lorewright.llm.server_errors import RefusalError

T = TypeVar("T")
_STATUSES = {400, 422, 500, 501}
_ABOUT_FORMAT = re.compile(
    r"response[_ ]?format|json[_ ]?(schema|object|mode)|grammar|structured[_ ]output|guided"
)
# Said of a request; an error of the server may speak of any format.
_ABOUT_FORMAT_TOO = re.compile(r"\b(format|schema)\b")
# llama.cpp, of an answer that it held to the schema itself and cannot read: github.com/ggml-org/llama.cpp/issues/27279
_LOST = "does not match the expected"
_NOT_UNDERSTOOD = re.compile(
    r"support|unknown|unrecogni|unexpected|extra|not permitted|not allowed|cannot find|cannot both|invalid|deprecated"
)
_TOO_LONG = re.compile(
    r"too (large|long|many)|at most|exceed|less than|maximum context|context (length|size|window)"
)
_TOLD = "Answer with JSON alone, which satisfies this JSON schema:"


@dataclass(frozen=True)
class Wording:
    """How one request is put.

    Attributes:
        formats: How the answer may be held to JSON from here on, the first being the one in use; empty for free text.
        dropped: Parameters that are left out.
        renamed: Parameters by their usual names that have another one.
    """

    formats: tuple[AnswerFormat, ...] = ()
    dropped: frozenset[str] = frozenset()
    renamed: tuple[tuple[str, str], ...] = ()

    def of(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters as they are sent."""
        names = dict(self.renamed)
        return {
            names.get(name, name): value for name, value in parameters.items() if name not in self.dropped
        }


class Simpler(NamedTuple):
    """A request put in simpler words.

    Attributes:
        wording: The words.
        what: Is simpler, for people.
        lasting: Whether later requests are to be put so too, once this one succeeds.
    """

    wording: Wording
    what: str
    lasting: bool = True


class Concessions:
    """What one server was found not to understand.

    Attributes:
        steps: How often an answer was held to JSON in each way, and each thing was left out or renamed.
    """

    def __init__(
        self,
        formats: Sequence[AnswerFormat],
        *,
        optional: Sequence[str] = (),
        other_names: Mapping[str, str] | None = None,
    ) -> None:
        """Start with everything understood.

        Args:
            formats: How an answer can be held to JSON, the strictest first.
            optional: Parameters that may be left out.
            other_names: Parameters that some servers want under another name, and that name.
        """
        self.steps: Counter[str] = Counter()
        self._formats = tuple(formats)
        self._optional = tuple(optional)
        self._other_names = dict(other_names or {})
        self._dropped: frozenset[str] = frozenset()
        self._renamed: tuple[tuple[str, str], ...] = ()
        self._formats_of: dict[str, tuple[AnswerFormat, ...]] = {}

    async def asked(self, schema: Mapping[str, Any] | None, ask: Callable[[Wording], Awaitable[T]]) -> T:
        """Return the answer to a request, put in simpler words as long as the server refuses for one of them.

        Args:
            schema: JSON schema of the answer.
            ask: Asks once, in the given words.

        Raises:
            RefusalError: The server refuses for another reason.
        """
        key = "" if schema is None else json.dumps(schema, sort_keys=True)
        known = self._formats_of.get(key, self._formats) if schema is not None else ()
        wording = lasting = Wording(known, self._dropped, self._renamed)
        conceded: list[str] = []
        while True:
            try:
                answer = await ask(wording)
            except RefusalError as refusal:
                if (simpler := self.simpler(wording, refusal)) is None:
                    raise
                wording = simpler.wording
                lasting = wording if simpler.lasting else lasting
                conceded.append(simpler.what)
            else:
                self._remember(key, lasting)
                self.steps.update([*conceded, *wording.formats[:1]])
                return answer

    def simpler(self, wording: Wording, refusal: RefusalError) -> Simpler | None:
        """Return simpler words for what was refused; None where no other words would help."""
        told = refusal.told
        if refusal.status not in _STATUSES:
            return None
        if _LOST in told and len(wording.formats) > 1:
            return Simpler(
                replace(wording, formats=wording.formats[-1:]), "answer lost by the server", lasting=False
            )
        if _NOT_UNDERSTOOD.search(told) and not _TOO_LONG.search(told):
            for name, other in self._other_names.items():
                if (name, other) not in wording.renamed and _speaks_of(told, name):
                    renamed = replace(wording, renamed=(*wording.renamed, (name, other)))
                    return Simpler(renamed, f"{name} sent as {other}")
            for name in self._optional:
                if name not in wording.dropped and _speaks_of(told, name):
                    return Simpler(replace(wording, dropped=wording.dropped | {name}), f"{name} left out")
        of_format = _ABOUT_FORMAT.search(told) or (refusal.status < 500 and _ABOUT_FORMAT_TOO.search(told))
        if len(wording.formats) > 1 and of_format:
            return Simpler(replace(wording, formats=wording.formats[1:]), f"{wording.formats[0]} refused")
        return None

    def _remember(self, key: str, wording: Wording) -> None:
        self._dropped |= wording.dropped
        self._renamed = tuple(dict.fromkeys((*self._renamed, *wording.renamed)))
        if wording.formats:
            self._formats_of[key] = wording.formats


def concessions_of(endpoint: Endpoint) -> Concessions:
    """Return what may be conceded to a server with an OpenAI-compatible API."""
    dialect = endpoint.dialect
    other = "max_tokens" if dialect.max_tokens == "max_completion_tokens" else "max_completion_tokens"
    optional = ("temperature", "top_p", dialect.seed, *dialect.extra)
    return Concessions(
        dialect.formats,
        optional=[name for name in optional if name],
        other_names={dialect.max_tokens: other},
    )


def told_schema(messages: Sequence[dict[str, Any]], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a conversation whose last turn also says which JSON schema the answer is to satisfy."""
    *before, last = messages
    text = f"{last['content']}\n\n{_TOLD}\n{json.dumps(schema, ensure_ascii=False)}"
    return [*before, {**last, "content": text}]


def _speaks_of(told: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", told) is not None
