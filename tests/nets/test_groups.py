"""Which parameters decay."""

import torch
from torch import nn

from bn_course.nets import cnn, mlp, residual_mlp
from bn_course.nets.groups import weight_decay_groups


def split(model):
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    decaying, others = weight_decay_groups(model, 0.1)
    assert (decaying["weight_decay"], others["weight_decay"]) == (0.1, 0.0)
    return [{names[id(p)] for p in group["params"]} for group in (decaying, others)]


def test_weights_decay_and_biases_and_norms_do_not():
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3),
        nn.GroupNorm(1, 2),
        nn.Flatten(),
        nn.Linear(8, 3),
        nn.LayerNorm([3]),
        nn.BatchNorm1d(3),
    )
    decaying, others = split(model)
    assert decaying == {"0.weight", "3.weight"}
    assert others == {"0.bias", "1.weight", "1.bias", "3.bias", "4.weight", "4.bias", "5.weight", "5.bias"}


def test_the_rank_of_a_norm_does_not_matter():
    assert split(nn.Sequential(nn.LayerNorm([2, 5])))[0] == set()


def test_every_parameter_is_in_one_group():
    for model in (mlp([4, 5, 2]), cnn(), residual_mlp(4, 5, 3, 2)):
        groups = weight_decay_groups(model, 0.1)
        listed = [id(p) for group in groups for p in group["params"]]
        assert sorted(listed) == sorted(map(id, model.parameters()))


def test_a_shared_weight_is_listed_once():
    layer = nn.Linear(3, 3)
    decaying, others = split(nn.Sequential(layer, nn.ReLU(), layer))
    assert (decaying, others) == ({"0.weight"}, {"0.bias"})


def test_an_optimiser_shrinks_the_one_group_alone():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1.0)
    optimiser = torch.optim.SGD(weight_decay_groups(model, 0.5), lr=0.1)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step()
    assert torch.allclose(model[0].weight, torch.tensor(0.95))
    assert all((p == 1).all() for p in (model[0].bias, model[1].weight, model[1].bias))
