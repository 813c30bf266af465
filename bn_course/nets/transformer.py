"""A small causal transformer, and its training on text. (lesson 12)"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from bn_course.nets.models import Norm
from bn_course.nets.sequences import sequence_norm
from bn_course.nets.text import ALPHABET, Text, windows


class CausalAttention(nn.Module):
    """Each position takes a weighted mean of what it and earlier positions offer; later ones are masked."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = self.project(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (N, T, width)


class Transformer(nn.Module):
    """Characters (N, T) → a score for each possible next character, (N, T, len(ALPHABET)).

    Embedding and place, then `depth` times attention and a two-layer network, each with a residual
    connection, then a linear layer. With `order` "pre" a norm stands at the beginning of each branch,
    x + f(norm(x)), and one at the end of all; with "post" behind each addition, norm(x + f(x)).

    Source: Vaswani et al. 2017, arXiv:1706.03762 ("post"); Xiong et al. 2020, arXiv:2002.04745 (both).
    """

    def __init__(
        self,
        width: int = 48,
        depth: int = 2,
        heads: int = 4,
        context: int = 32,
        norm: Norm = "layer",
        order: str = "pre",
    ):
        super().__init__()
        if order not in ("pre", "post"):
            raise ValueError(f"order is {order!r}; it must be 'pre' or 'post'")
        self.order, self.context = order, context
        self.embed = nn.Embedding(len(ALPHABET), width)
        self.place = nn.Parameter(0.02 * torch.randn(context, width))
        nn.init.normal_(self.embed.weight, std=0.02)
        self.branches = nn.ModuleList()
        for _ in range(depth):
            hidden = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            self.branches.extend([CausalAttention(width, heads), hidden])
        self.norms = nn.ModuleList(sequence_norm(norm, width) for _ in self.branches)
        self.last_norm = sequence_norm(norm, width) if order == "pre" else nn.Identity()
        self.head = nn.Linear(width, len(ALPHABET))

    def forward(self, text: Tensor) -> Tensor:
        if text.ndim != 2 or text.shape[1] > self.context:
            raise ValueError(f"text has shape {tuple(text.shape)}; it must be (N, T), T ≤ {self.context}")
        x = self.embed(text) + self.place[: text.shape[1]]
        for branch, norm in zip(self.branches, self.norms, strict=True):
            x = x + branch(norm(x)) if self.order == "pre" else norm(x + branch(x))
        return self.head(self.last_norm(x))


def next_character_loss(model: nn.Module, pieces: Tensor) -> Tensor:
    """Mean cross-entropy of the next character, in nats, over `pieces` (N, T + 1)."""
    scores = model(pieces[:, :-1])
    return functional.cross_entropy(scores.flatten(0, 1), pieces[:, 1:].flatten())


@dataclass
class TextHistory:
    """`loss[i]` of training batch i; `diverged` where it was not finite, and the run ended."""

    loss: list[float] = field(default_factory=list)
    diverged: bool = False


def train_on_text(
    model: Transformer,
    text: Text,
    rate: float,
    steps: int,
    batch_size: int = 16,
    warm_up: int = 0,
    seed: int = 0,
) -> TextHistory:
    """Adam on random pieces of the training text; the rate rises linearly over the first `warm_up` steps."""
    history = TextHistory()
    optimiser = torch.optim.Adam(model.parameters(), lr=rate, betas=(0.9, 0.98))
    model.train()
    pieces = windows(text.train, steps * batch_size, model.context, seed).split(batch_size)
    for step, batch in enumerate(pieces):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / max(warm_up, 1))
        loss = next_character_loss(model, batch)
        history.loss.append(loss.item())
        if not torch.isfinite(loss):
            history.diverged = True
            break
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return history


@torch.no_grad()
def text_loss(model: Transformer, stream: Tensor, training: bool = False, count: int = 256) -> float:
    """Nats a character on `count` pieces of `stream`, always the same; modes and buffers stay as they were.

    With `training`, norms use the statistics of the pieces, which include the answers.
    """
    kept = {name: value.clone() for name, value in model.named_buffers()}
    was = model.training
    model.train(training)
    try:
        return next_character_loss(model, windows(stream, count, model.context, seed=12)).item()
    finally:
        model.train(was)
        for name, value in model.named_buffers():
            value.copy_(kept[name])
