"""Residual blocks that start as the identity."""

import pytest
import torch
from torch import nn

from bn_course.nets.models import Residual
from bn_course.nets.zero_init import zero_init_residual


def half(norm=nn.BatchNorm1d):
    return nn.Linear(4, 4), norm(4)


@pytest.mark.parametrize("norm", [nn.BatchNorm1d, nn.LayerNorm, lambda width: nn.GroupNorm(2, width)])
def test_a_block_becomes_the_identity(norm):
    block = Residual(*half(), nn.ReLU(), *half(norm))
    x = torch.randn(6, 4)
    assert not torch.allclose(block(x), x)
    assert zero_init_residual(block) is None
    assert torch.equal(block(x), x)


def test_it_finds_blocks_and_norms_however_deep():
    inner = Residual(*half(), nn.Sequential(*half()), nn.Dropout(0.5))
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Sequential(nn.Sequential(inner)))
    zero_init_residual(model)
    assert (inner.branch[2][1].weight == 0).all()
    assert (inner.branch[1].weight == 1).all()
    assert (model[0].weight == 1).all()


def test_gamma_goes_on_being_trained():
    block = Residual(*half())
    zero_init_residual(block)
    block(torch.randn(6, 4)).square().sum().backward()
    assert block.branch[1].weight.requires_grad
    assert block.branch[1].weight.grad.abs().max() > 0


def test_a_branch_without_a_norm_is_left_alone():
    block = Residual(nn.Linear(4, 4))
    before = block.branch[0].weight.clone()
    zero_init_residual(block)
    assert torch.equal(block.branch[0].weight, before)
