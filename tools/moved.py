"""Move every input by a rounding: the cheapest other machine there is.

Run first in a process (as PYTHONSTARTUP, which Jupyter's kernels run too), it makes all that NumPy's and
PyTorch's generators draw, initial weights among it, and the data sets differ by one part in 10¹², or by the
least that the type can, up or down at random. What then comes out differently hangs on rounding.
"""

DELTA = {8: 1e-12, 4: 1e-6, 2: 1e-2}  # by the bytes of a number


def move_inputs() -> None:
    import functools
    import os

    import numpy as np
    import torch

    from bn_course.nets import data

    signs = np.random.default_rng(int(os.environ["MOVED"]))

    def moved(x):
        """x (1 ± δ); what is no float, nor an array of them, stays."""
        if isinstance(x, float):
            return x * (1 + DELTA[8] * signs.choice((-1, 1)))
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            delta = DELTA[x.dtype.itemsize]
            return x * (1 + delta * signs.choice((-1, 1), x.shape)).astype(x.dtype)
        if isinstance(x, torch.Tensor) and x.is_floating_point():
            delta = DELTA[x.dtype.itemsize]
            with torch.no_grad():
                return x.mul_(torch.tensor(1 + delta * signs.choice((-1, 1), tuple(x.shape))).to(x))
        return x

    def moves(draw):
        return functools.wraps(draw)(lambda *args, **keywords: moved(draw(*args, **keywords)))

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
