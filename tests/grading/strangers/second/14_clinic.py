"""Strangers' answers to lesson 14, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "clinic_evaluate",
        """
def clinic_evaluate(model, batches):
    was_training = model.training
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in batches:
            right += int((model(x).argmax(dim=1) == y).sum())
            total += y.numel()
    model.train(was_training)
    return right / total
""",
        "Afterwards every module is in training mode, also those that were not.",
        "model.train(was_training)",
        keys="train-everything-afterwards",
    ),
    wrong(
        "clinic_evaluate",
        """
def clinic_evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    accs = []
    with torch.inference_mode():
        for x, y in batches:
            accs.append((model(x).argmax(-1) == y).float().mean().item())
    for m, mode in modes:
        m.training = mode
    return float(np.mean(accs))
""",
        "The batches' shares are averaged, whatever their sizes.",
        "np.mean",
        keys="mean-of-batch-means",
    ),
    wrong(
        "clinic_evaluate",
        """
def clinic_evaluate(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    for m, _ in modes:
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
            m.eval()
    with torch.no_grad():
        hits = torch.cat([model(x).argmax(1) == y for x, y in batches])
    for m, mode in modes:
        m.training = mode
    return hits.float().mean().item()
""",
        "Batch norm alone is put in evaluation mode; dropout goes on.",
        "isinstance(m, torch.nn.modules.batchnorm._BatchNorm)",
        keys="dropout-left-on",
    ),
    wrong(
        "clinic_evaluate",
        """
def clinic_evaluate(model, batches):
    model.eval()
    n = len(batches[0][1])
    right = 0
    with torch.no_grad():
        for x, y in batches:
            right += (model(x).argmax(1) == y).sum().item()
    return right / (n * len(batches))
""",
        "The model stays in evaluation mode, and the count of the first batch is used for all.",
        ["model.eval()", "len(batches[0][1])"],
        keys="left-in-evaluation",
        kind="promise",
    ),
    right(
        "clinic_evaluate",
        """
import copy
def clinic_evaluate(model, batches):
    judge = copy.deepcopy(model).eval().requires_grad_(False)
    pairs = [(judge(x).argmax(1), y) for x, y in batches]
    return sum(int(p.eq(y).sum()) for p, y in pairs) / sum(len(y) for _, y in pairs)
""",
    ),
    wrong(
        "clinic_checkpoint",
        """
from torch.utils.checkpoint import checkpoint
def clinic_checkpoint(block, x):
    for m in block.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm) and m.momentum and not hasattr(m, "rooted"):
            m.momentum = 1 - (1 - m.momentum) ** 0.5
            m.rooted = True
    return checkpoint(block, x, use_reentrant=False)
""",
        "Two updates with 1 − √(1 − m) give the mean of one update of the same batch, but "
        "num_batches_tracked counts twice, and the momentum None has no root.",
        "1 - (1 - m.momentum) ** 0.5",
        keys="root-of-momentum",
    ),
    wrong(
        "clinic_checkpoint",
        """
def clinic_checkpoint(block, x):
    return block(x)
""",
        "Nothing is computed again: everything inside the block is kept.",
        "block(x)",
        keys="not-checkpointed",
    ),
    wrong(
        "clinic_checkpoint",
        """
from torch.utils.checkpoint import checkpoint
def clinic_checkpoint(block, x):
    norms = [m for m in block.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    def run(z):
        kept = [{k: v.clone() for k, v in m.named_buffers()} for m in norms]
        try:
            return block(z)
        finally:
            for m, buffers in zip(norms, kept):
                for k, v in buffers.items():
                    m.get_buffer(k).data = v
    return checkpoint(run, x, use_reentrant=False)
""",
        "The statistics are put back after the first pass as well, and the second one's are lost: no "
        "batch counts.",
        "m.get_buffer(k).data = v",
        keys="never-counted",
    ),
    wrong(
        "clinic_checkpoint",
        """
from torch.utils.checkpoint import checkpoint
def clinic_checkpoint(block, x):
    was = block.training
    block.eval()
    y = checkpoint(block, x, use_reentrant=False)
    block.train(was)
    return y
""",
        "The block is put in evaluation mode, so that its output is another.",
        "block.eval()",
        keys="evaluation-mode",
    ),
    wrong(
        "clinic_checkpoint",
        """
from torch.utils.checkpoint import checkpoint
def clinic_checkpoint(block, x):
    return checkpoint(block, x, use_reentrant=True)
""",
        "The reentrant checkpoint runs the block again in the backward pass, and the statistics move again.",
        "use_reentrant=True",
        keys="counted-twice",
    ),
    right(
        "clinic_checkpoint",
        """
from torch.utils.checkpoint import checkpoint
import copy
def clinic_checkpoint(block, x):
    first = True
    def run(z):
        nonlocal first
        if first:
            first = False
            return block(z)
        buffers = {name: b.clone() for name, b in block.named_buffers()}
        return torch.func.functional_call(block, buffers, (z,))
    return checkpoint(run, x, use_reentrant=False)
""",
    ),
    wrong(
        "clinic_freeze",
        """
from torch.nn.functional import cross_entropy
def clinic_freeze(model, batches, epochs, lr):
    for p in model.backbone.parameters():
        p.requires_grad = False
    model.backbone.eval()
    opt = torch.optim.SGD(model.head.parameters(), lr=lr)
    for epoch in range(epochs):
        model.train()
        for x, y in batches:
            opt.zero_grad()
            loss = cross_entropy(model(x), y)
            loss.backward()
            opt.step()
    return model
""",
        "backbone.eval() stands before model.train(), which undoes it.",
        "model.train()",
        keys="undone-by-train",
    ),
    wrong(
        "clinic_freeze",
        """
from torch.nn.functional import cross_entropy
def clinic_freeze(model, batches, epochs, lr):
    model.eval()
    model.backbone.requires_grad_(False)
    opt = torch.optim.SGD(model.head.parameters(), lr=lr)
    for _ in range(epochs):
        for x, y in batches:
            opt.zero_grad()
            cross_entropy(model.head(model.backbone(x)), y).backward()
            opt.step()
    return model
""",
        "The whole model is in evaluation mode, the head with it.",
        "model.eval()",
        keys="head-in-evaluation-mode",
    ),
    wrong(
        "clinic_freeze",
        """
from torch.nn.functional import cross_entropy
def clinic_freeze(model, batches, epochs, lr):
    model.backbone.requires_grad_(False)
    opt = torch.optim.SGD(model.head.parameters(), lr)
    for _ in range(epochs):
        model.train()
        for m in model.backbone.modules():
            if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
                m.eval()
        for x, y in batches:
            opt.zero_grad()
            cross_entropy(model(x), y).backward()
            opt.step()
    return model
""",
        "Only the backbone's batch norm is in evaluation mode; its dropout is on.",
        "isinstance(m, torch.nn.modules.batchnorm._BatchNorm)",
        keys="backbone-dropout-on",
    ),
    wrong(
        "clinic_freeze",
        """
from torch.nn.functional import cross_entropy
def clinic_freeze(model, batches, epochs, lr):
    model.backbone.requires_grad_(False)
    opt = torch.optim.SGD(model.head.parameters(), lr=lr, momentum=0.9)
    for _ in range(epochs):
        model.train()
        model.backbone.eval()
        for x, y in batches:
            cross_entropy(model(x), y).backward()
            opt.step()
    return model
""",
        "It is trained with momentum 0.9, which is no plain SGD, and gradients are never set to zero.",
        ["momentum=0.9", "cross_entropy(model(x), y).backward()"],
        kind="pair",
    ),
    right(
        "clinic_freeze",
        """
from torch.nn.functional import cross_entropy
def clinic_freeze(model, batches, epochs, lr):
    model.train()
    model.backbone.eval()
    with torch.no_grad():
        features = [(model.backbone(x), y) for x, y in batches]
    weights = list(model.head.parameters())
    for _ in range(epochs):
        for z, y in features:
            grads = torch.autograd.grad(cross_entropy(model.head(z), y), weights)
            with torch.no_grad():
                for w, g in zip(weights, grads):
                    w -= lr * g
    return model
""",
    ),
]
