"""Norms before the branch or behind the addition, with and without a slow start of the learning rate."""

from bn_course.experiments import Effect, Experiment
from bn_course.nets.text import names_text
from bn_course.nets.transformer import text_loss

from ._shared import TEXT, letter_frequencies_loss, trained_transformer

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


BEYOND = "0.02 nats better than knowing the frequency of each letter, and nothing else"


def learnt(arm):
    """Nats below the loss of the letters' frequencies, at the largest rate."""
    return lambda n: n["letters"] - n[f"{arm}_largest"]


NEEDED = (
    Effect(
        "nats learnt at the largest rate, post-norm, no warm-up", learnt("post_cold"), below=0.02, why=BEYOND
    )
    & Effect("the same with a warm-up", learnt("post_warm"), above=0.02, why=BEYOND)
    & Effect("pre-norm, no warm-up", learnt("pre_cold"), above=0.02, why=BEYOND)
)
ALWAYS = Effect(
    "nats that post-norm gains by a warm-up, each at its best rate",
    lambda n: n["post_cold_best"] - n["post_warm_best"],
    above=0.1,
    why="a tenth of what is learnt in all",
)

EXPERIMENT = Experiment(
    claim="A post-norm transformer needs a warm-up of the learning rate, a pre-norm one does not.",
    source="Xiong et al. 2020, On Layer Normalization in the Transformer Architecture, arXiv:2002.04745",
    scope=TEXT.but(
        model="transformer, 4 blocks of 48, 32 characters", values="48 features", horizon="150 steps"
    ),
    method="Causal transformer, 4 blocks of width 48, layer norm, on the names of Unicode's characters; 150 steps "
    "of Adam (β₂ 0.98) on 16 pieces of 32 characters at 0.001, 0.003 and 0.01, constant from the start or rising "
    "over the first 40 steps; validation loss in nats a character.",
    measure=measure,
    holds=NEEDED & ALWAYS,
    when={"the learning rate is large": NEEDED},
    finding="At rate 0.01 post-norm ends at {post_cold_largest:.2f} without and {post_warm_largest:.2f} with a "
    "warm-up, pre-norm at {pre_cold_largest:.2f} and {pre_warm_largest:.2f}, where letter frequencies alone give "
    "{letters:.2f}; at the best rate of each, post-norm at {post_cold_best:.2f} and {post_warm_best:.2f}, pre-norm "
    "at {pre_cold_best:.2f} and {pre_warm_best:.2f}",
)
