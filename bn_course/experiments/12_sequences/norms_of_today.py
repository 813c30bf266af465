"""Where today's language models put their norms, at a learning rate that is right and at one that is too large."""

from torch import nn
from torch.nn import functional

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import seeded
from bn_course.nets.text import names_text
from bn_course.nets.transformer import CausalAttention, Transformer, text_loss, train_on_text

from ._shared import letter_frequencies_loss

WIDTH, DEPTH = 48, 2
RATES = (3e-3, 3e-2)


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
    steps = 120 if scale == "full" else 60
    numbers = {"rates": list(RATES), "letters": letter_frequencies_loss()}
    for arm, places in ARMS.items():
        numbers[arm] = [loss(places, rate, steps, seed) for rate in RATES]
    return numbers


def loss(places, rate, steps, seed):
    """Nats a character on new names; that of letter frequencies where training diverged."""
    with seeded(seed):
        model = Modern(*places)
    history = train_on_text(model, names_text(), rate, steps, seed=seed)
    return letter_frequencies_loss() if history.diverged else text_loss(model, names_text().test)


def above_pre(arm):
    return Effect(
        f"nats saved at rate {RATES[-1]:g} against pre-norm, {arm}",
        lambda n: n["pre"][:, -1] - n[arm][:, -1],
        above=0.1,
        why="three times what the seeds of one arm differ by at a good rate",
    )


PERI, BEHIND = above_pre("peri"), above_pre("behind_qk")

EXPERIMENT = Experiment(
    claim="Norms behind the branches, inside the sum, keep a transformer stable at rates that are too large for pre-norm.",
    source="Kim et al. 2025, Peri-LN, arXiv:2502.02732; Team OLMo 2024, 2 OLMo 2 Furious, arXiv:2501.00656",
    scope=Scope(
        "names of Unicode characters",
        model="transformer of 2 blocks of 48",
        values="48, one position",
        optimiser="Adam, β 0.9 and 0.98, batches of 16",
        horizon="120 steps",
    ),
    method="RMS norm before the branches (pre), there and on queries and keys (pre_qk), before and behind them (peri), or behind them and on queries and keys (behind_qk); no warm-up; rates 0.003 and 0.03; loss on new names in nats a character, that of letter frequencies where training diverged.",
    measure=measure,
    holds=PERI & BEHIND,
    when={"queries and keys are normalised too": BEHIND},
    finding="At rates 0.003 and 0.03: pre {pre[0]:.2f} and {pre[1]:.2f}, with norms of queries and keys {pre_qk[0]:.2f} and {pre_qk[1]:.2f}, peri {peri[0]:.2f} and {peri[1]:.2f}, behind the branches and on queries and keys {behind_qk[0]:.2f} and {behind_qk[1]:.2f}; letter frequencies alone give {letters:.2f}",
)
