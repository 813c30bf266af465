"""Batch norm's error rises steeply when the batch becomes small; group norm's does not."""

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment

from ._shared import own_best

NORMS = ("none", "batch", "layer", "group", "renorm")


def measure(seed, scale):
    full = scale == "full"
    sizes = [64, 32, 16, 8, 4, 2] if full else [32, 2]
    numbers = {"sizes": sizes}
    for norm in NORMS if full else ("batch", "group"):
        runs = [own_best(norm, size, seed, (0.05, 0.2)[: 1 + full], 5 if full else 2) for size in sizes]
        numbers[f"{norm}_equal"] = [errors[0] for errors, _ in runs]
        numbers[norm] = [best for _, best in runs]
    return numbers


def verdict(numbers):
    def rise(name):
        """How far any smaller batch's error is above that of the largest."""
        errors = numbers[name].mean(0)
        return (errors - errors[0]).max()

    steep = min(rise("batch"), rise("batch_equal")) > 10
    flat = max(rise("group"), rise("group_equal")) < 1.5
    return HOLDS if steep and flat else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Batch norm's error increases rapidly when the batch size becomes smaller; group norm's is stable over a wide range of batch sizes.",
    source="Wu and He 2018, arXiv:1803.08494, abstract and table 2: ResNet-50 on ImageNet, 32 → 2 images a GPU, batch norm 23.6 → 34.7 %, group norm 24.1 → 24.1 %",
    method="Digits, ReLU 4×64, He initialisation, SGD with momentum 0.9, cosine, 5 epochs; rate in proportion to the batch size, 0.05 or 0.2 for 32, the better on validation data; test error.",
    measure=measure,
    verdict=verdict,
    finding="From batches of {sizes[0]:.0f} to {sizes[5]:.0f}: batch norm {batch[0]:.1f} → {batch[5]:.1f} % ({batch[4]:.1f} at 4, {batch[3]:.1f} at 8), group norm {group[0]:.1f} → {group[5]:.1f}, layer norm {layer[0]:.1f} → {layer[5]:.1f}, none {none[0]:.1f} → {none[5]:.1f}",
)
