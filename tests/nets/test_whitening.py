"""Full normalisation: means, variances and correlations, gradients, running statistics, bad input."""

import pytest
import torch

from bn_course.nets import seeded
from bn_course.nets.whitening import DecorrelatedBatchNorm1d, whitening_matrix


def mixed(n, d, seed=0):
    """(n, d), correlated, on several scales and away from zero."""
    with seeded(seed):
        mixing = torch.eye(d, dtype=torch.float64) + 0.2 * torch.randn(d, d, dtype=torch.float64)
        return torch.randn(n, d, dtype=torch.float64) @ mixing + 5


def test_many_iterations_give_the_inverse_root():
    cov = torch.cov(mixed(200, 5).T)
    values, vectors = torch.linalg.eigh(cov)
    expected = vectors @ torch.diag(values**-0.5) @ vectors.T
    torch.testing.assert_close(whitening_matrix(cov, 12), expected, rtol=1e-6, atol=1e-8)


def test_output_is_white_and_batch_norms_is_not():
    x = mixed(500, 4)
    layer = DecorrelatedBatchNorm1d(4, iterations=12, eps=1e-9).double()
    y = layer(x)
    torch.testing.assert_close(y.mean(0), torch.zeros(4, dtype=torch.float64), atol=1e-9, rtol=0)
    eye = torch.eye(4, dtype=torch.float64)
    torch.testing.assert_close(torch.cov(y.T, correction=0), eye, atol=1e-4, rtol=0)
    plain = torch.nn.BatchNorm1d(4, dtype=torch.float64)(x)
    correlation = torch.cov(plain.T, correction=0) - eye
    assert correlation.abs().max() > 0.1


def test_gradients():
    layer = DecorrelatedBatchNorm1d(3, eps=0.1).double()
    x = mixed(8, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: layer(x), (x,))


def test_evaluation_uses_what_training_recorded():
    layer, x = DecorrelatedBatchNorm1d(3, momentum=1.0).double(), mixed(50, 3)
    layer(x)
    torch.testing.assert_close(layer.running_mean, x.mean(0))
    torch.testing.assert_close(layer.running_cov, torch.cov(x.T))
    alone = torch.cat([layer.eval()(row[None]) for row in x])
    torch.testing.assert_close(alone, layer(x))


@pytest.mark.parametrize("shape", [(4, 2), (3,), (2, 3, 3)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"must be \(N, 3\)"):
        DecorrelatedBatchNorm1d(3)(torch.zeros(shape))


def test_a_batch_of_one_is_refused_in_training():
    with pytest.raises(ValueError, match="at least 2 examples"):
        DecorrelatedBatchNorm1d(3)(torch.zeros(1, 3))
