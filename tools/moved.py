"""Move every input by a rounding: the cheapest other machine there is.

Run first in a process (as PYTHONSTARTUP, which Jupyter's kernels run too), it makes all that NumPy's and
PyTorch's generators draw, initial weights among it, and the data sets differ by one part in 10¹², in single
precision by a rounding; normal numbers there by one part in 10⁶, since PyTorch's differ by as much from
processor to processor. What then comes out differently hangs on rounding.
"""

DELTA = {8: 1e-12, 4: 2e-7, 2: 1e-2}  # by the bytes of a number
NORMAL = DELTA | {4: 1e-6}


def move_inputs() -> None:
    import functools
    import os

    import numpy as np
    import torch

    from bn_course.nets import data

    bit = 8 + int(os.environ["MOVED"])

    def factors(x, delta):
        """1 ± δ, by a bit of each number: the same draw is moved the same way each time."""
        bits = np.ascontiguousarray(x).view(f"u{x.itemsize}").reshape(x.shape)
        return 1 + delta[x.itemsize] * (1.0 - 2 * (bits >> bit & 1))

    def moved(x, delta=DELTA):
        """x (1 ± δ); what is no float, nor an array of them, stays."""
        if isinstance(x, float | np.ndarray) and np.asarray(x).dtype.kind == "f":
            return (x * factors(np.asarray(x), delta)).astype(np.asarray(x).dtype)
        if isinstance(x, torch.Tensor) and x.is_floating_point():
            with torch.no_grad():
                return x.mul_(torch.as_tensor(factors(x.numpy(force=True), delta)).to(x))
        return x

    def moves(draw):
        delta = DELTA if draw.__name__ in ("rand", "uniform", "uniform_") else NORMAL
        return functools.wraps(draw)(lambda *args, **keywords: moved(draw(*args, **keywords), delta))

    class Generator(np.random.Generator):
        normal = moves(np.random.Generator.normal)
        standard_normal = moves(np.random.Generator.standard_normal)
        uniform = moves(np.random.Generator.uniform)

    plain = np.random.default_rng
    np.random.default_rng = lambda seed=None: Generator(plain(seed).bit_generator)
    for name in ("randn", "rand", "normal"):
        setattr(torch, name, moves(getattr(torch, name)))
    for name in ("normal_", "uniform_"):
        setattr(torch.Tensor, name, moves(getattr(torch.Tensor, name)))
    three_parts = data._three_parts

    def moved_parts(*args, **keywords):
        made = three_parts(*args, **keywords)
        for part in made.parts:
            moved(part.x)
        return made

    data._three_parts = moved_parts


move_inputs()
