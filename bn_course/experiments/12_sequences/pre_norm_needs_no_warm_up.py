"""Norms before the branch or behind the addition, with and without a slow start of the learning rate."""

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets.text import names_text
from bn_course.nets.transformer import text_loss

from ._shared import letter_frequencies_loss, trained_transformer

FULL = {"steps": 150, "warm_up": 40, "context": 32, "batch_size": 16}
SMALL = {"steps": 90, "warm_up": 40, "context": 16, "batch_size": 8}


def measure(seed, scale):
    rates, options = ((1e-3, 3e-3, 1e-2), FULL) if scale == "full" else ((3e-3, 1e-2), SMALL)
    given = {"rates": list(rates), "letters": letter_frequencies_loss()}
    for order in ("pre", "post"):
        for name, warm_up in (("cold", 0), ("warm", options["warm_up"])):
            arms = {**options, "warm_up": warm_up, "seed": seed}
            models = [trained_transformer("layer", order, 4, rate, **arms) for rate in rates]
            losses = [text_loss(model, names_text().validation) for model in models]
            given |= {f"{order}_{name}": losses, f"{order}_{name}_best": min(losses)}
            given[f"{order}_{name}_largest"] = losses[-1]
    return given


def verdict(numbers):
    mean = {name: value.mean(0) for name, value in numbers.items()}
    stuck = mean["letters"] - 0.02
    post_fails = mean["post_cold_largest"] > stuck > mean["post_warm_largest"]
    if not post_fails or mean["pre_cold_largest"] > stuck:
        return DOES_NOT_HOLD
    needed_at_best = mean["post_cold_best"] - mean["post_warm_best"] > 0.1
    return HOLDS if needed_at_best else holds_when("the learning rate is large")


EXPERIMENT = Experiment(
    claim="A post-norm transformer needs a warm-up of the learning rate, a pre-norm one does not.",
    source="Xiong et al. 2020, On Layer Normalization in the Transformer Architecture, arXiv:2002.04745",
    method="Causal transformer, 4 blocks of width 48, layer norm, on the names of Unicode's characters; 150 steps "
    "of Adam (β₂ 0.98) on 16 pieces of 32 characters at 0.001, 0.003 and 0.01, constant from the start or rising "
    "over the first 40 steps; validation loss in nats a character.",
    measure=measure,
    verdict=verdict,
    finding="At rate 0.01 post-norm ends at {post_cold_largest:.2f} without and {post_warm_largest:.2f} with a "
    "warm-up, pre-norm at {pre_cold_largest:.2f} and {pre_warm_largest:.2f}, where letter frequencies alone give "
    "{letters:.2f}; at the best rate of each, post-norm at {post_cold_best:.2f} and {post_warm_best:.2f}, pre-norm "
    "at {pre_cold_best:.2f} and {pre_warm_best:.2f}",
)
