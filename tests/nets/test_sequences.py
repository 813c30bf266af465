"""Norms for sequences and the recurrent network, against torch and the NumPy norms."""

import numpy as np
import pytest
import torch
from torch import nn

from bn_course import norms
from bn_course.nets import seeded
from bn_course.nets.sequences import RNN, SequenceBatchNorm, StepBatchNorm, sequence_norm

LENGTHS = torch.tensor([5, 1, 3])


@pytest.fixture
def x():
    with seeded(0):
        return torch.randn(3, 5, 4, dtype=torch.float64) * 2 + 1


def test_masked_batch_norm_is_that_of_numpy_and_so_are_its_gradients(x):
    layer = SequenceBatchNorm(4, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.5, -2, 0.5, 3]))
        layer.bias.copy_(torch.tensor([1.0, 2, 3, 4]))
    inputs, dy = x.clone().requires_grad_(), torch.randn_like(x)
    y = layer(inputs, LENGTHS)
    y.backward(dy)
    arrays = [array.detach().numpy() for array in (x, LENGTHS, layer.weight, layer.bias)]
    np.testing.assert_allclose(y.detach(), norms.masked_batch_norm(*arrays), atol=1e-12)
    ours = inputs.grad, layer.weight.grad, layer.bias.grad
    for gradient, numpy in zip(ours, norms.masked_batch_norm_backward(dy.numpy(), *arrays[:3]), strict=True):
        np.testing.assert_allclose(gradient, numpy, atol=1e-12)


def test_running_statistics_are_those_of_the_valid_steps(x):
    layer = SequenceBatchNorm(4, momentum=1.0, dtype=torch.float64)
    layer(x, LENGTHS)
    steps = torch.cat([sequence[:length] for sequence, length in zip(x, LENGTHS, strict=True)])
    torch.testing.assert_close(layer.running_mean, steps.mean(0))
    torch.testing.assert_close(layer.running_var, steps.var(0))
    layer.eval()
    expected = (steps - layer.running_mean) / torch.sqrt(layer.running_var + 1e-5)
    torch.testing.assert_close(layer(x, LENGTHS)[0], expected[:5])


def test_without_lengths_every_step_counts(x):
    torch.testing.assert_close(SequenceBatchNorm(4).double()(x), nn.BatchNorm1d(4).double()(x.mT).mT)


@pytest.mark.parametrize("lengths", [[6, 1, 1], [0, 1, 1]])
def test_lengths_out_of_range_are_named(x, lengths):
    with pytest.raises(ValueError, match="they must be from 1 to 5"):
        SequenceBatchNorm(4)(x, torch.tensor(lengths))


def test_as_many_lengths_as_sequences_are_needed(x):
    with pytest.raises(ValueError, match=r"lengths has shape \(2,\); it must be \(3,\)"):
        SequenceBatchNorm(4)(x, torch.tensor([1, 2]))


def test_a_batch_with_one_valid_step_is_refused_as_by_torch(x):
    with pytest.raises(ValueError, match="more than 1 value"):
        SequenceBatchNorm(4).double()(x[:1], torch.tensor([1]))


def test_other_shapes_are_refused(x):
    with pytest.raises(ValueError, match=r"x has shape \(3, 4\); it must be \(N, T, 4\)"):
        SequenceBatchNorm(4)(x[:, 0])


@pytest.mark.parametrize(
    ("kind", "layer"), [("layer", nn.LayerNorm), ("rms", nn.RMSNorm), ("none", nn.Identity)]
)
def test_other_norms_are_torch_s(kind, layer):
    assert type(sequence_norm(kind, 4)) is layer


def test_rms_norm_is_that_of_numpy(x):
    y = sequence_norm("rms", 4).double()(x).detach()
    np.testing.assert_allclose(y, norms.rms_norm(x.numpy(), np.ones(4)), rtol=1e-12)


def test_step_batch_norm_is_one_batch_norm_a_step(x):
    ours, theirs = StepBatchNorm(4, steps=5).double(), [nn.BatchNorm1d(4).double() for _ in range(5)]
    for _ in range(3):
        for step in range(5):
            torch.testing.assert_close(ours(x[:, step], step), theirs[step](x[:, step]))
    ours.eval()
    for step in range(5):
        torch.testing.assert_close(ours(x[:, step], step), theirs[step].eval()(x[:, step]))


def test_steps_beyond_the_trained_ones_use_the_last_statistics(x):
    layer = StepBatchNorm(4, steps=5).double()
    for step in range(5):
        layer(x[:, step], step)
    layer.eval()
    torch.testing.assert_close(layer(x[:, 0], 9), layer(x[:, 0], 4))
    assert not torch.allclose(layer(x[:, 0], 9), layer(x[:, 0], 0))


def test_rnn_without_a_norm_is_torch_s(x):
    ours, theirs = RNN(4, 6, 2).double(), nn.RNN(4, 6, batch_first=True).double()
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(ours.from_input.weight)
        theirs.weight_hh_l0.copy_(ours.from_state.weight)
        theirs.bias_ih_l0.copy_(ours.from_input.bias)
        theirs.bias_hh_l0.zero_()
    torch.testing.assert_close(torch.stack(ours.states(x), dim=1), theirs(x)[0])
    torch.testing.assert_close(ours(x), ours.head(theirs(x)[0][:, -1]))


@pytest.mark.parametrize("norm", ["none", "layer", "rms", "batch", "step"])
def test_every_norm_trains_and_evaluates_longer_sequences(x, norm):
    model = RNN(4, 6, 2, norm, steps=5, gamma=0.1).double()
    assert norm == "none" or model.norm.weight.unique().item() == pytest.approx(0.1)
    model(x).sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    longer = torch.cat([x, x], dim=1)
    first = model.eval()(longer)
    torch.testing.assert_close(model(longer), first)  # evaluation moves nothing
    assert first.shape == (3, 2)


def test_an_unknown_norm_is_named():
    with pytest.raises(ValueError, match="norm is 'bach'"):
        RNN(4, 6, 2, "bach")
