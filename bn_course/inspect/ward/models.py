"""Small models of many kinds, as people write them: each learns digits in a second or less."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def conv_norm(inputs, outputs, stride=1, groups=1, norm=nn.BatchNorm2d, size=3):
    conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(conv, norm(outputs), nn.ReLU())


def classifier(*layers, width=16, classes=10):
    """Convolutions, the mean over H and W, a linear layer."""
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))


class UNet(nn.Module):
    def __init__(self, norm=nn.BatchNorm2d):
        super().__init__()
        self.down, self.deep = conv_norm(1, 8, norm=norm), conv_norm(8, 16, 2, norm=norm)
        self.up, self.out = nn.ConvTranspose2d(16, 8, 2, 2), conv_norm(16, 8, norm=norm)
        self.head = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        skip = self.down(x)
        return self.head(self.out(torch.cat([skip, self.up(self.deep(skip))], 1)))


class InvertedResidual(nn.Module):
    """Expand, depthwise, project without an activation, add."""

    def __init__(self, channels, expand=2):
        super().__init__()
        wide = channels * expand
        self.branch = nn.Sequential(
            conv_norm(channels, wide, size=1),
            conv_norm(wide, wide, groups=wide),
            nn.Conv2d(wide, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return x + self.branch(x)


class Dense(nn.Module):
    """Its output is appended to its input: norm, ReLU, convolution."""

    def __init__(self, inputs, growth):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv(torch.relu(self.norm(x)))], 1)


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, 4, 1), nn.ReLU(), nn.Conv2d(4, channels, 1)
        )

    def forward(self, x):
        return x * torch.sigmoid(self.gate(x))


class Recurrent(nn.Module):
    """Rows of an image, one after the other: batch norm on what goes in, layer norm on what comes out."""

    def __init__(self):
        super().__init__()
        self.norm, self.gru = nn.BatchNorm1d(8), nn.GRU(8, 24, batch_first=True)
        self.after, self.head = nn.LayerNorm(24), nn.Linear(24, 10)

    def forward(self, x):
        rows = self.norm(x.view(-1, 8)).view(-1, 8, 8)
        return self.head(self.after(self.gru(rows)[0][:, -1]))


class RootMeanSquare(nn.Module):
    """RMS norm as language models write it out."""

    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight, self.variance_epsilon = nn.Parameter(torch.ones(size)), eps

    def forward(self, h):
        variance = h.float().pow(2).mean(-1, keepdim=True)
        return self.weight * (h * torch.rsqrt(variance + self.variance_epsilon)).to(h.dtype)


class Channels(nn.Module):
    """Layer norm over the channels of (N, C, H, W), as ConvNeXt writes it out."""

    def __init__(self, channels):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        x = x - x.mean(1, keepdim=True)
        x = x / torch.sqrt(x.square().mean(1, keepdim=True) + 1e-6)
        return x * self.gamma[:, None, None] + self.beta[:, None, None]


class Attention(nn.Module):
    """A block of a transformer, its norms before attention and before the two linear layers."""

    def __init__(self, width, norm):
        super().__init__()
        self.norm1, self.norm2 = norm(width), norm(width)
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.linear = nn.Sequential(nn.Linear(width, 32), nn.GELU(), nn.Linear(32, width))

    def forward(self, h):
        n = self.norm1(h)
        h = h + self.attention(n, n, n, need_weights=False)[0]
        return h + self.linear(self.norm2(h))


class Transformer(nn.Module):
    """Rows of an image as words. Without a `norm` its block is torch's own."""

    def __init__(self, norm: type[nn.Module] | None = None, width=16):
        super().__init__()
        own = nn.TransformerEncoderLayer(width, 2, 32, 0.0, batch_first=True, norm_first=True)
        self.embed = nn.Linear(8, width)
        self.block = own if norm is None else Attention(width, norm)
        self.norm, self.head = (norm or nn.LayerNorm)(width), nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.norm(self.block(self.embed(x.view(-1, 8, 8)))).mean(1))


class Siamese(nn.Module):
    """Two images, one encoder; are they of one class?"""

    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(10, 1)

    def forward(self, a, b):
        return self.head((self.encoder(a) - self.encoder(b)).abs())[:, 0]


class VariationalAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 32, bias=False), nn.BatchNorm1d(32), nn.ReLU())
        self.mean, self.logvar = nn.Linear(32, 4), nn.Linear(32, 4)
        self.decoder = nn.Sequential(
            nn.Linear(4, 32, bias=False), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 64)
        )

    def forward(self, x):
        h = self.encoder(x)
        mean, logvar = self.mean(h), self.logvar(h)
        return self.decoder(mean + torch.randn_like(mean) * (logvar / 2).exp())


class FrozenBatchNorm2d(nn.Module):
    """Statistics and affine as buffers, as detectors keep a pretrained trunk."""

    def __init__(self, channels, eps=1e-5):
        super().__init__()
        self.eps = eps
        for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            self.register_buffer(name, torch.full((channels,), float(value)))

    def forward(self, x):
        scale = self.weight * (self.running_var + self.eps).rsqrt()
        return x * scale[:, None, None] + (self.bias - self.running_mean * scale)[:, None, None]


def freeze_for_detection(model: nn.Module) -> nn.Module:
    """Every `BatchNorm2d` of a Sequential is replaced by a frozen one with its numbers."""
    for name, child in model.named_children():
        if isinstance(child, nn.BatchNorm2d):
            frozen = FrozenBatchNorm2d(child.num_features)
            frozen.load_state_dict({k: v for k, v in child.state_dict().items() if "tracked" not in k})
            setattr(model, name, frozen)
        else:
            freeze_for_detection(child)
    return model


class MovingAverage(nn.Module):
    """Batch norm of one's own: names and momentum as TensorFlow has them."""

    def __init__(self, features, keep=0.9, eps=1e-3, affine=True):
        super().__init__()
        self.keep, self.eps = keep, eps
        if affine:
            self.gamma, self.beta = nn.Parameter(torch.ones(features)), nn.Parameter(torch.zeros(features))
        self.register_buffer("moving_mean", torch.zeros(features))
        self.register_buffer("moving_variance", torch.ones(features))

    def forward(self, x: Tensor) -> Tensor:
        mean, var = self.moving_mean, self.moving_variance
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                self.moving_mean.lerp_(mean, 1 - self.keep)
                self.moving_variance.lerp_(var, 1 - self.keep)
        x_hat = (x - mean) / torch.sqrt(var + self.eps)
        return x_hat * self.gamma + self.beta if hasattr(self, "gamma") else x_hat


class Around(nn.Module):
    """A norm inside a norm: the outer one shows the statistics of the inner one as its own."""

    def __init__(self, features):
        super().__init__()
        self.bn = nn.BatchNorm1d(features)

    running_mean = property(lambda self: self.bn.running_mean)
    running_var = property(lambda self: self.bn.running_var)

    def forward(self, x):
        return self.bn(x)


class ImageAndRows(nn.Module):
    """Two inputs of different shapes."""

    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(*conv_norm(1, 8), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.table = nn.Sequential(nn.Linear(8, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU())
        self.head = nn.Linear(16, 10)

    def forward(self, image, table):
        return self.head(torch.cat([self.image(image), self.table(table)], 1))


def generator():
    return nn.Sequential(
        nn.ConvTranspose2d(8, 16, 4, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 4, 2, 1),
        nn.Tanh(),
    )


def discriminator():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(8, 16, 3, 2, 1, bias=False),
        nn.BatchNorm2d(16),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(64, 1),
    )


class Detached(nn.BatchNorm1d):
    """Its statistics, or one of them, are constants to the backward pass."""

    def __init__(self, features, mean=True, var=True):
        super().__init__(features)
        self.of_mean, self.of_var = mean, var

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        functional.batch_norm(
            x.detach(), self.running_mean, self.running_var, training=True, momentum=self.momentum
        )
        mean = x.mean(0)
        mean = mean.detach() if self.of_mean else mean
        var = (x - mean).square().mean(0)
        var = var.detach() if self.of_var else var
        return self.weight * (x - mean) / torch.sqrt(var + self.eps) + self.bias
