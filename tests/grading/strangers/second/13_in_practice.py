"""Strangers' answers to lesson 13, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            for p in m.parameters():
                p.requires_grad = False
""",
        "γ and β are frozen; the statistics go on moving and the batch's are used.",
        "p.requires_grad = False",
        keys="requires-grad-only",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    def freeze(m):
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.eval()
            m.weight.requires_grad_(False)
            m.bias.requires_grad_(False)
    model.apply(freeze)
""",
        "eval() holds until the next model.train().",
        "m.eval()",
        keys="undone-by-train",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            m.track_running_stats = False
            m.requires_grad_(False)
""",
        "track_running_stats = False keeps the buffers as they are, but in training the batch's "
        "statistics are used.",
        "m.track_running_stats = False",
        keys="buffers-kept-batch-used",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            m.eval()
            m.train = lambda mode=True, m=m: m
""",
        "train is replaced by a function that does nothing, so statistics stay; γ and β still learn.",
        "m.eval()",
        keys="affine-still-learns",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    model.eval()
    model.train = lambda mode=True: model
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.requires_grad_(False)
""",
        "The model's own train method is replaced, so that dropout is off and stays off.",
        "model.train =",
        keys="dropout-off",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.requires_grad_(False)
            m.register_forward_pre_hook(lambda layer, args: layer.train(False) and None)
""",
        "BatchNorm2d alone is frozen.",
        "nn.BatchNorm2d",
        keys="one-kind-only",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    for layer in model.children():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.eval()
            layer.register_forward_pre_hook(lambda mod, inp: mod.eval() and None)
""",
        "Only direct children are visited, and γ and β still learn.",
        ["model.children()", "layer.eval()"],
        keys="direct-children-only affine-still-learns",
        kind="pair",
    ),
    right(
        "freeze_batch_norm",
        """
import types
def freeze_batch_norm(model):
    def stay(self, mode=True):
        self.training = False
        return self
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.train = types.MethodType(stay, m)
            m.train()
            for p in m.parameters():
                p.requires_grad_(False)
""",
    ),
]
