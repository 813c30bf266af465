"""The misconceptions that several questions share: what the learner did, and why it matters.

A question says with which knobs its variant makes the mistake: `known("sample-variance", ddof=1)`;
several ways of making the same one are given as dictionaries: `known("wrong-axis", {...}, {...})`.
"""

from typing import Any

from bn_course.grading.question import Misconception

_SENTENCES = {
    "sample-variance": (
        "You divide the sum of squares by N − 1.",
        "Batch normalisation divides by N: it standardises this batch, it does not estimate the variance of "
        "a population. (The running variance, in lesson 04, is such an estimate, and there N − 1 is right.) "
        "NumPy's `var` divides by N unless `ddof=1` says otherwise; torch's `var` needs `correction=0`.",
    ),
    "population-running-var": (
        "You put the variance ÷N into the running variance.",
        "PyTorch's running variance estimates the variance of the population from a sample, so it takes the "
        "batch's variance ÷(N − 1). The batch itself is still normalised with ÷N.",
    ),
    "eps-outside-sqrt": (
        "You add ε after the square root.",
        "The definition is √(σ² + ε), with ε inside. Outside the root it shifts every deviation by ε; inside "
        "it hardly matters until σ² is as small as ε.",
    ),
    "no-eps": (
        "You leave ε out.",
        "Without it a feature that is constant in the batch divides by zero, and one that hardly varies is "
        "blown up without limit.",
    ),
    "divides-by-variance": (
        "You divide by the variance instead of its square root.",
        "The result then has deviation 1/σ, not 1, and the units do not cancel.",
    ),
    "no-sqrt": (
        "You use a variance where a deviation belongs.",
        "A deviation has the units of x; a variance has those units squared. The square root is missing.",
    ),
    "wrong-axis": (
        "You take the statistics of each example, over its features.",
        "Batch normalisation takes them of each feature, over the examples: that is axis 0 of (N, D). Over "
        "the features it is layer normalisation.",
    ),
    "global-statistics": (
        "You take one mean and one variance of all numbers together.",
        "Each feature has its own, so that features on different scales come out on the same one.",
    ),
    "per-position": (
        "You take the statistics over the batch axis alone, separately at each position of the image.",
        "A channel means the same thing everywhere in the image, so its statistics run over N, H and W.",
    ),
    "per-instance": (
        "You take the statistics over the spatial axes alone, separately in each image.",
        "That is instance normalisation. In batch normalisation a channel's statistics run over N as well.",
    ),
    "one-pass-variance": (
        "You compute the variance as E[x²] − E[x]².",
        "On paper the two are equal. In floating point both terms are huge when the mean is, and their "
        "difference keeps only rounding errors: at mean 1000 and deviation 1 in float32 it is commonly wrong "
        "by a tenth and more, and it can come out negative. Subtract the mean first, then square.",
    ),
    "mean-not-subtracted": (
        "You divide by the deviation without subtracting the mean.",
        "The output then keeps the input's mean, in units of its deviation.",
    ),
    "only-centred": (
        "You subtract the mean and do not divide by the deviation.",
        "The output is centred, and its spread is still the input's.",
    ),
    "gamma-ignored": (
        "γ has no effect in your answer.",
        "The output is γ·x̂ + β: γ sets its deviation.",
    ),
    "beta-ignored": (
        "β has no effect in your answer.",
        "The output is γ·x̂ + β: β sets its mean.",
    ),
    "gamma-after-shift": (
        "You compute γ·(x̂ + β).",
        "The output is γ·x̂ + β: the shift is not scaled, so that β is the mean of the output whatever γ is.",
    ),
    "affine-before": (
        "You apply γ and β to x, before standardising.",
        "Standardising removes a scale and a shift, so both are lost again. They come after it.",
    ),
    "scalar-gamma": (
        "You use one number of γ for all features.",
        "γ and β have one entry for each feature (or channel).",
    ),
    "affine-wrong-axis": (
        "Your γ and β run along the wrong axis.",
        "NumPy lines up the last axes. For (N, C, H, W) an array of shape (C,) would run along W: reshape it "
        "to (1, C, 1, 1), so that it runs along the channels.",
    ),
    "momentum-flipped": (
        "You weigh the old value with momentum and the batch with 1 − momentum.",
        "PyTorch's momentum is the weight of the new batch: new = (1 − momentum)·old + momentum·batch. Keras "
        "and ONNX have it the other way round.",
    ),
    "running-std": (
        "You keep a running standard deviation.",
        "What is averaged is the variance. The average of the roots is not the root of the average.",
    ),
    "running-replaced": (
        "You replace the running statistics by those of the last batch.",
        "They are moving averages: each batch moves them by a share, its momentum.",
    ),
    "mean-only": (
        "You update the running mean and not the running variance.",
        "Inference needs both.",
    ),
    "var-only": (
        "You update the running variance and not the running mean.",
        "Inference needs both.",
    ),
    "updates-in-eval": (
        "You update the running statistics during evaluation.",
        "In evaluation the layer is a fixed map: what it says about an example must not depend on what was "
        "evaluated before.",
    ),
    "batch-stats-in-eval": (
        "You normalise with the batch's statistics during evaluation.",
        "The prediction for one example then depends on the others in its batch. Evaluation uses the running "
        "statistics.",
    ),
    "running-stats-in-train": (
        "You normalise with the running statistics during training.",
        "In training the batch's own mean and variance are used; the running ones are only recorded.",
    ),
    "eps-in-running-var": (
        "You add ε to the variance that goes into the running variance.",
        "ε belongs to the division alone. In the running variance it would be counted twice at inference.",
    ),
    "mutates-input": (
        "You change an argument in place.",
        "Whoever called your function still needs it (the backward pass does, for one). Work on a copy: "
        "`x = x - mean` makes one, `x -= mean` does not.",
    ),
    "detached": (
        "You treat the mean and the variance as constants in the backward pass.",
        "They depend on x, so every example's gradient reaches every other through them. What is left out "
        "is what keeps Σdx and Σdx·x̂ at zero.",
    ),
    "mean-detached": (
        "You treat the mean as a constant: the centring term is missing.",
        "Raising all of x raises the mean as much, so dx must sum to zero over the batch.",
    ),
    "var-detached": (
        "You treat the variance as a constant: the term along x̂ is missing.",
        "Stretching the batch stretches σ as much, so Σdx·x̂ must be zero (up to ε).",
    ),
    "sum-not-mean": (
        "You subtract sums over the batch where means belong.",
        "Each path through μ and σ² carries a factor 1/N.",
    ),
    "dgamma-uses-x": (
        "You multiply dy by x in dγ.",
        "y = γ·x̂ + β, so ∂y/∂γ is x̂, the standardised input.",
    ),
    "per-example-dgamma": (
        "You return dγ and dβ for each example, without adding them up.",
        "One γ serves all examples of the batch, so its gradient is the sum over them.",
    ),
    "not-summed-over-space": (
        "You add dγ and dβ up over the batch alone, not over the positions.",
        "One γ serves a whole channel: all examples and all positions.",
    ),
    "n-instead-of-nhw": (
        "You divide by N where the number of values is N·H·W.",
        "The mean of a channel runs over all its values, and each carries a share 1/(N·H·W).",
    ),
    "eval-backward-in-train": (
        "You use the backward pass of evaluation for a forward pass in training.",
        "In evaluation the statistics are constants, the running ones. In training they are the batch's, and "
        "they depend on x.",
    ),
    "bias-not-folded": (
        "The layer's own bias is forgotten.",
        "Batch norm sees W·x + b, so the folded bias is β + (b − running mean)·γ/√(running variance + ε).",
    ),
    "bias-not-scaled": (
        "The layer's own bias is carried over unscaled.",
        "It passes through the division too: it is multiplied by γ/√(running variance + ε).",
    ),
    "fold-scales-rows-wrong": (
        "You scale along the input features of the weight.",
        "γ/√(running variance + ε) has an entry for each output, and outputs are the first axis of the weight.",
    ),
    "eps-default": (
        "Your default for ε is not 1e-5.",
        "1e-5 is PyTorch's default and this question's; Keras' is 1e-3. Where variances are small, it shows.",
    ),
    "eps-hard-coded": (
        "You use a fixed ε and ignore the argument `eps`.",
        "The caller chooses ε: use the argument.",
    ),
    "affine-ignored": (
        "You return x̂: neither γ nor β has an effect.",
        "The output is γ·x̂ + β.",
    ),
    "gamma-beta-swapped": (
        "You scale by β and shift by γ.",
        "The output is γ·x̂ + β.",
    ),
    "summed-over-everything": (
        "You add dγ and dβ up over the whole array.",
        "γ and β have one entry for each feature: add over axis 0 alone.",
    ),
    "mean-added": (
        "You add the mean of dx̂ instead of taking it away.",
        "x̂ falls when the mean rises, so the path through the mean has a minus sign.",
    ),
    "spread-added": (
        "You add the term along x̂ instead of taking it away.",
        "x̂ shrinks when the variance grows, so the path through the variance has a minus sign.",
    ),
    "dgamma-uses-centred": (
        "You multiply dy by x − μ in dγ.",
        "∂y/∂γ is x̂, which is divided by √(σ² + ε).",
    ),
    "swapped-outputs": (
        "You return the gradients in another order.",
        "The order asked for is (dx, dgamma, dbeta).",
    ),
    "other-default-eps": (
        "Your default of ε is not 1e-5.",
        "Here ε is 1e-5 unless the caller says otherwise, as in PyTorch. Keras' default is 1e-3.",
    ),
}


def known(key: str, *settings: dict[str, Any], rounding: bool = False, **knobs: Any) -> Misconception:
    """A shared misconception, with the settings of this question's variant that make it."""
    did, why = _SENTENCES[key]
    every = (*settings, *([knobs] if knobs else []))
    return Misconception(key, did, why, every, rounding)


def own(key: str, did: str, why: str, *settings: dict[str, Any], **knobs: Any) -> Misconception:
    """A misconception that belongs to one question."""
    return Misconception(key, did, why, (*settings, *([knobs] if knobs else [])))
