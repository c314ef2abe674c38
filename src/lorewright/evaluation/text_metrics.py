"""How near an answer in words is to its reference, from 0 to 1: `(reference, prediction) -> float`.

An empty prediction scores 0 whatever the reference. BLEU and chrF are sacreBLEU's divided by 100, ROUGE is
rouge-score's; where those libraries see no words, outside Latin script, `tokenizing` tells them where they are.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from lorewright.evaluation.tokenizing import spaced, tokens

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF


def token_f1(reference: str, prediction: str) -> float:
    """Return the harmonic mean of precision and recall over tokens, repeated ones counted.

    The formula is SQuAD's (Rajpurkar et al. 2016) without its removal of English articles and punctuation. Of texts
    that both have no words, such as operators, the characters are compared.
    """
    expected, given = Counter(tokens(reference)), Counter(tokens(prediction))
    if not expected and not given:
        return float(bool(prediction.strip()) and reference.split() == prediction.split())
    shared = (expected & given).total()
    return 2 * shared / (expected.total() + given.total())


def rouge_1(reference: str, prediction: str) -> float:
    """Return ROUGE-1's F1: words in common (Lin 2004), by rouge-score."""
    return _rouge("rouge1", reference, prediction)


def rouge_2(reference: str, prediction: str) -> float:
    """Return ROUGE-2's F1: pairs of neighbouring words in common (Lin 2004), by rouge-score; a single word has none."""
    return _rouge("rouge2", reference, prediction)


def rouge_l(reference: str, prediction: str) -> float:
    """Return ROUGE-L's F1: the longest common subsequence of words (Lin 2004), by rouge-score."""
    return _rouge("rougeL", reference, prediction)


def bleu(reference: str, prediction: str) -> float:
    """Return BLEU of one answer (Papineni et al. 2002), as sacreBLEU's `sentence_bleu`: 13a, smoothed by `exp`."""
    return _share(_sentence_bleu().sentence_score(spaced(prediction), [spaced(reference)]).score)


def chrf(reference: str, prediction: str) -> float:
    """Return chrF of one answer (Popović 2015), as sacreBLEU's `sentence_chrf`: up to 6 characters, beta 2."""
    return _share(_chrf().sentence_score(prediction, [reference]).score)


def corpus_bleu(references: Sequence[str], predictions: Sequence[str]) -> float:
    """Return BLEU of many answers together, as sacreBLEU's `corpus_bleu`; it is not the mean of the single ones.

    Raises:
        ValueError: There are none, or not as many predictions as references.
    """
    _check(references, predictions)
    apart = [spaced(text) for text in predictions], [spaced(text) for text in references]
    return _share(_corpus_bleu().corpus_score(apart[0], [apart[1]]).score)


def corpus_chrf(references: Sequence[str], predictions: Sequence[str]) -> float:
    """Return chrF of many answers together, as sacreBLEU's `corpus_chrf`; it is not the mean of the single ones.

    Raises:
        ValueError: There are none, or not as many predictions as references.
    """
    _check(references, predictions)
    return _share(_chrf().corpus_score(list(predictions), [list(references)]).score)


def _check(references: Sequence[str], predictions: Sequence[str]) -> None:
    if not references or len(references) != len(predictions):
        message = f"{len(predictions)} predictions cannot be compared with {len(references)} references"
        raise ValueError(message)


def _share(score: float) -> float:
    """Return a score of 0 to 100 as 0 to 1; the library's own rounding may put it a little above."""
    return min(score / 100, 1.0)


def _rouge(kind: str, reference: str, prediction: str) -> float:
    return float(_rouge_scorer(kind).score(reference, prediction)[kind].fmeasure)


class _Tokenizer:
    """Splits as rouge-score's own tokenizer does, which takes nothing but `a-z` and `0-9` for a word."""

    def tokenize(self, text: str) -> list[str]:
        return [part for token in tokens(text) for part in token.split("_") if part]


@cache
def _rouge_scorer(kind: str) -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer([kind], tokenizer=_Tokenizer())


@cache
def _sentence_bleu() -> "BLEU":
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(effective_order=True)


@cache
def _corpus_bleu() -> "BLEU":
    from sacrebleu.metrics.bleu import BLEU

    # `force` only silences a warning about text that looks tokenized.
    return BLEU(force=True)


@cache
def _chrf() -> "CHRF":
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()
