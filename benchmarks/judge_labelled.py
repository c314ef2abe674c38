"""What a judge is worth: its scores beside the labels of the labelled candidates of tests/curation/labelled.

    python benchmarks/judge_labelled.py gguf/model.gguf --dir /tmp/judged
    python benchmarks/judge_labelled.py ollama/qwen3:8b --dir /tmp/judged --rubric quality --kinds good generic_answer
    python benchmarks/judge_labelled.py office/NAME --base-url https://models.example/v1 --key-env OFFICE_KEY

Replies are kept in the folder, so that a stopped measurement goes on. `--half held_out` is for the figures that are
published: nothing may be tuned by them.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from lorewright.core.assessments import Judgement
from lorewright.core.ids import text_digest
from lorewright.core.making import chunk_id, make_document, make_example
from lorewright.core.progress import Silent
from lorewright.core.records import Chunk, Evidence, Example, Message, Place, SourceMap
from lorewright.core.workspace import Workspace
from lorewright.llm.asking import Request, Sampling
from lorewright.llm.judging import Subject, pair_requests, preferred
from lorewright.stages.asked_models import opened_model, resolve_served
from lorewright.stages.curate_judge_prompts import judge_prompts
from lorewright.stages.curate_part import Part, asked_model
from lorewright.stages.curation_settings import CurationSettings, JudgeSettings
from lorewright.stages.judge_shown import rubric_of
from lorewright.stages.model_calls import Prompt, ask_all
from lorewright.stages.settings import ProviderSettings
from lorewright.text.calibration import Decided, calibrate

LABELLED = Path(__file__).parents[1] / "tests" / "curation" / "labelled"
KINDS = ("good", "unsupported", "changed_number", "swapped_identifier")
MOST_REJECTED = 0.05


def main() -> None:
    """Print a Markdown report."""
    options = _options()
    workspace = Workspace(options.dir)
    workspace.prepare()
    rows = list(_rows(options))
    examples = {row["id"]: _example(row, passage) for row, passage in rows}
    scored = _scores(options, workspace, rows, examples)
    by_kind: dict[str, list[Judgement]] = defaultdict(list)
    for row, _ in rows:
        if (found := scored.get(examples[row["id"]].id)) is not None:
            by_kind[row["kind"]].append(found)
    _print(options, by_kind)
    if options.pairs:
        _print_pairs(options, workspace, rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", metavar="PROVIDER/MODEL")
    parser.add_argument("--dir", type=Path, required=True, help="where replies are kept")
    parser.add_argument("--half", choices=("tuning", "held_out"), default="tuning")
    parser.add_argument(
        "--rubric", default="faithfulness", help="one of the package, or a file in the folder"
    )
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), metavar="KIND")
    parser.add_argument("--most", type=int, default=1000, metavar="N", help="rows of a kind")
    parser.add_argument(
        "--pairs", type=int, default=0, metavar="N", help="good answers beside one to another question"
    )
    parser.add_argument("--base-url", default="", help="of a server that has no preset")
    parser.add_argument("--key-env", default="", help="variable with its key")
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def _rows(options: argparse.Namespace) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    passages = {one["key"]: one for one in _lines(f"{options.half}_passages.jsonl")}
    counts: dict[str, int] = defaultdict(int)
    for row in _lines(f"{options.half}.jsonl"):
        if (
            row["kind"] in options.kinds
            and row["task"] != "log_analysis"
            and counts[row["kind"]] < options.most
        ):
            counts[row["kind"]] += 1
            yield row, passages[row["passage"]]


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (LABELLED / name).read_text(encoding="utf-8").splitlines()]


def _example(row: dict[str, Any], passage: dict[str, Any]) -> Example:
    start = passage["text"].find(row["quote"])
    evidence = Evidence(
        chunk_id=_chunk_of(passage).id, start=start, end=start + len(row["quote"]), quote=row["quote"]
    )
    return make_example(
        task=row["task"],
        messages=tuple(Message(**turn) for turn in row["messages"]),
        evidence=(evidence,),
        origin="labelled",
        metadata=row["metadata"],
    )


def _document_of(passage: dict[str, Any]) -> Any:
    return make_document(
        source="labelled",
        path=passage["key"],
        kind=passage["kind"],
        title=passage["headings"][0],
        text=passage["text"],
        source_map=SourceMap(),
    )


def _chunk_of(passage: dict[str, Any]) -> Chunk:
    headings, text = tuple(passage["headings"]), passage["text"]
    return Chunk(
        id=chunk_id(passage["kind"], headings, text_digest(text)),
        document_id=_document_of(passage).id,
        kind=passage["kind"],
        text=text,
        start=0,
        end=len(text),
        place=Place(unit="line", first=1, last=1),
        headings=headings,
        strategy="headings",
    )


def _part(options: argparse.Namespace) -> Part:
    name = options.model.partition("/")[0]
    server = ProviderSettings(base_url=options.base_url, api_key_env=options.key_env)
    judge = JudgeSettings(model=options.model, rubric=options.rubric, concurrency=options.concurrency)
    return Part(
        curation=CurationSettings(judge=judge),
        providers={name: server} if options.base_url else {},
        threads=options.threads,
    )


def _scores(
    options: argparse.Namespace,
    workspace: Workspace,
    rows: Sequence[tuple[dict[str, Any], dict[str, Any]]],
    examples: dict[str, Example],
) -> dict[str, Judgement]:
    part, passages = _part(options), {passage["key"]: passage for _, passage in rows}
    asked_of = judge_prompts(
        part,
        rubric_of(part.curation.judge.rubric, workspace, key="curation.judge.rubric"),
        candidates=list(examples.values()),
        outcomes=list(examples.values()),
        documents=[_document_of(one) for one in passages.values()],
        chunks=[_chunk_of(one) for one in passages.values()],
        reporter=Silent(),
    )
    asked = asked_model(part)
    assert asked is not None
    resolve_served(asked, workspace)
    with opened_model(asked, workspace) as model:
        answered = ask_all(asked_of.prompts, model, Silent(), left_out=_unusable)
    made = [records[0] for records in answered.records]
    return {one.example_id: one for one in made if isinstance(one, Judgement)}


def _unusable(prompt: Prompt[Any], _filter: str, reason: str) -> Judgement:
    return Judgement(example_id=prompt.source, model="", rubric="", problem=reason)


def _print(options: argparse.Namespace, by_kind: dict[str, list[Judgement]]) -> None:
    good = [one.score for one in by_kind.get("good", []) if one.score is not None]
    limit = _limit(good)
    print(
        f"{options.model}, rubric {options.rubric}, {options.half}: rejected below {limit:g}, where at most "
        f"{MOST_REJECTED:.0%} of the good ones are\n"
    )
    print("| kind | rows | usable replies | mean score | AUC beside good | rejected |")
    print("|---|---|---|---|---|---|")
    bad_scores: list[float] = []
    for kind, judgements in by_kind.items():
        scores = [one.score for one in judgements if one.score is not None]
        bad_scores += scores if kind != "good" else []
        mean = sum(scores) / len(scores) if scores else 0.0
        auc = f"{_auc(good, scores):.2f}" if kind != "good" else ""
        rejected = sum(score < limit for score in scores) / (len(scores) or 1)
        print(f"| {kind} | {len(judgements)} | {len(scores)} | {mean:.2f} | {auc} | {rejected:.1%} |")
    decided = [*(Decided(one, good=True) for one in good), *(Decided(one, good=False) for one in bad_scores)]
    agreement = calibrate(decided, min_score=JudgeSettings().min_score)
    print(f"\nAUC of all beside good {_auc(good, bad_scores):.2f}; {agreement.told()}")


def _limit(good: Sequence[float]) -> float:
    """Return the highest limit below which at most so many of the good ones are."""
    tried = sorted({0.0, *good})
    return max(one for one in tried if sum(score < one for score in good) <= MOST_REJECTED * len(good))


def _auc(good: Sequence[float], bad: Sequence[float]) -> float:
    """Return how often a good one has the higher score than a bad one; a tie counts half."""
    pairs = [(one > other) + (one == other) / 2 for one in good for other in bad]
    return sum(pairs) / (len(pairs) or 1)


def _print_pairs(
    options: argparse.Namespace, workspace: Workspace, rows: Sequence[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    """Print how often a right answer is preferred to one to another question about the same passage."""
    prompts, part = list(_pair_prompts(options, rows)), _part(options)
    asked = asked_model(part)
    assert asked is not None
    with opened_model(asked, workspace) as model:
        answered = ask_all(prompts, model, Silent(), left_out=lambda *_: None)
    values = [records[0] for records in answered.records]
    both = [pair for pair in zip(values[::2], values[1::2], strict=True) if None not in pair]
    says = [preferred(*pair) for pair in both]
    torn = sum(pair[0]["better"] == pair[1]["better"] != "tie" for pair in both)
    print(
        f"\nOf {len(both)} pairs: {says.count('one')} right, {says.count('other')} wrong, "
        f"{says.count('tie')} tied, {torn} of these because it chose the same place in both orders"
    )


def _pair_prompts(
    options: argparse.Namespace, rows: Sequence[tuple[dict[str, Any], dict[str, Any]]]
) -> Iterator[Prompt[Any]]:
    good = [(row, passage) for row, passage in rows if row["kind"] == "good" and row["task"] == "qa"]
    made = 0
    for (row, passage), (other, beside) in pairwise(good):
        if passage["key"] != beside["key"] or made == options.pairs:
            continue
        made += 1
        subject = Subject(
            question=row["messages"][0]["content"],
            answer=row["messages"][1]["content"],
            passages=(passage["text"],),
        )
        pair = pair_requests(
            subject, other["messages"][1]["content"], sampling=Sampling(), max_new_tokens=400
        )
        for number, request in enumerate(pair):
            yield Prompt("compare", row["id"], "", number, partial(_same, request), _listed)


def _same(request: Request) -> Request:
    return request


def _listed(value: Any) -> list[Any]:
    return [value]


if __name__ == "__main__":
    main()
