"""Which answers are right, for the patients of lesson 14."""

import copy

import torch
import torch.nn.functional as F  # noqa: N812
from oracle_models import network, state, walk
from oracle_torch import drawn, near
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def labels(n):
    return torch.arange(n) % 3


def clinic_evaluate(answer):
    net = network()
    net[1].eval()
    net[3].train()  # dropout
    batches = [(drawn(n, 4, seed=k), labels(n)) for k, n in enumerate((7, 2, 50, 3, 90))]
    quiet = copy.deepcopy(net).eval()
    want = torch.cat([quiet(x).argmax(1) == y for x, y in batches]).double().mean().item()
    before = state(net)
    dropping = []  # the share may be right by chance
    watch = net[3].register_forward_hook(lambda module, *_: dropping.append(module.training))
    got = answer(net, batches)
    watch.remove()
    after = state(net)
    if abs(got - want) > 1e-6 or any(dropping):
        return "another share, or dropout is on"
    same = all(torch.equal(a, b) for a, b in zip(before[2].values(), after[2].values(), strict=True))
    return "" if same and before[:2] == after[:2] else "the model is not as it was"


def clinic_checkpoint(answer):
    for momentum in (0.1, None):
        mine, plain = (
            nn.Sequential(
                nn.Linear(4, 5), nn.BatchNorm1d(5, momentum=momentum), nn.Tanh(), nn.Linear(5, 3)
            ).double()
            for _ in range(2)
        )
        mine.load_state_dict(plain.state_dict())
        calls = []
        mine[0].register_forward_hook(lambda *_, calls=calls: calls.append(1))
        for step in range(3):
            outcomes = []
            for run, net in ((lambda x, m=mine: answer(m, x), mine), (plain, plain)):
                x = drawn(6, 4, seed=step).requires_grad_()
                if step == 1:
                    with torch.no_grad():
                        run(x)
                net.zero_grad()
                y = run(x)
                y.pow(2).sum().backward()
                outcomes.append([y, x.grad, *(p.grad for p in net.parameters()), *net.buffers()])
            if not all(near(a, b) for a, b in zip(*outcomes, strict=True)):
                return f"not as without, in step {step}"
            if mine[1].momentum != momentum:
                return "the momentum is changed"
        if len(calls) < 7:
            return "nothing is computed again"
    return ""


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.backbone = network()[:6]
        self.head = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3)).double()

    def forward(self, x):
        return self.head(self.backbone(x))


def clinic_freeze(answer):
    batches = [(drawn(n, 4, seed=k), labels(n)) for k, n in enumerate((6, 5, 7))]
    mine, other = Model().train(), Model().train()
    before = copy.deepcopy(mine.backbone).eval()
    mine = answer(mine, batches, 2, 0.2)
    other.head.train()
    optimiser = torch.optim.SGD(other.head.parameters(), lr=0.2)
    for _ in range(2):
        for x, y in batches:
            optimiser.zero_grad()
            F.cross_entropy(other.head(before(x).detach()), y).backward()
            optimiser.step()
    kept = zip(mine.backbone.state_dict().values(), before.state_dict().values(), strict=True)
    if not all(torch.equal(a, b) for a, b in kept):
        return "the backbone has changed"
    learned = zip(mine.head.state_dict().values(), other.head.state_dict().values(), strict=True)
    return "" if all(near(a, b) for a, b in learned) else "the head has learned something else"


def clinic_average(answer):
    snapshots = [network(seed).state_dict() for seed in (3, 4)]
    batches = [drawn(n, 4, seed=k) for k, n in enumerate((40, 40, 40))]
    want = network()
    for name, p in want.named_parameters():
        p.data = sum(s[name] for s in snapshots) / 2
    with torch.no_grad():
        inputs = [walk(want, b)[0] for b in batches]
    mine = network(5)
    mine[3].p = 0.0  # update_bn leaves dropout on, and may
    got = answer(mine, snapshots, batches)
    if got is None or any(m.training for m in got.modules()):
        return "not ready for evaluation"
    if not all(near(a, b) for a, b in zip(got.parameters(), want.parameters(), strict=True)):
        return "other parameters"
    layers = [m for m in got if isinstance(m, _BatchNorm)]
    if [m.momentum for m in layers] != [0.1, 0.3]:
        return "another momentum"
    for k, layer in enumerate(layers):
        mean = sum(i[k].mean(0) for i in inputs) / 3
        var = sum(i[k].var(0, correction=0) for i in inputs) / 3
        if not (near(layer.running_mean, mean, 0.05) and near(layer.running_var, var, 0.06)):
            return "other statistics"
    return ""


def clinic_fold(answer):
    for bias in (True, False):
        for options in (
            {},
            {"stride": 2, "padding": 1, "groups": 2},
            {"dilation": 2, "padding": 1, "padding_mode": "circular"},
        ):
            torch.manual_seed(2)
            conv, bn = nn.Conv2d(4, 6, 3, bias=bias, **options).double(), nn.BatchNorm2d(6, eps=0.1).double()
            bn.weight.data, bn.bias.data = drawn(6), drawn(6, seed=1)
            bn.running_mean, bn.running_var = drawn(6, seed=2), drawn(6, seed=3) ** 2 + 0.1
            bn.eval()
            before = copy.deepcopy([conv.state_dict(), bn.state_dict()])
            x = drawn(2, 4, 9, 9)
            want = bn(conv(x))
            got = answer(conv, bn).double()
            after = [conv.state_dict(), bn.state_dict()]
            if not near(got(x), want):
                return f"another output with {options}, bias {bias}"
            if bn.training or not all(
                torch.equal(a[k], b[k]) for a, b in zip(before, after, strict=True) for k in a
            ):
                return "the layers have changed"
    return ""


def clinic_gan(answer):
    net = network().train()
    net[3].eval()
    real, fake = drawn(6, 4), (drawn(5, 4, seed=3) * 2).requires_grad_()
    plain = copy.deepcopy(net)
    want = plain(real), plain(fake)
    got = answer(net, real, fake)
    if not all(near(a, b) for a, b in zip(got, want, strict=True)):
        return "other scores"
    if not all(s.requires_grad for s in got) or not net.training:
        return "no gradient, or another mode"
    return ""


def clinic_last_batch(answer):
    for n, size in ((9, 4), (8, 4), (10, 4), (3, 2), (5, 2), (2, 8), (7, 4), (7, 6), (11, 4), (15, 8)):
        x = torch.arange(n * 2.0).reshape(n, 2)
        parts = answer(x, torch.arange(n), size)
        if any(len(a) != len(b) or not torch.equal(a[:, 0], 2.0 * b) for a, b in parts):
            return "pairs are torn"
        if sorted(torch.cat([b for _, b in parts]).tolist()) != list(range(n)):
            return "not every example once"
        if min(len(b) for _, b in parts) < 2 or max(len(b) for _, b in parts) > size + (n % size == 1):
            return f"a batch too small or too large for {n} by {size}"
    return ""
