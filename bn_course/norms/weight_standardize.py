"""Weight standardisation (Qiao et al. 2019, arXiv:1903.10520): the weights of an output share.

What is standardised is not the activations but the kernel, so no example has a part in it.
"""

from bn_course.norms import _shapes
from bn_course.norms.standardize import standardize


def weight_standardize(weight, eps=1e-5):
    """ŵ = (w − μ) / √(σ² + eps), with μ and σ² over all weights of one output.

    Args:
        weight: (out, in, …): of a convolution, (out, in, kh, kw), or of a linear layer, (out, in).
        eps: at least 0, in the units of w².

    Returns:
        A new array of weight's shape and type.

    Raises:
        ValueError: weight has fewer than two axes, is empty or has one value an output; eps is
            negative or not finite.
    """
    weight = _shapes.batch_array(weight, 2, "(out, in, …)", "weight")
    axes = tuple(range(1, weight.ndim))
    _shapes.several_values(weight, axes, "each output", "weight")
    return standardize(weight, axes, eps)
