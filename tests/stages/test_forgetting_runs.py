"""What was measured of general text before a stop is not measured again, and another text is another run."""

from pathlib import Path
from typing import Any

import pytest

from lorewright.core.errors import ConfigError
from lorewright.core.progress import Silent
from lorewright.core.records import Run
from lorewright.core.stage import execute
from lorewright.core.workspace import Workspace
from lorewright.stages import forgetting
from lorewright.stages.settings import load


def measured(project: Path, *assignments: str) -> Run:
    workspace = Workspace(project)
    inputs = {name: run for name in ("base", "train") if (run := workspace.newest(name))}
    part = forgetting.select(load(project, ("evaluation.forgetting.text=general", *assignments)))
    return execute(forgetting.STAGE, part, inputs, workspace, Silent())


def test_a_stopped_measurement_goes_on_with_the_second_model(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = forgetting._open

    def stopping(name: str, *rest: Any) -> Any:
        opened.append(name)
        if opened == ["base", "tuned"]:
            raise KeyboardInterrupt
        return real(name, *rest)

    monkeypatch.setattr(forgetting, "_open", stopping)
    with pytest.raises(KeyboardInterrupt):
        measured(trained)
    run = measured(trained)
    assert opened == ["base", "tuned", "tuned"]
    known = forgetting.read_known(Workspace(trained), run)
    assert known.text is not None
    assert known.text.difference.n == run.metrics["paragraphs"] >= 30
    assert known.text.difference.mean == pytest.approx(known.text.tuned.mean - known.text.base.mean)
    assert "nats a token, perplexity" in forgetting.summary(run)
    assert measured(trained).id == run.id
    assert opened == ["base", "tuned", "tuned"]


def test_a_text_is_known_by_its_words(trained: Path) -> None:
    path = trained / "own.txt"
    path.write_text("A paragraph of several words.\n", encoding="utf-8")
    first = measured(trained, "evaluation.forgetting.text=own.txt")
    path.write_text("A paragraph of other words.\n", encoding="utf-8")
    assert measured(trained, "evaluation.forgetting.text=own.txt").id != first.id
    path.write_text("# only a heading\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"own\.txt has no paragraphs"):
        measured(trained, "evaluation.forgetting.text=own.txt")
