"""Synchronised batch norm: shards in several processes give what the whole batch gives in one."""

import pytest
import torch
from torch import distributed, nn

from bn_course.nets import mlp, seeded
from bn_course.nets.data import Split
from bn_course.nets.shards import layer_on_shard, train_on_shards
from bn_course.nets.sync import SyncBatchNorm, SyncBatchNormFunction, synchronised
from bn_course.nets.workers import WorkerError, run_workers

SIZES = (1, 0, 6, 3)  # unequal; one worker has a single example, one has none


@pytest.fixture
def group_of_one():
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def layers(channels, momentum=0.1):
    torch.manual_seed(0)
    plain = nn.BatchNorm1d(channels, eps=0.1, momentum=momentum).double()
    for vector in (plain.weight.data, plain.bias.data, plain.running_mean):
        nn.init.normal_(vector)
    sync = SyncBatchNorm(channels, eps=0.1, momentum=momentum).double()
    sync.load_state_dict(plain.state_dict())
    return plain, sync


def test_four_unequal_shards_give_what_one_process_gives():
    plain, sync = layers(3)
    x, dy = 5 + 2 * torch.randn(2, sum(SIZES), 3, 4, dtype=torch.float64)
    results = run_workers(layer_on_shard, 4, sync, x.split(SIZES), dy.split(SIZES))
    x.requires_grad_()
    y = plain(x)
    y.backward(dy)
    torch.testing.assert_close(torch.cat([result["y"] for result in results]), y)
    torch.testing.assert_close(torch.cat([result["dx"] for result in results]), x.grad)
    for result in results:
        torch.testing.assert_close(result["dgamma"], plain.weight.grad)
        torch.testing.assert_close(result["dbeta"], plain.bias.grad)
        torch.testing.assert_close(result["running_mean"], plain.running_mean)
        torch.testing.assert_close(result["running_var"], plain.running_var)


def test_two_workers_train_as_one_process_would():
    def model():
        with seeded(0):
            return mlp([5, 8, 8, 3], norm="batch").double()

    generator = torch.Generator().manual_seed(1)
    x = torch.randn(4, 9, 5, dtype=torch.float64, generator=generator)
    y = torch.randint(3, (4, 9), generator=generator)
    batches = [[Split(x[i, :4], y[i, :4]), Split(x[i, 4:], y[i, 4:])] for i in range(4)]
    states = run_workers(train_on_shards, 2, synchronised(model()), batches, 0.1)
    whole = [[Split(x[i], y[i])] for i in range(4)]
    (alone,) = run_workers(train_on_shards, 1, model(), whole, 0.1)
    for state in states:
        for name, value in alone.items():
            torch.testing.assert_close(state[name], value)


def test_one_value_a_channel_in_all_is_refused_by_every_worker():
    shards = [torch.ones(1, 3).double(), torch.ones(0, 3).double()]
    with pytest.raises(WorkerError, match="1 values a channel together; training needs 2 or more"):
        run_workers(layer_on_shard, 2, layers(3)[1], shards, shards)


def test_gradients_are_those_of_the_function(group_of_one):
    x = torch.randn(5, 2, 3, dtype=torch.float64, requires_grad=True)
    weight, bias = torch.randn(2, 2, dtype=torch.float64).requires_grad_().unbind()
    assert torch.autograd.gradcheck(
        lambda *args: SyncBatchNormFunction.apply(*args, 0.1)[0], (x, weight, bias)
    )


@pytest.mark.parametrize("momentum", [0.3, None])
def test_one_worker_is_batch_norm(group_of_one, momentum):
    plain, sync = layers(3, momentum)
    for _ in range(3):
        x = 1e3 + torch.randn(4, 3, dtype=torch.float64)
        torch.testing.assert_close(sync(x), plain(x))
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(sync.state_dict()[name], value)
    torch.testing.assert_close(sync.eval()(x), plain.eval()(x))


def test_without_affine_or_running_statistics(group_of_one):
    x = torch.randn(4, 3)
    sync = SyncBatchNorm(3, affine=False, track_running_stats=False)
    torch.testing.assert_close(sync(x), nn.BatchNorm1d(3, affine=False)(x))


def test_without_a_process_group_it_is_batch_norm():
    plain, sync = layers(3)
    x = torch.randn(4, 3, dtype=torch.float64)
    torch.testing.assert_close(sync(x), plain(x))
    with pytest.raises(ValueError, match=r"x has shape \(3,\); it must be \(N, C, ...\)"):
        sync(x[0])


def test_synchronised_shares_parameters_and_buffers():
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.BatchNorm1d(3)), nn.BatchNorm1d(3, affine=False))
    model[1].eval()
    parameters, keys = list(model.parameters()), list(model.state_dict())
    old = model[1][0].running_mean
    made = synchronised(model)
    assert [type(made[1][0]), type(made[2])] == [SyncBatchNorm] * 2
    assert all(a is b for a, b in zip(made.parameters(), parameters, strict=True))
    assert list(made.state_dict()) == keys
    assert made[1][0].running_mean is old
    assert [made[1][0].training, made[2].training] == [False, True]
    assert isinstance(synchronised(nn.BatchNorm1d(3)), SyncBatchNorm)
