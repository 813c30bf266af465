"""Strangers' answers to lesson 07, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    ok = np.asarray(accuracies) >= target
    return int(np.argmax(ok)) if ok.any() else None
""",
        "It returns the first crossing, though the run falls below the target again.",
        "np.argmax(ok)",
        keys="first-crossing",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    last = -1
    for i in range(len(accuracies)):
        if accuracies[i] < target:
            last = i
    if last == len(accuracies) - 1:
        return None
    return last
""",
        "It returns the last look below the target instead of the one after it.",
        "return last",
        keys="one-too-early",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    below = np.flatnonzero(np.asarray(accuracies) < target)
    if below.size == 0:
        return 1
    if below[-1] == len(accuracies) - 1:
        return None
    return int(below[-1]) + 2
""",
        "It counts from 1.",
        "+ 2",
        keys="counts-from-one",
    ),
    wrong(
        "steps_to_target",
        """
from itertools import takewhile
def steps_to_target(accuracies, target):
    tail = sum(1 for _ in takewhile(lambda a: a > target, reversed(list(accuracies))))
    return len(accuracies) - tail if tail else None
""",
        "Equal to the target does not count.",
        "a > target",
        keys="equal-does-not-count",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    step = len(accuracies)
    while step > 0 and accuracies[step - 1] >= target:
        step -= 1
    if step == len(accuracies):
        return None
    return step or None
""",
        "A run that starts above the target and stays there gives 0, which is falsy, so None comes back.",
        "step or None",
    ),
    right(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    worst_to_come = np.minimum.accumulate(np.asarray(accuracies, dtype=float)[::-1])[::-1]
    return next((i for i, low in enumerate(worst_to_come) if low >= target), None)
""",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    reached = None
    for step, a in enumerate(accuracies, 1):
        if a <= target:
            reached = None
        elif reached is None:
            reached = step
    return reached
""",
        "It counts from 1, and equality does not count as reached.",
        ["enumerate(accuracies, 1)", "a <= target"],
        keys="counts-from-one equal-does-not-count",
        kind="pair",
    ),
    wrong(
        "steps_to_target",
        """
def steps_to_target(accuracies, target):
    accuracies.sort()
    return int(np.searchsorted(accuracies, target))
""",
        "The caller's array is sorted, and a number comes back where the target is never reached.",
        ["accuracies.sort()", "np.searchsorted(accuracies, target)"],
        kind="promise",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    for m in model.modules():
        if hasattr(m, "branch"):
            norms = [n for n in m.branch.modules() if isinstance(n, nn.BatchNorm2d)]
            if norms:
                nn.init.constant_(norms[-1].weight, 0)
""",
        "Only BatchNorm2d counts; blocks whose last norm is another are passed over.",
        "nn.BatchNorm2d",
        keys="batch-norm-alone",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)
    for m in model.modules():
        if hasattr(m, "branch"):
            last = m.branch[-1]
            if isinstance(last, kinds):
                last.weight.data.zero_()
""",
        "It takes the last layer of the branch for the norm, and does nothing where another layer follows.",
        "m.branch[-1]",
        keys="norm-taken-for-the-last-layer nested-norm-missed",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    for block in model.modules():
        if not isinstance(getattr(block, "branch", None), nn.Sequential):
            continue
        for layer in block.branch.modules():
            if "Norm" in layer.__class__.__name__:
                with torch.no_grad():
                    layer.weight.fill_(0)
                break
""",
        "The search goes from the front and stops at the first norm.",
        "break",
        keys="first-norm",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    types = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)
    for module in model.modules():
        if hasattr(module, "branch"):
            last = None
            for child in module.branch.modules():
                if isinstance(child, types):
                    last = child
            if last is not None:
                weight = last.weight.detach() * 0
""",
        "A new tensor of zeros is made from the weight and never put back.",
        "last.weight.detach() * 0",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    for block in filter(lambda m: hasattr(m, "branch"), model.modules()):
        for layer in block.branch.modules():
            if isinstance(layer, (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)):
                for reset in (layer.weight.data, layer.bias.data):
                    reset.zero_()
""",
        "Every norm of the branch is zeroed, and its shift too.",
        ["for layer in block.branch.modules():", "layer.bias.data"],
        keys="every-norm",
        kind="pair",
    ),
    wrong(
        "zero_init_residual",
        """
def zero_init_residual(model):
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)
    for module in model.modules():
        if hasattr(module, "branch"):
            last = [m for m in module.branch.modules() if isinstance(m, kinds)].pop()
            last.weight.requires_grad_(False).zero_()
            return
""",
        "γ is frozen, and only the first block is visited.",
        ["requires_grad_(False)", "return"],
        keys="frozen first-block-only",
        kind="promise",
    ),
    right(
        "zero_init_residual",
        """
def zero_init_residual(model):
    kinds = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)
    blocks = (b for b in model.modules() if hasattr(b, "branch"))
    for block in blocks:
        last = next(m for m in reversed(list(block.branch.modules())) if isinstance(m, kinds))
        last.weight.data = torch.zeros_like(last.weight.data)
""",
    ),
]
