"""Batch layer normalisation: a weighted sum of batch norm and layer norm. (lesson 12)"""

from torch import Tensor, nn, ones, zeros
from torch.nn import functional

SLACK = 1e-4  # taken from both weights


class BatchLayerNorm(nn.Module):
    """y = γ · [(1/m − 10⁻⁴) LN(x) + (1 − 1/m − 10⁻⁴) BN(x)] / √D + β for x of shape (N, D).

    LN(x) and BN(x) are x standardised over its features and over the batch, without γ and β of their own:
    the smaller the batch size m, the more layer norm. In evaluation BN uses running statistics.

    Args:
        num_features: D.
        batch_size: m, that of training, at least 1.
        eps: ε, inside both roots.
        momentum: of the running statistics, PyTorch's. (The authors average over each epoch instead.)

    Raises:
        ValueError: batch_size is below 1; x is not (N, D); in training, x is a batch of one.

    Source: Ziaee and Çano, Batch Layer Normalization (2022), arXiv:2209.08898; 10⁻⁴, √D and ε = 10⁻³ are
    those of their code (github.com/A2Amir/Batch-Layer-Normalization, helpers/bln_layer.py).
    """

    def __init__(self, num_features: int, batch_size: int, eps: float = 1e-3, momentum: float = 0.1):
        super().__init__()
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
        self.num_features, self.batch_size, self.eps = num_features, batch_size, eps
        self.batch_norm = nn.BatchNorm1d(num_features, eps, momentum, affine=False)
        self.weight = nn.Parameter(ones(num_features))
        self.bias = nn.Parameter(zeros(num_features))

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 2 or x.shape[1] != self.num_features:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (N, {self.num_features})")
        share = 1 / self.batch_size
        by_layer = functional.layer_norm(x, (self.num_features,), eps=self.eps)
        mixed = (share - SLACK) * by_layer + (1 - share - SLACK) * self.batch_norm(x)
        return self.weight * mixed / self.num_features**0.5 + self.bias
