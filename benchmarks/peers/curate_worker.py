"""One contestant of `curate.py`, once: reads pairs, finds duplicates, and says what it took.

    python curate_worker.py CONTESTANT PAIRS

`PAIRS` is a JSON list of [question, answer, passage]. One line goes out: the numbers of the pairs that it would leave
out, each with its twin, CPU seconds with imports and reading left out, and the peak memory of the process. Runs without
Lorewright unless it is the contestant.
"""

import json
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

Twins = dict[int, int]
Texts = Sequence[tuple[str, str, int]]
THRESHOLD = 0.5
_PERMUTATIONS = 128
_WORD = re.compile(r"\w+")


def lorewright_curate(read: Texts) -> Callable[[], Twins]:
    """Ask the filters of `lore curate` that look at all examples together, with their default settings."""
    from lorewright.core.making import make_example
    from lorewright.core.records import Evidence, Example, Message
    from lorewright.curation.curate import curate
    from lorewright.stages.curate_together import together
    from lorewright.stages.curation_settings import CurationSettings

    examples = [
        make_example(
            task="qa",
            messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
            evidence=(Evidence(chunk_id=str(passage), start=0, end=20, quote=answer[:20]),),
            origin="benchmark",
            metadata={"place": place},
        ).model_copy(update={"id": str(place)})
        for place, (question, answer, passage) in enumerate(read)
    ]

    def find() -> Twins:
        outcomes = curate(examples, alone={}, together=together(CurationSettings()))
        return {
            int(one.record_id): int(one.twin) if one.twin else -1
            for one in outcomes
            if not isinstance(one, Example)
        }

    return find


def lorewright_twins(read: Texts) -> Callable[[], Twins]:
    """Compare the three-word runs of question and answer, and nothing else."""
    from lorewright.text.near_duplicates import twins
    from lorewright.text.shingles import shingle_sets

    def find() -> Twins:
        sets = shingle_sets(f"{question}\n{answer}" for question, answer, _ in read)
        found = twins(sets, threshold=THRESHOLD, seed=0)
        return {place: twin.position for place, twin in enumerate(found) if twin is not None}

    return find


def datasketch(read: Texts) -> Callable[[], Twins]:
    """Do the same with `MinHash.bulk` and `MinHashLSH`, as its documentation shows: a text with a hit is left out."""
    from datasketch import MinHash, MinHashLSH

    def runs() -> "list[list[bytes]]":
        found = []
        for question, answer, _ in read:
            words = _WORD.findall(f"{question}\n{answer}".lower())
            found.append(
                list({" ".join(words[at : at + 3]).encode() for at in range(max(1, len(words) - 2))})
            )
        return found

    def find() -> Twins:
        index = MinHashLSH(threshold=THRESHOLD, num_perm=_PERMUTATIONS)
        left_out: Twins = {}
        for place, signature in enumerate(MinHash.generator(runs(), num_perm=_PERMUTATIONS)):
            if hits := index.query(signature):
                left_out[place] = min(hits)
            else:
                index.insert(place, signature)
        return left_out

    return find


CONTESTANTS = {
    "lorewright": lorewright_curate,
    "lorewright twins": lorewright_twins,
    "datasketch": datasketch,
}


def main() -> None:
    name, path = sys.argv[1:]
    find = CONTESTANTS[name]([tuple(row) for row in json.loads(Path(path).read_bytes())])
    started = time.process_time()
    left_out = find()
    taken = time.process_time() - started
    unit = 1 if sys.platform == "darwin" else 1024
    parts = ("datasketch",) if name == "datasketch" else ("lorewright", "rensa")
    told = {
        "left_out": list(left_out.items()),
        "cpu_s": taken,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        "versions": [f"{part} {version(part)}" for part in parts],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
