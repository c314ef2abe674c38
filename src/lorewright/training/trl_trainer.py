"""TRL's supervised trainer, set up to be quiet, exact on resume and quick on a CPU."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lorewright.llm.local import answer_logits
from lorewright.llm.memory import give_back
from lorewright.training import checkpoints
from lorewright.training.sampler import LengthGroupedSampler


def run_trainer(
    *,
    model: Any,
    tokenizer: Any,
    train_features: Sequence[dict[str, list[int]]],
    validation_features: Sequence[dict[str, list[int]]],
    lora: Any,
    arguments: dict[str, Any],
    checkpoint_dir: Path,
    recipe: str,
    tick: Callable[[int], None],
) -> tuple[Any, int]:
    """Train on rows that are already token ids and labels, from the newest whole checkpoint if there is one.

    Args:
        lora: PEFT's configuration, or None to train all weights.
        arguments: For `SFTConfig`, beyond those that are fixed here.
        recipe: What each checkpoint's marker names, see `checkpoints.seal`.
        tick: Gets the number of optimizer steps just done.

    Returns:
        The trainer after its last step, and the number of steps that the checkpoint already held.
    """
    from transformers import PrinterCallback
    from trl import SFTConfig

    import datasets

    datasets.disable_progress_bars()
    checkpoint = checkpoints.newest(checkpoint_dir, recipe=recipe)
    resumed_from = checkpoints.steps(checkpoint) if checkpoint else 0
    with warnings.catch_warnings():
        # These libraries warn their own developers; what matters to a user is an error here.
        warnings.simplefilter("ignore")
        trainer = _trainer_class()(
            model=model,
            args=SFTConfig(output_dir=str(checkpoint_dir), **_FIXED, **arguments),
            train_dataset=datasets.Dataset.from_list(list(train_features)),
            eval_dataset=datasets.Dataset.from_list(list(validation_features)) or None,
            processing_class=tokenizer,
            peft_config=lora,
        )
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(_callback(recipe, tick))
        tick(resumed_from)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    return trainer, resumed_from


STEPS_A_TRIM = 8
_FIXED: dict[str, Any] = {
    "report_to": "none",
    "disable_tqdm": True,
    # Averages over several steps would differ after a resume in their middle.
    "logging_steps": 1,
    "save_strategy": "steps",
    "save_total_limit": 2,
    "packing": False,
    "max_length": None,
    "lr_scheduler_type": "cosine",
    "max_grad_norm": 1.0,
    "optim": "adamw_torch",
}


def _trainer_class() -> Any:
    import torch
    from trl import SFTTrainer

    class CompletionTrainer(SFTTrainer):  # type: ignore[misc,unused-ignore]
        """Orders rows by seed and epoch only, and on a CPU computes logits on answer tokens only."""

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            if inputs["input_ids"].device.type != "cpu" or self.aux_loss_enabled:
                return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
            logits, targets = answer_logits(
                model, inputs["input_ids"], inputs["attention_mask"], inputs["labels"]
            )
            total = torch.nn.functional.cross_entropy(logits.float(), targets, reduction="sum")
            return total / (len(targets) if num_items_in_batch is None else num_items_in_batch)

        def _get_train_sampler(self, train_dataset: Any = None) -> LengthGroupedSampler:
            rows = self.train_dataset if train_dataset is None else train_dataset
            return LengthGroupedSampler(
                [len(ids) for ids in rows["input_ids"]],
                batch_size=self.args.train_batch_size * self.args.gradient_accumulation_steps,
                seed=self.args.seed,
            )

        def create_model_card(self, *_: Any, **__: Any) -> None:
            """Write none: the run's manifest says more, and the card asks the Hub."""

    return CompletionTrainer


def _callback(recipe: str, tick: Callable[[int], None]) -> Any:
    from transformers import TrainerCallback

    class Sealer(TrainerCallback):  # type: ignore[misc,unused-ignore]
        """Seals checkpoints and reports progress."""

        def on_step_end(self, _arguments: Any, state: Any, *_: Any, **__: Any) -> None:
            tick(1)
            if state.global_step % STEPS_A_TRIM == 0:
                give_back()

        def on_save(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
            checkpoints.seal(checkpoints.folder(Path(args.output_dir), state.global_step), recipe=recipe)

    return Sealer()
