from corpus import right, wrong

ANSWERS = [
    right(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    net = nn.Sequential()
    *hidden, last = range(len(sizes) - 1)
    for i in hidden:
        net.append(nn.Linear(sizes[i], sizes[i + 1], bias=not normalise))
        if normalise:
            net.append(nn.BatchNorm1d(sizes[i + 1]))
        net.append(nn.ReLU(inplace=True))
    net.append(nn.Linear(sizes[last], sizes[last + 1]))
    return net
""",
    ),
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not normalise))
        if i < len(sizes) - 2:
            if normalise:
                layers.append(nn.BatchNorm1d(sizes[i + 1]))
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)
""",
        "The last layer has no bias when normalising, though no norm follows it.",
        "bias=not normalise",
        keys="last-bias-missing",
    ),
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        layers += [nn.Linear(a, b, bias=not normalise), nn.ReLU()]
        if normalise:
            layers += [nn.BatchNorm1d(b)]
    layers += [nn.Linear(sizes[-2], sizes[-1])]
    return nn.Sequential(*layers)
""",
        "The norm comes after the activation.",
        "layers += [nn.BatchNorm1d(b)]",
        keys="norm-after-activation",
    ),
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    blocks = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        blocks.append(nn.Linear(a, b, bias=not normalise))
        blocks.append(nn.BatchNorm1d(b) if normalise else nn.Identity())
        blocks.append(nn.Tanh())
    return nn.Sequential(*blocks, nn.Linear(sizes[-2], sizes[-1]))
""",
        "The activation is tanh, not ReLU.",
        "nn.Tanh()",
    ),
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        layers.append(nn.Linear(a, b))
        if normalise:
            layers.append(nn.BatchNorm1d(b, affine=False))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))
""",
        "The hidden layers keep their bias before a norm, and the norm has no γ and β.",
        ["nn.Linear(a, b)", "affine=False"],
        keys="bias-kept",
        kind="pair",
    ),
    right(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    heavy = {id(m.weight) for m in model.modules() if isinstance(m, (nn.Linear, nn.modules.conv._ConvNd))}
    ps = list(model.parameters())
    return [dict(params=[p for p in ps if id(p) in heavy], weight_decay=weight_decay),
            dict(params=[p for p in ps if id(p) not in heavy], weight_decay=0)]
""",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    decay, no_decay = [], []
    for name, p in model.named_parameters():
        if p.ndim > 1 and not name.endswith("bias"):
            decay.append(p)
        else:
            no_decay.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.}]
""",
        "The rank decides, so a layer norm's weight of two axes decays.",
        "p.ndim > 1",
        keys="by-rank",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    decay, no_decay = [], []
    for m in model.modules():
        for n, p in m.named_parameters(recurse=False):
            if isinstance(m, nn.BatchNorm2d) or n == "bias":
                no_decay.append(p)
            else:
                decay.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.}]
""",
        "Only BatchNorm2d counts as a norm; the weights of all other norms decay.",
        "isinstance(m, nn.BatchNorm2d)",
        keys="batch-norm-alone norm-scales-decay",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    d, n = [], []
    for name, p in model.named_parameters():
        (n if "bn" in name or "norm" in name or "bias" in name else d).append(p)
    return [{"params": d, "weight_decay": weight_decay}, {"params": n, "weight_decay": 0}]
""",
        "Norms are told by their names; in a Sequential they have only numbers, so their weights decay.",
        '"bn" in name or "norm" in name',
        keys="norm-scales-decay",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    convs = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    decay = [m.weight for m in model.modules() if isinstance(m, convs)]
    rest = [m.bias for m in model.modules() if isinstance(m, convs) and m.bias is not None]
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0}]
""",
        "The parameters of norms are in neither group.",
        "rest = [m.bias for m in model.modules() if isinstance(m, convs) and m.bias is not None]",
        keys="norms-left-out",
    ),
    right(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    bad = np.flatnonzero(np.asarray(accuracies) < target)
    k = int(bad[-1]) + 1 if bad.size else 0
    return k if k < len(accuracies) else None
""",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    idx = np.argmax(np.asarray(accuracies) >= target)
    return int(idx) if accuracies[idx] >= target else None
""",
        "The first crossing is returned, though the accuracy may fall below the target again.",
        "np.argmax(np.asarray(accuracies) >= target)",
        keys="first-crossing",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    for i in range(len(accuracies)):
        if all(a > target for a in accuracies[i:]):
            return i
    return None
""",
        "Equal to the target does not count.",
        "a > target",
        keys="equal-does-not-count",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    i = len(accuracies)
    while i > 0 and accuracies[i - 1] >= target:
        i -= 1
    return i or None
""",
        "Step 0 is false, so it comes back as None.",
        "i or None",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    for i, a in enumerate(accuracies):
        if a >= target and np.mean(accuracies[i:]) >= target:
            return i
""",
        "The mean of what follows must reach the target instead of each value.",
        "np.mean(accuracies[i:]) >= target",
    ),
    right(
        "zero_init_residual",
        """
def zero_init_residual(model):
    kinds = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm")
    def visit(m):
        if hasattr(m, "branch"):
            last = None
            for sub in m.branch.modules():
                if type(sub).__name__ in kinds:
                    last = sub
            with torch.no_grad():
                last.weight.mul_(0)
    model.apply(visit)
""",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    for m in model.modules():
        if hasattr(m, "branch"):
            last = m.branch[-1]
            nn.init.constant_(last.weight, 0)
""",
        "The last layer of the branch is taken for the last norm.",
        "m.branch[-1]",
        keys="norm-taken-for-the-last-layer",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    for m in model.modules():
        if hasattr(m, "branch"):
            bns = [l for l in m.branch.modules() if isinstance(l, nn.modules.batchnorm._BatchNorm)]
            if bns:
                nn.init.zeros_(bns[-1].weight)
""",
        "Layer norm and group norm are not counted as norms.",
        "nn.modules.batchnorm._BatchNorm",
        keys="batch-norm-alone",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)
    for m in model.modules():
        if hasattr(m, "branch"):
            last = [l for l in m.branch.modules() if isinstance(l, norms)][-1]
            nn.init.zeros_(last.weight)
            last.weight.requires_grad = False
""",
        "γ is frozen as well, so it cannot be trained.",
        "last.weight.requires_grad = False",
        keys="frozen",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)
    for block in model.children():
        if hasattr(block, 'branch'):
            for l in reversed(list(block.branch.modules())):
                if isinstance(l, norms):
                    l.weight.data.zero_()
                    l.bias.data.fill_(1)
                    break
""",
        "Only the model's direct children are visited, and β is set to 1.",
        ["model.children()", "l.bias.data.fill_(1)"],
        keys="top-level-only",
        kind="pair",
    ),
]
