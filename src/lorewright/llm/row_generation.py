"""Answers to several prompts at once, each ended, limited and drawn for itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from lorewright.llm.asking import Sampling
from lorewright.llm.json_end import JsonEnd
from lorewright.llm.local import LocalModel


@dataclass(frozen=True)
class Row:
    """One prompt.

    Attributes:
        ids: Its tokens.
        limit: Most tokens of the answer.
        sampling: How they are drawn; the seed counts for this row alone.
        end: Tells where an answer in JSON ends; None for free text.
        is_dropped: Whether nobody waits for the answer any more.
    """

    ids: Sequence[int]
    limit: int
    sampling: Sampling
    end: JsonEnd | None = None
    is_dropped: Callable[[], bool] = lambda: False


class RowAnswer(NamedTuple):
    """What was written to one prompt; `length` where it met its limit or was dropped."""

    text: str
    finish: Literal["stop", "length"]
    tokens: int


def generate_rows(model: LocalModel, rows: Sequence[Row]) -> list[RowAnswer]:
    """Return the answers to all rows, computed together.

    What is drawn for a row depends on its own seed alone. Its probabilities, as all in a batch, depend in their last
    digits on the shape of the batch, so a near tie may go either way.
    """
    ends = _Ends(model, rows)
    answers = model.continue_ids(
        [list(row.ids) for row in rows],
        max(row.limit for row in rows),
        stopping_criteria=[ends],
        logits_processor=[_Draw(rows)],
    )
    kept = [ids[:count] for ids, count in zip(answers, ends.counts, strict=True)]
    texts = model.tokenizer.batch_decode(kept, skip_special_tokens=True)
    return [
        RowAnswer(text.strip(), finish or "length", count)
        for text, finish, count in zip(texts, ends.finishes, ends.counts, strict=True)
    ]


class _Ends:
    """Which rows have ended, asked after each token (the protocol of transformers' StoppingCriteria)."""

    def __init__(self, model: LocalModel, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._tokenizer = model.tokenizer
        self._marks = frozenset(model.model.generation_config.eos_token_id)
        self._pieces: dict[int, str] = {}
        self.counts = [0] * len(rows)
        self.finishes: list[Literal["stop", "length"] | None] = [None] * len(rows)

    def __call__(self, input_ids: Any, scores: Any) -> Any:  # noqa: ARG002 - their protocol
        import torch

        for number, token in enumerate(input_ids[:, -1].tolist()):
            if self.finishes[number] is None:
                self.counts[number] += 1
                self.finishes[number] = self._finish(self._rows[number], token, self.counts[number])
        return torch.tensor([finish is not None for finish in self.finishes], device=input_ids.device)

    def _finish(self, row: Row, token: int, count: int) -> Literal["stop", "length"] | None:
        if token in self._marks or (row.end and row.end.feed(self._piece(token))):
            return "stop"
        return "length" if count >= row.limit or row.is_dropped() else None

    def _piece(self, token: int) -> str:
        # JSON's own characters are whole tokens' parts in every vocabulary; others may come out broken here.
        if token not in self._pieces:
            self._pieces[token] = self._tokenizer.decode([token])
        return self._pieces[token]


class _Draw:
    """Draws the next token of each row that is not greedy (the protocol of transformers' LogitsProcessor).

    transformers draws all rows from one source of chance; then an answer would depend on the others in its batch.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        import torch

        self._drawn = [(n, row.sampling) for n, row in enumerate(rows) if row.sampling.temperature > 0]
        self._chance = {n: torch.Generator().manual_seed(sampling.seed) for n, sampling in self._drawn}

    def __call__(self, input_ids: Any, scores: Any) -> Any:  # noqa: ARG002 - their protocol
        import torch

        if not self._drawn:
            return scores
        chosen = scores.clone()
        for number, sampling in self._drawn:
            shares = torch.softmax(scores[number].double().cpu() / sampling.temperature, dim=-1)
            ordered, tokens = shares.sort(descending=True, stable=True)
            # Those before which less than top_p is used up: always the likeliest.
            ordered[ordered.cumsum(-1) - ordered >= sampling.top_p] = 0
            token = tokens[torch.multinomial(ordered, 1, generator=self._chance[number])]
            chosen[number] = float("-inf")
            chosen[number, token.to(chosen.device)] = 0
        return chosen
