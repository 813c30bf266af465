"""The list of healthy cases: a name, and what makes it."""

import torch
from torch import nn

from bn_course.inspect.ward import healthy as h
from bn_course.inspect.ward import models as m
from bn_course.inspect.ward import wrappers
from bn_course.inspect.ward.healthy import SIZES, Healthy, fit, flat, images
from bn_course.nets import cnn, mlp, residual_mlp
from bn_course.nets.ghost import GhostBatchNorm1d
from bn_course.nets.norms import RMSNorm
from bn_course.nets.renorm import BatchRenorm1d
from bn_course.nets.resnet import resnet


def compiled(model, _x):
    return torch.compile(model, backend="eager")


HEALTHY = {
    "MLP": flat(lambda: mlp(SIZES)),
    "MLP, eight layers": flat(lambda: mlp([64] + [32] * 8 + [10]), rate=0.05),
    "MLP, norm after ReLU": flat(lambda: mlp(SIZES, order="after")),
    "MLP, sigmoid": flat(lambda: mlp(SIZES, activation=nn.Sigmoid), rate=0.1),
    "MLP, batches of 16": flat(lambda: mlp(SIZES), rate=0.02, size=16, steps=100),
    "MLP, layer norm": flat(lambda: mlp(SIZES, norm="layer")),
    "MLP, RMS norm": flat(lambda: mlp(SIZES, norm=nn.RMSNorm)),
    "MLP, ghost batches": flat(lambda: mlp(SIZES, norm=lambda d: GhostBatchNorm1d(d, 16))),
    "MLP, batch renormalisation": flat(lambda: mlp(SIZES, norm=BatchRenorm1d)),
    "MLP, dropout behind the last norm": flat(
        lambda: nn.Sequential(*mlp(SIZES)[:-1], nn.Dropout(0.3), nn.Linear(32, 10))
    ),
    "MLP, a norm of one's own": flat(lambda: mlp(SIZES, norm=m.MovingAverage)),
    "MLP, a norm inside a norm": flat(lambda: mlp(SIZES, norm=m.Around)),
    "MLP, lazy, then trained": flat(h.lazy),
    "MLP, lazy": lambda: Healthy(h.lazy()),
    "MLP, double precision": h.double,
    "MLP, on the meta device": lambda: Healthy(mlp(SIZES).to("meta")),
    "residual MLP": flat(lambda: residual_mlp(64, 32, 3, 10), rate=0.03),
    "residual MLP, γ from 0": h.zero_gamma,
    "frozen trunk": h.frozen_trunk,
    "teacher": h.teacher,
    "two views": h.two_views,
    "siamese": h.siamese,
    "a pair as one": h.nested_pair,
    "VAE": h.vae,
    "CNN": images(h.small_cnn),
    "CNN, group norm": images(lambda: cnn((8, 16), norm="group")),
    "CNN, instance norm": images(lambda: h.small_cnn(nn.InstanceNorm2d)),
    "CNN, instance norm with statistics": images(h.instance_with_statistics),
    "CNN, layer norm of one's own": images(lambda: h.small_cnn(m.Channels)),
    "CNN, biases and dropout": images(h.with_biases),
    "CNN, cumulative average": h.cumulative,
    "CNN, channels last": h.last_format,
    "CNN, bfloat16": h.half,
    "CNN, autocast": h.autocast,
    "CNN, synchronised": h.synchronised,
    "CNN, simulated quantisation": h.prepared,
    "CNN, averaged": h.averaged,
    "CNN, in parallel": lambda: Healthy(nn.DataParallel(fit(h.small_cnn(), image=True)), image=True),
    "CNN, wrapped": lambda: Healthy(wrappers.Passing(fit(h.small_cnn(), image=True)), image=True),
    "CNN, compiled": lambda: h.given_example(compiled),
    "CNN, of a dictionary": lambda: Healthy(
        wrappers.OfBatch(fit(h.small_cnn(), image=True)),
        feed=lambda s: {"image": s.x, "label": s.y},
        image=True,
    ),
    "CNN, of an object": lambda: Healthy(
        wrappers.OfData(fit(h.small_cnn(), image=True)), feed=lambda s: s, image=True
    ),
    "CNN, its operations traced": lambda: h.given_example(lambda model, x: torch.fx.symbolic_trace(model)),
    "CNN, exported": lambda: h.given_example(h.exported),
    "CNN, scripted": lambda: h.given_example(lambda model, x: torch.jit.script(model)),
    "ResNet": images(resnet),
    "depthwise": images(h.separable),
    "dense connections": images(h.dense),
    "squeeze and excite": images(h.squeezed),
    "volumes": images(h.volumes),
    "waves": flat(h.waves, rate=0.1),
    "U-Net": h.unet,
    "detector": h.detector,
    "generator": lambda: Healthy(h.gan()[0], feed=lambda s: torch.randn(len(s), 8, 1, 1), image=True),
    "discriminator": lambda: Healthy(h.gan()[1], feed=lambda s: s.x, image=True),
    "GRU": flat(m.Recurrent, rate=0.2),
    "transformer": flat(m.Transformer),
    "transformer, RMS norm of one's own": flat(lambda: m.Transformer(m.RootMeanSquare)),
    "transformer, the course's norms": flat(lambda: m.Transformer(RMSNorm)),
    "image and table": lambda: Healthy(
        fit(
            m.ImageAndRows(),
            image=True,
            loss=lambda model, x, y: nn.functional.cross_entropy(model(x, x[:, 0, 3]), y),
        ),
        feed=lambda s: {"image": s.x, "table": s.x[:, 0, 3], "label": s.y},
        image=True,
    ),
}
