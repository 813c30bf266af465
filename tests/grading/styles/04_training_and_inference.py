"""Right answers written in other ways than the reference."""

import math

import numpy as np

# --- update_running_stats ---------------------------------------------------------------------


def update_with_loops(running_mean, running_var, x, momentum=0.1):
    n, features = np.shape(x)
    means, variances = [], []
    for j in range(features):
        column = [float(value) for value in x[:, j]]
        mean = math.fsum(column) / n
        var = math.fsum((value - mean) ** 2 for value in column) / (n - 1)
        means.append((1 - momentum) * running_mean[j] + momentum * mean)
        variances.append((1 - momentum) * running_var[j] + momentum * var)
    return means, variances


def update_as_steps(running_mean, running_var, x, momentum=0.1):
    """old + momentum · (batch − old), on copies changed in place."""
    mean, var = running_mean.copy(), running_var.copy()
    mean += momentum * (x.mean(axis=0) - mean)
    var += momentum * (np.var(x, axis=0, ddof=1) - var)
    return mean, var


def update_with_torch(running_mean, running_var, x, momentum=0.1):
    import torch

    mean, var, x = (torch.tensor(a) for a in (running_mean, running_var, x))
    torch.nn.functional.batch_norm(x, mean, var, training=True, momentum=momentum)
    return mean, var


def update_from_population_variance(running_mean, running_var, x, momentum=0.1):
    n = len(x)
    centred = x - x.mean(0)
    var = np.einsum("nd,nd->d", centred, centred) / n
    new_var = np.average([running_var, var * n / (n - 1)], axis=0, weights=[1 - momentum, momentum])
    return np.average([running_mean, x.mean(0)], axis=0, weights=[1 - momentum, momentum]), new_var


# --- batch_norm_inference ---------------------------------------------------------------------


def inference_as_scale_and_shift(x, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    return x.astype(np.float64) * scale + (beta - running_mean * scale)


def inference_with_loops(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return [
        [
            gamma[j] * (value - running_mean[j]) / math.sqrt(running_var[j] + eps) + beta[j]
            for j, value in enumerate(row)
        ]
        for row in x
    ]


def inference_features_first(x, gamma, beta, running_mean, running_var, eps=1e-5):
    column = [a[:, None] for a in (gamma, beta, running_mean, running_var)]
    gamma, beta, mean, var = column
    return (gamma * (x.T - mean) * (var + eps) ** -0.5 + beta).T


def inference_with_torch(x, gamma, beta, running_mean, running_var, eps=1e-5):
    import torch

    x, *vectors = (torch.tensor(a) for a in (x, running_mean, running_var, gamma, beta))
    return torch.nn.functional.batch_norm(x, *vectors, training=False, eps=eps)


def inference_in_place_on_a_copy(x, gamma, beta, running_mean, running_var, eps=1e-5):
    y = x.copy()
    y -= running_mean
    y /= np.sqrt(running_var + eps)
    y *= gamma
    y += beta
    return y


# --- BatchNorm --------------------------------------------------------------------------------


class InPlaceBatchNorm:
    """Running statistics as buffers changed in place; backward as three terms with x̂."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum = eps, momentum
        self.training = True
        self.dgamma = self.dbeta = None

    def forward(self, x):
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            n = x.shape[0]
            self.running_mean *= 1 - self.momentum
            self.running_mean += self.momentum * mean
            self.running_var *= 1 - self.momentum
            self.running_var += self.momentum * var * n / (n - 1)
        else:
            mean, var = self.running_mean.copy(), self.running_var.copy()
        self.inv_std = 1 / np.sqrt(var + self.eps)
        self.x_hat = (x - mean) * self.inv_std
        self.used_batch = self.training
        return self.gamma * self.x_hat + self.beta

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.x_hat).sum(axis=0), dy.sum(axis=0)
        dx_hat = dy * self.gamma
        if self.used_batch:
            dx_hat = dx_hat - dx_hat.mean(0) - self.x_hat * (dx_hat * self.x_hat).mean(0)
        return dx_hat * self.inv_std


class TorchBatchNorm:
    """torch's layer inside, in float64."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        import torch

        self.tensor = torch.as_tensor
        self.layer = torch.nn.BatchNorm1d(num_features, eps, momentum, dtype=torch.float64)

    training = property(lambda self: self.layer.training, lambda self, on: self.layer.train(on))
    running_mean = property(lambda self: self.layer.running_mean.numpy())
    running_var = property(lambda self: self.layer.running_var.numpy())
    gamma = property(
        lambda self: self.layer.weight.detach().numpy(),
        lambda self, value: self.layer.weight.data.copy_(self.tensor(value)),
    )
    beta = property(
        lambda self: self.layer.bias.detach().numpy(),
        lambda self, value: self.layer.bias.data.copy_(self.tensor(value)),
    )

    def forward(self, x):
        self.x = self.tensor(x).double().requires_grad_()
        self.y = self.layer(self.x)
        return self.y

    def backward(self, dy):
        self.layer.zero_grad()
        self.x.grad = None
        self.y.backward(self.tensor(dy), retain_graph=True)
        self.dgamma, self.dbeta = self.layer.weight.grad, self.layer.bias.grad
        return self.x.grad


class ClosureBatchNorm:
    """The forward pass leaves behind the function that goes back."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.running_mean, self.running_var = [0.0] * num_features, [1.0] * num_features
        self.gamma, self.beta = [1.0] * num_features, [0.0] * num_features
        self.training, self.eps, self.momentum = True, eps, momentum

    def forward(self, x):
        x = np.asarray(x, dtype=np.float64)
        return self._train(x) if self.training else self._evaluate(x)

    def backward(self, dy):
        dx, self.dgamma, self.dbeta = self._go_back(np.asarray(dy))
        return dx

    def _train(self, x):
        m = self.momentum
        self.running_mean = (1 - m) * np.array(self.running_mean) + m * x.mean(0)
        self.running_var = (1 - m) * np.array(self.running_var) + m * x.var(0, ddof=1)
        std, gamma = np.sqrt(x.var(0) + self.eps), np.array(self.gamma)
        x_hat = (x - x.mean(0)) / std

        def go_back(dy):
            dgamma, dbeta = np.einsum("nd,nd->d", dy, x_hat), np.einsum("nd->d", dy)
            return gamma / (len(x) * std) * (len(x) * dy - dbeta - x_hat * dgamma), dgamma, dbeta

        self._go_back = go_back
        return x_hat * gamma + self.beta

    def _evaluate(self, x):
        inv_std = (np.array(self.running_var) + self.eps) ** -0.5
        gamma, x_hat = np.array(self.gamma), (x - self.running_mean) * inv_std
        self._go_back = lambda dy: (dy * gamma * inv_std, (dy * x_hat).sum(0), dy.sum(0))
        return x_hat * gamma + self.beta


# --- keras_to_torch ---------------------------------------------------------------------------


def keras_by_sum_of_squares(keras_momentum, moving_variance, batch_size):
    sum_of_squares = moving_variance * batch_size
    return 1.0 - keras_momentum, sum_of_squares / (batch_size - 1)


def keras_as_lists(keras_momentum, moving_variance, batch_size):
    return [1 - keras_momentum, [v * batch_size / (batch_size - 1) for v in moving_variance.tolist()]]


def keras_with_torch(keras_momentum, moving_variance, batch_size):
    import torch

    return 1 - keras_momentum, torch.from_numpy(moving_variance) / (1 - 1 / batch_size)


# --- fold_into_linear -------------------------------------------------------------------------


def fold_with_a_diagonal(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = np.diag(gamma / np.sqrt(running_var + eps))
    offset = -running_mean if bias is None else bias - running_mean
    return scale @ weight, scale @ offset + beta


def fold_with_loops(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    rows, shifts = [], []
    for i, row in enumerate(weight):
        s = gamma[i] / math.sqrt(running_var[i] + eps)
        rows.append([s * w for w in row])
        shifts.append(beta[i] + s * ((0.0 if bias is None else bias[i]) - running_mean[i]))
    return rows, shifts


def fold_by_probing(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    """Ask the two layers what they do to zero and to each unit vector."""
    bias = 0.0 if bias is None else bias

    def both(x):
        return gamma * (x @ weight.T + bias - running_mean) / np.sqrt(running_var + eps) + beta

    new_bias = both(np.zeros(weight.shape[1]))
    return (both(np.eye(weight.shape[1])) - new_bias).T, new_bias


def fold_in_place_on_copies(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    inv_std = np.reciprocal(np.sqrt(running_var + eps))
    weight = np.array(weight)
    weight *= (gamma * inv_std).reshape(-1, 1)
    bias = np.zeros(len(weight)) if bias is None else np.array(bias)
    bias -= running_mean
    bias *= gamma * inv_std
    bias += beta
    return weight, bias


STYLES = {
    "update_running_stats": {
        "loops": update_with_loops,
        "a step towards the batch": update_as_steps,
        "torch": update_with_torch,
        "einsum and average": update_from_population_variance,
    },
    "batch_norm_inference": {
        "scale and shift": inference_as_scale_and_shift,
        "loops": inference_with_loops,
        "features first": inference_features_first,
        "torch": inference_with_torch,
        "in place on a copy": inference_in_place_on_a_copy,
    },
    "BatchNorm": {
        "buffers in place": InPlaceBatchNorm,
        "torch": TorchBatchNorm,
        "closures": ClosureBatchNorm,
    },
    "keras_to_torch": {
        "sum of squares": keras_by_sum_of_squares,
        "lists": keras_as_lists,
        "torch": keras_with_torch,
    },
    "fold_into_linear": {
        "diagonal matrix": fold_with_a_diagonal,
        "loops": fold_with_loops,
        "probing": fold_by_probing,
        "in place on copies": fold_in_place_on_copies,
    },
}
