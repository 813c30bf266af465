"""Monte-Carlo batch norm: each batch gives its own prediction, and the model is left alone."""

import pytest
import torch
from torch import nn

from bn_course.nets import cnn, initialise, mlp
from bn_course.nets.ghost import GhostBatchNorm1d
from bn_course.nets.mc import mc_batch_norm_predict


def trained(model, *shape):
    """In float64, after two batches in training mode; γ and β are not 1 and 0."""
    model = initialise(model).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
        for _ in range(2):
            model(torch.randn(*shape, dtype=torch.float64))
    return model


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.mark.parametrize(
    ("model", "shape"), [(mlp([5, 8, 7, 3]), (6, 5)), (cnn((4, 6)), (3, 1, 8, 8))], ids=["mlp", "cnn"]
)
def test_a_prediction_for_the_training_batch_itself_is_that_of_training_mode(model, shape):
    model = trained(model, *shape)
    batch = torch.randn(*shape, dtype=torch.float64)
    mean, std = mc_batch_norm_predict(model, batch, [batch])
    torch.testing.assert_close(mean, model.train()(batch))
    assert std.abs().max() == 0


def test_mean_and_deviation_are_over_the_batches():
    model = trained(mlp([5, 8, 3]), 6, 5).eval()
    x = torch.randn(4, 5, dtype=torch.float64)
    batches = [torch.randn(n, 5, dtype=torch.float64) for n in (6, 9, 4)]
    each = torch.stack([mc_batch_norm_predict(model, x, [batch])[0] for batch in batches])
    mean, std = mc_batch_norm_predict(model, x, iter(batches))
    torch.testing.assert_close(mean, each.mean(0))
    torch.testing.assert_close(std, ((each - each.mean(0)) ** 2).mean(0).sqrt())
    assert std.min() > 0


def test_an_example_does_not_meet_its_neighbours():
    model = trained(mlp([5, 8, 3]), 6, 5)
    x, batch = torch.randn(4, 5, dtype=torch.float64), torch.randn(6, 5, dtype=torch.float64)
    torch.testing.assert_close(
        mc_batch_norm_predict(model, x, [batch])[0][:1], mc_batch_norm_predict(model, x[:1], [batch])[0]
    )


def test_the_model_is_as_it_was_and_dropout_stays_off():
    model = nn.Sequential(*trained(mlp([5, 8, 3]), 6, 5), nn.Dropout(0.5))
    model[0].eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    x, batch = torch.randn(4, 5, dtype=torch.float64), torch.randn(6, 5, dtype=torch.float64)
    first, again = (mc_batch_norm_predict(model, x, [batch])[0] for _ in range(2))
    torch.testing.assert_close(first, again)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert [layer.training for layer in model] == [False, True, True, True, True]
    assert not any(layer._forward_pre_hooks for layer in model)
    assert not first.requires_grad


def test_bad_input_is_named_and_leaves_the_model_alone():
    model = trained(mlp([5, 8, 3]), 6, 5)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    x = torch.randn(4, 5, dtype=torch.float64)
    with pytest.raises(ValueError, match="training_batches is empty"):
        mc_batch_norm_predict(model, x, [])
    with pytest.raises(ValueError, match=r"one value a channel, \(1, 8\)"):
        mc_batch_norm_predict(model, x, [x[:1]])
    assert model.training
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_a_model_without_torchs_batch_norm_predicts_the_same_each_time():
    model = nn.Sequential(nn.Linear(5, 4), GhostBatchNorm1d(4, 2)).double()
    x = torch.randn(3, 5, dtype=torch.float64)
    mean, std = mc_batch_norm_predict(model, x, [x, 2 * x])
    torch.testing.assert_close(mean, model.eval()(x))
    assert std.abs().max() == 0
