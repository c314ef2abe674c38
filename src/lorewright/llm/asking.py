"""What is asked of a model and what comes back, whoever answers: a server, a model in this process, a script."""

from typing import Literal, Protocol

from pydantic import Field

from lorewright.core.records import Message, Metadata, Record

Finish = Literal["stop", "length", "other"]


class Sampling(Record):
    """How the words of an answer are drawn.

    Attributes:
        temperature: 0 takes the likeliest word each time.
        top_p: Share of probability that is drawn from; 1 is all.
        seed: Of the draw, where a provider heeds one; the number of the sample is added to it.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0


class Request(Record):
    """One question to a model.

    Attributes:
        messages: The conversation up to the answer.
        answer_schema: JSON schema that the answer is to satisfy; None for free text.
        sample: Number of the answer where several to one question are wanted.
        max_new_tokens: Longest answer; it is no part of what an answer is kept under.
    """

    messages: tuple[Message, ...]
    answer_schema: Metadata | None = None
    sampling: Sampling = Sampling()
    sample: int = Field(0, ge=0)
    max_new_tokens: int = Field(1024, ge=1)


class Completion(Record):
    """What a provider answered.

    Attributes:
        text: As it came, thoughts that the provider keeps apart left out.
        finish: `stop`, `length` where it was cut, `other` where it was broken off for another reason.
        prompt_tokens: Tokens read; 0 where the provider does not say.
        completion_tokens: Tokens written; 0 where it does not say.
        served_model: What the provider calls the model that answered.
    """

    text: str
    finish: Finish = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    served_model: str = ""


class Provider(Protocol):
    """Answers requests; many at once.

    Attributes:
        name: `provider/model`, as in lore.toml and in an example's origin.
    """

    name: str

    async def resolve(self) -> Metadata:
        """Return what answers depend on besides the request: provider, model and, where it can be told, its content.

        Raises:
            ProviderError: A server that has to be asked for it does not answer.
        """
        ...

    async def complete(self, request: Request) -> Completion:
        """Return the answer to a request, asked once.

        Raises:
            ProviderError: There is none; `wait_s` says whether another try makes sense.
        """
        ...

    async def aclose(self) -> None:
        """Free what the provider holds; closing twice is harmless."""
        ...
