"""How models are called."""

import pytest
import torch
from looking import inputs
from torch import nn

from bn_course.inspect import inspect_batch_norm
from bn_course.nets import digits


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, a, b, scale=1.0):
        return self.norm(scale * a + b)


@pytest.mark.parametrize(
    "batch",
    [
        (torch.randn(16, 3), torch.randn(16, 3)),
        [torch.randn(16, 3), torch.randn(16, 3), torch.arange(16)],
        {"a": torch.randn(16, 3), "b": torch.randn(16, 3), "labels": torch.arange(16)},
    ],
    ids=["tuple", "list with labels", "mapping with labels"],
)
def test_models_of_several_arguments(batch):
    assert inspect_batch_norm(Pair(), [batch])["norm"].calls == 1


def test_models_that_take_anything():
    class Anything(Pair):
        def forward(self, *args, **kwargs):
            return self.norm(sum(args) + sum(kwargs.values()))

    batch = (torch.randn(16, 3), torch.randn(16, 3))
    assert inspect_batch_norm(Anything(), [batch, dict(zip("ab", batch, strict=True))])["norm"].calls == 2


def test_pairs_of_a_data_loader_splits_and_a_single_batch(model):
    data = torch.utils.data.TensorDataset(*[digits().train.x, digits().train.y])
    loader = torch.utils.data.DataLoader(data, batch_size=100)
    assert inspect_batch_norm(model, loader)["1"].calls == 10
    assert inspect_batch_norm(model, digits().train[:64])["1"].calls == 1
    assert inspect_batch_norm(model, inputs(1)[0])["1"].calls == 1


def test_endless_batches_and_a_call_of_ones_own(model):
    def endless():
        while True:
            yield {"pixels": inputs(1)[0]}

    seen = inspect_batch_norm(model, endless(), call=lambda m, batch: m(batch["pixels"]), most=3)
    assert seen["1"].calls == 3


def test_no_batch_is_refused(model):
    with pytest.raises(ValueError, match="batches is empty"):
        inspect_batch_norm(model, [])
