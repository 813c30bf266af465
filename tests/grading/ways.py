"""Right answers written in hundreds of ways, and wrong ones too: programs rewritten, then sent on detours."""

import itertools
import pickle
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import torch
from detours import CLASS_WRAPPINGS, FUNCTION_WRAPPINGS, LAYOUTS, WRAPPINGS, along, through_keywords
from programs import Program, right_programs, text_of, variant_program
from rewriting import HELPERS, observe, rewrite

from bn_course.grading.catalogue import catalogue
from bn_course.grading.question import SEED, Misconception, Question
from bn_course.grading.run import run_here

# Which questions are of one kind: every question belongs to one family.
FAMILIES = {
    "forward passes": (
        *("double", "standardize", "batch_norm_forward", "batch_norm_2d", "batch_norm_nd", "normalize"),
        *("layer_norm", "instance_norm", "group_norm", "adain", "weight_standardize", "masked_batch_norm"),
        *("rms_norm", "weight_norm", "ghost_batch_norm", "sync_batch_norm", "batch_renorm_forward"),
        *("batch_norm_inference", "dynamic_tanh"),
    ),
    "backward passes": (
        *("affine_backward", "standardize_backward", "batch_norm_backward", "numerical_gradient"),
        *("batch_norm_2d_backward", "layer_norm_backward"),
    ),
    "statistics": (
        *("batch_stats", "stable_variance", "identity_affine", "update_running_stats", "keras_to_torch"),
        *("merge_stats", "statistics_noise"),
    ),
    "folding": ("fold_into_linear", "fold_into_conv"),
    "layers": ("BatchNorm", "BatchNormFunction", "BatchNorm2d"),
    "models": ("build_mlp", "weight_decay_groups", "zero_init_residual", "freeze_batch_norm"),
    "statistics of a model": ("recalibrate", "adapt_batch_norm", "mc_batch_norm_predict"),
    "what training tells": (
        *("max_stable_learning_rate", "layer_stds", "bytes_moved", "steps_to_target"),
        *("effective_learning_rate", "loss_range_along_gradient", "gradient_growth_per_layer"),
    ),
    "the clinic": (
        *("clinic_evaluate", "clinic_checkpoint", "clinic_freeze", "clinic_average", "clinic_fold"),
        *("clinic_gan", "clinic_last_batch", "clinic_detached"),
    ),
    "kernels": (
        *("stats_kernel", "normalize_kernel", "backward_kernel", "fused_relu_kernel", "layer_norm_kernel"),
    ),
}
# What rewriting makes is Python; a kernel has to be Triton's part of it.
REWRITTEN = tuple(family for family in FAMILIES if family != "kernels")


Mistake = tuple[Misconception, Mapping[str, Any]]


@dataclass(frozen=True)
class Way:
    """An answer, its text, and what was done to get there."""

    text: str
    steps: tuple[str, ...]
    answer: Any


def right_ways(question: Question, count: int, seed: int = 0) -> list[Way]:
    """`count` different right answers, or as many as there are."""
    return list(itertools.islice(_right(question, seed), count))


def _right(question: Question, seed: int) -> Iterator[Way]:
    rng = random.Random(f"{question.name} {seed}")
    made, programs = set(), _observed(question.name)
    for _ in range(100_000):
        program = rng.choice(programs)
        text, steps, built = _another_way(program, rng, rng.randint(0, 8))
        answer = _with(question, {})(built) if program.label == "variant" else built
        for name, detour in _some_detours(question, answer, rng, along(question.name)):
            steps, text, answer = (*steps, name), f"{text}\n# {name}", detour(answer)
        if text not in made:
            made.add(text)
            yield Way(text, steps, answer)


def wrong_ways(question: Question, mistakes: Sequence[Mistake], seed: int = 0) -> list[Way]:
    """For each mistake, a misconception and its knobs, the variant that makes it, written in another way."""
    rng = random.Random(f"{question.name} {seed}")
    program = variant_program(question)
    _observe(question, program, [_with(question, knobs) for _, knobs in mistakes])
    return [_wrong(question, program, mistake, rng) for mistake in mistakes]


def _wrong(question: Question, program: Program, mistake: Mistake, rng: random.Random) -> Way:
    misconception, knobs = mistake
    text, steps, variant = _another_way(program, rng, rng.randint(2, 8))
    answer = _with(question, knobs)(variant)
    for name, detour in _some_detours(question, answer, rng):
        if misconception.rounding and name == "float64":  # where the mistake is none
            continue
        steps, text, answer = (*steps, name), f"{text}\n# {name}", detour(answer)
    return Way(text, steps, answer)


def go_together(mistakes: Sequence[Mistake]) -> bool:
    """Can one answer make all these mistakes: are they different ones, on different knobs?"""
    pairs = itertools.combinations(mistakes, 2)
    return all(m.key != n.key and not j.keys() & k.keys() for (m, j), (n, k) in pairs)


def _with(question: Question, setting: Mapping[str, Any]) -> Callable[[Any], Any]:
    return lambda variant: replace(question, variant=variant).with_knobs(setting)


@cache
def _observed(name: str) -> list[Program]:
    """The right programs of a question, each seen to run."""
    question = catalogue()[name]
    programs = right_programs(question)
    for program in programs:
        factory = program.label == "variant"
        _observe(question, program, [_with(question, {}) if factory else lambda answer: answer])
    return programs


def _observe(question: Question, program: Program, makers: Sequence[Callable[[Any], Any]]) -> None:
    probes = [*question.probes(np.random.default_rng(SEED)), *question.examples]

    def run(built):
        for make in makers:
            answer = make(built)
            for probe in probes:
                run_here(answer, probe)

    observe(program, [run])


def _another_way(program: Program, rng: random.Random, times: int) -> tuple[str, tuple[str, ...], Any]:
    tree = pickle.loads(pickle.dumps(program.tree))
    steps = [program.label]
    for _ in range(times):
        if step := rewrite(tree, rng):
            steps.append(step)
    text = text_of(tree)
    built = program.build(tree, **{k: v for k, v in HELPERS.items() if k not in program.namespace})
    return text, tuple(steps), built


def _some_detours(question, answer, rng, more=()) -> list[tuple[str, Callable]]:
    """None, one or two, in the order in which they are put around the answer."""
    if isinstance(answer, type):
        applied = hasattr(answer, "apply") and not issubclass(answer, torch.nn.Module)
        wrappings = FUNCTION_WRAPPINGS if applied else CLASS_WRAPPINGS
        return [(d.__name__, d) for d in rng.sample(wrappings, rng.choice((0, 1, 1)))]
    found = [(d.__name__, d) for d in WRAPPINGS]
    if _takes_arrays(question.name):
        found += LAYOUTS.items()
        found += [(str(detour), detour) for detour in more]
    chosen = rng.sample(found, rng.choice((0, 1, 1, 2)))
    return sorted(chosen, key=lambda one: one[1] is not through_keywords)  # the names are the answer's own


@cache
def _takes_arrays(name: str) -> bool:
    """Is the answer a plain function of arrays and numbers?"""
    probes = catalogue()[name].probes(np.random.default_rng(SEED))
    flat = [arg for probe in probes for arg in probe.args]
    return all(probe.driver == "call" for probe in probes) and any(isinstance(a, np.ndarray) for a in flat)
