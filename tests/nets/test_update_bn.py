"""What the lessons say of `torch.optim.swa_utils.update_bn`, and that `recalibrate` does none of it."""

import copy

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import update_bn

from bn_course.nets.frozen import freeze_batch_norm
from bn_course.nets.recalibrate import recalibrate


def ways(model, batches):
    """The model after each of the two."""
    torch.manual_seed(0)
    theirs, ours = copy.deepcopy(model), copy.deepcopy(model)
    update_bn(batches, theirs)
    recalibrate(ours, batches)
    return theirs, ours


def test_it_has_dropout_on():
    x = 1 + torch.rand(4000, 3)
    theirs, ours = ways(nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(3)).eval(), [x])
    evaluated = x.var(0, correction=0)
    torch.testing.assert_close(ours[1].running_var, evaluated)
    assert (theirs[1].running_var > 10 * evaluated).all()


def test_it_averages_the_variances_of_batches_and_forgets_the_spread_of_their_means():
    x = torch.tensor([[0.0, 2.0, 10.0, 12.0]]).T
    theirs, ours = ways(nn.BatchNorm1d(1), x.split(2))
    assert theirs.running_var.item() == 2.0  # of (0, 2) and (10, 12), ÷ (n − 1)
    assert ours.running_var.item() == pytest.approx(26.0)  # 1 within the batches, 25 between their means


def test_it_gives_a_small_last_batch_the_weight_of_a_full_one():
    x = torch.cat([torch.zeros(98, 1), torch.ones(2, 1)])
    theirs, ours = ways(nn.BatchNorm1d(1), x.split(98))
    assert theirs.running_mean.item() == pytest.approx(0.5)
    assert ours.running_mean.item() == pytest.approx(0.02)


def test_it_erases_what_freeze_batch_norm_keeps():
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2), nn.BatchNorm1d(2))
    model[0].running_mean.fill_(5.0)
    freeze_batch_norm(model[0])
    theirs, ours = ways(model, [torch.randn(8, 2)])
    assert torch.equal(ours[0].running_mean, torch.full((2,), 5.0))
    assert torch.equal(theirs[0].running_mean, torch.zeros(2))
    for part in (theirs, ours):
        assert part[2].running_mean.any()  # the layer that was not frozen is measured


def test_it_wakes_a_layer_that_was_put_in_evaluation_mode_alone():
    model = nn.Sequential(nn.BatchNorm1d(2), nn.BatchNorm1d(2))
    model[0].eval().requires_grad_(False)
    theirs, ours = ways(model, [torch.randn(8, 2)])
    assert theirs[0].training
    assert not ours[0].training
