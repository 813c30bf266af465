"""What the experiments of lesson 11 share: two made-up tasks, a fair run, and accuracies in per cent."""

import torch
from torch.nn.functional import conv2d
from torch.optim.lr_scheduler import CosineAnnealingLR

from bn_course.experiments import Scope
from bn_course.nets import Data, Run, Split, accuracy, best, cnn, digits, seeded, train
from bn_course.nets.tune import sgd

SCOPE = Scope(
    data="digits",
    model="CNN 16-32",
    values="128 × 64 and 16 positions in batch norm",
    optimiser="SGD, momentum 0.9, batches of 128",
    horizon="400 steps, cosine schedule",
    test=500,
)
FORGOTTEN = "chance is 25 %, and a network that sees the class has 90 % and more"

NORMS = ("none", "batch", "layer", "group", "instance")


def runs(make, rates, data, steps, seed):
    """One run at each rate from the same start: SGD with momentum 0.9, the rate falling as a cosine."""
    done = []
    for rate in rates:
        with seeded(seed):
            model = make()
        optimiser = sgd(model, rate)
        schedule = CosineAnnealingLR(optimiser, steps)
        history = train(model, data, optimiser, steps, schedule=schedule, every=steps, seed=seed)
        done.append(Run(rate, model, history))
    return done


def tuned(make, rates, data, steps, seed):
    """The run at the rate that is best on validation data."""
    return best(runs(make, rates, data, steps, seed))


def percent(run, split):
    return 100 * accuracy(run.model, split)


def without_bias(model):
    for layer in model:
        if isinstance(layer, torch.nn.Conv2d):
            layer.bias = None
    return model


def contrasts(seed, small):
    """Noise, 8×8, mean 0 in each image; the class is the image's deviation: 0.5, 1, 2 or 4."""

    def images(y, generator):
        x = standardised(torch.randn(len(y), 1, 8, 8, generator=generator))
        return x * (0.5 * 2.0**y)[:, None, None, None]

    return task(images, seed, small)


def textures(seed, small):
    """Noise, 12×12, smoothed along one of four directions, the class; mean 0 and deviation 1 in each image."""
    blur = torch.tensor([1.0, 2.0, 1.0]) / 4
    along = torch.zeros(4, 3, 3)
    along[0, 1], along[1, :, 1], along[2], along[3] = blur, blur, blur.diag(), blur.diag().flip(0)

    def images(y, generator):
        noise = torch.randn(len(y), 1, 14, 14, generator=generator)
        smooth = conv2d(noise, along[:, None])  # (N, 4, 12, 12), each direction once
        return standardised(smooth[torch.arange(len(y)), y][:, None])

    return task(images, seed, small)


def standardised(x):
    centred = x - x.mean((1, 2, 3), keepdim=True)
    return centred / centred.square().mean((1, 2, 3), keepdim=True).sqrt()


def task(images, seed, small):
    """Four classes, equally many of each."""
    generator = torch.Generator().manual_seed(seed)
    labels = [torch.arange(n // 2 if small else n) % 4 for n in (800, 200, 400)]
    return Data("made up", *(Split(images(y, generator), y) for y in labels), classes=4)


def every_norm(channels, data, rates, steps, seed, change=lambda model: model, norms=NORMS):
    """Test accuracy of the small CNN with each norm at its best rate."""
    return [
        percent(
            tuned(lambda n=n: change(cnn(channels, n, classes=data.classes)), rates, data, steps, seed),
            data.test,
        )
        for n in norms
    ]


def digits_runs(seed, small):
    """The small CNN on digits with each norm, at its best rate."""
    norms, rates, steps = (("batch", "instance"), (0.3,), 300) if small else (NORMS, (0.1, 0.3, 1.0), 400)
    return {n: tuned(lambda n=n: cnn((16, 32), n), rates, digits(image=True), steps, seed) for n in norms}
