"""Versions of a model by their names, and which of today's test examples one was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lorewright.core.errors import NotFoundError
from lorewright.core.records import Assignment, Example, Record, Run
from lorewright.core.tables import read_table
from lorewright.core.workspace import Workspace
from lorewright.datasets.asked import nearly_asked
from lorewright.evaluation.systems import RAG_SUFFIX
from lorewright.stages import base, dataset, train
from lorewright.stages.asked_models import BASE, GGUF, OWN, SCRIPTED, TRANSFORMERS
from lorewright.stages.evaluate_suites import Suite
from lorewright.stages.models import endpoints
from lorewright.stages.settings import Settings
from lorewright.text.tokens import squash

_IN_PROCESS = (GGUF, SCRIPTED, TRANSFORMERS)
_NEWEST = {OWN: "train", "tuned": "train", BASE: "base"}


class Version(Record):
    """One version of a model, as it is asked.

    Attributes:
        name: As a person called it.
        system: As evaluate calls it: `own/train/ID`, `base/ID` or `PROVIDER/MODEL`, with `+rag` where it is shown
            passages.
        run: Id of its run of train or base; empty for another model.
        dataset: Id of the run of dataset that it was trained on; empty where there is none.
    """

    name: str
    system: str
    run: str = ""
    dataset: str = ""


@dataclass(frozen=True)
class Leaks:
    """Test examples that a version was trained on, in one way or another: example id to how.

    Attributes:
        unknown: Why it cannot be told; empty where it can.
    """

    found: Mapping[str, str] = field(default_factory=dict)
    unknown: str = ""


def find_version(workspace: Workspace, settings: Settings, name: str) -> Version:
    """Return the version behind a name.

    Args:
        workspace: Of the project.
        settings: With the providers.
        name: A run of train, base, evaluate or export, its id or a ref of it; `own/RUN`, `own` or `tuned` for the
            newest; `base`; or `PROVIDER/MODEL`. With `+rag` behind it, it is shown passages.

    Raises:
        NotFoundError: There is none, or its model is gone.
    """
    bare = name.removesuffix(RAG_SUFFIX)
    suffix = RAG_SUFFIX * (bare != name)
    kind, _, rest = bare.partition("/")
    if rest and (kind in _IN_PROCESS or kind in endpoints(settings.providers)):
        return Version(name=name, system=name)
    if not rest and kind in _NEWEST:
        run = workspace.newest(_NEWEST[kind])
        if run is None:
            raise NotFoundError(f"There is no {name}: nothing is trained yet.", "lore train")
    else:
        run = _resolved(workspace, settings, rest if kind == OWN and rest else bare)
    if run.stage == "base":
        _require_model(workspace, name, run, base.MODEL)
        return Version(name=name, system=f"base/{run.id}{suffix}", run=run.id)
    trained = run if run.stage == "train" else workspace.find("train", run.inputs.get("train", ""))
    if trained is None or (run.stage != "train" and "train" not in run.inputs):
        raise NotFoundError(
            f"{name!r} is {run.stage}/{run.id}, and no model of it is there.", "lore compare --help"
        )
    _require_model(workspace, name, trained, train.ADAPTER)
    return Version(
        name=name,
        system=f"own/train/{trained.id}{suffix}",
        run=trained.id,
        dataset=trained.inputs.get("dataset", ""),
    )


def _resolved(workspace: Workspace, settings: Settings, name: str) -> Run:
    try:
        return workspace.resolve(name)
    except NotFoundError as error:
        known = ", ".join(settings.providers) or "none"
        raise NotFoundError(
            error.message,
            f"`lore status` lists runs; PROVIDER/MODEL needs its provider in lore.toml (there: {known})",
        ) from error


def _require_model(workspace: Workspace, name: str, run: Run, artefact: str) -> None:
    if not (workspace.run_dir(run.stage, run.id) / artefact).exists():
        raise NotFoundError(f"The model of {name!r} ({run.stage}/{run.id}) is gone.", "lore train")


def leaks_of(
    workspace: Workspace,
    version: Version,
    suites: Sequence[Suite],
    places: Mapping[str, Sequence[tuple[str, int]]],
    *,
    today: str,
    alike: float,
) -> Leaks:
    """Return which test examples a version was trained on: the example itself, its question, or its document.

    The last counts for unseen documents alone, which are none to it. Of the user's own questions, nearly the same
    question counts, as nothing like them is trained on.

    Args:
        workspace: Of the project.
        version: One that was trained here; of another nothing can be told.
        suites: Today's test examples.
        places: Documents by the chunk that stands in them.
        today: Id of today's run of dataset, which leaks nothing into itself.
        alike: Similarity from which two questions are nearly the same (`datasets.asked`).
    """
    if version.dataset == today or version.system.startswith(f"{BASE}/"):
        return Leaks()
    if not version.run:
        return Leaks(unknown=f"what {version.name} was trained on is not known")
    folder = workspace.run_dir("dataset", version.dataset)
    if not (folder / dataset.TRAIN).exists() or not (folder / dataset.ASSIGNMENTS).exists():
        return Leaks(
            unknown=f"what {version.name} was trained on is gone: dataset/{version.dataset} (lore gc)"
        )
    taught = list(read_table(folder / dataset.TRAIN, Example))
    ids, questions = {one.id for one in taught}, {question_key(one) for one in taught}
    assigned = read_table(folder / dataset.ASSIGNMENTS, Assignment)
    documents = {one.document_id for one in assigned if one.split == "train"}
    found: dict[str, str] = {}
    for suite in suites:
        near = nearly_asked(suite.examples, taught, threshold=alike) if suite.test_set == "questions" else {}
        for position, example in enumerate(suite.examples):
            own = {place[0] for piece in example.evidence for place in places.get(piece.chunk_id, ())}
            if example.id in ids:
                found[example.id] = "the example"
            elif question_key(example) in questions:
                found[example.id] = "its question"
            elif position in near:
                found[example.id] = "nearly its question"
            elif suite.test_set == "unseen-docs" and own & documents:
                found[example.id] = "its document"
    return Leaks(found=found)


def question_key(example: Example) -> str:
    """Return what two examples share that ask the same, up to case and white space."""
    return squash(example.prompt).casefold()
