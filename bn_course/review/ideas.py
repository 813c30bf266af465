"""The ideas that items test: the eight of the inventory, and two that review alone asks about."""

IDEAS = {
    "shares": "what shares a statistic",
    "forgets": "what the batch forgets",
    "paths": "three paths of the gradient",
    "modes": "training against inference",
    "noise": "what the noise does",
    "counts": "small batches and N·H·W",
    "choice": "which norm for what",
    "scale": "scale invariance",
    "training": "what it does for training",
    "rounding": "rounding and speed",
}
INVENTORY = tuple(IDEAS)[:8]
