"""A network made of arrays, frozen in part by an answer, and trained on.

A network is a list of layers, each a tuple of a name and arrays; a list in its place is a block.
("linear", W, b) · ("conv", W, b) · ("norm", γ, β, running mean, running variance) after a linear layer,
("norm2d", …), ("norm3d", …) for images and volumes · ("layer_norm", γ, β) · ("dropout", p) · ("relu",) ·
("flatten",).
"""

from collections.abc import Sequence


def freeze(answer, layers: Sequence, x, steps: int = 2) -> tuple | None:
    """Freeze a network in training, and train on: outputs, what has become of all numbers, what was returned.

    x (N, …) is the batch of every step. None where the answer has left the network as it was. A single
    layer in place of the list is the whole model.
    """
    import torch

    model, x = build(layers), torch.tensor(x)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5, weight_decay=0.1)
    before = fingerprint(model.train())
    returned = answer(model)
    if returned is ... or (returned is None and fingerprint(model) == before):
        return returned
    with torch.no_grad():
        at_once = seeded(model, x)
    model.train()
    in_training = seeded(model, x)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = (seeded(model, x) ** 2).mean()
        if loss.requires_grad:
            loss.backward()
        optimiser.step()
    numbers = model.state_dict()
    norms, others = names(layers)
    statistics = [numbers[f"{name}running_{what}"] for name in norms for what in ("mean", "var")]
    affine = [numbers[f"{name}{what}"] for name in norms for what in ("weight", "bias")]
    rest = [numbers[f"{name}{what}"].flatten() for name in others for what in ("weight", "bias")]
    vectors = map(torch.cat, (statistics, affine, [*rest, x.new_zeros(0)]))
    again = seeded(model.eval().train(), x)
    return at_once, in_training, *vectors, seeded(model.eval(), x), again, returned


def build(layers: Sequence):
    """The network, in float64."""
    import torch

    with torch.random.fork_rng(devices=[]):  # layers draw weights before they are given theirs
        if isinstance(layers, tuple):
            return _layer(*layers).double()
        return torch.nn.Sequential(*map(build, layers)).double()


def _layer(kind, *numbers):
    import torch
    from torch import nn

    if kind in ("relu", "flatten", "dropout"):
        return {"relu": nn.ReLU, "flatten": nn.Flatten, "dropout": nn.Dropout}[kind](*numbers)
    weight, bias, *running = map(torch.tensor, numbers)
    if kind == "linear":
        layer = nn.Linear(weight.shape[1], weight.shape[0])
    elif kind == "conv":
        layer = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2:])
    elif kind == "layer_norm":
        layer = nn.LayerNorm(len(weight))
    else:
        layer = {"norm": nn.BatchNorm1d, "norm2d": nn.BatchNorm2d, "norm3d": nn.BatchNorm3d}[kind](
            len(weight)
        )
        layer.running_mean, layer.running_var = running
    layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
    return layer


def names(layers: Sequence, prefix: str = "") -> tuple[list[str], list[str]]:
    """What the names in `state_dict` begin with: of batch norms, and of other layers with parameters."""
    if isinstance(layers, tuple):
        norm, other = layers[0].startswith("norm"), layers[0] in ("linear", "conv", "layer_norm")
        return [prefix] * norm, [prefix] * other
    inner = [names(layer, f"{prefix}{number}.") for number, layer in enumerate(layers)]
    return tuple([name for found in inner for name in found[i]] for i in (0, 1))


def seeded(model, x):
    """The model's output, with dropout drawn alike each time."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return model(x)


def fingerprint(model) -> list:
    """All that an answer could have changed: numbers, modes, settings, layers."""
    marks = [(name, tensor.tolist()) for name, tensor in model.state_dict().items()]
    marks += [parameter.requires_grad for parameter in model.parameters()]
    for layer in model.modules():
        plain = {k: v for k, v in vars(layer).items() if isinstance(v, bool | int | float | None)}
        marks.append((type(layer).__name__, sorted(vars(layer)), plain, len(layer._forward_pre_hooks)))
    return marks
