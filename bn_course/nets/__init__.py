"""Small networks in PyTorch, what they learn from, and one training loop. (lessons 07 to 14)

A training run is three lines:

    data = digits()
    model = mlp([64, 64, 64, 10], norm="batch")
    history = train(model, data, torch.optim.SGD(model.parameters(), lr=0.1), steps=300)
"""

from typing import Any

from bn_course.nets.cifar import cifar10
from bn_course.nets.data import Data, Split, digits, mnist, mnist_1d, with_label_noise
from bn_course.nets.models import cnn, initialise, mlp, norm_layer, residual_mlp
from bn_course.nets.train import History, accuracy, batches, evaluate, seeded, train
from bn_course.nets.tune import Run, best, sweep

__all__ = [
    "Data",
    "History",
    "Run",
    "Split",
    "accuracy",
    "batches",
    "best",
    "cifar10",
    "cnn",
    "digits",
    "evaluate",
    "initialise",
    "mlp",
    "mnist",
    "mnist_1d",
    "norm_layer",
    "residual_mlp",
    "seeded",
    "sweep",
    "train",
    "with_label_noise",
]


def __getattr__(name: str) -> Any:
    """The kit lives one room up, in `bn_course.inspect`; lessons took it from here."""
    if name in ("inspect_batch_norm", "watch_batch_norm"):
        import bn_course.inspect

        return getattr(bn_course.inspect, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
