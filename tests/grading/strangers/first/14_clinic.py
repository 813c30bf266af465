from corpus import right, wrong

ANSWERS = [
    right(
        "clinic_evaluate",
        """
@torch.inference_mode()
def clinic_evaluate(model, batches):
    import copy
    m = copy.deepcopy(model).eval()
    ok = n = 0
    for x, y in batches:
        ok += int((m(x).max(1).indices == y).sum()); n += y.numel()
    return ok / n
""",
    ),
    wrong(
        "clinic_evaluate",
        """
def clinic_evaluate(model, batches):
    model.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for x, y in batches:
            pred = model(x).argmax(dim=1)
            correct += (pred == y).sum().item()
            total += y.size(0)
    model.train()
    return correct / total
""",
        "Afterwards everything is put into training mode, also what was in evaluation mode on purpose.",
        "model.train()",
        keys="train-everything-afterwards",
    ),
    wrong(
        "clinic_evaluate",
        """
def clinic_evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    accs = []
    with torch.no_grad():
        for x, y in batches:
            accs.append((model(x).argmax(1) == y).float().mean().item())
    for m, t in modes:
        m.training = t
    return sum(accs) / len(accs)
""",
        "The batches' shares are averaged, though the batches differ in size.",
        "sum(accs) / len(accs)",
        keys="mean-of-batch-means",
    ),
    wrong(
        "clinic_evaluate",
        """
def clinic_evaluate(model, batches):
    import copy
    m = copy.deepcopy(model)
    for p in m.parameters(): p.requires_grad = False
    hits = [(m(x).argmax(1) == y) for x, y in batches]
    return torch.cat(hits).float().mean().item()
""",
        "The copy stays in training mode, so an example's prediction depends on its batch.",
        "m = copy.deepcopy(model)",
        keys="evaluated-in-training-mode",
    ),
    right(
        "clinic_checkpoint",
        """
def clinic_checkpoint(block, x):
    from torch.utils.checkpoint import checkpoint
    bns = [m for m in block.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    first = [True]
    def run(z):
        if first[0]:
            first[0] = False
            return block(z)
        old = [(m.running_mean, m.running_var, m.num_batches_tracked) for m in bns]
        for m in bns:
            for k in ("running_mean", "running_var", "num_batches_tracked"):
                m._buffers[k] = m._buffers[k].clone()
        try:
            return block(z)
        finally:
            for m, (a, b, c) in zip(bns, old):
                m._buffers["running_mean"], m._buffers["running_var"], m._buffers["num_batches_tracked"] = a, b, c
    return checkpoint(run, x, use_reentrant=False)
""",
    ),
    wrong(
        "clinic_checkpoint",
        """
def clinic_checkpoint(block, x):
    from torch.utils.checkpoint import checkpoint
    for m in block.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.momentum is not None:
            m.momentum = 1 - (1 - m.momentum) ** 0.5
    return checkpoint(block, x, use_reentrant=False)
""",
        "The momentum's root makes two updates one only when a backward pass follows; the momentum stays changed and the count is doubled.",
        "1 - (1 - m.momentum) ** 0.5",
        keys="root-of-momentum",
    ),
    wrong(
        "clinic_checkpoint",
        """
def clinic_checkpoint(block, x):
    return block(x)      # no checkpointing -> counted once
""",
        "Nothing is computed again: all that is inside the block is kept.",
        "block(x)",
        keys="not-checkpointed",
    ),
    wrong(
        "clinic_checkpoint",
        """
def clinic_checkpoint(block, x):
    from torch.utils.checkpoint import checkpoint
    for m in block.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.track_running_stats = False
    return checkpoint(block, x, use_reentrant=False)
""",
        "With track_running_stats off no batch is counted at all.",
        "m.track_running_stats = False",
        keys="never-counted",
    ),
    right(
        "clinic_freeze",
        """
def clinic_freeze(model, batches, epochs, lr):
    model.eval(); model.head.train()
    params = list(model.head.parameters())
    for _ in range(epochs):
        for x, y in batches:
            with torch.no_grad():
                f = model.backbone(x)
            g = torch.autograd.grad(F.cross_entropy(model.head(f), y), params)
            with torch.no_grad():
                for p, d in zip(params, g):
                    p -= lr * d
    return model
""",
    ),
    wrong(
        "clinic_freeze",
        """
def clinic_freeze(model, batches, epochs, lr):
    for p in model.backbone.parameters():
        p.requires_grad = False
    opt = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=lr)
    model.backbone.eval()
    for e in range(epochs):
        model.train()
        for x, y in batches:
            opt.zero_grad()
            F.cross_entropy(model(x), y).backward()
            opt.step()
    return model
""",
        "model.train() undoes the backbone's eval() at every epoch.",
        "model.train()",
        keys="undone-by-train",
    ),
    wrong(
        "clinic_freeze",
        """
def clinic_freeze(model, batches, epochs, lr):
    opt = torch.optim.SGD(model.head.parameters(), lr=lr)
    model.eval()
    for e in range(epochs):
        for x, y in batches:
            with torch.no_grad():
                f = model.backbone(x)
            loss = F.cross_entropy(model.head(f), y)
            opt.zero_grad(); loss.backward(); opt.step()
    return model
""",
        "The head learns in evaluation mode: its batch norm and dropout are off.",
        "model.eval()",
        keys="head-in-evaluation-mode",
    ),
    wrong(
        "clinic_freeze",
        """
def clinic_freeze(model, batches, epochs, lr):
    opt = torch.optim.SGD(model.head.parameters(), lr=lr)
    model.train()
    model.backbone.eval()
    for e in range(epochs):
        for x, y in batches:
            loss = F.cross_entropy(model(x), y)
            loss.backward(); opt.step()
    return model
""",
        "The gradients are never set back, so they add up from step to step.",
        "loss.backward(); opt.step()",
    ),
    right(
        "clinic_average",
        """
@torch.no_grad()
def clinic_average(model, snapshots, batches):
    names = [n for n, _ in model.named_parameters()]
    model.load_state_dict({n: sum(s[n] for s in snapshots) / len(snapshots) for n in names}, strict=False)
    bns = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    mom = [m.momentum for m in bns]
    model.train()
    for m in bns:
        m.reset_running_stats(); m.momentum = None
    for b in batches:
        model(b)
    for m, k in zip(bns, mom):
        m.momentum = k
    return model.eval()
""",
    ),
    wrong(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    avg = {}
    for k in snapshots[0]:
        avg[k] = sum(s[k].float() for s in snapshots) / len(snapshots)
    model.load_state_dict(avg)
    model.eval()
    return model
""",
        "The running statistics are averaged like parameters instead of being measured anew.",
        "for k in snapshots[0]:",
        keys="buffers-averaged",
    ),
    wrong(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    with torch.no_grad():
        for n, p in model.named_parameters():
            p.copy_(torch.stack([s[n] for s in snapshots]).mean(0))
        model.train()
        for m in model.modules():
            if isinstance(m, nn.modules.batchnorm._BatchNorm):
                m.reset_running_stats()
        for b in batches:
            model(b)
    return model.eval()
""",
        "After the reset the statistics move from 0 and 1 by the momentum, and a few batches do not get there.",
        "m.reset_running_stats()",
        keys="one-batch-of-statistics",
    ),
    wrong(
        "clinic_average",
        """
def clinic_average(model, snapshots, batches):
    with torch.no_grad():
        for n, p in model.named_parameters():
            p.copy_(snapshots[-1][n])
    torch.optim.swa_utils.update_bn(batches, model)
    return model.train()
""",
        "Only the last snapshot's parameters are used, and the model is returned in training mode.",
        ["snapshots[-1][n]", "model.train()"],
        kind="promise",
    ),
    right(
        "clinic_fold",
        """
def clinic_fold(conv, bn):
    from torch.nn.utils.fusion import fuse_conv_bn_weights
    new = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups, True, conv.padding_mode)
    new.weight, new.bias = fuse_conv_bn_weights(conv.weight, conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
    return new
""",
    ),
    wrong(
        "clinic_fold",
        """
@torch.no_grad()
def clinic_fold(conv, bn):
    new = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding, groups=conv.groups)
    s = bn.weight / (bn.running_var + bn.eps).sqrt()
    new.weight.copy_(conv.weight * s.view(-1, 1, 1, 1))
    b = torch.zeros_like(s) if conv.bias is None else conv.bias
    new.bias.copy_(bn.bias + b - s * bn.running_mean)
    return new
""",
        "The convolution's bias is added unscaled, and dilation and padding mode are not carried over.",
        ["bn.bias + b - s * bn.running_mean", "groups=conv.groups"],
        keys="bias-not-scaled options-lost",
        kind="promise",
    ),
    wrong(
        "clinic_fold",
        """
@torch.no_grad()
def clinic_fold(conv, bn):
    import copy
    new = copy.copy(conv)
    s = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    new.weight.mul_(s[:, None, None, None])
    b = 0 if conv.bias is None else conv.bias
    new._parameters = dict(new._parameters)
    new.bias = nn.Parameter(bn.bias + s * (b - bn.running_mean))
    return new
""",
        "A shallow copy shares the weight, so the original is scaled in place.",
        "copy.copy(conv)",
        keys="original-changed",
    ),
    wrong(
        "clinic_fold",
        """
@torch.no_grad()
def clinic_fold(conv, bn):
    import copy
    new = copy.deepcopy(conv)
    s = bn.weight / torch.sqrt(bn.running_var + 1e-3)
    new.weight.copy_(conv.weight * s.view(-1, 1, 1, 1))
    b = 0 if conv.bias is None else conv.bias
    new.bias = nn.Parameter(bn.bias + s * (b - bn.running_mean))
    return new
""",
        "A fixed ε of 1e-3 is used instead of the layer's.",
        "1e-3",
        keys="eps-hard-coded",
    ),
    right(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    return tuple(map(discriminator, (real, fake)))
""",
    ),
    wrong(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    return discriminator(real), discriminator(fake.detach()).detach()
""",
        "The scores of the generated images carry no gradient.",
        "discriminator(fake.detach()).detach()",
        keys="no-gradient",
    ),
    wrong(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    discriminator.eval()
    out = discriminator(real), discriminator(fake)
    discriminator.train()
    return out
""",
        "The scores are taken in evaluation mode; in the generator's step it is in training mode.",
        "discriminator.eval()",
        keys="evaluation-mode",
    ),
    wrong(
        "clinic_gan",
        """
def clinic_gan(discriminator, real, fake):
    real_scores = discriminator(real)
    fake_scores = torch.cat([discriminator(f[None].repeat(2, *[1] * (fake.dim() - 1)))[:1] for f in fake])
    return real_scores, fake_scores
""",
        "Each generated image is scored in a batch with its own copy instead of with the other generated ones.",
        "discriminator(f[None].repeat(2, *[1] * (fake.dim() - 1)))[:1]",
    ),
    right(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    n = len(x)
    cuts = list(range(0, n, batch_size)) + [n]
    if len(cuts) > 2 and cuts[-1] - cuts[-2] == 1:
        del cuts[-2]
    return [(x[a:b], y[a:b]) for a, b in zip(cuts, cuts[1:])]
""",
    ),
    wrong(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    k = max(len(x) // batch_size, 1)
    return list(zip(torch.tensor_split(x, k), torch.tensor_split(y, k)))
""",
        "n // batch_size nearly equal chunks can each be more than one larger than batch_size.",
        "len(x) // batch_size",
    ),
    wrong(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    ds = torch.utils.data.TensorDataset(x, y)
    dl = torch.utils.data.DataLoader(ds, batch_size=batch_size, shuffle=True, drop_last=len(x) % batch_size == 1)
    return [(a, b) for a, b in dl]
""",
        "A last example on its own is dropped.",
        "drop_last=len(x) % batch_size == 1",
        keys="drop-last",
    ),
    wrong(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    p, q = torch.randperm(len(x)), torch.randperm(len(x))
    xs, ys = list(x[p].split(batch_size)), list(y[q].split(batch_size))
    if len(xs[-1]) == 1:
        xs[-2:] = [torch.cat(xs[-2:])]; ys[-2:] = [torch.cat(ys[-2:])]
    return list(zip(xs, ys))
""",
        "x and y are shuffled by two different permutations.",
        "torch.randperm(len(x)), torch.randperm(len(x))",
        keys="pairs-torn",
    ),
    right(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    n = x.size(0)
    c = x - torch.einsum("nd->d", x) / n
    return torch.addcmul(beta, c * ((c ** 2).sum(0) / n + eps) ** -0.5, gamma)
""",
    ),
    wrong(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    mu = x.mean(0)
    var = ((x - mu) ** 2).mean(0).detach()
    return gamma * (x - mu) / torch.sqrt(var + eps) + beta
""",
        "The variance is detached.",
        "((x - mu) ** 2).mean(0).detach()",
        keys="var-detached",
    ),
    wrong(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    mu = torch.tensor(x.mean(0).tolist(), dtype=x.dtype)
    var = ((x - mu) ** 2).mean(0)
    return gamma * (x - mu) / torch.sqrt(var + eps) + beta
""",
        "The mean goes through a list, so it leaves the graph.",
        "torch.tensor(x.mean(0).tolist(), dtype=x.dtype)",
        keys="mean-detached",
    ),
    wrong(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    y = (x - x.mean(0)) / x.std(0)
    return y * gamma + beta
""",
        "The deviation is the sample's and ε is left out.",
        ["x.std(0)", "/ x.std(0)"],
        keys="sample-variance no-eps",
        kind="pair",
    ),
]
