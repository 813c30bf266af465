"""Answers that break one promise of their task, written as a learner would: each is refused, and told why."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge_here
from bn_course.nets.frozen import freeze_batch_norm
from bn_course.nets.groups import weight_decay_groups
from bn_course.nets.recalibrate import recalibrate
from bn_course.nets.zero_init import zero_init_residual


def judged(name, answer):
    report = judge_here(catalogue()[name], answer)
    assert report.attempted
    assert not report.passed
    return report


# Ghost batches: an error of the type that is asked for.


def ghosts(check):
    def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5, ddof=0):
        check(ghost_size >= 2 and len(x) % ghost_size != 1)
        y = np.empty_like(x)
        for i in range(0, len(x), ghost_size):
            ghost = x[i : i + ghost_size]
            y[i : i + ghost_size] = (ghost - ghost.mean(0)) / np.sqrt(ghost.var(0, ddof=ddof) + eps)
        return gamma * y + beta

    return ghost_batch_norm


def asserts(holds):
    assert holds


def refuses(holds):
    if not holds:
        raise type("TooSmall", (ValueError,), {})("a ghost batch needs two examples")


def test_an_assertion_is_no_value_error():
    said = {c.name: c.message for c in judged("ghost_batch_norm", ghosts(asserts)).checks}
    assert said["types and shapes"].startswith("it should raise ValueError; it raised AssertionError")


def test_a_wrong_type_of_error_hides_no_mistake():
    def answer(x, gamma, beta, ghost_size, eps=1e-5):
        return ghosts(asserts)(x, gamma, beta, ghost_size, eps, ddof=1)

    assert judged("ghost_batch_norm", answer).diagnosis == ("sample-variance",)


def test_an_error_derived_from_value_error_is_one():
    assert judge_here(catalogue()["ghost_batch_norm"], ghosts(refuses)).passed


# Models: what they change, and what they hand back.


def zero_and_shift(model):
    zero_init_residual(model)
    for block in model.modules():
        if hasattr(block, "branch"):
            nn.init.zeros_([m for m in block.branch.modules() if hasattr(m, "eps")][-1].bias)


def then_return(function):
    def answer(model, *args):
        function(model, *args)
        return model

    return answer


def walk_twice(model, batches):
    if not sum(len(batch) for batch in batches):
        return
    left = list(batches)
    if left:
        recalibrate(model, left)


def walk_twice_and_fail(model, batches):
    size = sum(len(batch) for batch in batches)
    recalibrate(model, (batch for batch in batches if size))


def use_up(model, batches):
    batches = batches if isinstance(batches, list) else list(batches)
    own = []
    while batches:
        own.append(batches.pop(0))
    recalibrate(model, own)


def with_eps(model, batches):
    recalibrate(model, batches)
    for norm in model.modules():
        if isinstance(norm, _BatchNorm):
            norm.running_var += norm.eps


def or_a_tenth(function):
    def answer(model, *args):
        found = function(model, *args)
        for norm in model.modules():
            if isinstance(norm, _BatchNorm):
                norm.momentum = norm.momentum or 0.1
        return found

    return answer


def some_decay(model, weight_decay):
    return weight_decay_groups(model, weight_decay or 0.01)


def matrices_decay(model, weight_decay):
    groups = {True: [], False: []}
    for name, parameter in model.named_parameters():
        groups[parameter.ndim > 1 and "bias" not in name].append(parameter)
    return [
        {"params": groups[True], "weight_decay": weight_decay},
        {"params": groups[False], "weight_decay": 0},
    ]


def average(model, snapshots, batches):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(sum(snapshot[name] for snapshot in snapshots) / len(snapshots))
    torch.optim.swa_utils.update_bn(batches, model)
    return model.eval()


def average_then_train(model, snapshots, batches):
    return average(model, snapshots, batches).train()


def average_in_the_first(model, snapshots, batches):
    total = snapshots[0]
    for name, number in total.items():
        for snapshot in snapshots[1:]:
            if number.is_floating_point():
                number += snapshot[name]
        if number.is_floating_point():
            number /= len(snapshots)
    model.load_state_dict(total)
    torch.optim.swa_utils.update_bn(batches, model)
    return model.eval()


def folded(**forgotten):
    def clinic_fold(conv, bn):
        s = (bn.weight / torch.sqrt(bn.running_var + bn.eps)).detach()
        b = torch.zeros_like(s) if conv.bias is None else conv.bias.detach()
        options = {n: getattr(conv, n) for n in ("stride", "padding", "dilation", "groups", "padding_mode")}
        new = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, **(options | forgotten))
        with torch.no_grad():
            new.weight.copy_(s.view(-1, 1, 1, 1) * conv.weight)
            new.bias.copy_(bn.bias + s * (b - bn.running_mean))
        return new

    return clinic_fold


def fold_in_evaluation(conv, bn):
    conv.eval(), bn.eval()
    return folded()(conv, bn)


def checkpoint_the_old_way(block, x):
    if not torch.is_grad_enabled():
        return block(x)

    def run(x):
        if not torch.is_grad_enabled():
            return block(x)
        kept = [buffer.clone() for buffer in block.buffers()]
        y = block(x)
        for buffer, value in zip(block.buffers(), kept, strict=True):
            buffer.data.copy_(value)
        return y

    return checkpoint(run, x, use_reentrant=True)


def split_into_fewer(x, y, batch_size):
    parts = max(1, len(x) // batch_size)
    return list(zip(torch.tensor_split(x, parts), torch.tensor_split(y, parts), strict=True))


def split_into_fewer_or_none(x, y, batch_size):
    parts = len(x) // batch_size
    return list(zip(torch.tensor_split(x, parts), torch.tensor_split(y, parts), strict=True))


def tanh_by_exponentials(x, alpha, gamma, beta):
    e = np.exp(2 * alpha * x)
    return gamma * (e - 1) / (e + 1) + beta


def detached_or(x, gamma, beta, eps=1e-5):
    eps = eps or 1e-5
    return gamma * (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + eps) + beta


def shards_like_the_first(shards, gamma, beta, eps=1e-5):
    n = len(shards[0]) * len(shards)
    mean = sum(shard.sum(0) for shard in shards) / n
    var = sum(((shard - mean) ** 2).sum(0) for shard in shards) / n
    return [gamma * (shard - mean) / np.sqrt(var + eps) + beta for shard in shards]


def pooled(means, variances, counts):
    mean = (counts[:, None] * means).sum(0) / counts.sum()
    return mean, ((counts - 1)[:, None] * variances).sum(0) / (counts - 1).sum()


def plainly_averaged(means, variances, counts):
    return means.mean(0), variances.mean(0)


def renorm_without_own_eps(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    r = np.clip(np.sqrt(x.var(0) + eps) / np.sqrt(running_var + eps), 1 / r_max, r_max)
    d = np.clip((x.mean(0) - running_mean) / np.sqrt(running_var + eps), -d_max, d_max)
    return gamma * ((x - x.mean(0)) / x.std(0) * r + d) + beta


def first_two_kinds(model):
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            freeze_batch_norm(layer)


def a_start_of_its_own(sizes, normalise=True):
    from bn_course.nets import mlp

    model = mlp(sizes, "batch" if normalise else "none")
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return model


BROKEN = [
    ("zero_init_residual", zero_and_shift, "beta-zeroed"),
    ("zero_init_residual", then_return(zero_init_residual), "returns-the-model"),
    ("freeze_batch_norm", then_return(freeze_batch_norm), "returns-the-model"),
    ("freeze_batch_norm", first_two_kinds, "one-kind-only"),
    *((name, then_return(recalibrate), "returns-the-model") for name in ("recalibrate", "adapt_batch_norm")),
    *((name, walk_twice, "walks-twice") for name in ("recalibrate", "adapt_batch_norm")),
    *((name, walk_twice_and_fail, None) for name in ("recalibrate", "adapt_batch_norm")),
    *((name, use_up, "list-used-up") for name in ("recalibrate", "adapt_batch_norm")),
    *((name, with_eps, "eps-in-running-var") for name in ("recalibrate", "adapt_batch_norm")),
    *(
        (name, or_a_tenth(recalibrate), "zero-momentum-replaced")
        for name in ("recalibrate", "adapt_batch_norm")
    ),
    ("weight_decay_groups", some_decay, "zero-decay-replaced"),
    ("weight_decay_groups", matrices_decay, "by-rank"),
    ("build_mlp", a_start_of_its_own, "own-start"),
    ("clinic_average", average_then_train, "not-ready-for-evaluation"),
    ("clinic_average", average_in_the_first, "snapshot-overwritten"),
    ("clinic_average", or_a_tenth(average), "zero-momentum-replaced"),
    ("clinic_average", lambda m, *rest: average(copy.deepcopy(m), *rest), "returns-a-copy"),
    ("clinic_fold", fold_in_evaluation, "modes-changed"),
    ("clinic_fold", folded(dilation=1), "dilation-lost"),
    ("clinic_fold", folded(padding_mode="zeros"), "padding-mode-lost"),
    ("clinic_fold", folded(groups=1), "groups-lost"),
    ("clinic_fold", lambda conv, bn: nn.Sequential(folded()(conv, bn)), None),
    ("clinic_checkpoint", checkpoint_the_old_way, "no-gradient-without-x"),
    ("clinic_last_batch", split_into_fewer, "too-few-batches"),
    ("clinic_last_batch", split_into_fewer_or_none, "too-few-batches"),
    ("clinic_detached", detached_or, "zero-eps-replaced"),
    ("dynamic_tanh", tanh_by_exponentials, "overflows"),
    ("sync_batch_norm", shards_like_the_first, "count-of-the-first"),
    ("merge_stats", pooled, "pooled-variance"),
    ("merge_stats", plainly_averaged, None),
    ("batch_renorm_forward", renorm_without_own_eps, "no-eps-for-the-batch"),
]


@pytest.mark.parametrize(
    ("name", "answer", "key"),
    [pytest.param(*broken, id=f"{broken[0]}-{i}") for i, broken in enumerate(BROKEN)],
)
def test_a_broken_promise_is_refused_and_named(name, answer, key):
    report = judged(name, answer)
    if key:
        assert report.diagnosis == (key,), str(report)


@pytest.mark.parametrize(
    "name", ["recalibrate", "adapt_batch_norm", "freeze_batch_norm", "zero_init_residual"]
)
def test_what_has_changed_nothing_is_told_so(name):
    report = judge_here(catalogue()[name], lambda *args: None)
    assert not report.attempted
    assert report.note == "Nothing has changed in what it was given."


class Layer(nn.Module):
    """nn.BatchNorm2d by hand; `plain` keeps its statistics as a learner's attributes would."""

    plain = False
    graph = False
    falsy = False

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.n, self.eps, self.momentum, self.track = num_features, eps, momentum, track_running_stats
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        starts = torch.zeros(num_features), torch.ones(num_features), torch.tensor(0)
        for name, start in zip(("running_mean", "running_var", "num_batches_tracked"), starts, strict=True):
            value = start if track_running_stats else None
            setattr(self, name, value) if self.plain else self.register_buffer(name, value)

    def forward(self, x):
        if x.dim() != 4 or (self.training and x.numel() == x.shape[1]):
            raise ValueError("shape")
        if x.shape[1] != self.n:
            raise RuntimeError("channels")
        wide = x.float() if x.dtype.itemsize < 4 else x
        var, mean = torch.var_mean(wide, (0, 2, 3), correction=0)
        if self.track and self.training:
            self.num_batches_tracked = self.num_batches_tracked + 1
            missing = not self.momentum if self.falsy else self.momentum is None
            m = 1 / self.num_batches_tracked if missing else self.momentum
            n = wide.numel() / wide.shape[1]
            with torch.set_grad_enabled(self.graph):
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * var * n / (n - 1)
        elif self.track:
            mean, var = self.running_mean, self.running_var
        shape = (1, -1, 1, 1)
        y = (wide - mean.view(shape)) / torch.sqrt(var.view(shape) + self.eps)
        if self.weight is not None:
            y = self.weight.view(shape) * y + self.bias.view(shape)
        return y.to(x.dtype)


@pytest.mark.parametrize(
    ("attribute", "key"),
    [
        ("plain", "buffers-not-in-state"),
        ("graph", "statistics-keep-the-graph"),
        ("falsy", "zero-momentum-replaced"),
    ],
)
def test_a_layer_that_breaks_one_promise_is_named(attribute, key):
    assert judge_here(catalogue()["BatchNorm2d"], Layer).passed
    assert judged("BatchNorm2d", type("Broken", (Layer,), {attribute: True})).diagnosis == (key,)


def test_an_answer_that_keeps_something_for_the_next_call_is_refused():
    seen = []

    def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
        y = ghosts(refuses)(x, gamma, beta, ghost_size, eps)
        seen.append(y)
        return y + sum(np.abs(before).sum() for before in seen[:-1] if before.shape == y.shape)

    judged("ghost_batch_norm", ghost_batch_norm)
