"""What must hold of every right answer, for the norms of several lessons."""

import numpy as np

from bn_course.grading.question import Property


def worst_of(fault, worst):
    """What is said where something is off by more than rounding."""
    return f"{fault}; it is off by {worst:.2g}" if worst > 1e-5 else None


def mean_is_beta(whose, axes):
    """The mean of y over `axes` is β. `whose` says of what, as in 'each channel of y'."""

    def fault(args, y):
        worst = np.abs(np.asarray(y).mean(axis=axes) - args[2]).max()
        return worst_of(f"the mean of {whose} should be β", worst)

    return Property(f"the mean of {whose} is β", fault)


def deviation_is_gamma(whose, axes):
    """The deviation of y over `axes` is |γ|·σ/√(σ² + ε)."""

    def fault(args, y):
        x, gamma, _, *rest = args
        var = x.var(axis=axes)
        wanted = np.abs(gamma) * np.sqrt(var / (var + (rest[0] if rest else 1e-5)))
        worst = np.abs(np.asarray(y).std(axis=axes) - wanted).max()
        return worst_of(f"the standard deviation of {whose} should be |γ|·σ/√(σ² + ε)", worst)

    return Property(f"the standard deviation of {whose} is |γ|·σ/√(σ² + ε)", fault)


def dx_sums_to_zero(whose, axes, output=0):
    """Σdx over the values that share a statistic is zero: adding a constant to them leaves y as it is."""

    def fault(args, value):
        dx = np.asarray(value[output])
        worst = np.abs(dx.sum(axis=axes)).max() / max(np.abs(dx).max(), 1e-12)
        if worst > 1e-5:
            return (
                f"Σdx over {whose} should be 0, because adding a constant there leaves x̂ as it is; "
                f"it is {worst:.2g} times the largest entry of dx"
            )
        return None

    return Property(f"Σdx over {whose} is 0", fault)


def dx_does_not_stretch(whose, axes, dx_hat_of, output=0):
    """Σdx·x̂ = Σdx̂·x̂ · ε/(σ² + ε)^(3/2): zero for ε = 0, and known for any other.

    `dx_hat_of(args)` gives dx̂, x and ε.
    """

    def fault(args, value):
        dx_hat, x, eps = dx_hat_of(args)
        dx = np.asarray(value[output])
        var = x.var(axis=axes, keepdims=True)
        x_hat = (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(var + eps)
        wanted = (dx_hat * x_hat).sum(axis=axes, keepdims=True) * eps / (var + eps) ** 1.5
        worst = np.abs((dx * x_hat).sum(axis=axes, keepdims=True) - wanted).max() / max(1.0, np.abs(dx).max())
        return worst_of(
            f"Σdx·x̂ over {whose} should be 0 (up to the little that ε leaves), because stretching x there "
            "hardly changes x̂",
            worst,
        )

    return Property(f"Σdx·x̂ over {whose} is 0, up to ε", fault)
