"""Right answers written in other ways than the reference."""

import copy
from contextlib import contextmanager, nullcontext

import torch
from torch import nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def norms(model):
    return [module for module in model.modules() if isinstance(module, _BatchNorm)]


# --- clinic_evaluate --------------------------------------------------------------------------


def evaluate_a_copy(model, batches):
    twin = copy.deepcopy(model).eval()
    right = [twin(x).argmax(1) == y for x, y in batches]
    return torch.cat(right).double().mean()


def evaluate_in_one_batch(model, batches):
    """In evaluation mode the batches may as well be one."""
    modes = [module.training for module in model.modules()]
    model.train(False)
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    with torch.inference_mode():
        accuracy = model(x).max(1).indices.eq(y).float().mean().item()
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    return accuracy


def evaluate_example_by_example(model, batches):
    modes = {name: module.training for name, module in model.named_modules()}
    try:
        for module in model.modules():
            module.training = False
        scores = [model(x[i : i + 1])[0].tolist() for x, _ in batches for i in range(len(x))]
    finally:
        for name, mode in modes.items():
            model.get_submodule(name).training = mode
    labels = [label for _, y in batches for label in y.tolist()]
    right = [max(range(len(s)), key=s.__getitem__) == label for s, label in zip(scores, labels, strict=True)]
    return sum(right) / len(right)


# --- clinic_checkpoint ------------------------------------------------------------------------


def checkpoint_with_functional_call(block, x):
    """The second pass is given copies of all buffers by name."""

    def first_or_second(x):
        if not passes:
            passes.append("first")
            return block(x)
        copies = {name: buffer.clone() for name, buffer in block.named_buffers()}
        return torch.func.functional_call(block, copies, (x,))

    passes = []
    return checkpoint(first_or_second, x, use_reentrant=False)


def checkpoint_by_hand(block, x):
    """An autograd function that keeps x, and computes the block again in its backward pass."""

    class Again(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, *parameters):
            ctx.save_for_backward(x)
            with torch.no_grad():
                return block(x)

        @staticmethod
        def backward(ctx, dy):
            (x,) = ctx.saved_tensors
            before = copy.deepcopy(block.state_dict())
            x = x.detach().requires_grad_()
            with torch.enable_grad():
                y = block(x)
            given = torch.autograd.grad(y, (x, *block.parameters()), dy)
            with torch.no_grad():
                for name, buffer in block.named_buffers():
                    buffer.copy_(before[name])
            return given

    return Again.apply(x, *block.parameters())


def checkpoint_reentrant(block, x):
    """The old kind: its first pass has gradients off, its second has them on. It asks x for a gradient."""
    if not torch.is_grad_enabled():
        return block(x)
    x = x if x.requires_grad else x.detach().requires_grad_()

    def run(x):
        if not torch.is_grad_enabled():
            return block(x)
        kept = [buffer.detach().clone() for buffer in block.buffers()]
        y = block(x)
        for buffer, value in zip(block.buffers(), kept, strict=True):
            buffer.data.copy_(value)
        return y

    return checkpoint(run, x, use_reentrant=True)


def checkpoint_with_hooks(block, x):
    """Each norm, from its second call on, works on buffers that are thrown away."""

    @contextmanager
    def thrown_away():
        saved = {
            norm: (norm.running_mean, norm.running_var, norm.num_batches_tracked) for norm in norms(block)
        }
        for norm, (mean, var, count) in saved.items():
            norm._buffers.update(
                running_mean=mean.clone(), running_var=var.clone(), num_batches_tracked=count.clone()
            )
        try:  # the second pass stops, by an exception, when the last tensor is there
            yield
        finally:
            for norm, (mean, var, count) in saved.items():
                norm._buffers.update(running_mean=mean, running_var=var, num_batches_tracked=count)

    return checkpoint(block, x, use_reentrant=False, context_fn=lambda: (nullcontext(), thrown_away()))


# --- clinic_freeze ----------------------------------------------------------------------------


def train_the_head(model, features, batches, epochs, lr):
    optimiser = torch.optim.SGD(model.head.parameters(), lr=lr)
    for _ in range(epochs):
        for inputs, (_, y) in zip(features, batches, strict=True):
            optimiser.zero_grad()
            functional.cross_entropy(model.head(inputs), y).backward()
            optimiser.step()
    return model


def freeze_by_features_once(model, batches, epochs, lr):
    """A frozen backbone gives the same features every epoch."""
    model.train()
    model.backbone.eval().requires_grad_(False)
    features = [model.backbone(x) for x, _ in batches]
    return train_the_head(model, features, batches, epochs, lr)


def freeze_by_overriding_train(model, batches, epochs, lr):
    model.backbone.requires_grad_(False).eval()
    model.backbone.train = lambda mode=True: model.backbone
    model.train()
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr)
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            loss = functional.cross_entropy(model(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    del model.backbone.train
    return model


def freeze_the_head_alone_in_training(model, batches, epochs, lr):
    """Everything in evaluation mode, the head alone in training mode; plain gradient descent by hand."""
    model.eval()
    model.head.train()
    parameters = list(model.head.parameters())
    for _ in range(epochs):
        for x, y in batches:
            with torch.no_grad():
                features = model.backbone(x)
            loss = functional.cross_entropy(model.head(features), y)
            for parameter, slope in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter.data -= lr * slope
    return model


# --- clinic_average ---------------------------------------------------------------------------


def mean_of(snapshots, model):
    parameters = dict(model.named_parameters())
    for name, parameter in parameters.items():
        parameter.data = sum(snapshot[name] for snapshot in snapshots) / len(snapshots)


def average_and_recalibrate(model, snapshots, batches):
    from bn_course.nets.recalibrate import recalibrate

    mean_of(snapshots, model)
    recalibrate(model, batches)
    return model.eval()


def average_and_measure_in_one_batch(model, snapshots, batches):
    mean_of(snapshots, model)
    momenta = [norm.momentum for norm in norms(model)]
    model.train()
    for norm in norms(model):
        norm.momentum = 1.0
    with torch.no_grad():
        model(torch.cat(batches))
    for norm, momentum in zip(norms(model), momenta, strict=True):
        norm.momentum = momentum
    return model.eval()


def average_with_averaged_model(model, snapshots, batches):
    """torch's AveragedModel, given the snapshots one after the other."""
    averaged = torch.optim.swa_utils.AveragedModel(model)
    for snapshot in snapshots:
        model.load_state_dict(snapshot)
        averaged.update_parameters(model)
    torch.optim.swa_utils.update_bn(batches, averaged)
    model.load_state_dict(averaged.module.state_dict())
    return model.eval()


def average_with_cumulative_momentum(model, snapshots, batches):
    mean_of(snapshots, model)
    for norm in norms(model):
        norm.reset_running_stats()
        norm.kept, norm.momentum = norm.momentum, None
    model.train()
    for x in batches:
        model(x)
    for norm in norms(model):
        norm.momentum = norm.kept
    model.eval()
    return model


# --- clinic_fold ------------------------------------------------------------------------------


def fold_with_torch(conv, bn):
    return nn.utils.fusion.fuse_conv_bn_eval(conv, bn)


def fold_with_the_package(conv, bn):
    from bn_course.norms import fold_into_conv

    tensors = (conv.weight, conv.bias, bn.weight, bn.bias, bn.running_mean, bn.running_var)
    arrays = [None if t is None else t.detach().double().numpy() for t in tensors]
    weight, bias = (torch.tensor(a, dtype=torch.float32) for a in fold_into_conv(*arrays, eps=bn.eps))
    folded = copy.deepcopy(conv)
    folded.weight, folded.bias = nn.Parameter(weight), nn.Parameter(bias)
    return folded


def fold_by_probing(conv, bn):
    """What do the two layers make of nothing at all? Then what does the norm make of a difference of one?"""
    folded = copy.deepcopy(conv)
    channels = torch.eye(conv.out_channels)[:, :, None, None]
    at_zero = bn(torch.zeros(1, conv.out_channels, 1, 1))
    slopes = torch.diagonal((bn(channels) - at_zero)[:, :, 0, 0])
    bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()
    folded.weight = nn.Parameter(conv.weight.detach() * slopes.view(-1, 1, 1, 1))
    folded.bias = nn.Parameter(at_zero[0, :, 0, 0] + slopes * bias)
    return folded


# --- clinic_gan -------------------------------------------------------------------------------


def gan_fake_first(discriminator, real, fake):
    of_fake = discriminator(fake)
    return discriminator(real), of_fake


def gan_in_a_loop(discriminator, real, fake):
    return [discriminator(images) for images in (real, fake)]


def gan_on_two_copies(discriminator, real, fake):
    """Each kind meets its own buffers; the weights are the discriminator's."""
    weights = dict(discriminator.named_parameters())
    buffers = [{name: b.clone() for name, b in discriminator.named_buffers()} for _ in range(2)]
    return tuple(
        torch.func.functional_call(discriminator, {**weights, **own}, (images,))
        for own, images in zip(buffers, (real, fake), strict=True)
    )


# --- clinic_last_batch ------------------------------------------------------------------------


def last_batch_as_sizes(x, y, batch_size):
    sizes = [batch_size] * (len(x) // batch_size)
    rest = len(x) - sum(sizes)
    if rest == 1:
        sizes[-1] += 1
    elif rest:
        sizes.append(rest)
    return list(zip(x.split(sizes), y.split(sizes), strict=True))


def last_batch_first(x, y, batch_size):
    """The odd one joins the first batch instead, and the order is turned round."""
    alone = len(x) % batch_size == 1
    cuts = range(batch_size + alone, len(x), batch_size)
    xs, ys = x.flip(0).tensor_split(list(cuts)), y.flip(0).tensor_split(list(cuts))
    return tuple(zip(xs, ys, strict=True))


def last_batch_shuffled(x, y, batch_size):
    order = torch.randperm(len(x)).tolist()
    groups = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    if len(groups[-1]) == 1 and len(groups) > 1:
        alone = groups.pop()
        groups[-1] += alone
    return [(torch.stack([x[i] for i in g]), torch.stack([y[i] for i in g])) for g in groups]


# --- clinic_detached --------------------------------------------------------------------------


def detached_with_torch(x, gamma, beta, eps=1e-5):
    return functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


class ThreeTerms(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        inv_std = torch.rsqrt(x.var(0, correction=0) + eps)
        x_hat = (x - x.mean(0)) * inv_std
        ctx.save_for_backward(x_hat, inv_std, gamma)
        return gamma * x_hat + beta

    @staticmethod
    def backward(ctx, dy):
        x_hat, inv_std, gamma = ctx.saved_tensors
        dx_hat = dy * gamma
        dx = inv_std * (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0))
        return dx, (dy * x_hat).sum(0), dy.sum(0), None


def detached_in_closed_form(x, gamma, beta, eps=1e-5):
    return ThreeTerms.apply(x, gamma, beta, eps)


def detached_with_loops(x, gamma, beta, eps=1e-5):
    columns = []
    for j in range(x.shape[1]):
        column = x[:, j]
        mean = sum(column) / len(column)
        var = sum((value - mean) ** 2 for value in column) / len(column)
        columns.append(gamma[j] * (column - mean) / (var + eps) ** 0.5 + beta[j])
    return torch.stack(columns, 1)


STYLES = {
    "clinic_evaluate": {
        "a copy": evaluate_a_copy,
        "one batch": evaluate_in_one_batch,
        "example by example": evaluate_example_by_example,
    },
    "clinic_checkpoint": {
        "functional call": checkpoint_with_functional_call,
        "by hand": checkpoint_by_hand,
        "reentrant": checkpoint_reentrant,
        "buffers thrown away": checkpoint_with_hooks,
    },
    "clinic_freeze": {
        "features once": freeze_by_features_once,
        "train overridden": freeze_by_overriding_train,
        "the head alone": freeze_the_head_alone_in_training,
    },
    "clinic_average": {
        "recalibrate": average_and_recalibrate,
        "one batch": average_and_measure_in_one_batch,
        "AveragedModel": average_with_averaged_model,
        "cumulative momentum": average_with_cumulative_momentum,
    },
    "clinic_fold": {
        "torch": fold_with_torch,
        "the package": fold_with_the_package,
        "probing": fold_by_probing,
    },
    "clinic_gan": {
        "fake first": gan_fake_first,
        "a loop": gan_in_a_loop,
        "two copies": gan_on_two_copies,
    },
    "clinic_last_batch": {
        "sizes": last_batch_as_sizes,
        "the first batch": last_batch_first,
        "shuffled": last_batch_shuffled,
    },
    "clinic_detached": {
        "torch": detached_with_torch,
        "closed form": detached_in_closed_form,
        "loops": detached_with_loops,
    },
}
