"""What the tests of the kit share."""

import torch

from bn_course.nets import digits, train


def inputs(batches=4, n=64, features=64, seed=0):
    drawn = torch.Generator().manual_seed(seed)
    return [torch.randn(n, features, generator=drawn) for _ in range(batches)]


def fitted(model, data=None, steps=80, rate=0.1, size=64):
    """Trained on digits."""
    data = data or digits()
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=rate, momentum=0.9)
    train(model, data, optimiser, steps, size, every=steps)
    return model


def texts(seen):
    return " | ".join(str(finding) for _, finding in seen.warnings)
