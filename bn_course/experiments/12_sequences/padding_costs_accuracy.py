"""Padding in the statistics of a classifier of names: what it costs, and when."""

from functools import lru_cache

import torch
from torch import nn
from torch.nn import functional

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import seeded
from bn_course.nets.sequences import sequence_norm, valid_steps
from bn_course.nets.text import ALPHABET, encode, shuffled

KINDS = ("Lo", "So", "Ll", "Lu", "Sm", "Mn", "Nd", "No", "Po", "Cf", "Mc")  # the frequent categories
LONG = 200  # steps
ARMS = {"masked": "batch", "padded": "batch", "layer": "layer"}


class NameClassifier(nn.Module):
    """Twice convolution over 5 characters, norm, ReLU; the mean over the valid steps decides."""

    def __init__(self, arm, width=48):
        super().__init__()
        self.masked = arm == "masked"
        self.embed = nn.Embedding(len(ALPHABET) + 1, width, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(width, width, 5, padding=2) for _ in range(2))
        self.norms = nn.ModuleList(sequence_norm(ARMS[arm], width) for _ in range(2))
        self.head = nn.Linear(width, len(KINDS))

    def forward(self, names, lengths):
        x = self.embed(names)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = conv(x.mT).mT
            x = functional.relu(norm(x, lengths) if self.masked else norm(x))
        valid = valid_steps(lengths, names.shape[1])[..., None]
        return self.head((x * valid).sum(1) / lengths[:, None])


@lru_cache
def parts():
    """(name, class) pairs to train, to validate and to test."""
    pairs = [(encode(name) + 1, KINDS.index(kind)) for name, kind in shuffled() if kind in KINDS]
    cuts = len(pairs) * 8 // 10, len(pairs) * 9 // 10
    return pairs[: cuts[0]], pairs[cuts[0] : cuts[1]], pairs[cuts[1] :]


def batch(pairs, steps=None):
    """Names filled up with 0 to the longest, or to `steps`; their lengths; their classes."""
    lengths = torch.tensor([len(name) for name, _ in pairs])
    names = torch.zeros(len(pairs), steps or lengths.max(), dtype=torch.int64)
    for row, (name, _) in zip(names, pairs, strict=True):
        row[: len(name)] = name
    return names, lengths, torch.tensor([kind for _, kind in pairs])


def trained(arm, rate, steps, seed):
    with seeded(seed):
        model = NameClassifier(arm)
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    drawn = torch.randint(len(parts()[0]), (steps, 64), generator=torch.Generator().manual_seed(seed))
    for rows in drawn.tolist():
        names, lengths, kinds = batch([parts()[0][row] for row in rows])
        loss = functional.cross_entropy(model(names, lengths), kinds)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model


@torch.no_grad()
def answers(model, pairs, training=False, steps=None):
    """The classes that the model says, in batches of 64; running statistics stay as they are."""
    model.train(training)
    kept = {name: value.clone() for name, value in model.named_buffers()}
    said = []
    for begin in range(0, len(pairs) - 63, 64):
        names, lengths, _ = batch(pairs[begin : begin + 64], steps)
        said.append(model(names, lengths).argmax(1))
    for name, value in model.named_buffers():
        value.copy_(kept[name])
    return torch.cat(said)


def measure(seed, scale):
    rates, steps = ((3e-3, 1e-2), 150) if scale == "full" else ((1e-2,), 15)
    _, validation, test = parts()
    given = {}
    for arm in ARMS:
        models = [trained(arm, rate, steps, seed) for rate in rates]
        model = max(models, key=lambda m: share(answers(m, validation), classes(validation)))
        given[arm] = share(answers(model, test), classes(test))
        tight, long = (answers(model, test, training=True, steps=steps) for steps in (None, LONG))
        given[f"{arm}_tight"], given[f"{arm}_long"] = (share(said, classes(test)) for said in (tight, long))
        given[f"{arm}_changed"] = 1 - share(tight, long)
    return given


def classes(pairs):
    return torch.tensor([kind for _, kind in pairs])


def share(said, right):
    return (said == right[: len(said)]).float().mean().item()


COSTS = Effect(
    "share right that counting costs in evaluation mode",
    lambda n: n["masked"] - n["padded"],
    above=0.02,
    why="24 of the 1216 names, about two standard errors: less is not accuracy that suffers",
    blind=True,
)
MOVES = Effect(
    "share of answers that more padding changes, batch statistics, padding counted",
    lambda n: n["padded_changed"],
    above=0.05,
    why="users would notice if one answer in twenty depended on the filling alone",
    blind=True,
) & Effect(
    "the same with padding left out",
    lambda n: n["masked_changed"],
    below=0.01,
    why="exact masking changes nothing; one in a hundred leaves room for rounding at near ties",
    blind=True,
)

EXPERIMENT = Experiment(
    claim="Padding must be kept out of batch norm's statistics, or accuracy suffers.",
    source="the ordinary advice for sequences of different lengths",
    scope=Scope(
        "names of Unicode's characters",
        "two convolutions of width 48",
        "64 names, all their steps",
        "Adam, batches of 64",
        "150 steps",
        test=1216,
    ),
    method="The general category of a Unicode character from its name: embedding, two convolutions of width 48 with "
    "norm and ReLU, mean over valid steps; PyTorch's initialisation, 150 steps of Adam on 64 names, the better of "
    "0.003 and 0.01. Test accuracy in evaluation mode; and with batch statistics of the same 64 names, filled up "
    "to the longest or to 200 steps.",
    measure=measure,
    holds=COSTS,
    when={"batch statistics meet another amount of padding than in training": MOVES},
    finding="In evaluation mode {masked:.1%} are right with padding left out and {padded:.1%} with padding counted "
    "({layer:.1%} with layer norm); with batch statistics, filling up to 200 steps changes {padded_changed:.1%} of "
    "the answers where padding counts ({padded_tight:.1%} right before, {padded_long:.1%} after) and "
    "{masked_changed:.1%} where it does not",
)
