"""Does Keras' momentum 0.99 keep the same running statistics as PyTorch's 0.01?"""

import numpy as np

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.norms import update_running_stats

N = 8


def measure(seed, scale):
    rng = np.random.default_rng(seed)
    ours, keras = (np.zeros(4), np.ones(4)), (np.zeros(4), np.ones(4))
    for _ in range(1000):
        x = rng.normal(3, 2, size=(N, 4))
        ours = update_running_stats(*ours, x, momentum=0.01)
        keras = tuple(0.99 * old + 0.01 * new for old, new in zip(keras, (x.mean(0), x.var(0)), strict=True))
    mean, var = (float(np.abs(a / b - 1).max()) for a, b in zip(ours, keras, strict=True))
    factor = float(np.abs(ours[1] / keras[1] - N / (N - 1)).max())
    return {"mean": mean, "variance": var, "variance_unexplained": factor}


MEAN = Effect("running means apart", lambda n: n["mean"], below=1e-9, why="float64: more is no rounding")
VARIANCE = Effect(
    "running variances apart",
    lambda n: n["variance"],
    below=1e-3,
    why="a thousandth of a variance changes no output that anybody looks at",
)

EXPERIMENT = Experiment(
    claim="Keras' momentum 0.99 is PyTorch's momentum 0.01.",
    source="conversion guides; the definitions are those of both libraries' documentation",
    scope=Scope("normal numbers, float64", values="8 × 1", horizon="1000 batches"),
    method="Mean 3 and deviation 2: PyTorch's update with 0.01 beside Keras' formula with 0.99 (÷N).",
    measure=measure,
    holds=MEAN & VARIANCE,
    when={"only the mean is meant": MEAN},
    finding="The running means agree to {mean:.0e}, the running variances differ by {variance:.0%}: PyTorch's is N/(N − 1) times larger, less what its start at 1 still weighs ({variance_unexplained:.0e})",
)
