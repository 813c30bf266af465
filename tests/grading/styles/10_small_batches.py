"""Right answers written in other ways than the reference."""

import math

import numpy as np

# --- merge_stats ------------------------------------------------------------------------------


def merge_two_at_a_time(means, variances, counts):
    """Chan's rule, one shard after another."""
    n, mean, squares = 0, np.zeros(means.shape[1]), np.zeros(means.shape[1])
    for m, v, k in zip(means, variances, counts, strict=True):
        gap = m - mean
        squares = squares + k * v + gap**2 * n * k / (n + k)
        mean = mean + gap * k / (n + k)
        n += k
    return mean, squares / n


def merge_with_loops(means, variances, counts):
    total = sum(int(n) for n in counts)
    result = [], []
    for d in range(means.shape[1]):
        mean = math.fsum(n * m for n, m in zip(counts, means[:, d], strict=True)) / total
        parts = zip(counts, means[:, d], variances[:, d], strict=True)
        result[0].append(mean)
        result[1].append(math.fsum(n * (v + (m - mean) ** 2) for n, m, v in parts) / total)
    return result


def merge_with_average(means, variances, counts):
    mean = np.average(means, axis=0, weights=counts)
    return mean, np.average(variances + (means - mean) ** 2, axis=0, weights=counts)


def merge_with_einsum(means, variances, counts):
    share = counts / np.sum(counts)
    mean = np.einsum("k,kd->d", share, means)
    gap = means - mean
    return np.stack([mean, share @ variances + np.einsum("k,kd,kd->d", share, gap, gap)])


# --- sync_batch_norm --------------------------------------------------------------------------


def sync_by_sums(shards, gamma, beta, eps=1e-5):
    """Two exchanges, as workers would: Σx with n, then Σ(x − μ)²."""
    n = sum(len(shard) for shard in shards)
    mean = sum(shard.sum(axis=0) for shard in shards) / n
    var = sum(((shard - mean) ** 2).sum(axis=0) for shard in shards) / n
    return [(shard - mean) / np.sqrt(var + eps) * gamma + beta for shard in shards]


def sync_by_merging(shards, gamma, beta, eps=1e-5):
    statistics = [(shard.mean(0), shard.var(0)) for shard in shards]
    counts = np.array([len(shard) for shard in shards])
    mean, var = merge_two_at_a_time(*map(np.array, zip(*statistics, strict=True)), counts)
    scale = gamma / np.sqrt(var + eps)
    return tuple(scale * shard + (beta - scale * mean) for shard in shards)


def sync_with_torch(shards, gamma, beta, eps=1e-5):
    import torch

    x = torch.cat([torch.tensor(shard).double() for shard in shards])
    weights = (torch.tensor(v).double() for v in (gamma, beta))
    y = torch.nn.functional.batch_norm(x, None, None, *weights, training=True, eps=eps)
    return list(y.split([len(shard) for shard in shards]))


def sync_as_lists(shards, gamma, beta, eps=1e-5):
    x = np.vstack(shards)
    y = ((x - x.mean(0)) / (x.var(0) + eps) ** 0.5 * gamma + beta).tolist()
    return [[y.pop(0) for _ in shard] for shard in shards]


# --- batch_renorm_forward ---------------------------------------------------------------------


def renorm_as_one_affine_map(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    """γ (x̂ r + d) + β is batch norm with other γ and β."""
    std, running_std = np.sqrt(x.var(0) + eps), np.sqrt(running_var + eps)
    r = np.maximum(1 / r_max, np.minimum(r_max, std / running_std))
    d = np.maximum(-d_max, np.minimum(d_max, (x.mean(0) - running_mean) / running_std))
    return (x - x.mean(0)) * (gamma * r / std) + (gamma * d + beta)


def renorm_with_loops(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    y = np.empty(x.shape)
    for j, column in enumerate(x.T.astype(float)):
        mean = math.fsum(column) / len(column)
        std = math.sqrt(math.fsum((v - mean) ** 2 for v in column) / len(column) + eps)
        running_std = math.sqrt(running_var[j] + eps)
        r = min(max(std / running_std, 1 / r_max), r_max)
        d = min(max((mean - running_mean[j]) / running_std, -d_max), d_max)
        y[:, j] = [gamma[j] * ((v - mean) / std * r + d) + beta[j] for v in column]
    return y


def renorm_with_torch(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    import torch

    x, gamma, beta, running_mean, running_var = (
        torch.tensor(a).double() for a in (x, gamma, beta, running_mean, running_var)
    )
    var, mean = torch.var_mean(x, 0, correction=0)
    std, running_std = (var + eps).sqrt(), (running_var + eps).sqrt()
    r = (std / running_std).clamp(1 / r_max, r_max)
    d = ((mean - running_mean) / running_std).clamp(-d_max, d_max)
    return gamma * ((x - mean) / std * r + d) + beta


# --- recalibrate ------------------------------------------------------------------------------


def _batch_norms(model):
    from torch.nn.modules.batchnorm import _BatchNorm

    return [module for module in model.modules() if isinstance(module, _BatchNorm)]


def recalibrate_layer_by_layer(model, batches):
    """Through the layers of an nn.Sequential, all batches side by side."""
    import torch
    from torch import nn

    inputs = list(batches)
    with torch.no_grad():
        for layer in model:
            if layer in _batch_norms(model):
                values = torch.cat([x.transpose(0, 1).flatten(1) for x in inputs], dim=1)
                arguments = (layer.weight, layer.bias, True, 0.0, layer.eps)
                inputs = [nn.functional.batch_norm(x, None, None, *arguments) for x in inputs]
                layer.running_mean[:] = values.mean(dim=1)
                layer.running_var[:] = values.var(dim=1, unbiased=False)
            elif not isinstance(layer, nn.Dropout):
                inputs = [layer(x) for x in inputs]


def recalibrate_with_hooks_on_outputs(model, batches):
    """A layer's input is kept by a forward hook, and joined at the end."""
    import torch

    modes = {module: module.training for module in model.modules()}
    kept = {layer: [] for layer in _batch_norms(model)}
    hooks = [layer.register_forward_hook(lambda m, x, y: kept[m].append(x[0].clone())) for layer in kept]
    model.eval()
    [layer.train() for layer in kept]
    with torch.inference_mode():
        [model(batch) for batch in batches]
    [hook.remove() for hook in hooks]
    for layer, inputs in kept.items():
        everything = torch.cat([x.movedim(1, -1).reshape(-1, x.shape[1]) for x in inputs])
        layer.running_mean = everything.mean(0).clone()
        layer.running_var = everything.var(0, correction=0).clone()
    for module, mode in modes.items():
        module.training = mode


def recalibrate_with_momentum(model, batches):
    """The running statistics of one batch at a time (momentum 1), merged by Chan's rule."""
    import torch

    norms = _batch_norms(model)
    modes, momenta = {m: m.training for m in model.modules()}, [norm.momentum for norm in norms]
    model.eval()
    totals = {norm: (0, 0.0, 0.0) for norm in norms}
    sizes = {}
    hooks = [
        norm.register_forward_pre_hook(lambda m, x: sizes.update({m: x[0][:, 0].numel()})) for norm in norms
    ]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    with torch.no_grad():
        for batch in batches:
            model(batch)
            for norm, (n, mean, squares) in totals.items():
                k, gap = sizes[norm], norm.running_mean - mean
                squares = squares + norm.running_var * (k - 1) + gap**2 * n * k / (n + k)
                totals[norm] = n + k, mean + gap * k / (n + k), squares
        for norm, momentum in zip(norms, momenta, strict=True):
            n, mean, squares = totals[norm]
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(squares / n)
            norm.momentum = momentum
    for hook in hooks:
        hook.remove()
    for module, mode in modes.items():
        module.training = mode


STYLES = {
    "merge_stats": {
        "two at a time": merge_two_at_a_time,
        "loops": merge_with_loops,
        "np.average": merge_with_average,
        "einsum, as one array": merge_with_einsum,
    },
    "sync_batch_norm": {
        "sums": sync_by_sums,
        "merging": sync_by_merging,
        "torch": sync_with_torch,
        "lists": sync_as_lists,
    },
    "batch_renorm_forward": {
        "one affine map": renorm_as_one_affine_map,
        "loops": renorm_with_loops,
        "torch": renorm_with_torch,
    },
    "recalibrate": {
        "layer by layer": recalibrate_layer_by_layer,
        "hooks on outputs": recalibrate_with_hooks_on_outputs,
        "momentum 1 and merging": recalibrate_with_momentum,
    },
}
