"""The capstone of lesson 14: train a small ResNet under a batch-size limit that you draw.

    brief = capstone.brief("your name")        the limit, the accuracy to reach, the examples you may use
    capstone.check(train, brief, report)       trains, and grades on data that the training never saw

Machines run out of memory, so the limit holds for what is kept for gradients: batches of a forward pass
with gradients, anywhere in the model. Looking at validation data with `torch.no_grad` is free.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from bn_course.drivers.outcome import describe
from bn_course.grading import progress
from bn_course.grading.api import NotYet
from bn_course.grading.report import CheckResult, Report
from bn_course.grading.show import display_report
from bn_course.nets.data import Data, Split, digits
from bn_course.nets.train import batches, evaluate

NAME = "capstone"
LIMITS = (2, 4, 8, 16, 32, 64, 128, 256)
POINTS = 10
WORDS, NUMBERS = 60, 3  # the least that a report has
LAYERS = (nn.modules.conv._ConvNd, nn.modules.batchnorm._BatchNorm, nn.GroupNorm)  # batch first
ALONE = 64  # so many test images are also classified one by one


class Broken(Exception):  # noqa: N818 - a rule is
    """A rule of the capstone was broken; the message says which and how."""


@dataclass(frozen=True)
class Brief:
    """What you are asked: at least `accuracy` on held-back data, with batches of at most `limit`, after at
    most `examples` training examples (each counts as often as it is used) and `seconds` of processor time."""

    name: str
    limit: int
    accuracy: float
    examples: int
    seconds: float
    data: Data = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.data.name}, batches of at most {self.limit}, "
            f"{self.accuracy:.0%} on held-back data after at most {self.examples} examples "
            f"and {self.seconds:g} s of processor time"
        )


def brief(
    name: str, data: Data | None = None, accuracy: float = 0.95, examples: int = 4000, seconds: float = 60
) -> Brief:
    """Draw a limit from your name: 2, 4, 8 … 256. The same name always draws the same.

    The targets are those that were tried with digits, for every limit. For another data set, such as
    `nets.cifar10()`, state your own.
    """
    if not name.strip():
        raise ValueError("name is empty; the limit is drawn from it")
    drawn = hashlib.sha256(name.strip().lower().encode()).digest()[0]
    data = digits(image=True) if data is None else data
    return Brief(name.strip(), LIMITS[drawn % len(LIMITS)], accuracy, examples, seconds, data)


class Feed:
    """Training data, handed out batch by batch and counted. `shape` and `classes` are those of the data."""

    def __init__(self, brief: Brief):
        self.left = brief.examples
        self.limit = brief.limit
        self.validation = brief.data.validation
        self.shape, self.classes = brief.data.shape, brief.data.classes
        self._examples = batches(brief.data.train, 1, seed=0)

    def batch(self, size: int) -> Split:
        """The next `size` training examples; all have been seen before one comes again."""
        if not 1 <= size <= self.limit:
            raise Broken(f"a batch of {size} was asked for; the limit is {self.limit}")
        if size > self.left:
            raise Broken(f"a batch of {size} was asked for with {self.left} examples left")
        self.left -= size
        drawn = [next(self._examples) for _ in range(size)]
        return Split(torch.cat([one.x for one in drawn]), torch.cat([one.y for one in drawn]))


def grade(train: Callable[[Feed, Brief], nn.Module], brief: Brief, report: str = "") -> Report:
    """Run `train(feed, brief)`, which returns a trained model, and grade it and the report on it."""
    feed = Feed(brief)
    begin = time.process_time()
    try:
        with _at_most(brief.limit):
            model = train(feed, brief)
    except NotImplementedError:
        return Report(NAME, False, 0, POINTS, attempted=False)
    except Broken as broken:
        return _failed(CheckResult("rules", False, f"{broken}"))
    except Exception as error:
        return _failed(CheckResult("runs", False, f"it raised {describe(error)}"))
    seconds = time.process_time() - begin
    if model is None or model is ...:
        return Report(NAME, False, 0, POINTS, attempted=False)
    if not isinstance(model, nn.Module):
        return _failed(
            CheckResult("returns a model", False, f"it returns {type(model).__name__}, not an nn.Module")
        )
    checks = [_budget(seconds, feed, brief), *_judged(model, brief), _written(report)]
    passed = all(check.passed for check in checks)
    return Report(NAME, passed, POINTS if passed else 0, POINTS, checks=checks)


def check(train: Callable[[Feed, Brief], nn.Module], brief: Brief, report: str = "") -> None:
    """As `grade`; shows the result and records it. Raises AssertionError unless all is well."""
    result = grade(train, brief, report)

    def record(state: dict) -> None:
        entry = state.setdefault(NAME, {"passed": False, "attempts": 0})
        entry["attempts"] += result.attempted
        entry["passed"] = entry["passed"] or result.passed

    display_report(result, progress.change(record))
    if not result.passed:
        raise NotYet(f"{NAME}: {result.headline}")


@contextmanager
def _at_most(limit: int) -> Iterator[None]:
    """Refuse batches above the limit in any layer, where gradients are kept."""

    def look(module: nn.Module, inputs: tuple) -> None:
        x = inputs[0] if inputs else None
        kept = torch.is_grad_enabled() and isinstance(x, Tensor) and isinstance(module, LAYERS)
        if kept and len(x) > limit:
            raise Broken(f"{type(module).__name__} was given a batch of {len(x)}; the limit is {limit}")

    handle = nn.modules.module.register_module_forward_pre_hook(look)
    try:
        yield
    finally:
        handle.remove()


def _budget(seconds: float, feed: Feed, brief: Brief) -> CheckResult:
    used = brief.examples - feed.left
    said = f"{used} examples, {seconds:.0f} s of processor time, batches of at most {brief.limit}"
    if seconds > brief.seconds:
        return CheckResult("budget", False, f"it took {seconds:.0f} s; there are {brief.seconds:g}")
    return CheckResult(f"within the budget: {said}", True, "")


def _judged(model: nn.Module, brief: Brief) -> list[CheckResult]:
    """Accuracy in evaluation mode, and whether an image's class depends on its company there."""
    test = brief.data.test
    try:
        together = evaluate(model, test)
        one_by_one = torch.cat([evaluate(model, test[row : row + 1]) for row in range(ALONE)])
    except Exception as error:
        said = f"in evaluation mode, on held-back images, it raised {describe(error)}"
        return [CheckResult("held-back data", False, said)]
    if together.shape != (len(test), brief.data.classes):
        wanted = (len(test), brief.data.classes)
        said = f"its scores for held-back data have shape {tuple(together.shape)}; it should be {wanted}"
        return [CheckResult("held-back data", False, said)]
    right = (together.argmax(1) == test.y).double().mean().item()
    apart = (together[:ALONE].argmax(1) != one_by_one.argmax(1)).sum().item()
    return [
        CheckResult(
            f"{right:.1%} right on held-back data",
            right >= brief.accuracy,
            f"{right:.1%} right on held-back data; {brief.accuracy:.0%} are asked for",
        ),
        CheckResult(
            "each image is classified by itself",
            apart == 0,
            f"{apart} of {ALONE} images get another class alone than among others: "
            "the batch's statistics are used in evaluation",
        ),
    ]


def _written(report: str) -> CheckResult:
    """Prose is for readers; here it is only seen to that there is some, with measurements in it."""
    words, numbers = len(report.split()), len(set(re.findall(r"\d+(?:\.\d+)?", report)))
    good = words >= WORDS and numbers >= NUMBERS
    said = f"the report has {words} words and {numbers} different numbers; it needs {WORDS} and {NUMBERS}"
    return CheckResult(f"a report of {words} words, for a reader to judge", good, said)


def _failed(check: CheckResult) -> Report:
    return Report(NAME, False, 0, POINTS, checks=[check])
