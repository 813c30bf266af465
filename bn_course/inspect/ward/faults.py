"""Faults planted in healthy models, each as it comes about in real code.

Each function plants one, runs the kit as its user would, and returns what the kit says. The words beside it
in `register.FAULTS` are those that a right explanation has.
"""

import copy

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from bn_course.inspect import inspect_batch_norm, watch_batch_norm
from bn_course.inspect.ward import healthy as h
from bn_course.inspect.ward import models as m
from bn_course.inspect.ward.healthy import SIZES, fit
from bn_course.nets import digits, mlp
from bn_course.nets.patients import clinic_fold


def data(size=32, count=4, image=False, split="train"):
    """Batches (x, y), in order."""
    part = getattr(digits(image=image), split)
    rows = [slice(i, i + size) for i in range(0, size * count, size)]
    return [(part.x[r].clone(), part.y[r]) for r in rows]  # a fault may write into its batches


def trained_mlp(**options):
    return fit(mlp(SIZES, **options))


def trained_cnn():
    return fit(h.small_cnn(), image=True)


def in_evaluation(model, image=False):
    return inspect_batch_norm(model.eval(), data(100, 4, image, "test"))


def in_training(model, image=False):
    return inspect_batch_norm(model.train(), data(32, 8, image))


def watched(model, batches, step=lambda model, x, y: cross_entropy(model(x), y).backward()):
    """What the kit sees of a loop over batches."""
    with watch_batch_norm(model) as seen:
        for x, y in batches:
            step(model, x, y)
    return seen


# --- modes ------------------------------------------------------------------------------------


def evaluated_in_training_mode():
    model = trained_cnn()
    with torch.no_grad():
        return watched(model, data(image=True, split="test"), lambda model, x, y: model(x))


def evaluated_with_gradients():
    model = trained_mlp()
    with watch_batch_norm(model) as seen:
        for x, y in data(64, 6):
            cross_entropy(model(x), y).backward()
        for x, _ in data(64, 4, split="test"):
            model(x)
    return seen


def only_the_top_set_to_evaluation():
    model = trained_mlp()
    model.training = False
    with torch.no_grad():
        return watched(model, data(split="test"), lambda model, x, y: model(x))


def checkpointed():
    model = trained_cnn()
    return watched(
        model,
        data(image=True),
        lambda model, x, y: checkpoint(model, x, use_reentrant=False).sum().backward(),
    )


def frozen_by_gradients_alone():
    model = trained_cnn()
    model[:2].requires_grad_(False)
    return watched(model.train(), data(image=True))


def frozen_in_part():
    model = trained_mlp()
    for layer in (model[1], model[4]):
        layer.requires_grad_(False)
    return in_training(model)


def left_in_evaluation():
    """`model.train()` was called before, and not after, the layers were put into evaluation mode."""
    model = trained_mlp().train()
    model[1].eval()
    return watched(model, data())


def checkpoint_without_buffers():
    model, fresh = trained_cnn(), h.small_cnn()
    kept = {name: value for name, value in model.state_dict().items() if "running" not in name}
    fresh.load_state_dict(kept, strict=False)
    return in_evaluation(fresh, image=True)


def never_loaded():
    return in_evaluation(m.freeze_for_detection(h.small_cnn()), image=True)


# --- running statistics -----------------------------------------------------------------------


def averaged_without_buffers():
    """The average is kept in a copy that was made before the training began."""
    model = fit(mlp(SIZES), steps=5)
    mean = copy.deepcopy(model)
    for _ in range(3):
        fit(model)
        with torch.no_grad():
            for kept, now in zip(mean.parameters(), model.parameters(), strict=True):
                kept.lerp_(now, 0.5)
    return in_evaluation(mean)


def averaged_far_apart():
    """The buffers are averaged like weights, over networks that learned apart from the same start."""
    start = trained_mlp()
    others = [fit(copy.deepcopy(start), steps=100, rate=0.2, seed=seed) for seed in (1, 2, 3)]
    with torch.no_grad():
        for name, value in start.named_parameters():
            value.copy_(torch.stack([dict(other.named_parameters())[name] for other in others]).mean(0))
    return in_evaluation(start)


def fold_forgets_the_bias():
    model = h.with_biases()
    with torch.no_grad():
        for layer in (model[0], model[3]):
            layer.bias.normal_()
    fit(model, image=True).eval()
    folded = clinic_fold(model[0], model[1])
    return in_evaluation(nn.Sequential(folded, *model[2:]), image=True)


def folded_and_kept():
    model = trained_cnn().eval()
    model[0][0] = torch.nn.utils.fusion.fuse_conv_bn_eval(model[0][0], model[0][1])
    return in_evaluation(model, image=True)


def other_contrast():
    return inspect_batch_norm(
        trained_cnn().eval(), [(0.3 * x + 1, y) for x, y in data(image=True, split="test")]
    )


def raw_pixels():
    return inspect_batch_norm(trained_mlp().eval(), [(16 * x + 80, y) for x, y in data(split="test")])


def deviation_for_variance():
    model = fit(mlp(SIZES), rate=0.1)
    for layer in (model[1], model[4]):
        layer.running_var.mul_(9).sqrt_()
    return in_evaluation(model)


def mean_and_variance_exchanged():
    model = trained_cnn()
    norm = model[0][1]
    norm.running_mean, norm.running_var = norm.running_var.clone(), norm.running_mean.abs().clone()
    return in_evaluation(model, image=True)


def channels_permuted():
    model = fit(mlp(SIZES), rate=0.2, steps=150)
    norm = model[4]
    norm.running_mean, norm.running_var = norm.running_mean.flip(0), norm.running_var.flip(0)
    norm.weight.data, norm.bias.data = norm.weight.data.flip(0), norm.bias.data.flip(0)
    return in_evaluation(model)


def instance_statistics_of_other_data():
    model = fit(h.instance_with_statistics(), image=True).eval()
    return inspect_batch_norm(model, [(4 * x + 3, y) for x, y in data(image=True, split="test")])


def no_statistics_at_all():
    return in_evaluation(fit(mlp(SIZES, norm=lambda d: nn.BatchNorm1d(d, track_running_stats=False))))


def tracking_switched_off():
    model = trained_mlp()
    for layer in (model[1], model[4]):
        layer.track_running_stats = False
    return in_training(model)


def kept_in(dtype):
    def planted():
        model = trained_cnn()
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.running_mean, layer.running_var = (
                    layer.running_mean.to(dtype),
                    layer.running_var.to(dtype),
                )
        return inspect_batch_norm(model.to(dtype).train(), [x.to(dtype) for x, _ in data(image=True)])

    return planted


def momentum(value):
    def planted():
        model = trained_mlp()
        for layer in (model[1], model[4]):
            layer.momentum = value
        return in_training(model)

    return planted


def too_slow():
    model = mlp(SIZES, norm=lambda d: nn.BatchNorm1d(d, momentum=1e-4))
    return in_training(fit(model))


def keeps_a_hundredth():
    """One's own layer: `keep` is what Keras calls momentum, and was given PyTorch's."""
    return in_training(fit(mlp(SIZES, norm=lambda d: m.MovingAverage(d, keep=0.01))))
