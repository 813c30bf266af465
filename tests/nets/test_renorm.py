"""Batch renormalisation: its formula, its two limits, and its gradient with r and d held fixed."""

import pytest
import torch
from torch import nn

from bn_course.nets.renorm import BatchRenorm1d


def layer(**options):
    made = BatchRenorm1d(3, **options).double()
    generator = torch.Generator().manual_seed(0)
    for vector in (made.weight.data, made.bias.data, made.running_mean):
        vector.copy_(torch.randn(3, generator=generator, dtype=torch.float64))
    made.running_var.copy_(torch.tensor([0.5, 2.0, 4.0]))
    return made


def batch(n=6, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return 1 + 2 * torch.randn(n, 3, generator=generator, dtype=torch.float64)


def written_out(x, made):
    mean, std = x.mean(0), torch.sqrt(x.var(0, correction=0) + made.eps)
    running_std = torch.sqrt(made.running_var + made.eps)
    r = (std / running_std).detach().clamp(1 / made.r_max, made.r_max)
    d = ((mean - made.running_mean) / running_std).detach().clamp(-made.d_max, made.d_max)
    return made.weight * ((x - mean) / std * r + d) + made.bias


@pytest.mark.parametrize(("r_max", "d_max"), [(1.0, 0.0), (1.3, 0.2), (3.0, 5.0)])
def test_values_and_gradients_are_those_of_the_formula(r_max, d_max):
    made, x = layer(r_max=r_max, d_max=d_max, eps=0.1), batch()
    upstream = batch(seed=2)
    x_ours, x_theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    expected = written_out(x_theirs, made)
    wanted = torch.autograd.grad(expected, [x_theirs, made.weight, made.bias], upstream)
    y = made(x_ours)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(torch.autograd.grad(y, [x_ours, made.weight, made.bias], upstream), wanted)


def test_bounds_of_one_and_zero_make_it_batch_norm():
    made, plain, x = layer(r_max=1.0, d_max=0.0), nn.BatchNorm1d(3).double(), batch()
    plain.load_state_dict(made.state_dict())
    torch.testing.assert_close(made(x), plain(x))
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(made.state_dict()[name], value)


def test_without_clipping_training_gives_what_evaluation_gives():
    made, x = layer(r_max=1e6, d_max=1e6), batch()
    evaluated = made.eval()(x)
    torch.testing.assert_close(made.train()(x), evaluated)
    assert not torch.allclose(made.eval()(x), evaluated)  # the statistics have moved since


def test_images_in_a_row_share_a_statistic_a_channel():
    made, x = layer(eps=0.1), batch(8)
    flat = made(x)
    torch.testing.assert_close(
        layer(eps=0.1)(x.reshape(2, 4, 3).transpose(1, 2)), flat.reshape(2, 4, 3).transpose(1, 2)
    )


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"x has shape \(3,\)"):
        layer()(torch.zeros(3).double())
    with pytest.raises(ValueError, match="more than 1 value"):
        layer()(batch(1))
    with pytest.raises(ValueError, match=r"r_max is 0\.5"):
        BatchRenorm1d(3, r_max=0.5)
