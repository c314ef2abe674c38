"""A verdict on models that were really trained: no where nothing could be learned, yes where something was."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "null_test.py"


@pytest.fixture(scope="module")
def null_test() -> Any:
    spec = spec_from_file_location("null_test", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["null_test"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def world_and_base(null_test: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    world = null_test.make_world()
    return world, null_test.make_base(world, tmp_path_factory.mktemp("null"), steps=40)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_model_trained_on_shuffled_answers_is_not_called_better(
    null_test: Any, world_and_base: Any, tmp_path: Path, seed: int
) -> None:
    world, base = world_and_base
    found = null_test.trial(world, base, tmp_path, shuffled=True, seed=seed, epochs=10)
    assert {name: verdict.choice for name, verdict in found.verdicts.items()} == {
        "seen-docs": "not-better",
        "unseen-docs": "not-better",
    }
    # It answers with the names of firms, so that it is right now and then: the verdict is not for want of answers.
    shares = [row.means["token_f1"].mean for row in found.verdicts["seen-docs"].rows if row.system == "tuned"]
    assert 0 < shares[0] < 0.4


def test_a_model_that_learned_what_the_documents_say_is_better_on_these_documents_only(
    null_test: Any, world_and_base: Any, tmp_path: Path
) -> None:
    world, base = world_and_base
    found = null_test.trial(world, base, tmp_path, shuffled=False, seed=0).verdicts
    assert (found["seen-docs"].choice, found["seen-docs"].better) == ("tuned", True)
    assert (found["unseen-docs"].choice, found["unseen-docs"].better) == ("not-better", False)
