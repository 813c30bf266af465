"""Strangers' answers to lesson 07, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    net = nn.Sequential()
    last = len(sizes) - 2
    for i in range(len(sizes) - 1):
        net.append(nn.Linear(sizes[i], sizes[i + 1]))
        if i < last:
            if normalise:
                net.append(nn.BatchNorm1d(sizes[i + 1]))
            net.append(nn.ReLU())
    return net
""",
        "The hidden layers keep their bias before batch norm, where it does nothing.",
        "nn.Linear(sizes[i], sizes[i + 1])",
        keys="bias-kept",
    ),
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    hidden = [
        layer
        for i, o in zip(sizes[:-2], sizes[1:-1])
        for layer in [
            nn.Linear(i, o, bias=not normalise),
            *([nn.ReLU(), nn.BatchNorm1d(o)] if normalise else [nn.ReLU()]),
        ]
    ]
    return nn.Sequential(*hidden, nn.Linear(sizes[-2], sizes[-1]))
""",
        "The norm stands after the ReLU.",
        "[nn.ReLU(), nn.BatchNorm1d(o)]",
        keys="norm-after-activation",
    ),
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    layers = []
    for i in range(len(sizes) - 3):
        layers += [nn.Linear(sizes[i], sizes[i + 1], bias=not normalise)]
        layers += [nn.BatchNorm1d(sizes[i + 1])] if normalise else []
        layers += [nn.ReLU()]
    layers += [nn.Linear(sizes[-2], sizes[-1])]
    return nn.Sequential(*layers)
""",
        "The loop ends one layer too early, so the last hidden layer is missing and the widths do not fit.",
        "range(len(sizes) - 3)",
    ),
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    modules = []
    pairs = list(zip(sizes, sizes[1:]))
    for k, (a, b) in enumerate(pairs):
        modules.append(nn.Linear(a, b, bias=not normalise))
        if k == len(pairs) - 1:
            break
        if normalise:
            modules.append(nn.BatchNorm1d(b))
        modules.append(nn.ReLU())
    return nn.Sequential(*modules)
""",
        "bias=not normalise is given to the last layer as well, which has no norm behind it.",
        "nn.Linear(a, b, bias=not normalise)",
        keys="last-bias-missing",
    ),
    wrong(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    def block(i, o):
        return [nn.Linear(i, o), nn.LayerNorm(o), nn.ReLU()] if normalise else [nn.Linear(i, o), nn.ReLU()]
    parts = [m for i, o in zip(sizes[:-2], sizes[1:-1]) for m in block(i, o)]
    return nn.Sequential(*parts, nn.Linear(*sizes[-2:]))
""",
        "Layer norm stands for batch norm, and the biases before it are kept.",
        ["nn.LayerNorm(o)", "nn.Linear(i, o), nn.LayerNorm"],
        keys="layer-norm-instead bias-kept",
        kind="pair",
    ),
    right(
        "build_mlp",
        """
def build_mlp(sizes, normalise=True):
    *hidden, classes = sizes
    norm = (lambda width: [nn.BatchNorm1d(width)]) if normalise else (lambda width: [])
    stack = lambda i, o: [nn.Linear(i, o, bias=not normalise), *norm(o), nn.ReLU()]
    return nn.Sequential(*sum(map(stack, hidden, hidden[1:]), []), nn.Linear(hidden[-1], classes))
""",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    decay, no_decay = [], []
    for name, p in model.named_parameters():
        (no_decay if p.ndim <= 1 or name.endswith("bias") else decay).append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": no_decay, "weight_decay": 0.0}]
""",
        "It decides by the rank of the parameter, so a norm with a matrix for weights decays.",
        "p.ndim <= 1",
        keys="by-rank",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    pg0, pg1 = [], []
    for m in model.modules():
        own = dict(m.named_parameters(recurse=False))
        if isinstance(m, nn.BatchNorm2d):
            pg0.extend(own.values())
        else:
            for n, p in own.items():
                (pg0 if n == "bias" else pg1).append(p)
    return [dict(params=pg1, weight_decay=weight_decay), dict(params=pg0, weight_decay=0)]
""",
        "BatchNorm2d alone is held for a norm; the weights of all other norms decay.",
        "isinstance(m, nn.BatchNorm2d)",
        keys="batch-norm-alone norm-scales-decay",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    skip = lambda name: "bias" in name or "norm" in name or "bn" in name
    params = list(model.named_parameters())
    return [
        {"params": [p for n, p in params if not skip(n)], "weight_decay": weight_decay},
        {"params": [p for n, p in params if skip(n)], "weight_decay": 0.0},
    ]
""",
        "It looks for 'norm' in names; in a Sequential a norm is called '1', and its weights decay.",
        '"norm" in name',
        keys="norm-scales-decay",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    keep = set()
    for module in model.modules():
        if type(module) in (nn.Linear, nn.Conv2d):
            keep.add(id(module.weight))
    a = [p for p in model.parameters() if id(p) in keep]
    b = [p for p in model.parameters() if id(p) not in keep]
    return [{"params": a, "weight_decay": weight_decay}, {"params": b, "weight_decay": 0.0}]
""",
        "Conv1d and Conv3d are forgotten: their weights do not decay.",
        "(nn.Linear, nn.Conv2d)",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    decay, rest = [], []
    for m in model.modules():
        if "Norm" in type(m).__name__:
            continue
        for n, p in m._parameters.items():
            if p is None:
                pass
            elif n == "weight":
                decay.append(p)
            else:
                rest.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
""",
        "Norms' parameters are in neither group, so that they are not trained.",
        "continue",
        keys="norms-left-out",
    ),
    wrong(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    linear = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    layers = [m for m in model.modules() if isinstance(m, linear)]
    decayed = [p for layer in layers for p in layer.parameters(recurse=False)]
    ids = set(map(id, decayed))
    other = [p for p in model.parameters() if id(p) not in ids]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": other}]
""",
        "The second group lacks its weight_decay, and biases of linear layers decay.",
        ['{"params": other}', "layer.parameters(recurse=False)"],
        keys="key-missing biases-decay",
        kind="promise",
    ),
    right(
        "weight_decay_groups",
        """
def weight_decay_groups(model, weight_decay):
    linear = nn.Linear, nn.modules.conv._ConvNd
    heavy = {id(m.weight): m.weight for m in model.modules() if isinstance(m, linear)}
    light = [p for p in model.parameters() if id(p) not in heavy]
    return [{"params": light, "weight_decay": 0}, {"params": [*heavy.values()], "weight_decay": weight_decay}]
""",
    ),
]
