"""The layer of lesson 04 once more, with a knob for each mistake that is known of it."""

import numpy as np

from bn_course.checks._forward import affine_knobs, deviation, epsilon, moments, with_affine

from ._running import update_variant


def variant_class(*, shared=False, **knobs):
    """A BatchNorm that makes the mistakes `knobs`; a new class, for what its objects may share."""
    common = {}

    class Variant(_LayerVariant):
        def __init__(self, num_features, eps=None, momentum=None):
            self.running = common if shared else {}
            super().__init__(num_features, eps, momentum, knobs)

    return Variant


class _LayerVariant:
    def __init__(self, num_features, eps, momentum, k):
        self.eps = epsilon(eps, **k)
        self.momentum = 0.1 if momentum is None else momentum
        self.training = True
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running["mean"] = np.zeros(num_features)
        self.running["var"] = np.full(num_features, k.get("start_var", 1.0))
        self._gradient_sums = np.zeros(num_features), np.zeros(num_features)
        self._k = k
        self._updates = 0
        self._last = None

    running_mean = property(lambda self: self.running["mean"])
    running_var = property(lambda self: self.running["var"])

    def forward(self, x):
        training = True if self._k.get("mode") == "private" else self.training
        updates = self._k.get("updates", "training")
        if updates in ("always-first", "factor-first") or (updates == "training" and training):
            self._update(x)
        stats = self._k.get("train_stats" if training else "eval_stats", "batch" if training else "running")
        self._normalise(x, from_batch=stats == "batch")
        if updates == "always-after":
            self._update(x)
        if training or self._last is None or self._k.get("cache") != "training":
            self._last = x, training, self._x_hat, self._std
        return with_affine(x, self.gamma, self.beta, 1, lambda _: self._x_hat, **affine_knobs(self._k))

    def _update(self, x):
        if self._k.get("updates") == "factor-first":
            _ = len(x) / (len(x) - 1)  # raises for a single example
        first = self._k.get("start") == "first-batch" and not self._updates
        self._updates += 1
        known = {
            name: self._k[name] for name in ("correction", "weight", "spread", "update") if name in self._k
        }
        eps = self.eps if self._k.get("eps_in_var") else 0.0
        self.running["mean"], self.running["var"] = update_variant(
            self.running_mean, self.running_var, x, 1.0 if first else self.momentum, eps=eps, **known
        )

    def _normalise(self, x, from_batch):
        mean, var = self.running_mean, self.running_var
        if from_batch:
            mean, var = moments(x, 0, ddof=self._k.get("ddof", 0), method=self._k.get("method", "two-pass"))
        self._std = deviation(var, self.eps, **self._k)
        self._x_hat = (x - mean) / self._std

    def backward(self, dy):
        x, trained, self._x_hat, self._std = self._last
        trained = self.training if self._k.get("mode") == "at-backward" else trained
        way = self._k.get("train_backward", "full") if trained else self._k.get("eval_backward", "constants")
        if way in ("running", "batch"):
            self._normalise(x, from_batch=way == "batch")
        self._keep_gradients(x, dy)
        share = 1.0 if self._k.get("means") == "sum" else 1 / len(x)
        shift = dy.sum(axis=0) * share
        spread = self._x_hat * (dy * self._x_hat).sum(axis=0) * share
        dx_hat = dy - {
            "full": shift + spread,
            "batch": shift + spread,
            "projected": shift + spread,
            "mean-detached": spread,
            "var-detached": shift,
        }.get(way, 0.0)
        std = deviation(self.running_var, self.eps, **self._k) if way == "running-dx" else self._std
        gamma = self.gamma
        if self._k.get("gradients") == "stepped":
            self.gamma, self.beta = gamma - 0.01 * self.dgamma, self.beta - 0.01 * self.dbeta
        return dx_hat * (gamma if self._k.get("dx_gamma", True) else 1.0) / std

    def _keep_gradients(self, x, dy):
        gradients = dy * (x if self._k.get("dgamma") == "x" else self._x_hat), dy
        if self._k.get("dgamma") != "per-example":
            gradients = tuple(g.sum(axis=0) for g in gradients)
        if self._k.get("gradients") == "accumulate":
            gradients = tuple(a + b for a, b in zip(self._gradient_sums, gradients, strict=True))
            self._gradient_sums = gradients
        self.dgamma, self.dbeta = gradients
