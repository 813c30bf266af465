"""Right answers written in other ways than the reference."""

import copy
import math

import numpy as np

# --- ghost_batch_norm -------------------------------------------------------------------------


def _refuse(n, ghost_size):
    if ghost_size < 2 or n % ghost_size == 1:
        raise ValueError("a ghost batch needs at least two examples")


def ghosts_with_loops(x, gamma, beta, ghost_size, eps=1e-5):
    _refuse(len(x), ghost_size)
    y = [[0.0] * x.shape[1] for _ in x]
    for begin in range(0, len(x), ghost_size):
        rows = range(begin, min(begin + ghost_size, len(x)))
        for j in range(x.shape[1]):
            mean = math.fsum(float(x[i, j]) for i in rows) / len(rows)
            var = math.fsum((float(x[i, j]) - mean) ** 2 for i in rows) / len(rows)
            for i in rows:
                y[i][j] = float(gamma[j]) * (float(x[i, j]) - mean) / math.sqrt(var + eps) + float(beta[j])
    return y


def ghosts_by_reshaping(x, gamma, beta, ghost_size, eps=1e-5):
    """The whole ghost batches at once, (G, size, D), and the rest."""
    _refuse(len(x), ghost_size)
    whole = len(x) // ghost_size * ghost_size
    y = np.empty(x.shape)
    for rows in (slice(0, whole), slice(whole, None)):
        part = x[rows]
        if len(part):
            part = part.reshape(-1, min(ghost_size, len(part)), x.shape[1])
            centred = part - part.mean(axis=1, keepdims=True)
            x_hat = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + eps)
            y[rows] = (gamma * x_hat + beta).reshape(-1, x.shape[1])
    return y


def ghosts_with_torch(x, gamma, beta, ghost_size, eps=1e-5):
    import torch

    x, gamma, beta = (torch.from_numpy(a) for a in (x, gamma, beta))
    if ghost_size < 2:
        raise ValueError("ghost_size")
    parts = x.split(ghost_size)  # batch_norm refuses a part of one
    norm = torch.nn.functional.batch_norm
    return torch.cat([norm(part, None, None, gamma, beta, training=True, eps=eps) for part in parts])


def ghosts_with_numbers_of_the_ghost(x, gamma, beta, ghost_size, eps=1e-5):
    """One-hot membership: the sums over each ghost batch are a matrix product."""
    _refuse(len(x), ghost_size)
    ghost = np.arange(len(x)) // ghost_size
    member = (ghost[:, None] == np.arange(ghost[-1] + 1)).astype(float)  # (N, G)
    share = member / member.sum(axis=0)
    centred = x - member @ (share.T @ x)
    var = member @ (share.T @ centred**2)
    return gamma * centred / np.sqrt(var + eps) + beta


# --- statistics_noise -------------------------------------------------------------------------


def noise_with_a_loop(x, batch_size, draws, rng):
    means, variances = [], []
    for _ in range(draws):
        batch = x[rng.permutation(len(x))[:batch_size]]
        means.append(batch.mean(axis=0))
        variances.append(batch.var(axis=0))
    return np.std(means, axis=0), np.std(variances, axis=0)


def noise_with_choice(x, batch_size, draws, rng):
    """Running sums, so that no batch is kept; Python lists come out."""
    sums = np.zeros((4, x.shape[1]))
    centre = x.mean(axis=0), x.var(axis=0)
    for _ in range(draws):
        batch = rng.choice(x, size=batch_size, replace=False, axis=0)
        mean, var = batch.mean(axis=0) - centre[0], batch.var(axis=0) - centre[1]
        sums += mean, mean**2, var, var**2
    average = sums / draws
    return list(np.sqrt(average[1] - average[0] ** 2)), list(np.sqrt(average[3] - average[2] ** 2))


def noise_one_feature_at_a_time(x, batch_size, draws, rng):
    columns = [np.tile(x[:, j], (draws, 1)) for j in range(x.shape[1])]
    batches = [rng.permuted(column, axis=1)[:, :batch_size] for column in columns]
    return [b.mean(axis=1).std() for b in batches], [b.var(axis=1).std() for b in batches]


def noise_by_epochs(x, batch_size, draws, rng):
    """Batches as training has them: through the data in a new order each time, the rest left out."""
    found = []
    while len(found) < draws:
        order = rng.permutation(len(x))
        for begin in range(0, len(x) - batch_size + 1, batch_size):
            batch = x[order[begin : begin + batch_size]]
            found.append([batch.mean(axis=0), batch.var(axis=0)])
    return tuple(np.array(found[:draws]).std(axis=0, ddof=1).reshape(2, -1))


# --- mc_batch_norm_predict --------------------------------------------------------------------


def mc_with_momentum_one(model, x, training_batches):
    """Training passes with momentum 1, and n/(n − 1) undone; everything put back."""
    import torch
    from torch import nn

    modes = {module: module.training for module in model.modules()}
    state = {name: value.clone() for name, value in model.state_dict().items()}
    layers = [m for m in model.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
    momenta = [layer.momentum for layer in layers]
    counts = {}

    def count(layer, inputs):
        counts[layer] = inputs[0].numel() // inputs[0].shape[1]

    hooks = [layer.register_forward_pre_hook(count) for layer in layers]
    predictions = []
    with torch.no_grad():
        for batch in training_batches:
            model.eval()
            for layer in layers:
                layer.train()
                layer.momentum = 1.0
            model(batch)
            for layer in layers:
                layer.running_var *= (counts[layer] - 1) / counts[layer]
            model.eval()
            predictions.append(model(x))
    for hook in hooks:
        hook.remove()
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.load_state_dict(state)
    for module, mode in modes.items():
        module.training = mode
    stacked = torch.stack(predictions)
    return stacked.mean(dim=0), stacked.std(dim=0, unbiased=False)


def mc_on_a_copy(model, x, training_batches):
    """A deep copy of the model, whose layers keep the batch's statistics: nothing needs putting back."""
    import torch
    from torch import nn

    mean = square = 0
    for batch in training_batches:
        twin = copy.deepcopy(model).eval()
        for layer in twin.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.register_forward_pre_hook(_remember_first)
        with torch.no_grad():
            twin(batch)
            prediction = twin(x)
        mean = mean + prediction / len(training_batches)
        square = square + prediction**2 / len(training_batches)
    return mean, (square - mean**2).clamp(min=0).sqrt()


def _remember_first(layer, inputs):
    if not hasattr(layer, "remembered"):
        values = inputs[0].transpose(0, 1).reshape(inputs[0].shape[1], -1)
        layer.running_mean.copy_(values.mean(1))
        layer.running_var.copy_(values.var(1, unbiased=False))
        layer.remembered = True


def mc_layer_by_layer(model, x, training_batches):
    """Batch and x go up side by side, each batch norm written out; the model itself is never called."""
    from torch import nn

    predictions = []
    for batch in training_batches:
        a, b = batch, x
        for layer in model:
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                axes = [axis for axis in range(a.ndim) if axis != 1]
                shape = [-1 if axis == 1 else 1 for axis in range(a.ndim)]
                mean, var = a.mean(axes, keepdim=True), a.var(axes, keepdim=True, correction=0)
                scale = layer.weight.reshape(shape) / (var + layer.eps).sqrt()
                a, b = ((v - mean) * scale + layer.bias.reshape(shape) for v in (a, b))
            elif not isinstance(layer, nn.Dropout):
                a, b = layer(a), layer(b)
        predictions.append(b.detach().numpy())
    return np.mean(predictions, axis=0), np.std(predictions, axis=0)


STYLES = {
    "ghost_batch_norm": {
        "loops": ghosts_with_loops,
        "reshaped": ghosts_by_reshaping,
        "torch": ghosts_with_torch,
        "membership matrix": ghosts_with_numbers_of_the_ghost,
    },
    "statistics_noise": {
        "loop": noise_with_a_loop,
        "choice": noise_with_choice,
        "one feature at a time": noise_one_feature_at_a_time,
        "epochs": noise_by_epochs,
    },
    "mc_batch_norm_predict": {
        "momentum one": mc_with_momentum_one,
        "a copy": mc_on_a_copy,
        "layer by layer": mc_layer_by_layer,
    },
}
