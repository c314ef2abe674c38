"""The newest state of one project, for a server that stays up while the project goes on."""

from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Any

from lorewright.core.workspace import Workspace
from lorewright.stages.answer_models import NONE, OWN, AnswerModel, answer_model
from lorewright.stages.ask import Retriever, open_retriever
from lorewright.stages.settings import Settings, load


class Project:
    """A project that is asked again and again.

    What was opened is kept until a newer run or another lore.toml is there; a call that is under way finishes on what
    it began with.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._writing = Lock()
        self._opening = Lock()
        self._loading = Lock()
        self._retriever: tuple[object, Retriever] | None = None
        self._model: tuple[object, AnswerModel | None] | None = None

    def settings(self) -> Settings:
        """Return the settings as lore.toml has them now.

        Raises:
            ConfigError: It cannot be used.
        """
        return load(self.workspace.project_dir)

    def retriever(self) -> Retriever:
        """Return the newest index.

        Raises:
            NotFoundError: Nothing is indexed yet, or it was indexed with another embedder.
        """
        settings = self.settings()
        state = (settings, *self._newest("ingest", "index", "probe"))
        with self._opening:
            if self._retriever is None or self._retriever[0] != state:
                self._retriever = (state, open_retriever(self.workspace, settings))
            return self._retriever[1]

    def answer_model(self) -> AnswerModel | None:
        """Return the model that lore.toml names for answers; None where it names none.

        Raises:
            ConfigError: Its provider is not configured.
            NotFoundError: It is the own one, and none is trained yet.
        """
        settings = self.settings()
        if settings.ask.model in {"", NONE}:
            return None
        state = (settings, *self._newest("train", "export"))
        with self._loading:
            if self._model is None or self._model[0] != state:
                self._model = (state, answer_model(self.workspace, settings))
            return self._model[1]

    def turn(self) -> AbstractContextManager[Any]:
        """Return what a model's answer is to be written in: the own model, in this process, writes one at a time."""
        return self._writing if self.settings().ask.model == OWN else nullcontext()

    def _newest(self, *stages: str) -> list[tuple[str, object]]:
        """Return which run of each stage counts, and when it was made: one that was removed may be made again."""
        found = [self.workspace.newest(stage) for stage in stages]
        return [(run.id, run.finished_at) if run else ("", None) for run in found]
