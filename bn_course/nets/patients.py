"""Eight pieces of training code, each with one mistake that real projects have shipped. (lesson 14)

They are to be examined, not to be used. Each docstring says what the code is meant to do, and where the same
mistake was reported; the lesson measures the symptom, and the question of the same name asks for the mend.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint


def clinic_evaluate(model: nn.Module, batches: list[tuple[Tensor, Tensor]]) -> float:
    """The share of all examples (x, y) that the model has right; the model is left as it was.

    Met in yaodongyu/TRADES, issue 3, and in facebookresearch/clevr-iep, pull request 22.
    """
    right = total = 0
    with torch.no_grad():
        for x, y in batches:
            right += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    return right / total


def clinic_checkpoint(block: nn.Module, x: Tensor) -> Tensor:
    """block(x), without keeping what is inside the block for the backward pass: it is computed again then.

    Met in pytorch/pytorch, issue 96136, and in gpleiss/efficient_densenet_pytorch, issue 73.
    """
    return checkpoint(block, x, use_reentrant=False)


def clinic_freeze(
    model: nn.Module, batches: list[tuple[Tensor, Tensor]], epochs: int, lr: float
) -> nn.Module:
    """Train `model.head` on the features of `model.backbone`, which stays as it is; returns the model.

    Met in pytorch/pytorch, issue 86590, and in chemprop/chemprop, pull request 952.
    """
    model.backbone.requires_grad_(False)
    optimiser = torch.optim.SGD(model.head.parameters(), lr=lr)
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            optimiser.zero_grad()
            cross_entropy(model(x), y).backward()
            optimiser.step()
    return model


@torch.no_grad()
def clinic_average(model: nn.Module, snapshots: list[dict], batches: list[Tensor]) -> nn.Module:
    """Give `model` the mean of the snapshots' parameters, ready for evaluation; returns it.

    `snapshots` are state dicts of the model, `batches` are inputs from the training data.

    Met in FlyreelAI/sesemi, issue 36, and in pytorch/ignite, issue 2590.
    """
    for name, parameter in model.named_parameters():
        parameter.copy_(torch.stack([snapshot[name] for snapshot in snapshots]).mean(0))
    return model.eval()


@torch.no_grad()
def clinic_fold(conv: nn.Conv2d, bn: nn.BatchNorm2d) -> nn.Conv2d:
    """One convolution that does what `conv` and then `bn`, in evaluation mode, do; they are left as they are.

    Met in pytorch/pytorch, pull request 36173. In ultralytics/yolov3, issue 807, and in Tencent/ncnn, issue
    1339, the bias was added unscaled.
    """
    folded = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        conv.stride,
        conv.padding,
        conv.dilation,
        conv.groups,
        bias=True,
        padding_mode=conv.padding_mode,
    )
    scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    folded.weight.copy_(conv.weight * scale[:, None, None, None])
    folded.bias.copy_(bn.bias - bn.running_mean * scale)
    return folded


def clinic_gan(discriminator: nn.Module, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """The discriminator's scores in its own step: (of the real images, of the generated ones).

    In the generator's step, `discriminator(fake)` scores the generated ones.

    Met in soumith/ganhacks, issue 9, and in eriklindernoren/PyTorch-GAN, issue 135.
    """
    scores = discriminator(torch.cat([real, fake]))
    return scores[: len(real)], scores[len(real) :]


def clinic_last_batch(x: Tensor, y: Tensor, batch_size: int) -> list[tuple[Tensor, Tensor]]:
    """All examples (x, y), each once, in batches for one epoch of training.

    Met in fastai/fastai, issue 1352, and in openvinotoolkit/nncf, pull requests 379 and 829.
    """
    starts = range(0, len(x), batch_size)
    return [(x[i : i + batch_size], y[i : i + batch_size]) for i in starts]


def clinic_detached(x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5) -> Tensor:
    """Batch normalisation of (N, D) in training, for `backward()` to go through.

    Met in keras-team/keras, pull request 19102, and in abhiskk/ladder, issue 2.
    """
    with torch.no_grad():
        mean, var = x.mean(0), x.var(0, correction=0)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
