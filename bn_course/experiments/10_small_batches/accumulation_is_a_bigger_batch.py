"""Adding gradients up over small batches is one large batch, unless a layer looks across the batch."""

import torch
from torch.nn import functional

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits

from ._shared import POINT, SCOPE, error, network, trained
from .images_in_small_batches import trained_cnn

SIZE, MICRO = 32, 2


def measure(seed, scale):
    epochs = 5 if scale == "full" else 1
    numbers = {}
    for norm in ("batch", "layer"):
        numbers[f"{norm}_gradient"] = gradient_difference(norm, seed)
        numbers[f"{norm}_whole"] = error(trained(norm, SIZE, seed, epochs=epochs))
        numbers[f"{norm}_added"] = error(trained(norm, MICRO, seed, epochs=epochs, micro=SIZE // MICRO))
    numbers["batch_small"] = error(trained("batch", MICRO, seed, epochs=epochs))
    for name, size, micro in (("whole", SIZE, 1), ("added", MICRO, SIZE // MICRO)):
        numbers[f"images_{name}"] = error(trained_cnn("batch", 4, size, seed, epochs=epochs, micro=micro))
    return numbers


def gradient_difference(norm, seed):
    """‖added − whole‖/‖whole‖ for one batch, at initialisation, in float64."""
    batch = digits().train[torch.randperm(1000, generator=torch.Generator().manual_seed(seed))[:SIZE]]
    whole, added = (gradient(network(norm, seed).double(), batch, size) for size in (SIZE, MICRO))
    return ((added - whole).norm() / whole.norm()).item()


def gradient(model, batch, size):
    """Of the mean loss, added up over parts of `size` examples."""
    for begin in range(0, len(batch), size):
        part = batch[begin : begin + size]
        loss = functional.cross_entropy(model(part.x.double()), part.y, reduction="sum") / len(batch)
        loss.backward()
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


def difference(norm):
    return Effect(
        f"relative difference of the gradients, {norm} norm",
        lambda n: n[f"{norm}_gradient"],
        below=1e-6,
        ratio=True,
        why="float64 rounds a million times finer",
    )


def cost(norm):
    return Effect(
        f"points of error that adding up costs, {norm} norm",
        lambda n: n[f"{norm}_added"] - n[f"{norm}_whole"],
        below=1.5,
        why=POINT,
    )


BATCH = difference("batch") & cost("batch")
LAYER = difference("layer") & cost("layer")

EXPERIMENT = Experiment(
    claim="Adding up the gradients of k small batches is the same as one batch k times as large.",
    source="common advice for small memories ('gradient accumulation')",
    scope=SCOPE.but(values="32 or 2, in the CNN × 64, 16 and 4 positions", model="ReLU MLP 4×64; a CNN"),
    method="He initialisation; 16 batches of 2 an update against one of 32: the gradient at initialisation (float64), and the test error after 5 epochs at rate 0.05, with the same order of examples; for batch norm also a CNN of three convolutions on the 8×8 images, rate 0.2.",
    measure=measure,
    holds=BATCH & LAYER,
    when={"no layer looks across the batch": LAYER},
    finding="Relative difference of the gradients: layer norm {layer_gradient:.0e}, batch norm {batch_gradient:.0f}. Test error of one batch of 32 and of 16 × 2: layer norm {layer_whole:.1f} and {layer_added:.1f} %, batch norm {batch_whole:.1f} and {batch_added:.1f} % (an update for every 2: {batch_small:.1f} %), in a CNN {images_whole:.1f} and {images_added:.1f} %",
)
