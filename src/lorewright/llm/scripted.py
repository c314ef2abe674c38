"""A provider for tests that answers as it is told, without a model."""

import asyncio
from collections.abc import Callable, Sequence

from lorewright.core.errors import ProviderError
from lorewright.core.records import Metadata
from lorewright.llm.asking import Completion, Request

Script = Callable[[Request], Completion | str | ProviderError]


class ScriptedProvider:
    """Answers from a function, or from a list whose last entry is repeated for ever.

    An entry is an answer, its text alone, or the error to raise.

    Attributes:
        name: `scripted/...`.
        asked: The requests as they came.
        in_flight: Calls that are being answered.
        most_in_flight: The most there were at once.
        closed: Whether it was closed.
    """

    def __init__(
        self,
        script: Script | Sequence[Completion | str | ProviderError],
        *,
        name: str = "scripted/test",
        latency_s: float | Callable[[Request], float] = 0.0,
        content: str = "",
    ) -> None:
        """Start with nothing asked.

        Args:
            script: What it answers.
            name: As in an example's origin.
            latency_s: What each answer takes, or tells what one to a request takes.
            content: Of the script, where it is to count as the model's.
        """
        self.name = name
        self.asked: list[Request] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.closed = False
        self._script = script if callable(script) else _one_after_the_other(script)
        self._content = content
        self._latency_s = latency_s if callable(latency_s) else lambda _: latency_s

    async def resolve(self) -> Metadata:
        """Return its name and the content of its script."""
        told = {"provider": "scripted", "model": self.name.partition("/")[2]}
        return told | ({"content": self._content} if self._content else {})

    async def complete(self, request: Request) -> Completion:
        """Return the next answer.

        Raises:
            ProviderError: The script has one.
        """
        self.asked.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if latency_s := self._latency_s(request):
                await asyncio.sleep(latency_s)
            answer = self._script(request)
        finally:
            self.in_flight -= 1
        if isinstance(answer, ProviderError):
            raise answer
        return Completion(text=answer) if isinstance(answer, str) else answer

    async def aclose(self) -> None:
        """Note that it was closed."""
        self.closed = True


def _one_after_the_other(answers: Sequence[Completion | str | ProviderError]) -> Script:
    rest = list(answers)
    return lambda _: rest.pop(0) if len(rest) > 1 else rest[0]
