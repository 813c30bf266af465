"""Strangers' answers to lesson 09, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    import torch
    from torch import nn
    m = copy.deepcopy(model).eval()
    for layer in m.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.train()
    with torch.no_grad():
        outs = []
        for batch in training_batches:
            m(batch)
            outs.append(m(x))
    outs = torch.stack(outs)
    return outs.mean(0), outs.std(0, unbiased=False)
""",
        "x runs in training mode, so that it is normalised by its own statistics, and every batch gives "
        "the same.",
        "outs.append(m(x))",
        keys="own-batch",
    ),
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    import torch
    from torch import nn
    twin = copy.deepcopy(model)
    twin.eval()
    for layer in twin.modules():
        if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            layer.train()
    with torch.no_grad():
        p = torch.stack([twin(torch.cat([batch, x]))[len(batch) :] for batch in training_batches])
    return p.mean(0), p.std(0, correction=0)
""",
        "x is appended to the training batch and takes part in the statistics.",
        "torch.cat([batch, x])",
        keys="x-in-the-batch",
    ),
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    import torch
    from torch import nn
    net = copy.deepcopy(model).eval()
    layers = [m for m in net.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
    for layer in layers:
        layer.momentum = 1.0
    preds = []
    with torch.no_grad():
        for batch in training_batches:
            for layer in layers:
                layer.train()
            net(batch)
            for layer in layers:
                layer.eval()
            preds.append(net(x))
    preds = torch.stack(preds)
    return preds.mean(dim=0), preds.std(dim=0, unbiased=False)
""",
        "momentum = 1 writes the sample's variance, ÷ (n − 1), in the running variance.",
        "layer.momentum = 1.0",
        keys="sample-variance",
    ),
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    import torch
    from torch import nn
    net = copy.deepcopy(model)
    preds = []
    with torch.no_grad():
        for batch in training_batches:
            net.eval()
            for layer in net.modules():
                if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                    layer.train()
            net(batch)
            net.eval()
            preds.append(net(x))
    preds = torch.stack(preds)
    return preds.mean(0), preds.std(0, unbiased=False)
""",
        "The momentum of training is left, so that the statistics are a moving average over batches.",
        "net(batch)",
        keys="moving-average sample-variance",
    ),
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import torch
    from torch import nn
    layers = [m for m in model.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
    modes = [(m, m.training) for m in model.modules()]
    def own(layer, args):
        v = args[0].transpose(0, 1).flatten(1)
        layer.running_mean.copy_(v.mean(1))
        layer.running_var.copy_(v.var(1, unbiased=False))
    model.eval()
    results = []
    with torch.no_grad():
        for b in training_batches:
            hooks = [layer.register_forward_pre_hook(own) for layer in layers]
            model(b)
            [h.remove() for h in hooks]
            results.append(model(x))
    for m, mode in modes:
        m.training = mode
    predictions = torch.stack(results)
    return predictions.mean(0), predictions.std(0)
""",
        "The model keeps the last batch's statistics, and the deviation is ÷ (K − 1).",
        ["predictions.std(0)", "layer.running_mean.copy_"],
        keys="statistics-not-restored deviation-over-k-minus-one",
        kind="promise",
    ),
    right(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    import torch
    from torch import nn
    predictions = []
    with torch.no_grad():
        for batch in training_batches:
            net = copy.deepcopy(model).eval()
            for layer in net.modules():
                if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                    def measure(layer, args):
                        over = [d for d in range(args[0].dim()) if d != 1]
                        v, m = torch.var_mean(args[0], over, correction=0)
                        layer.running_mean, layer.running_var = m, v
                    layer.hook = layer.register_forward_pre_hook(measure)
            net(batch)
            for layer in net.modules():
                if hasattr(layer, "hook"):
                    layer.hook.remove()
            predictions.append(net(x))
    stack = torch.stack(predictions)
    mean = stack.sum(0) / len(predictions)
    return mean, ((stack - mean) ** 2).mean(0).sqrt()
""",
    ),
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    net = copy.deepcopy(model)
    layers = [m for m in net.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
    def own(layer, args):
        v = args[0].transpose(0, 1).flatten(1)
        layer.running_mean.copy_(v.mean(1))
        layer.running_var.copy_(v.var(1, correction=0))
    out = []
    with torch.no_grad():
        for batch in training_batches:
            net.train()
            for layer in layers:
                layer.eval()
            hooks = [layer.register_forward_pre_hook(own) for layer in layers]
            net(batch)
            for hook in hooks:
                hook.remove()
            out.append(net(x))
    p = torch.stack(out)
    return p.std(0, correction=0), p.mean(0)
""",
        "Dropout is on while the batches pass, and deviation comes before mean.",
        ["net.train()", "p.std(0, correction=0), p.mean(0)"],
        keys="dropout-on swapped-outputs",
        kind="pair",
    ),
]
