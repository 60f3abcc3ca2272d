"""The training loop: epochs over shuffled positions, any device, resumable after every epoch."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, PartialState
from accelerate.state import AcceleratorState
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.progress import Track
from pipeline_lib.settings.recipe import OneCycle, Recipe, Sgd, Step
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.determinism import generator, make_deterministic
from pipeline_lib.training.trackers import tracked

Validate = Callable[[], float]
"""A score of the network as it is, on val; higher is better."""

Terms = dict[str, Tensor]
FIRST, LAST = 1 / 25, 1e-4  # of one cycle: its first rate by its highest, its last by its first


class Task(nn.Module):
    """What a method trains: ``forward`` maps positions of training images to its loss terms.

    The term "loss" is minimised; the others are recorded. Everything that decides later epochs is
    a parameter or a persistent buffer, so that a checkpoint of the module is complete.
    """

    images_encoded: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("images_encoded", torch.zeros((), dtype=torch.int64))

    def begin_epoch(self, epoch: int) -> None:
        """Prepare an epoch (0, 1, …), e.g. recompute prototypes."""

    def end_epoch(self, epoch: int, loss: float) -> None:
        """Draw conclusions from the epoch's mean loss, e.g. move a curriculum on."""

    def groups(self, recipe: Recipe) -> list[dict[str, Any]]:
        """Return the optimiser's parameter groups.

        A group may hold "lr_scale", which multiplies the learning rate of every epoch, and
        settings of the optimiser, e.g. "weight_decay".
        """
        return [{"params": [p for p in self.parameters() if p.requires_grad]}]


@dataclass(frozen=True)
class Run:
    """The circumstances of one training run, none of which changes its result."""

    device: str
    track: Track
    label: str
    checkpoints: Checkpoints | None = None


@dataclass
class _Means:
    """Means of loss terms over one epoch and all processes, weighted by batch size."""

    sums: dict[str, float] = field(default_factory=dict)
    count: int = 0

    def add(self, terms: Terms, batch: int) -> None:
        self.count += batch
        for name, value in terms.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value.detach()) * batch

    def take(self, accelerator: Accelerator) -> dict[str, float]:
        own = torch.tensor([*self.sums.values(), self.count], dtype=torch.float64)
        everywhere: Tensor = accelerator.reduce(own.to(accelerator.device), "sum")
        *totals, count = everywhere.tolist()
        return {name: total / count for name, total in zip(self.sums, totals, strict=True)}


@dataclass
class _Best:
    """The state after the best epoch so far, by ``validate``; without it nothing is kept."""

    validate: Validate | None
    value: float = -math.inf
    state: dict[str, Tensor] = field(default_factory=dict)

    def look(self, task: Task) -> dict[str, float]:
        """Keep the state if no epoch before was as good; return what the history says of it."""
        if self.validate is None:
            return {}
        found = self.validate()
        if found > self.value:
            self.value = found
            self.state = {n: v.detach().cpu().clone() for n, v in task.state_dict().items()}
        return {"val": found}

    def put(self, task: Task) -> None:
        """Let the task have the best state, but for what it counted since."""
        if self.state:
            counted = {"images_encoded": task.images_encoded}
            task.load_state_dict(self.state | counted)


def train(
    task: Task,
    samples: int,
    recipe: Recipe,
    *,
    seed: int,
    run: Run,
    validate: Validate | None = None,
) -> list[dict[str, float]]:
    """Minimise the task's loss in place, and keep the last epoch, or the best by ``validate``.

    Under ``torchrun`` every process takes its share of each batch and gradients are averaged.

    Returns:
        One record per epoch: epoch, lr of its first step, images_encoded so far by all processes
        together, the mean of every loss term, and "val" where an epoch is chosen. Trackers get
        them too (training/trackers.py).
    """
    _check_precision(recipe, run.device)
    make_deterministic()
    AcceleratorState._reset_state()  # of a training before, which may have had another precision
    accelerator = Accelerator(
        mixed_precision=recipe.precision,
        cpu=run.device == "cpu",
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )
    task.to(accelerator.device)
    module, optimizer = accelerator.prepare(task, _optimizer(task, recipe))
    best = _Best(validate)
    history = _resume(run, task, optimizer, accelerator.scaler, best)
    least = 2 * accelerator.num_processes
    per_epoch = len(_batches(torch.arange(samples), recipe.batch_size, least))
    steps = _steps(samples, recipe, seed, len(history), least)
    means = _Means()
    with tracked(run.label, recipe, seed) as log:
        for epoch, step, positions in run.track(
            steps, label=run.label, total=per_epoch * (recipe.epochs - len(history))
        ):
            before = task.images_encoded.clone()
            _set_lr(optimizer, learning_rate(recipe, epoch, step, per_epoch))
            if step == 0:
                torch.manual_seed(generator("noise", seed, epoch).initial_seed())
                task.begin_epoch(epoch)
                module.train()
                means = _Means()
            share = positions[accelerator.process_index :: accelerator.num_processes]
            with accelerator.autocast():
                terms = module(share)
            _count_everywhere(task, before, accelerator)
            optimizer.zero_grad()
            # DDP averages gradients over processes; a larger share of the batch counts more
            weight = len(share) * accelerator.num_processes / len(positions)
            accelerator.backward(terms["loss"] * weight)
            optimizer.step()
            means.add(terms, len(share))
            if step == per_epoch - 1:
                rate = learning_rate(recipe, epoch, 0, per_epoch)
                record = _record(task, epoch, rate, means.take(accelerator))
                history.append(record | best.look(task))
                log(history[-1])
                task.end_epoch(epoch, history[-1]["loss"])
                if accelerator.is_main_process:
                    _save(run, epoch, task, optimizer, accelerator.scaler, history, best)
    best.put(task)
    task.eval()
    return history


def processes() -> int:
    """Return how many processes train together."""
    return int(PartialState().num_processes)


def _count_everywhere(task: Task, before: Tensor, accelerator: Accelerator) -> None:
    """Add up what all processes encoded since ``before``, which is the same for all.

    DDP overwrites the buffers of the others with the first process's before each step.
    """
    if accelerator.num_processes > 1:
        own = task.images_encoded - before
        task.images_encoded.copy_(before + accelerator.reduce(own, "sum"))


def _check_precision(recipe: Recipe, device: str) -> None:
    if recipe.precision == "fp16" and device == "cpu":
        raise InputError(
            "training: `recipe.precision` is fp16 and the device is cpu, which would ignore it; "
            "expected a GPU; set `recipe.precision` to bf16 or no"
        )


def _steps(
    samples: int, recipe: Recipe, seed: int, done: int, least: int
) -> Iterator[tuple[int, int, Tensor]]:
    """Yield (epoch, step, positions); the order depends on seed and epoch alone."""
    for epoch in range(done, recipe.epochs):
        order = torch.randperm(samples, generator=generator("order", seed, epoch))
        for step, positions in enumerate(_batches(order, recipe.batch_size, least)):
            yield epoch, step, positions


def _batches(order: Tensor, size: int, least: int) -> list[Tensor]:
    """Split the order; fewer than ``least`` last samples join the batch before.

    Batch norm needs two samples in every process.
    """
    starts = list(range(0, len(order), size))
    if len(starts) > 1 and len(order) - starts[-1] < least:
        starts.pop()
    return [order[a:b] for a, b in zip(starts, [*starts[1:], len(order)], strict=True)]


def _optimizer(task: Task, recipe: Recipe) -> torch.optim.Optimizer:
    groups, own = task.groups(recipe), recipe.optimizer
    if isinstance(own, Sgd):
        return torch.optim.SGD(
            groups, lr=own.lr, momentum=own.momentum, weight_decay=own.weight_decay
        )
    return torch.optim.AdamW(groups, lr=own.lr, weight_decay=own.weight_decay)


def by_decay(group: dict[str, Any], weight_decay: float) -> list[dict[str, Any]]:
    """Split a parameter group into matrices, which decay, and the rest; leave out what is empty."""
    parameters = group["params"]
    parts = (
        ([p for p in parameters if p.ndim > 1], weight_decay),
        ([p for p in parameters if p.ndim <= 1], 0.0),
    )
    return [group | {"params": some, "weight_decay": decay} for some, decay in parts if some]


def learning_rate(recipe: Recipe, epoch: int, step: int = 0, per_epoch: int = 1) -> float:
    """Return the learning rate of a step: step decay, or half a cosine down to the least.

    Over the epochs of a warm-up, which the cosine leaves out, it rises linearly first. Both are the
    same over an epoch; one cycle changes in each of its ``per_epoch`` steps.
    """
    lr, schedule = recipe.optimizer.lr, recipe.schedule
    if isinstance(schedule, OneCycle):
        steps = recipe.epochs * per_epoch
        return lr * _one_cycle(epoch * per_epoch + step, steps, schedule.rise)
    if isinstance(schedule, Step):
        return float(lr * schedule.factor ** (epoch // schedule.every))
    warmup, least = schedule.warmup_epochs, schedule.min_lr
    if epoch < warmup:
        return float(lr * (epoch + 1) / (warmup + 1))
    done = (epoch - warmup) / (recipe.epochs - warmup)
    angle = torch.tensor(torch.pi * done, dtype=torch.float64)
    return float(least + (lr - least) * 0.5 * (1 + angle.cos()))


def _one_cycle(done: int, steps: int, rise: float) -> float:
    """Return the share of the highest rate after some steps, as torch's OneCycleLR has it."""
    top = rise * steps - 1
    if done <= top:
        return _between(FIRST, 1.0, done / top if top else 1.0)
    return _between(1.0, FIRST * LAST, (done - top) / (steps - 1 - top))


def _between(start: float, end: float, share: float) -> float:
    """Go from one number to another by half a cosine."""
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * share))


def _set_lr(optimizer: Any, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("lr_scale", 1.0)


def _record(task: Task, epoch: int, rate: float, means: dict[str, float]) -> dict[str, float]:
    if not math.isfinite(means["loss"]):
        raise InputError(
            f"training: the loss is {means['loss']} after epoch {epoch + 1}, expected a finite "
            "number; lower `recipe.optimizer.lr`, or set `recipe.precision: no`"
        )
    return {
        "epoch": float(epoch),
        "lr": rate,
        "images_encoded": float(task.images_encoded),
        **means,
    }


def _save(
    run: Run, epoch: int, task: Task, optimizer: Any, scaler: Any, history: list[Any], best: _Best
) -> None:
    if run.checkpoints is not None:
        state = {"task": task.state_dict(), "optimizer": optimizer.state_dict(), "history": history}
        if best.validate is not None:
            state["best"] = {"value": best.value, "state": best.state}
        if scaler is not None:  # of the loss, in fp16
            state["scaler"] = scaler.state_dict()
        run.checkpoints.save(epoch, state)


def _resume(
    run: Run, task: Task, optimizer: Any, scaler: Any, best: _Best
) -> list[dict[str, float]]:
    found = run.checkpoints.latest() if run.checkpoints is not None else None
    if found is None:
        return []
    _, state = found
    task.load_state_dict(state["task"])
    optimizer.load_state_dict(state["optimizer"])
    if scaler is not None:
        scaler.load_state_dict(state["scaler"])
    if best.validate is not None:
        best.value, best.state = state["best"]["value"], state["best"]["state"]
    history: list[dict[str, float]] = state["history"]
    return history
