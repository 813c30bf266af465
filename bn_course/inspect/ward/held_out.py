"""A third of the ward, drawn at random before the findings were written: it is for the end.

Drawn by `random.Random(18).sample` from the names in the order of the lists."""

HELD_OUT_HEALTHY = (
    "CNN, autocast",
    "CNN, biases and dropout",
    "CNN, channels last",
    "CNN, cumulative average",
    "CNN, its operations traced",
    "CNN, layer norm of one's own",
    "CNN, of a dictionary",
    "MLP, a norm inside a norm",
    "MLP, ghost batches",
    "MLP, lazy, then trained",
    "MLP, on the meta device",
    "ResNet",
    "detector",
    "frozen trunk",
    "generator",
    "image and table",
    "residual MLP",
    "siamese",
    "transformer, the course's norms",
    "two views",
)

HELD_OUT_FAULTS = (
    "NaN in a buffer",
    "NaN in the input",
    "averaged far apart",
    "batches of two",
    "detached",
    "deviation for variance",
    "evaluated in training mode",
    "fold forgets the bias",
    "folded and kept",
    "instance of one place",
    "last batch of three",
    "mean and variance exchanged",
    "measured anew, class by class",
    "momentum 0",
    "negative variance",
    "no statistics at all",
    "other contrast",
    "tiny input",
    "γ exploded",
)
