"""From tasks and passages to prompts, and from their replies to examples."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from lorewright.core.records import Example, Rejection
from lorewright.generation.material import Material
from lorewright.generation.prompting import Variety, make_request
from lorewright.generation.reading import read_items
from lorewright.generation.task import Task
from lorewright.llm.asking import Sampling
from lorewright.stages.generate_materials import Materials
from lorewright.stages.generate_tasks import LOG_ANALYSIS
from lorewright.stages.generation_settings import GenerationSettings
from lorewright.stages.model_calls import Prompt

Made = Example | Rejection
"""What a prompt becomes."""
UNSUITABLE = "unsuitable"


def task_prompts(
    tasks: Sequence[Task],
    materials: Materials,
    generation: GenerationSettings,
    *,
    origin: str,
    labelled: Callable[[str], bool] = lambda _document_id: False,
) -> Iterator[Prompt[Made]]:
    """Yield a prompt for each task, passage that suits it, and sample.

    Args:
        tasks: That a model is asked for.
        materials: The passages.
        generation: The settings.
        origin: `provider/model`.
        labelled: Whether people have labelled a document, by its id: then no model is asked what its log says.
    """
    variety = Variety(
        audience=generation.audience,
        difficulty=generation.difficulty,
        style=generation.style,
        language=generation.answer_language,
    )
    for task in tasks:
        for material in _materials(task, materials):
            if task.unsuitable(material) or (task.name == LOG_ANALYSIS and labelled(material.document_id)):
                continue
            for sample in range(generation.samples):
                yield Prompt(
                    task=task.name,
                    source=material.pieces[0].chunk.id,
                    name=_name(material),
                    sample=sample,
                    request=partial(
                        make_request,
                        task,
                        material,
                        variety=variety,
                        sample=sample,
                        sampling=sampling_of(generation),
                        max_new_tokens=generation.max_new_tokens,
                    ),
                    read=partial(read_items, task, material, origin=origin, sample=sample),
                )


def rejection_of(prompt: Prompt[Made], filter_name: str, reason: str) -> Rejection:
    """Return the record of a prompt, or of a part of its reply, that no example could be made of."""
    return Rejection(
        record="candidate", record_id=prompt.source, filter=filter_name, reason=reason, name=prompt.name
    )


def unasked(tasks: Sequence[Task], materials: Materials) -> Iterator[Rejection]:
    """Yield a rejection for each passage that no task asks about, though its document's kind suits one."""
    asked: set[str] = set()
    reasons: dict[str, Rejection] = {}
    for task in tasks:
        for material in _materials(task, materials):
            ids = [piece.chunk.id for piece in material.pieces]
            if not task.suits(material.kind):
                continue
            if reason := task.unsuitable(material):
                told = f"nothing for {task.name}: {reason}"
                reasons |= {one: _unasked(material, one, told) for one in ids if one not in reasons}
            else:
                asked.update(ids)
    yield from (rejection for one, rejection in reasons.items() if one not in asked)


def _unasked(material: Material, chunk_id: str, reason: str) -> Rejection:
    return Rejection(
        record="candidate", record_id=chunk_id, filter=UNSUITABLE, reason=reason, name=_name(material)
    )


def _name(material: Material) -> str:
    return " › ".join((material.title, *material.headings)) or material.kind


def sampling_of(generation: GenerationSettings) -> Sampling:
    """Return how answers are drawn."""
    return Sampling(
        temperature=generation.resolved_temperature(), top_p=generation.top_p, seed=generation.seed
    )


def _materials(task: Task, materials: Materials) -> Sequence[Material]:
    if task.name == LOG_ANALYSIS:
        return materials.logs
    return materials.parts if task.per == "document" else materials.chunks
