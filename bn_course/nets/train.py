"""One training loop for every lesson, with a history and, where asked, a progress bar."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from bn_course.nets.data import Data, Split


@dataclass
class History:
    """What a training run did, number by number.

    `loss[i]`: of training batch i. `steps[k]`, `accuracy[k]`, `seconds[k]`: how many updates had been
    made at the k-th look, the share right on validation data in evaluation mode, and the seconds spent
    training till then, the looks left out. `diverged`: the loss was not finite, and the run ended there.
    `interrupted`: somebody stopped it.
    """

    loss: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    diverged: bool = False
    interrupted: bool = False


def train(
    model: nn.Module,
    data: Data,
    optimiser: Optimizer,
    steps: int,
    batch_size: int = 128,
    schedule: LRScheduler | None = None,
    every: int = 10,
    seed: int = 0,
    watch: Callable[[int, nn.Module], None] | None = None,
    progress: bool = False,
) -> History:
    """Train by cross-entropy on batches drawn from `data.train`; look at `data.validation` every so often.

    Args:
        optimiser: over the parameters of `model`. `schedule`, if any, is stepped after each update.
        batch_size: batches are full, so no batch norm meets a last batch of one.
        every: updates between two looks; there is one at the start and one at the end.
        seed: of the order of the batches, and of dropout.
        watch: called with the step and the model when its gradients are there, before the update.
        progress: show a bar.

    The ordinary interrupt (the stop button, Ctrl+C) ends the run; the history so far is returned.
    """
    history = History()
    drawn = batches(data.train, batch_size, seed)
    spent = 0.0

    def look(done: int) -> None:
        history.steps.append(done)
        history.accuracy.append(accuracy(model, data.validation))
        history.seconds.append(spent)

    model.train()
    look(0)
    with seeded(seed), _bar(steps, progress) as bar:
        try:
            for step in range(steps):
                begin = time.perf_counter()
                batch = next(drawn)
                loss = functional.cross_entropy(model(batch.x), batch.y)
                history.loss.append(loss.item())
                if not torch.isfinite(loss):
                    history.diverged = True
                    break
                optimiser.zero_grad()
                loss.backward()
                if watch is not None:
                    watch(step, model)
                optimiser.step()
                if schedule is not None:
                    schedule.step()
                spent += time.perf_counter() - begin
                bar(1)
                if (step + 1) % every == 0 and step + 1 < steps:
                    look(step + 1)
        except KeyboardInterrupt:
            history.interrupted = True
    look(len(history.loss))
    return history


def batches(split: Split, batch_size: int, seed: int = 0) -> Iterator[Split]:
    """Full batches without end, in a new order each time through; what does not fill a batch is left out.

    Raises ValueError where `batch_size` is below 1 or above the number of examples.
    """
    if not 1 <= batch_size <= len(split):
        raise ValueError(f"batch_size is {batch_size}; it must be between 1 and {len(split)}, the examples")
    return _batches(split, batch_size, torch.Generator().manual_seed(seed))


def _batches(split: Split, batch_size: int, generator: torch.Generator) -> Iterator[Split]:
    while True:
        order = torch.randperm(len(split), generator=generator)
        for begin in range(0, len(split) - batch_size + 1, batch_size):
            yield split[order[begin : begin + batch_size]]


@torch.no_grad()
def evaluate(model: nn.Module, split: Split, training: bool = False) -> Tensor:
    """The model's outputs for all of `split`, in evaluation mode, or in training mode on one big batch.

    Nothing of the model changes: modes are put back, and running statistics in training mode too.
    """
    modes = {module: module.training for module in model.modules()}
    kept = {name: value.clone() for name, value in model.named_buffers()} if training else {}
    model.train(training)
    try:
        return model(split.x)
    finally:
        for module, mode in modes.items():
            module.training = mode
        for name, value in model.named_buffers():
            if name in kept:
                value.copy_(kept[name])


def accuracy(model: nn.Module, split: Split, training: bool = False) -> float:
    """The share of `split` that the model has right, from 0 to 1."""
    return (evaluate(model, split, training).argmax(1) == split.y).float().mean().item()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """PyTorch's random numbers from `seed`, here and nowhere after: the state from before is put back."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@contextmanager
def _bar(steps: int, shown: bool) -> Iterator[Callable[[int], object]]:
    if not shown:
        yield lambda done: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=steps, unit="step", leave=False) as bar:
        yield bar.update
