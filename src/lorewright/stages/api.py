"""The Python API: the verbs of `lore` as functions."""

from collections.abc import Collection, Sequence
from pathlib import Path

from lorewright.core.progress import Silent
from lorewright.core.records import Passage, Run
from lorewright.core.workspace import Workspace, find_project
from lorewright.retrieval.answer import Answer
from lorewright.retrieval.filters import Filters
from lorewright.stages.ask import Retriever, answer_from_passages, open_retriever
from lorewright.stages.compare import Comparison, prepare_comparison
from lorewright.stages.compare import compare as compare_versions
from lorewright.stages.road import TRAINING, bring
from lorewright.stages.settings import load
from lorewright.stages.start import new_project
from lorewright.stages.why import open_evaluation
from lorewright.stages.why_report import Explained, explained

ProjectDir = str | Path


def init(*places: str, project_dir: ProjectDir = ".", name: str = "") -> Run:
    """Make a project of a folder or repository of documents and return the run of its index.

    Raises:
        ConfigError: There is a project already.
        SourceError: The documents cannot be read, or there are none.
    """
    with new_project(Path(project_dir), places, name=name):
        return _bring("probe", project_dir, (), asked=(), of="index")


def ingest(project_dir: ProjectDir = ".", *, settings: Sequence[str] = ()) -> Run:
    """Read the sources; `settings` are `key=value` assignments laid over lore.toml, here and below."""
    return _bring("ingest", project_dir, settings, asked=())


def chunk(project_dir: ProjectDir = ".", *, settings: Sequence[str] = ()) -> Run:
    """Cut the documents into passages."""
    return _bring("chunk", project_dir, settings, asked=())


def generate(project_dir: ProjectDir = ".", *, settings: Sequence[str] = ()) -> Run:
    """Make candidate examples."""
    return _bring("generate", project_dir, settings, asked=("generate",))


def train(project_dir: ProjectDir = ".", *, settings: Sequence[str] = ()) -> Run:
    """Train the model, its base too where that is `tiny`."""
    return _bring("train", project_dir, settings, asked=TRAINING)


def evaluate(project_dir: ProjectDir = ".", *, settings: Sequence[str] = ()) -> Run:
    """Judge the trained model, training it first where that is due; `metrics["verdicts"]` says what to use."""
    return _bring("evaluate", project_dir, settings, asked=TRAINING)


def export(project_dir: ProjectDir = ".", *, settings: Sequence[str] = ()) -> Run:
    """Write and verify GGUF files."""
    return _bring("export", project_dir, settings, asked=TRAINING)


def run(project_dir: ProjectDir = ".", *, settings: Sequence[str] = ()) -> Run:
    """Bring everything cheap up to date and return the run of the dataset."""
    _bring("probe", project_dir, settings, asked=())
    return _bring("dataset", project_dir, settings, asked=())


def ask(question: str, project_dir: ProjectDir = ".", *, passages: int = 5) -> Answer:
    """Answer a question in the documents' own words, with citations.

    Raises:
        NotFoundError: There is no project, or nothing is indexed yet.
    """
    return answer_from_passages(_retriever(project_dir), question, k=passages)


def search(
    query: str, project_dir: ProjectDir = ".", *, passages: int = 5, filters: Filters | None = None
) -> list[Passage]:
    """Return the best passages for a query, best first.

    Raises:
        NotFoundError: There is no project, nothing is indexed yet, or a filter names what is not there.
    """
    return _retriever(project_dir).find(query, k=passages, filters=filters or Filters())


def compare(
    first: str, second: str, project_dir: ProjectDir = ".", *, settings: Sequence[str] = (), examples: int = 5
) -> Comparison:
    """Return how a second version of a model stands to a first one on the same test questions.

    Args:
        first: A run or a ref of it, `own/RUN`, `base` or `PROVIDER/MODEL`, each with `+rag` behind it if wanted.
        second: Likewise.
        project_dir: Of the project.
        settings: As in `ingest`.
        examples: How many of those that changed most are returned.

    Raises:
        LoreError: As `stages.compare.prepare_comparison` and `stages.compare.compare` say.
    """
    workspace = Workspace(find_project(Path(project_dir)))
    chosen = load(workspace.project_dir, tuple(settings))
    asked = prepare_comparison(workspace, chosen, first, second, Silent())
    return compare_versions(workspace, asked, Silent(), examples=examples)


def why(example: str, project_dir: ProjectDir = ".", *, system: str | None = None) -> Explained:
    """Return why the answers to a test question of the newest evaluation are what they are.

    Raises:
        LoreError: As `stages.why.open_evaluation` and `stages.why_report.explained` say.
    """
    workspace = Workspace(find_project(Path(project_dir)))
    return explained(open_evaluation(workspace, load(workspace.project_dir)), example, system=system)


def _retriever(project_dir: ProjectDir) -> Retriever:
    workspace = Workspace(find_project(Path(project_dir)))
    return open_retriever(workspace, load(workspace.project_dir))


def _bring(
    stage: str, project_dir: ProjectDir, assignments: Sequence[str], *, asked: Collection[str], of: str = ""
) -> Run:
    workspace = Workspace(find_project(Path(project_dir)))
    settings = load(workspace.project_dir, tuple(assignments))
    return bring(workspace, settings, Silent(), upto=stage, asked=asked)[of or stage]
