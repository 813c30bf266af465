"""Strangers' answers to lesson 14, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    mean = {}
    for k, v in snapshots[0].items():
        mean[k] = (sum(s[k].double() for s in snapshots) / len(snapshots)).to(v.dtype)
    model.load_state_dict(mean)
    return model.eval()
""",
        "The snapshots' buffers are averaged; they do not describe the averaged parameters.",
        "snapshots[0].items()",
        keys="buffers-averaged",
    ),
    wrong(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(torch.stack([s[name] for s in snapshots]).mean(dim=0))
        model.train()
        for x in batches:
            model(x)
    return model.eval()
""",
        "One training epoch moves the old statistics by momentum; the start remains in them.",
        "model(x)",
        keys="not-reset",
    ),
    wrong(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    torch.optim.swa_utils.update_bn(batches, model)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.zero_()
            for s in snapshots:
                p.add_(s[name] / len(snapshots))
    return model.eval()
""",
        "The statistics are measured before the parameters are averaged.",
        "torch.optim.swa_utils.update_bn(batches, model)",
        keys="measured-too-early",
    ),
    wrong(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(sum(s[name] for s in snapshots) / len(snapshots))
    torch.optim.swa_utils.update_bn(batches, model)
    return model.train()
""",
        "It ends in training mode, though it is to be ready for evaluation.",
        "model.train()",
    ),
    wrong(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    last = snapshots[-1:]
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(sum(s[name] for s in last) / len(last))
    return model.eval()
""",
        "Only the last snapshot is taken, and the buffers stay as they were.",
        ["snapshots[-1:]", "return model.eval()"],
        keys="buffers-left-behind",
        kind="pair",
    ),
    right(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    names = dict(model.named_parameters())
    average = {n: torch.stack([s[n] for s in snapshots]).mean(0) for n in names}
    model.load_state_dict(average, strict=False)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    momenta = [m.momentum for m in norms]
    for m in norms:
        m.reset_running_stats()
        m.momentum = None
    model.train()
    with torch.no_grad():
        for x in batches:
            model(x)
    for m, momentum in zip(norms, momenta):
        m.momentum = momentum
    return model.eval()
""",
    ),
    wrong(
        "clinic_fold",
        """
import copy
def clinic_fold(conv, bn):
    fused = copy.deepcopy(conv).requires_grad_(False)
    w_bn = torch.diag(bn.weight / torch.sqrt(bn.running_var + bn.eps))
    b_conv = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias
    b_bn = bn.bias - bn.weight * bn.running_mean / torch.sqrt(bn.running_var + bn.eps)
    with torch.no_grad():
        fused.weight = nn.Parameter((w_bn @ conv.weight.flatten(1)).view_as(conv.weight))
        fused.bias = nn.Parameter(b_conv + b_bn)
    return fused
""",
        "The convolution's bias is added unscaled.",
        "b_conv + b_bn",
        keys="bias-not-scaled",
    ),
    wrong(
        "clinic_fold",
        """
def clinic_fold(conv, bn):
    new = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding)
    with torch.no_grad():
        s = bn.weight / (bn.running_var + bn.eps).sqrt()
        new.weight.copy_(conv.weight * s.reshape(-1, 1, 1, 1))
        b = conv.bias if conv.bias is not None else 0
        new.bias.copy_((b - bn.running_mean) * s + bn.bias)
    return new
""",
        "Dilation, groups and padding mode are not handed on; with groups the weights do not fit.",
        "nn.Conv2d(conv.in_channels",
        keys="options-lost",
    ),
    wrong(
        "clinic_fold",
        """
def clinic_fold(conv, bn):
    with torch.no_grad():
        s = bn.weight / torch.sqrt(bn.running_var + 1e-5)
        b = torch.zeros_like(s) if conv.bias is None else conv.bias
        conv.weight.mul_(s[:, None, None, None])
        conv.bias = nn.Parameter(bn.bias + s * (b - bn.running_mean))
    return conv
""",
        "The convolution itself is overwritten, and ε is 1e-5 whatever the layer says.",
        ["conv.weight.mul_", "1e-5"],
        keys="original-changed eps-hard-coded",
        kind="promise",
    ),
    wrong(
        "clinic_fold",
        """
import copy
@torch.no_grad()
def clinic_fold(conv, bn):
    k = bn.weight / (bn.running_var.sqrt() + bn.eps)
    old = 0.0 if conv.bias is None else conv.bias
    out = copy.deepcopy(conv)
    out.weight = nn.Parameter(torch.einsum("o,oikl->oikl", k, conv.weight))
    out.bias = nn.Parameter(torch.addcmul(bn.bias, k, old - bn.running_mean))
    return out
""",
        "ε is added to the deviation, outside the root.",
        "bn.running_var.sqrt() + bn.eps",
        keys="eps-outside-sqrt",
    ),
    right(
        "clinic_fold",
        """
import copy
from torch.nn.utils.fusion import fuse_conv_bn_eval
def clinic_fold(conv, bn):
    frozen = copy.deepcopy(conv).eval(), copy.deepcopy(bn).eval()
    return fuse_conv_bn_eval(*frozen)
""",
    ),
    wrong(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    score_real = discriminator(real)
    score_fake = discriminator(fake).detach()
    return score_real, score_fake
""",
        "The generated images' scores are detached, so that no gradient flows through them.",
        ".detach()",
        keys="no-gradient",
    ),
    wrong(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    discriminator.eval()
    scores = discriminator(real), discriminator(fake)
    discriminator.train()
    return scores
""",
        "It scores in evaluation mode, with the running statistics.",
        "discriminator.eval()",
        keys="evaluation-mode",
    ),
    wrong(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    n, m = len(real), len(fake)
    a = discriminator(torch.cat([real[: n // 2], fake[: m // 2]]))
    b = discriminator(torch.cat([real[n // 2 :], fake[m // 2 :]]))
    return torch.cat([a[: n // 2], b[: n - n // 2]]), torch.cat([a[n // 2 :], b[n - n // 2 :]])
""",
        "Two batches are made, each half real and half generated.",
        "torch.cat([real[: n // 2], fake[: m // 2]])",
        keys="two-mixed-batches",
    ),
    wrong(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    on_real = discriminator(real)
    on_fake = discriminator(fake)
    return on_fake, on_real
""",
        "The order of the two outputs is exchanged.",
        "return on_fake, on_real",
    ),
    right(
        "clinic_gan",
        """
clinic_gan = lambda discriminator, *images: tuple(map(discriminator, images))
""",
    ),
    wrong(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    both = discriminator(torch.cat((real, fake)))
    discriminator.eval()
    return both.split([len(real), len(fake)])
""",
        "Real and generated ones are scored in one batch, and the discriminator ends in evaluation mode.",
        ["torch.cat((real, fake))", "discriminator.eval()"],
        keys="evaluation-mode real-and-generated-together",
        kind="promise",
    ),
]
