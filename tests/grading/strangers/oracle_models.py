"""Which answers are right, for the questions that build or change a model; as in `oracle_torch.py`."""

import copy
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from oracle_torch import drawn, near
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def build_mlp(answer):
    for sizes in ([5, 7, 6, 3], [5, 3], [4, 4, 4]):
        for settings in ({}, {"normalise": False}):
            on = settings.get("normalise", True)
            want = []
            for a, b in pairwise(sizes[:-1]):
                want += [("Linear", a, b, not on), *([("BatchNorm1d", b, True)] if on else []), ("ReLU",)]
            want.append(("Linear", sizes[-2], sizes[-1], True))
            got = []
            for m in answer(sizes, **settings):
                if isinstance(m, nn.Linear):
                    got.append(("Linear", m.in_features, m.out_features, m.bias is not None))
                elif isinstance(m, nn.BatchNorm1d):
                    got.append(("BatchNorm1d", m.num_features, m.affine))
                elif not isinstance(m, nn.Identity):
                    got.append((type(m).__name__,))
            if got != want:
                return f"other layers for {sizes} and {settings}"
    return ""


def weight_decay_groups(answer):
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Sequential(nn.Conv1d(2, 2, 1), nn.GroupNorm(2, 4), nn.Conv3d(1, 2, 1)),
        nn.LayerNorm([3, 5]), nn.Linear(4, 5), nn.BatchNorm1d(5), nn.LayerNorm(5), nn.Linear(5, 2, bias=False),
    )  # fmt: skip
    heavy = {
        id(m.weight) for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d))
    }
    groups = {g["weight_decay"]: [id(p) for p in g["params"]] for g in answer(model, 0.03)}
    if set(groups) != {0, 0.03} or sorted(groups[0] + groups[0.03]) != sorted(
        id(p) for p in model.parameters()
    ):
        return "not every parameter once"
    return "" if set(groups[0.03]) == heavy else "other weights decay"


class Block(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.branch = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.branch(x)


def zero_init_residual(answer):
    def model():
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Linear(4, 4), nn.BatchNorm1d(4),
            nn.Sequential(Block(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 4), nn.BatchNorm1d(4))),
            Block(nn.LayerNorm(4), nn.Linear(4, 4), nn.ReLU()),
            Block(nn.Linear(4, 4), nn.Sequential(nn.BatchNorm1d(4), nn.GroupNorm(2, 4)), nn.ReLU()),
        )  # fmt: skip

    got, want = model(), model()
    for m in got.modules():
        if hasattr(m, "weight") and m.weight.dim() == 1:
            m.weight.data.fill_(0.7)
    want.load_state_dict(got.state_dict())
    for layer in (want[2][0].branch[4], want[3].branch[0], want[4].branch[1][1]):
        layer.weight.data.zero_()
    try:
        if answer(got) is not None:
            return "something is returned"
    except Exception as error:
        return f"raises {error!r}"
    if not all(p.requires_grad for p in got.parameters()):
        return "a parameter is frozen"
    return (
        ""
        if all(near(g, w) for g, w in zip(got.parameters(), want.parameters(), strict=True))
        else "other weights are 0"
    )


def statistics_noise(answer):
    x = np.random.default_rng(5).standard_exponential((12, 3)) ** 2 * [1, 2, 0.5]
    for n in (3, 8):
        rng = np.random.default_rng(6)
        batches = np.stack([x[rng.choice(12, n, replace=False)] for _ in range(4000)])
        want = batches.mean(1).std(0), batches.var(1).std(0)
        np.random.seed(1)  # noqa: NPY002
        got = answer(x.copy(), n, 3000, np.random.default_rng(7))
        np.random.seed(2)  # noqa: NPY002
        again = answer(x.copy(), n, 3000, np.random.default_rng(7))
        other = answer(x.copy(), n, 3000, np.random.default_rng(8))
        if not all(np.allclose(g, w, rtol=0.12) for g, w in zip(got, want, strict=True)):
            return f"another scatter for {n}"
        if not all(np.array_equal(a, b) for a, b in zip(got, again, strict=True)):
            return "the same rng, another result"
        if all(np.array_equal(a, b) for a, b in zip(got, other, strict=True)):
            return "rng has no effect"
    return ""


def network(seed=0):
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 3), nn.BatchNorm1d(3, momentum=0.3), nn.Linear(3, 3)
    ).double()  # fmt: skip
    for m in net:
        if isinstance(m, _BatchNorm):
            m.weight.data, m.bias.data = drawn(m.num_features, seed=1), drawn(m.num_features, seed=2)
            m.running_mean, m.running_var = (
                drawn(m.num_features, seed=3),
                drawn(m.num_features, seed=4) ** 2 + 0.1,
            )
    net[3].eval()
    return net


def walk(net, batch, x=None):
    """Inputs of the batch norm layers under the batch's own statistics, and what x becomes under them."""
    inputs = []
    for m in net:
        if isinstance(m, _BatchNorm):
            inputs.append(batch)
            mean = batch.mean(0)
            scale = m.weight / (((batch - mean) ** 2).mean(0) + m.eps) ** 0.5
            batch, x = (None if t is None else (t - mean) * scale + m.bias for t in (batch, x))
        elif not isinstance(m, nn.Dropout):
            batch, x = m(batch), None if x is None else m(x)
    return inputs, x


def state(net):
    modes = [m.training for m in net.modules()]
    return (
        modes,
        [m.momentum for m in net.modules() if isinstance(m, _BatchNorm)],
        copy.deepcopy(net.state_dict()),
    )


def mc_batch_norm_predict(answer):
    batches, x = [drawn(n, 4, seed=k) for k, n in enumerate((6, 3, 4))], drawn(5, 4, seed=9)
    net = network()
    before = state(net)
    with torch.no_grad():
        want = torch.stack([walk(net, b, x)[1] for b in batches])
    mean, std = answer(net, x, batches)
    if not (near(mean, want.mean(0)) and near(std, want.std(0, correction=0))):
        return "another prediction"
    after = state(net)
    same = all(torch.equal(a, b) for a, b in zip(before[2].values(), after[2].values(), strict=True))
    return "" if same and before[:2] == after[:2] else "the model is not as it was"


def recalibrate(answer, as_iterable=False):
    batches = [drawn(n, 4, seed=k) * (k + 1) for k, n in enumerate((6, 3, 4))]
    net = network()
    before = state(net)
    with torch.no_grad():
        inputs = [torch.cat(i) for i in zip(*(walk(net, b)[0] for b in batches), strict=True)]
    answer(net, (b for b in batches) if as_iterable else batches)
    after = state(net)
    for layer, values in zip([m for m in net if isinstance(m, _BatchNorm)], inputs, strict=True):
        if not (
            near(layer.running_mean, values.mean(0)) and near(layer.running_var, values.var(0, correction=0))
        ):
            return "other statistics"
    kept = [k for k in before[2] if "running" not in k and "tracked" not in k]
    same = all(torch.equal(before[2][k], after[2][k]) for k in kept)
    return "" if same and before[:2] == after[:2] else "the model is not as it was"


def adapt_batch_norm(answer):
    return recalibrate(answer, as_iterable=True)


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv1d(1, 2, 1), nn.BatchNorm1d(2)
        self.rest = nn.Sequential(
            nn.Flatten(),
            nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4), nn.LayerNorm(4)),
            nn.Dropout(0.5),
            nn.Linear(4, 2),
        )

    def forward(self, x):
        return self.rest(self.bn(self.conv(x[:, None])))


def freeze_batch_norm(answer):
    torch.manual_seed(0)
    net = Deep().double().train()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    F.cross_entropy(net(drawn(6, 4)), torch.tensor([0, 1] * 3)).backward()
    optimiser.step()
    names = list(net.state_dict())
    if answer(net) is not None or list(net.state_dict()) != names:
        return "something is returned, or names have changed"
    norms = [m for m in net.modules() if isinstance(m, _BatchNorm)]
    kept = copy.deepcopy([m.state_dict() for m in norms])
    seen = []
    for m, s in zip(norms, kept, strict=True):

        def hook(_, i, o, s=s, m=m):
            seen.append(
                near(
                    o,
                    F.batch_norm(
                        i[0], s["running_mean"], s["running_var"], s["weight"], s["bias"], eps=m.eps
                    ),
                )
            )

        m.register_forward_hook(hook)
    others = [(n, p.clone()) for n, p in net.named_parameters() if "bn" not in n and "rest.1.1" not in n]
    for step in range(3):
        if step:
            net.eval()
            net.train()
        if not net.rest[2].training:
            return "dropout is off"
        optimiser.zero_grad()
        F.cross_entropy(net(drawn(6, 4, seed=step)), torch.tensor([0, 1] * 3)).backward()
        optimiser.step()
    if not all(seen) or not all(
        torch.equal(a, b)
        for m, s in zip(norms, kept, strict=True)
        for a, b in zip(m.state_dict().values(), s.values(), strict=True)
    ):
        return "batch norm is not frozen"
    now = dict(net.named_parameters())
    return "" if all(not torch.equal(now[n], p) for n, p in others) else "something else is frozen"
