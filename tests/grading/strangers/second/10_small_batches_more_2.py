"""Strangers' answers to lesson 10, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "recalibrate",
        """
def recalibrate(model, batches):
    modes = {m: m.training for m in model.modules()}
    torch.optim.swa_utils.update_bn(batches, model)
    for m, mode in modes.items():
        m.training = mode
""",
        "update_bn averages the batches' variances without their sizes, ÷ (n − 1), and the scatter of "
        "their means is lost; dropout is on.",
        "torch.optim.swa_utils.update_bn",
        keys="averages-batches counts-ignored spread-of-means-forgotten sample-variance dropout-on",
    ),
    wrong(
        "recalibrate",
        """
def recalibrate(model, batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    modes = {m: m.training for m in model.modules()}
    kept = {m: [] for m in norms}
    def keep(m, a):
        kept[m].append(a[0].transpose(0, 1).flatten(1))
    hooks = [m.register_forward_pre_hook(keep) for m in norms]
    model.eval()
    with torch.no_grad():
        for b in batches:
            model(b)
    for h in hooks:
        h.remove()
    for m in norms:
        v = torch.cat(kept[m], 1)
        m.running_mean.copy_(v.mean(1))
        m.running_var.copy_(v.var(1, unbiased=False))
    for m, mode in modes.items():
        m.training = mode
""",
        "Everything is in evaluation mode, so that a layer's input is made with the old running "
        "statistics below.",
        "model.eval()",
        keys="running-stats-below",
    ),
    wrong(
        "recalibrate",
        """
@torch.no_grad()
def recalibrate(model, batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    modes = [(m, m.training) for m in model.modules()]
    totals = {m: [0, 0, 0] for m in norms}
    def collect(m, args):
        v = args[0].transpose(0, 1).flatten(1)
        n, s, q = totals[m]
        k = v.shape[1]
        totals[m] = [n + k, s + k * v.mean(1), q + k * v.var(1, correction=0)]
    handles = [m.register_forward_pre_hook(collect) for m in norms]
    model.eval()
    for m in norms:
        m.train()
    for batch in batches:
        model(batch)
    for h in handles:
        h.remove()
    for m in norms:
        n, s, q = totals[m]
        m.running_mean.copy_(s / n)
        m.running_var.copy_(q / n)
    for m, mode in modes:
        m.training = mode
""",
        "Means and variances are averaged by count; the scatter of the batches' means is missing in the "
        "variance.",
        "k * v.var(1, correction=0)",
        keys="spread-of-means-forgotten",
    ),
    wrong(
        "recalibrate",
        """
def recalibrate(model, batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    before = {m: m.training for m in model.modules()}
    seen = {m: [] for m in norms}
    def look(m, args):
        seen[m].append(args[0].movedim(1, 0).flatten(1).detach())
    hooks = [m.register_forward_pre_hook(look) for m in norms]
    model.eval()
    [m.train() for m in norms]
    with torch.no_grad():
        [model(b) for b in batches]
    [h.remove() for h in hooks]
    for m in norms:
        values = torch.cat(seen[m], 1)
        m.running_mean.copy_(values.mean(1))
        m.running_var.copy_(values.var(1))
    for m in before:
        m.training = before[m]
""",
        "The variance over all values is ÷ (n − 1).",
        "values.var(1)",
        keys="sample-variance",
    ),
    wrong(
        "recalibrate",
        """
def recalibrate(model, batches):
    layers = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    data = {id(layer): [] for layer in layers}
    def hook(layer, args):
        data[id(layer)].append(args[0].transpose(0, 1).reshape(args[0].shape[1], -1))
    handles = [layer.register_forward_pre_hook(hook) for layer in layers]
    model.train()
    with torch.no_grad():
        for batch in batches:
            model(batch)
        for handle in handles:
            handle.remove()
        for layer in layers:
            v = torch.cat(data[id(layer)], dim=1)
            layer.running_mean.copy_(v.mean(dim=1))
            layer.running_var.copy_(v.var(dim=1, unbiased=False))
""",
        "The whole model is put in training mode, dropout with it, and stays there.",
        ["model.train()", "layer.running_var.copy_(v.var(dim=1, unbiased=False))"],
        keys="dropout-on modes-not-restored",
        kind="pair",
    ),
    right(
        "recalibrate",
        """
@torch.no_grad()
def recalibrate(model, batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    flags = {m: m.training for m in model.modules()}
    state = {m: (0, 0.0, 0.0) for m in norms}
    def update(m, args):
        v = args[0].double().transpose(0, 1).flatten(1)
        n, mean, M2 = state[m]
        k, b = v.shape[1], v.mean(1)
        gap = b - mean
        state[m] = n + k, mean + gap * k / (n + k), M2 + v.var(1, correction=0) * k + gap**2 * n * k / (n + k)
    handles = [m.register_forward_pre_hook(update) for m in norms]
    model.eval()
    for m in norms:
        m.train()
    for batch in batches:
        model(batch)
    for h in handles:
        h.remove()
    for m in norms:
        n, mean, M2 = state[m]
        m.running_mean.copy_(mean)
        m.running_var.copy_(M2 / n)
    for m, flag in flags.items():
        m.training = flag
""",
    ),
    wrong(
        "recalibrate",
        """
def recalibrate(model, batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    modes = [(m, m.training) for m in model.modules()]
    seen = {m: [] for m in norms}
    def keep(m, a):
        seen[m].append(a[0].transpose(0, 1).flatten(1))
    hooks = [m.register_forward_pre_hook(keep) for m in norms]
    model.eval()
    for m in norms:
        m.train()
    with torch.no_grad():
        for batch in batches:
            model(batch)
    for hook in hooks:
        hook.remove()
    for m in norms:
        m.reset_parameters()
        m.running_mean.copy_(torch.cat(seen[m], 1).mean(1))
        m.running_var.copy_(torch.cat(seen[m], 1).var(1))
    for m, mode in modes:
        m.training = mode
""",
        "reset_parameters sets γ and β back as well, and the variance is the sample's.",
        ["m.reset_parameters()", "torch.cat(seen[m], 1).var(1)"],
        keys="resets-gamma-and-beta sample-variance",
        kind="promise",
    ),
]
