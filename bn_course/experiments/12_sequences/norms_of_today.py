"""Where today's language models put their norms, at a learning rate that is right and at one that is too large."""

import torch
from torch import nn
from torch.nn import functional

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import seeded
from bn_course.nets.text import names_text
from bn_course.nets.transformer import CausalAttention, Transformer, text_loss, train_on_text

from ._shared import letter_frequencies_loss

WIDTH, DEPTH = 48, 4
RATES = (3e-3, 1e-2, 3e-2)


class QueryKeyNorm(CausalAttention):
    """Attention whose queries and keys are divided by their root mean square before they meet."""

    def __init__(self, width, heads):
        super().__init__(width, heads)
        self.query, self.key = nn.RMSNorm(width // heads), nn.RMSNorm(width // heads)

    def forward(self, x):
        query, key, value = self.project(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query, key = self.query(query), self.key(key)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (N, T, width)


class Modern(Transformer):
    """A transformer of RMS norms before its branches, behind them inside the sum, or both."""

    def __init__(self, before, behind, query_key):
        super().__init__(WIDTH, DEPTH, norm="rms")
        if query_key:
            for place in range(0, 2 * DEPTH, 2):
                self.branches[place] = QueryKeyNorm(WIDTH, 4)
        kept = self.norms
        self.norms = kept if before else nn.ModuleList(nn.Identity() for _ in kept)
        self.branches = nn.ModuleList(
            nn.Sequential(branch, nn.RMSNorm(WIDTH)) if behind else branch for branch in self.branches
        )


ARMS = {
    "pre": (True, False, False),
    "pre_qk": (True, False, True),  # Qwen 3, Gemma 3 has it too
    "peri": (True, True, False),  # Gemma 2
    "behind_qk": (False, True, True),  # OLMo 2
}


def measure(seed, scale):
    rates, steps = (RATES, 200) if scale == "full" else (RATES[::2], 80)
    numbers = {"rates": list(rates), "letters": letter_frequencies_loss()}
    for arm, places in ARMS.items():
        numbers[arm] = [loss(places, rate, steps, seed) for rate in rates]
    return numbers


def loss(places, rate, steps, seed):
    """Nats a character on new names; that of letter frequencies where training diverged."""
    with seeded(seed):
        model = Modern(*places)
    history = train_on_text(model, names_text(), rate, steps, seed=seed)
    return letter_frequencies_loss() if history.diverged else text_loss(model, names_text().test)


def verdict(numbers):
    return HOLDS if numbers["pre"].mean() > numbers["peri"].mean() else holds_when(DOES_NOT_HOLD)


EXPERIMENT = None
