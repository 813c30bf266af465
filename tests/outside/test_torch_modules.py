"""PyTorch's own inputs for its norms: `module_db` has those of the layers, `op_db` those of the functions.

A case is a layer with its constructor's arguments, or a function with its arguments, and an input. PyTorch
runs it, ours runs it, and values, gradients and running statistics are compared: in float64 and in float32,
the layers in training and in evaluation. A layer's γ, β and running statistics are drawn, since 1 and 0 show
little.
"""

import inspect
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional

from bn_course import norms
from bn_course.nets import norms as layers
from bn_course.nets.batch_norm import BatchNorm2d

TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-4}
EMPTY = "empty, which ours refuse"
OUT_OF_RANGE = "with a negative eps or momentum, which ours refuse"
EPS_0 = "with eps = 0, which ours take"
ELSEWHERE = {  # what `module_db` and `op_db` call a norm besides
    "local_?response_?norm": "local response norm: not in the course",
    "native_|_batch_norm": "kernels under torch.nn.functional, which is run",
    "normal$": "random numbers",
    "linalg|^(re)?norm$|masked|normalize$": "lengths of vectors and matrices",
}


# --- ours under PyTorch's names: `f` holds weight, bias, eps, … as the layer or the call has them -----


@dataclass
class Result:
    y: np.ndarray
    gradients: tuple  # of x, γ and β
    running: tuple = (None, None)


def parameters(f, shape):
    """γ and β as vectors; PyTorch's None is 1 or 0."""
    size = int(np.prod(shape))
    gamma = np.ones(size) if f.weight is None else f.weight.ravel()
    beta = np.zeros(size) if getattr(f, "bias", None) is None else f.bias.ravel()
    return gamma, beta


def batch_norm(f, x, dy):
    gamma, beta = parameters(f, x.shape[1:2])
    running = f.running_mean, f.running_var
    if not f.training:
        y = norms.batch_norm_inference(x, gamma, beta, *running, f.eps)
        return Result(y, norms.batch_norm_inference_backward(dy, x, gamma, *running, f.eps), running)
    if f.running_mean is not None:
        running = norms.update_running_stats(*running, x, f.momentum)
    y = norms.batch_norm(x, gamma, beta, f.eps)
    return Result(y, norms.batch_norm_backward(dy, x, gamma, f.eps), running)


def instance_norm(f, x, dy):
    x, dy = (a.reshape(-1, *a.shape[-f.rank - 1 :]) for a in (x, dy))  # PyTorch takes one example as well
    if not f.training:  # with running statistics an instance norm is batch norm at inference
        return batch_norm(f, x, dy)
    gamma, beta = parameters(f, x.shape[1:2])
    running = f.running_mean, f.running_var
    if f.running_mean is not None:  # each example is a batch of one; PyTorch takes the mean of the updates
        updates = [norms.update_running_stats(*running, example[None], f.momentum) for example in x]
        running = tuple(np.mean(values, axis=0) for values in zip(*updates, strict=True))
    y = norms.instance_norm(x, gamma, beta, f.eps)
    return Result(y, norms.instance_norm_backward(dy, x, gamma, f.eps), running)


def group_norm(f, x, dy):
    gamma, beta = parameters(f, x.shape[1:2])
    y = norms.group_norm(x, gamma, beta, f.num_groups, f.eps)
    return Result(y, norms.group_norm_backward(dy, x, gamma, f.num_groups, f.eps))


def rows(f, array):
    """(…, features): PyTorch normalises over as many of the last axes as `normalized_shape` has, together."""
    lead = array.shape[: array.ndim - len(f.normalized_shape)]
    return array.reshape(*lead, math.prod(f.normalized_shape))


def layer_norm(f, x, dy):
    x, dy = rows(f, x), rows(f, dy)
    gamma, beta = parameters(f, f.normalized_shape)
    y = norms.layer_norm(x, gamma, beta, f.eps)
    return Result(y, norms.layer_norm_backward(dy, x, gamma, f.eps))


def rms_norm(f, x, dy):
    x, dy = rows(f, x), rows(f, dy)
    gamma, _ = parameters(f, f.normalized_shape)
    eps = np.finfo(x.dtype).eps if f.eps is None else f.eps
    return Result(norms.rms_norm(x, gamma, eps), norms.rms_norm_backward(dy, x, gamma, eps))


LAYERS = {f"BatchNorm{rank}d": batch_norm for rank in (1, 2, 3)}
LAYERS |= {f"InstanceNorm{rank}d": instance_norm for rank in (1, 2, 3)}
LAYERS |= {"GroupNorm": group_norm, "LayerNorm": layer_norm, "RMSNorm": rms_norm}
FUNCTIONS = [batch_norm, instance_norm, group_norm, layer_norm, rms_norm]
# How many cases PyTorch has for each, for one type and one mode: a new one is to be noticed.
SAMPLES = dict(zip(LAYERS, (8, 7, 7, 6, 6, 6, 10, 7, 6), strict=True))
SAMPLES |= dict(zip(FUNCTIONS, (24, 9, 21, 6, 6), strict=True))


def our_layer(name, theirs, f, x):
    """The layer of `bn_course.nets` that does what PyTorch's does to x, and x as it wants it; or None."""
    if name == "BatchNorm2d":
        settings = {"affine": theirs.affine, "track_running_stats": theirs.track_running_stats}
        bias = theirs.bias is not None
        return BatchNorm2d(theirs.num_features, theirs.eps, theirs.momentum, **settings, bias=bias), x
    if name.startswith("InstanceNorm") and (f.training or f.running_mean is None):
        return layers.InstanceNorm(theirs.num_features, theirs.eps), x.reshape(-1, *x.shape[-f.rank - 1 :])
    if name == "GroupNorm":
        return layers.GroupNorm(theirs.num_groups, theirs.num_channels, theirs.eps), x
    if name in ("LayerNorm", "RMSNorm"):
        return getattr(layers, name)(int(np.prod(f.normalized_shape)), theirs.eps), rows(f, x)
    return None


def run_layer(layer, x, dy):
    x = x.detach().requires_grad_()
    y = layer(x)
    y.backward(dy.reshape(y.shape))
    buffers = tuple(getattr(layer, name, None) for name in ("running_mean", "running_var"))
    learned = (getattr(layer, name, None) for name in ("weight", "bias"))
    return Result(y, (x.grad, *(None if p is None else p.grad for p in learned)), buffers)


# --- the cases ---------------------------------------------------------------------------------


def numpy_of(value):
    return value.detach().numpy().copy() if isinstance(value, torch.Tensor) else value


def drawn(layer):
    """The layer with numbers that show in place of a fresh one's 1 and 0."""
    for name, tensor in [*layer.named_parameters(), *layer.named_buffers()]:
        if tensor.is_floating_point():
            tensor.data.uniform_(0.5, 2.0) if name != "bias" else tensor.data.normal_()
    return layer


def state_of(layer, name):
    """What the layer's function is called with, by name."""
    held = dict.fromkeys(("weight", "bias", "running_mean", "running_var", "num_batches_tracked"))
    held |= {key: value for key, value in vars(layer).items() if not key.startswith("_")}
    held |= dict(layer.named_parameters()) | dict(layer.named_buffers())
    f = SimpleNamespace(**{key: numpy_of(value) for key, value in held.items()})
    f.training = layer.training or f.running_mean is None
    f.rank = int(name[-2]) if name.endswith("d") else 0
    if f.num_batches_tracked is not None and f.momentum is None:
        f.momentum = 1 / (f.num_batches_tracked + 1)  # the plain average over all batches so far
    return f


def arguments_of(function, sample):
    """What a function is called with, by name."""
    bound = inspect.signature(function).bind(sample.input, *sample.args, **sample.kwargs)
    bound.apply_defaults()
    held = {"running_mean": None, "rank": sample.input.ndim - 2} | bound.arguments
    held.setdefault("training", held.get("use_input_stats"))
    return SimpleNamespace(**{key: numpy_of(value) for key, value in held.items()})


def refused(f, x):
    """Why ours refuse what PyTorch takes; None where they do not."""
    updates = f.running_mean is not None and f.training
    if x.numel() == 0:
        return EMPTY
    if (f.eps or 0) < 0 or (updates and f.momentum < 0):
        return OUT_OF_RANGE
    return None


def assert_same(ours, theirs, dtype):
    for a, b in zip(
        (ours.y, *ours.gradients, *ours.running), (theirs.y, *theirs.gradients, *theirs.running), strict=False
    ):
        if a is not None and b is not None:
            a, b = (numpy_of(array) for array in (a, b))
            np.testing.assert_allclose(a.reshape(b.shape), b, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


def judge(norm, f, x, dy, run, count, suite):
    """One case: PyTorch's result from `run`, and ours is the same, or refuses with a sentence."""
    if reason := refused(f, x):
        with pytest.raises(ValueError, match=r"; .*needs"):
            norm(f, numpy_of(x), numpy_of(dy))
        return count(suite, reason)
    theirs = run()
    assert_same(norm(f, numpy_of(x), numpy_of(dy)), theirs, x.dtype)
    count(suite)
    return theirs


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_layer(name, dtype, training, count):
    torch.manual_seed(0)
    info = modules()[f"nn.{name}"]
    samples = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=training)
    assert len(samples) == SAMPLES[name]
    for sample in samples:
        arguments = sample.constructor_input
        layer = drawn(info.module_cls(*arguments.args, **arguments.kwargs).to(dtype)).train(training)
        (x,) = sample.forward_input.args
        dy, f = torch.randn_like(x), state_of(layer, name)
        state = {key: tensor.clone() for key, tensor in layer.state_dict().items()}
        run = partial(run_layer, layer, x, dy)
        theirs = judge(LAYERS[name], f, x, dy, run, count, f"torch.nn.{name}")
        if theirs and (found := our_layer(name, layer, f, x)):
            ours, x = found
            same = {key: state.get(key, held).reshape(held.shape) for key, held in ours.state_dict().items()}
            ours.to(dtype).train(training).load_state_dict(same)
            assert_same(run_layer(ours, x, dy), theirs, dtype)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("norm", FUNCTIONS, ids=lambda norm: norm.__name__)
def test_function(norm, dtype, count):
    torch.manual_seed(0)
    function = getattr(functional, norm.__name__)
    infos = operations()[f"nn.functional.{norm.__name__}"]
    samples = [sample for info in infos for sample in info.sample_inputs("cpu", dtype, requires_grad=True)]
    assert len(samples) == SAMPLES[norm]
    for sample in samples:
        f, dy = arguments_of(function, sample), torch.randn_like(sample.input)

        def run(sample=sample, dy=dy):
            x = sample.input
            named = inspect.signature(function).bind(x, *sample.args, **sample.kwargs).arguments
            leaves = {key: named[key] for key in ("weight", "bias") if named.get(key) is not None}
            y = function(x, *sample.args, **sample.kwargs)
            dx, *rest = torch.autograd.grad(y, [x, *leaves.values()], dy)
            learned = dict(zip(leaves, rest, strict=True))
            running = named.get("running_mean"), named.get("running_var")
            return Result(y, (dx, learned.get("weight"), learned.get("bias")), running)

        judge(norm, f, sample.input, dy, run, count, f"torch.nn.functional.{norm.__name__}")


def modules():
    from torch.testing._internal.common_modules import module_db

    return {info.name: info for info in module_db}


def operations():
    from torch.testing._internal.common_methods_invocations import op_db

    found = {}
    for info in op_db:
        found.setdefault(info.name, []).append(info)
    return found


def wrong_inputs(name):
    """The arguments with which PyTorch's layer has to refuse, its inputs, and its exception."""
    info = modules()[f"nn.{name}"]
    settings = {"device": "cpu", "dtype": torch.float64, "requires_grad": False, "training": True}
    for case in info.module_error_inputs_func(info, **settings):
        made, called = case.module_error_input.constructor_input, case.module_error_input.forward_input
        yield made, called.args, case.error_type


def test_groups_that_pytorch_refuses_ours_refuse(count):
    cases = list(wrong_inputs("GroupNorm"))
    assert len(cases) == 2
    for arguments, _, error in cases:
        groups, channels = arguments.args
        vector = np.ones(channels)
        with pytest.raises(error, match=r"; .*needs"):
            norms.group_norm(vector[None], vector, vector, groups)
        with pytest.raises(error, match="; it needs"):
            layers.GroupNorm(groups, channels)
        count("torch.nn.GroupNorm")


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"])
def test_eps_that_pytorch_refuses_ours_refuse_unless_it_is_0(name, count):
    cases = list(wrong_inputs(name))
    assert [arguments.kwargs for arguments, *_ in cases] == [{"eps": -1.0}, {"eps": 0.0}]
    for arguments, (x,), error in cases:
        vector, eps = np.ones(x.shape[1]), arguments.kwargs["eps"]
        if eps == 0:
            assert np.isfinite(norms.batch_norm(x.numpy(), vector, vector, eps)).all()
            count(f"torch.nn.{name}", EPS_0)
        else:
            with pytest.raises(error, match="; it needs"):
                norms.batch_norm(x.numpy(), vector, vector, eps)
            count(f"torch.nn.{name}")


def test_every_norm_of_theirs_is_run_or_left_out_for_a_reason(count):
    theirs = {name: len(infos) for name, infos in operations().items()} | dict.fromkeys(modules(), 1)
    run = {f"nn.{name}" for name in LAYERS} | {f"nn.functional.{norm.__name__}" for norm in FUNCTIONS}
    assert run <= theirs.keys()
    others = Counter()
    for name in theirs.keys() - run:
        if "norm" in name.lower():
            reasons = (said for pattern, said in ELSEWHERE.items() if re.search(pattern, name.lower()))
            reason = next(reasons, f"{name}: a new entry")
            others[reason] += 1
            count("torch, other entries", reason)
    assert others == dict(zip(ELSEWHERE.values(), (2, 5, 2, 8), strict=True))
