"""One contestant of `generate.py`, in its own process and environment: it asks a server about passages.

    python generate_worker.py CONTESTANT

Prints its versions. Then each line that comes in is an order as JSON: `count` passages, `url` of the server (up to and
with `/v1`), `slots` (calls at a time), an empty `folder` to write to. The answer is one line of JSON: seconds and CPU
seconds of the run, preparations left out, the rows that came out with an answer, peak memory in bytes. Passages and the
wanted JSON are the same for all. Runs without Lorewright unless it is the contestant.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stations import ANSWER_SCHEMA, INSTRUCTION, MODEL, passage, prompts, write_project

Run = Callable[[], int]
"""What is timed; returns the rows that have an answer."""

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def pairs(text: str) -> list[Any]:
    """Return the pairs of an answer, as a user would read it where the contestant does not."""
    return list(json.loads(text)["pairs"])


class Lorewright:
    """`lore generate`, task `qa`: passages on disk before; kept answers, examples and rejections on disk after."""

    packages = ("lorewright", "httpx2")

    def prepare(self, order: dict[str, Any]) -> Run:
        import lorewright

        project = Path(order["folder"])
        write_project(
            project, count=order["count"], url=order["url"], slots=order["slots"], max_new_tokens=1024
        )
        lorewright.chunk(project)

        def run() -> int:
            found = lorewright.generate(project)
            return int(found.metrics["candidates"])

        return run


class Bare:
    """httpx2 alone, one client, as many tasks as slots: the least that Python with this client takes."""

    packages = ("httpx2",)

    def prepare(self, order: dict[str, Any]) -> Run:
        import httpx2

        waiting = iter(prompts(order["count"]))
        kept: list[list[Any]] = []

        async def ask(client: httpx2.AsyncClient, texts: Iterator[str]) -> None:
            for text in texts:
                body = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
                answer = await client.post(f"{order['url']}/chat/completions", json=body)
                kept.append(pairs(answer.json()["choices"][0]["message"]["content"]))

        async def everything() -> None:
            limits = httpx2.Limits(max_connections=order["slots"], max_keepalive_connections=order["slots"])
            async with httpx2.AsyncClient(limits=limits, timeout=60) as client:
                await asyncio.gather(*(ask(client, waiting) for _ in range(order["slots"])))

        def run() -> int:
            asyncio.run(everything())
            return len(kept)

        return run


class Curator:
    """`curator.LLM` with a response format, through its openai backend, cache on; rate limits out of the way."""

    packages = ("bespokelabs-curator", "litellm", "aiohttp")

    def prepare(self, order: dict[str, Any]) -> Run:
        from bespokelabs import curator
        from pydantic import BaseModel

        class Pair(BaseModel):
            question: str
            answer: str
            evidence: str

        class Pairs(BaseModel):
            pairs: list[Pair]

        class Asker(curator.LLM):
            response_format = Pairs

            def prompt(self, row: Any) -> Any:
                return row["text"]

            def parse(self, row: Any, response: Any) -> Any:  # noqa: ARG002 - its API
                return [{"question": one.question, "answer": one.answer} for one in response.pairs]

        from datasets import Dataset

        asker = Asker(
            model_name=MODEL,
            response_format=Pairs,
            backend="openai",
            backend_params={
                "base_url": order["url"],
                "api_key": "none",
                "max_concurrent_requests": order["slots"],
                "max_requests_per_minute": 10**6,
                "max_tokens_per_minute": 10**10,
            },
        )
        rows = Dataset.from_list([{"text": text} for text in prompts(order["count"])])

        def run() -> int:
            return len(asker(rows, working_dir=order["folder"]).dataset)

        return run


class Datatrove:
    """An `InferenceRunner` on an endpoint, with its checkpoints; one task; the rollout reads the JSON."""

    packages = ("datatrove",)

    def prepare(self, order: dict[str, Any]) -> Run:
        from datatrove.data import Document
        from datatrove.executor.local import LocalPipelineExecutor
        from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
        from datatrove.pipeline.writers import JsonlWriter

        folder = Path(order["folder"])
        form = {
            "type": "json_schema",
            "json_schema": {"name": "pairs", "schema": ANSWER_SCHEMA, "strict": True},
        }

        async def rollout(document: Any, generate: Any) -> Any:
            answer = await generate(
                {"messages": [{"role": "user", "content": document.text}], "response_format": form}
            )
            return pairs(answer.text)

        documents = [
            Document(text=text, id=str(number)) for number, text in enumerate(prompts(order["count"]))
        ]
        runner = InferenceRunner(
            rollout_fn=rollout,
            config=InferenceConfig(
                server_type="endpoint",
                model_name_or_path=MODEL,
                endpoint_url=order["url"].removesuffix("/v1"),
                max_concurrent_generations=order["slots"],
            ),
            output_writer=JsonlWriter(
                str(folder / "out"),
                output_filename="${rank}_chunk_${chunk_index}.jsonl",
                compression=None,
            ),
            checkpoints_local_dir=str(folder / "checkpoints"),
        )

        def run() -> int:
            LocalPipelineExecutor(
                pipeline=[documents, runner], logging_dir=str(folder / "logs"), tasks=1
            ).run()
            return sum(len(file.read_text().splitlines()) for file in (folder / "out").rglob("*.jsonl"))

        return run


class DataDesigner:
    """`DataDesigner.create` with one structured column over a seed data set."""

    packages = ("data-designer",)

    def prepare(self, order: dict[str, Any]) -> Run:
        import data_designer.config as dd
        import pandas as pd
        from data_designer.interface import DataDesigner as Designer

        frame = pd.DataFrame({"text": [passage(number) for number in range(order["count"])]})
        parameters = dd.ChatCompletionInferenceParams(max_parallel_requests=order["slots"], timeout=60)
        designer = Designer(
            artifact_path=order["folder"],
            model_providers=[dd.ModelProvider(name="bench", endpoint=order["url"], api_key="none")],
        )
        designer.set_run_config(dd.RunConfig(otel_metrics_port=None))
        builder = dd.DataDesignerConfigBuilder(
            model_configs=[
                dd.ModelConfig(alias="m", model=MODEL, provider="bench", inference_parameters=parameters)
            ]
        )
        builder.with_seed_dataset(dd.DataFrameSeedSource(df=frame))
        builder.add_column(
            dd.LLMStructuredColumnConfig(
                name="pairs",
                model_alias="m",
                prompt=INSTRUCTION + "\n\nPassage:\n{{ text }}",
                output_format=ANSWER_SCHEMA,
            )
        )

        def run() -> int:
            return len(designer.create(builder, num_records=order["count"]).load_dataset())

        return run


class SyntheticDataKit:
    """`QAGenerator.process_document` of one document that it cuts into the passages; batches as large as slots."""

    packages = ("synthetic-data-kit", "openai")

    def prepare(self, order: dict[str, Any]) -> Run:
        from synthetic_data_kit.generators.qa_generator import QAGenerator
        from synthetic_data_kit.models.llm_client import LLMClient

        client = LLMClient(provider="api-endpoint", api_base=order["url"], api_key="none", model_name=MODEL)
        generator = QAGenerator(client)
        generator.generation_config.update(chunk_size=10, overlap=0, batch_size=order["slots"])
        document = "\n\n".join(passage(number).replace(". ", "; ") for number in range(order["count"]))

        def run() -> int:
            found = generator.process_document(document, num_pairs=order["count"])
            (Path(order["folder"]) / "pairs.json").write_text(json.dumps(found))
            return len(found["qa_pairs"])

        return run


class Distilabel:
    """A pipeline of rows and `TextGeneration` with `OpenAILLM`, JSON asked for; batches as large as slots."""

    packages = ("distilabel", "openai")

    def prepare(self, order: dict[str, Any]) -> Run:
        from distilabel.models import OpenAILLM
        from distilabel.pipeline import Pipeline
        from distilabel.steps import LoadDataFromDicts
        from distilabel.steps.tasks import TextGeneration

        rows = [{"instruction": text} for text in prompts(order["count"])]
        with Pipeline(name="bench", cache_dir=order["folder"]) as pipeline:
            load = LoadDataFromDicts(data=rows, batch_size=order["slots"])
            model = OpenAILLM(
                model=MODEL,
                base_url=order["url"],
                api_key="none",
                generation_kwargs={"response_format": {"type": "json_object"}, "max_new_tokens": 1024},
            )
            load >> TextGeneration(llm=model, input_batch_size=order["slots"])

        def run() -> int:
            found = pipeline.run(use_cache=True)["default"]["train"]
            return sum(len(pairs(text)) > 0 for text in found["generation"])

        return run


CONTESTANTS: dict[str, Any] = {
    "lorewright": Lorewright,
    "bare": Bare,
    "curator": Curator,
    "datatrove": Datatrove,
    "data-designer": DataDesigner,
    "synthetic-data-kit": SyntheticDataKit,
    "distilabel": Distilabel,
}


def cpu_seconds() -> float:
    """Return the CPU time of this process and of children that ended."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in parts)


def peak_bytes() -> int:
    """Return the largest resident memory so far of this process, or of a child if that is larger."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in whose) * _MAXRSS_UNIT


def main() -> None:
    """Answer orders until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=CONTESTANTS)
    contestant = CONTESTANTS[parser.parse_args().contestant]()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # what a contestant prints is no answer
        print(
            json.dumps([f"{name} {version(name)}" for name in contestant.packages]), file=answers, flush=True
        )
        for line in sys.stdin:
            order = json.loads(line)
            run = contestant.prepare(order)
            started, cpu = time.perf_counter(), cpu_seconds()
            rows = run()
            taken = {"wall_s": time.perf_counter() - started, "cpu_s": cpu_seconds() - cpu}
            print(json.dumps({**taken, "rows": rows, "peak": peak_bytes()}), file=answers, flush=True)


if __name__ == "__main__":
    main()
