"""What several questions of lesson 05 share."""

from bn_course.checks._mistake import mistake

# Which axes of (N, C, H, W) share a statistic, by the name of the choice.
AXES = {
    "nhw": (0, 2, 3),
    "n": (0,),
    "hw": (2, 3),
    "all": (0, 1, 2, 3),
    "chw": (1, 2, 3),
    "c": (1,),
    "nhc": (0, 1, 2),
}


def moments(x, axes, ddof=0, method="two-pass"):
    """Mean and variance over one of `AXES`, kept; or one of the two mistakes in pooling images."""
    if axes in ("mean-of-vars", "var-of-means"):
        mean = x.mean(axis=(0, 2, 3), keepdims=True)
        if axes == "mean-of-vars":
            var = x.var(axis=(2, 3), keepdims=True, ddof=ddof).mean(axis=0, keepdims=True)
        else:
            var = x.mean(axis=(2, 3), keepdims=True).var(axis=0, keepdims=True, ddof=ddof)
        return mean, var
    axes = AXES[axes]
    mean = x.mean(axis=axes, keepdims=True)
    if method == "one-pass":
        return mean, (x * x).mean(axis=axes, keepdims=True) - mean * mean
    squares = ((x - mean) ** 2).sum(axis=axes, keepdims=True)
    return mean, squares / (x.size // mean.size - ddof)


def _laid(values, along):
    """γ or β laid along an axis of (N, C, H, W)."""
    shape = {"c": (1, -1, 1, 1), "w": (-1,), "h": (-1, 1), "n": (-1, 1, 1, 1)}[along]
    return values.reshape(shape)


def flattened(x, channels, view):
    """x as (M, C, 1, 1), cut up without a transpose: entries land in other channels' columns."""
    table = x.reshape(-1, channels) if view == "columns" else x.reshape(channels, -1).T
    return table[:, :, None, None]


def restored(table, shape, view):
    return table[:, :, 0, 0].reshape(shape) if view == "columns" else table[:, :, 0, 0].T.reshape(shape)


# Mistakes that every forward pass with a channel axis shares, with the knobs that make them.
FORWARD_MISTAKES = (
    mistake("eps-outside-sqrt", eps_place="outside"),
    mistake("no-eps", eps_place="none"),
    mistake(
        "eps-default",
        {"eps_default": 1e-3},
        {"eps_default": 1e-8},
        {"eps_default": 1e-6},
        {"eps_default": 1e-4},
    ),
    mistake("eps-hard-coded", {"eps_fixed": 1e-5}, {"eps_fixed": 1e-8}, {"eps_fixed": 1e-3}),
    mistake("divides-by-variance", root=False),
    mistake("mean-not-subtracted", centre=False),
    mistake("only-centred", scale=False),
    mistake("gamma-ignored", gamma_is="ignored"),
    mistake("beta-ignored", beta_is="ignored"),
    mistake("affine-ignored", gamma_is="ignored", beta_is="ignored"),
    mistake("gamma-after-shift", order="shift-first"),
    mistake("affine-before", order="before"),
    mistake(
        "scalar-gamma",
        {"gamma_is": "first"},
        {"gamma_is": "mean"},
        {"gamma_is": "first", "beta_is": "first"},
        {"gamma_is": "mean", "beta_is": "mean"},
    ),
    mistake("gamma-beta-swapped", swapped=True),
)


TWO_IMAGES = [[[[1, 3]], [[0, 4]]], [[[5, 7]], [[10, 2]]]]  # (2, 2, 1, 2)
