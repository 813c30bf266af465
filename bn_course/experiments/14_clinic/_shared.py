"""What the experiments of lesson 14 share."""

from torch.optim import SGD

from bn_course.experiments import Scope
from bn_course.nets import digits, mlp, seeded, train

SCOPE = Scope(
    data="digits",
    model="ReLU MLP 2×64",
    values="128",
    optimiser="SGD, momentum 0.9, batches of 128",
    horizon="200 steps",
    test=500,
)


def trained(seed, steps=200, sizes=(64, 64, 64, 10), rate=0.1):
    """An MLP with batch norm, trained on digits by SGD with momentum 0.9."""
    with seeded(seed):
        model = mlp(list(sizes))
    optimiser = SGD(model.parameters(), lr=rate, momentum=0.9)
    train(model, digits(), optimiser, steps, every=steps, seed=seed)
    return model
