"""What calls cost, and how much they may."""

from typing import NamedTuple

from lorewright.core.records import Record
from lorewright.llm.asking import Completion, Request
from lorewright.llm.reply import CHARS_PER_TOKEN

_MILLION = 1_000_000


class Price(Record):
    """What a provider takes, in US dollars for a million tokens."""

    usd_per_million_input: float
    usd_per_million_output: float

    def usd(self, prompt_tokens: float, completion_tokens: float) -> float:
        """Return the price of tokens read and written."""
        spent = prompt_tokens * self.usd_per_million_input + completion_tokens * self.usd_per_million_output
        return spent / _MILLION


class Tokens(NamedTuple):
    """Tokens that a model read and wrote."""

    prompt: int = 0
    completion: int = 0

    def plus(self, other: "Tokens") -> "Tokens":
        """Return both together."""
        return Tokens(self.prompt + other.prompt, self.completion + other.completion)

    def minus(self, other: "Tokens") -> "Tokens":
        """Return what is left without others."""
        return Tokens(self.prompt - other.prompt, self.completion - other.completion)


class Budget:
    """Spends up to a limit and begins no call that could exceed it.

    A call fits when what was spent, what calls under way may still cost and what it may cost itself stay within the
    limits. What a call may cost is an estimate: a token for three characters of the prompt, and the longest answer.
    Only an error of that can exceed a limit: prompts with more tokens (of a script with a token a character), a server
    that counts thoughts apart from the longest answer, a provider that charges for calls it did not answer.

    Attributes:
        spent: Tokens of the answers so far; estimated where a provider does not say.
    """

    def __init__(
        self,
        price: Price | None = None,
        *,
        stop_at_usd: float | None = None,
        stop_at_tokens: int | None = None,
    ) -> None:
        """Start with nothing spent.

        Args:
            price: None when calls cost nothing.
            stop_at_usd: None for no limit.
            stop_at_tokens: Read and written together; None for no limit.
        """
        self.spent = Tokens()
        self._price = price or Price(usd_per_million_input=0, usd_per_million_output=0)
        self._stop_at_usd = stop_at_usd
        self._stop_at_tokens = stop_at_tokens
        self._under_way = Tokens()

    @property
    def usd(self) -> float:
        """What the answers so far cost."""
        return self._price.usd(*self.spent)

    def reserve(self, request: Request) -> bool:
        """Set aside what a call may cost if it fits, and tell whether it does."""
        under_way = self._under_way.plus(_at_most(request))
        all_in = self.spent.plus(under_way)
        fits = (self._stop_at_usd is None or self._price.usd(*all_in) <= self._stop_at_usd) and (
            self._stop_at_tokens is None or sum(all_in) <= self._stop_at_tokens
        )
        if fits:
            self._under_way = under_way
        return fits

    def settle(self, request: Request, completion: Completion | None) -> None:
        """Count what a call that was set aside for has cost; nothing when it was not answered."""
        self._under_way = self._under_way.minus(_at_most(request))
        if completion:
            self.spent = self.spent.plus(
                Tokens(
                    completion.prompt_tokens or _at_most(request).prompt,
                    completion.completion_tokens or _tokens(len(completion.text)),
                )
            )

    def told(self) -> str:
        """Return what was spent of which limit, in words."""
        if self._stop_at_usd is not None:
            return f"${self.usd:.4f} of ${self._stop_at_usd:g}"
        return f"{sum(self.spent):,} tokens of {self._stop_at_tokens:,}"


def _at_most(request: Request) -> Tokens:
    chars = sum(len(message.content) for message in request.messages)
    return Tokens(_tokens(chars), request.max_new_tokens)


def _tokens(chars: int) -> int:
    return -(-chars // CHARS_PER_TOKEN)
