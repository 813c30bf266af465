"""What each worker does with its share of a batch: functions for `run_workers`. (lesson 10)"""

from collections.abc import Sequence

import torch
from torch import Tensor, distributed, nn
from torch.nn import functional

from bn_course.nets.data import Split


def layer_on_shard(rank: int, layer: nn.Module, shards: Sequence[Tensor], upstream: Sequence[Tensor]) -> dict:
    """A training step's forward and backward pass through `layer`, which sees `shards[rank]` alone.

    Returns y and dx of the shard, and what the workers know together: dgamma and dbeta, summed over
    them, and the running statistics.
    """
    x = shards[rank].clone().requires_grad_()
    y = layer(x)
    y.backward(upstream[rank])
    for parameter in layer.parameters():
        distributed.all_reduce(parameter.grad)
    return {
        "y": y.detach(),
        "dx": x.grad,
        "dgamma": layer.weight.grad,
        "dbeta": layer.bias.grad,
        "running_mean": layer.running_mean,
        "running_var": layer.running_var,
    }


def train_on_shards(
    rank: int, model: nn.Module, batches: Sequence[Sequence[Split]], rate: float
) -> dict[str, Tensor]:
    """Gradient descent on `batches[step][rank]`, every worker with its share of each batch.

    The loss is the mean over the whole batch, so gradients are summed over the workers before each
    update, and all of them keep the same parameters. Returns the state of the model.
    """
    optimiser = torch.optim.SGD(model.parameters(), lr=rate)
    for batch in batches:
        shard, examples = batch[rank], sum(map(len, batch))
        loss = functional.cross_entropy(model(shard.x), shard.y, reduction="sum") / examples
        optimiser.zero_grad()
        loss.backward()
        for parameter in model.parameters():
            distributed.all_reduce(parameter.grad)
        optimiser.step()
    return model.state_dict()


def in_turn(rank: int, *calls: tuple) -> list:
    """Several jobs after one start, each a worker and its arguments: `(layer_on_shard, layer, …), …`."""
    return [worker(rank, *args) for worker, *args in calls]
