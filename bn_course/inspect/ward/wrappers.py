"""How people wrap a model, and what its `forward` then takes."""

from torch import nn


class Passing(nn.Module):
    """A wrapper that takes anything."""

    def __init__(self, model):
        super().__init__()
        self.inner = model

    def forward(self, *args, **kwargs):
        return self.inner(*args, **kwargs)


class OfBatch(nn.Module):
    """`forward(batch)` with a dictionary, as trainers pass it on."""

    def __init__(self, model):
        super().__init__()
        self.net = model

    def forward(self, batch):
        return self.net(batch["image"])


class OfData(nn.Module):
    """`forward(data)`, which has x, as graph libraries pass it on."""

    def __init__(self, model):
        super().__init__()
        self.net = model

    def forward(self, data):
        return self.net(data.x)


class OfPair(nn.Module):
    """`forward(pair)`: the two inputs come as one."""

    def __init__(self, model):
        super().__init__()
        self.net = model

    def forward(self, pair):
        return self.net(*pair)
