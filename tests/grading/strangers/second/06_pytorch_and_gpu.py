"""Strangers' answers to lesson 06, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "bytes_moved",
        """
import math
def bytes_moved(shape, dtype, op):
    if isinstance(dtype, str):
        dtype = getattr(torch, dtype)
    size = dtype.itemsize if isinstance(dtype, torch.dtype) else np.dtype(dtype).itemsize
    return {"inference": 2, "training": 2, "backward": 5}[op] * math.prod(shape) * size
""",
        "Training counts one read and one write: with two passes it reads twice.",
        '"training": 2',
        keys="read-once",
    ),
    wrong(
        "bytes_moved",
        """
def bytes_moved(shape, dtype, op):
    count = 1
    for extent in shape:
        count *= extent
    passes = 2 if op == "inference" else 3 if op == "training" else 5
    return passes * count * 4
""",
        "Every type is counted with four bytes.",
        "4",
        keys="float32-assumed",
    ),
    wrong(
        "bytes_moved",
        """
FORWARD, TRAIN, BACKWARD = 2, 3, 4
def bytes_moved(shape, dtype, op):
    t = dtype if isinstance(dtype, (str, torch.dtype)) else np.dtype(dtype).name
    t = getattr(torch, t) if isinstance(t, str) else t
    n = int(np.prod(shape, dtype=np.int64)) * torch.empty((), dtype=t).element_size()
    return n * dict(inference=FORWARD, training=TRAIN, backward=BACKWARD)[op]
""",
        "The backward pass is counted with four tensors; reading dy and x twice each and writing dx "
        "makes five.",
        "BACKWARD = 2, 3, 4",
    ),
    wrong(
        "bytes_moved",
        """
def bytes_moved(shape, dtype, op):
    if not isinstance(dtype, torch.dtype):
        dtype = getattr(torch, dtype if isinstance(dtype, str) else np.dtype(dtype).name)
    bits = dtype.itemsize * 8
    return {"inference": 2, "training": 3, "backward": 5}[op] * sum(shape) * bits
""",
        "It counts bits, and adds the extents where it must multiply them.",
        ["sum(shape)", "* 8"],
        keys="bits-not-bytes shape-added",
        kind="pair",
    ),
    right(
        "bytes_moved",
        """
def bytes_moved(shape, dtype, op):
    reads_and_writes = {"inference": (1, 1), "training": (2, 1), "backward": (4, 1)}
    if op not in reads_and_writes:
        raise ValueError(f"unknown op {op!r}")
    if not isinstance(dtype, torch.dtype):
        dtype = getattr(torch, dtype if isinstance(dtype, str) else np.dtype(dtype).name)
    elements = torch.Size(shape).numel()
    return sum(reads_and_writes[op]) * elements * dtype.itemsize
""",
    ),
    wrong(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ax = tuple(i for i in range(x.ndim) if i != 1)
        sh = [1] * x.ndim
        sh[1] = -1
        ctx.save_for_backward(x, gamma)
        ctx.eps, ctx.ax, ctx.sh = eps, ax, sh
        inv = torch.rsqrt(x.var(ax, keepdim=True) + eps)
        return (x - x.mean(ax, keepdim=True)) * inv * gamma.reshape(sh) + beta.reshape(sh)
    @staticmethod
    def backward(ctx, dy):
        x, gamma = ctx.saved_tensors
        ax, sh = ctx.ax, ctx.sh
        inv = torch.rsqrt(x.var(ax, keepdim=True) + ctx.eps)
        xh = (x - x.mean(ax, keepdim=True)) * inv
        g = dy * gamma.reshape(sh)
        dx = inv * (g - g.mean(ax, keepdim=True) - xh * (g * xh).mean(ax, keepdim=True))
        return dx, (dy * xh).sum(ax), dy.sum(ax), None
""",
        "x.var without correction=0 divides by n − 1, in both passes.",
        "x.var(ax, keepdim=True)",
        keys="sample-variance",
    ),
    wrong(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        dims = [d for d in range(x.dim()) if d != 1]
        shape = [-1 if d == 1 else 1 for d in range(x.dim())]
        var, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
        inv = (var + eps).rsqrt()
        xh = (x - mean) * inv
        ctx.save_for_backward(xh, inv, gamma)
        ctx.dims, ctx.shape = dims, shape
        return xh * gamma.view(shape) + beta.view(shape)
    @staticmethod
    def backward(ctx, dy):
        xh, inv, gamma = ctx.saved_tensors
        a = dy.mean(ctx.dims, keepdim=True)
        b = (dy * xh).mean(ctx.dims, keepdim=True)
        dx = gamma.view(ctx.shape) * inv * (dy - a - xh * b)
        return dx, (dy * xh).sum(ctx.dims), dy.sum(ctx.dims), None
""",
        "The standardised x and the inverse deviation are saved, so that a second derivative does not "
        "see how they depend on x.",
        "ctx.save_for_backward(xh, inv, gamma)",
        keys="saved-intermediates not-twice-differentiable",
    ),
    wrong(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.save_for_backward(x, gamma)
        ctx.eps = eps
        c = x.shape[1]
        rows = x.transpose(0, 1).reshape(c, -1)
        mu = rows.mean(1)
        var = rows.var(1, unbiased=False)
        v = (1, c) + (1,) * (x.dim() - 2)
        return gamma.view(v) * (x - mu.view(v)) / torch.sqrt(var.view(v) + eps) + beta.view(v)
    @staticmethod
    def backward(ctx, dy):
        x, gamma = ctx.saved_tensors
        n = x.shape[0]
        c = x.shape[1]
        v = (1, c) + (1,) * (x.dim() - 2)
        rows = x.transpose(0, 1).reshape(c, -1)
        inv = 1 / torch.sqrt(rows.var(1, unbiased=False) + ctx.eps)
        xh = (x - rows.mean(1).view(v)) * inv.view(v)
        total = lambda t: t.transpose(0, 1).reshape(c, -1).sum(1)
        dbeta, dgamma = total(dy), total(dy * xh)
        dx = (gamma * inv).view(v) * (dy - dbeta.view(v) / n - xh * dgamma.view(v) / n)
        return dx, dgamma, dbeta, None
""",
        "The sums are divided by the number of examples alone, though positions count as well.",
        "n = x.shape[0]",
        keys="n-instead-of-nhw",
    ),
    wrong(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.save_for_backward(x, gamma)
        ctx.eps = eps
        d = [0] + list(range(2, x.dim()))
        g = gamma.reshape(1, -1, *[1] * (x.dim() - 2))
        b = beta.reshape(1, -1, *[1] * (x.dim() - 2))
        return g * (x - x.mean(d, keepdim=True)) / (x.var(d, correction=0, keepdim=True) + eps).sqrt() + b
    @staticmethod
    def backward(ctx, dy):
        x, gamma = ctx.saved_tensors
        d = [0] + list(range(2, x.dim()))
        g = gamma.reshape(1, -1, *[1] * (x.dim() - 2))
        std = (x.var(d, correction=0, keepdim=True) + ctx.eps).sqrt()
        dx = g * dy / std
        dgamma = (dy * (x - x.mean(d, keepdim=True)) / std).sum(d)
        return dx, dgamma, dy.sum(d), None
""",
        "The backward pass holds the statistics for constants: γ·dy/σ.",
        "dx = g * dy / std",
        keys="detached",
    ),
    wrong(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    EPS = 1e-5
    @staticmethod
    def _norm(x):
        dims = (0, *range(2, x.dim()))
        inv = (x.var(dims, unbiased=False, keepdim=True) + BatchNormFunction.EPS) ** -0.5
        return (x - x.mean(dims, keepdim=True)) * inv, inv, dims
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.save_for_backward(x, gamma)
        xh, _, _ = BatchNormFunction._norm(x)
        tail = (...,) + (None,) * (x.dim() - 2)
        return xh * gamma[tail] + beta[tail]
    @staticmethod
    def backward(ctx, dy):
        x, gamma = ctx.saved_tensors
        xh, inv, dims = BatchNormFunction._norm(x)
        g = gamma[(...,) + (None,) * (x.dim() - 2)] * dy
        dx = inv * (g - g.mean(dims, keepdim=True) - xh * (g * xh).mean(dims, keepdim=True))
        return dx, (dy * xh).sum(dims), dy.mean(dims), None
""",
        "ε is 1e-5 whatever is given, and dβ is a mean.",
        ["BatchNormFunction.EPS", "dy.mean(dims)"],
        keys="eps-hard-coded dbeta-averaged",
        kind="pair",
    ),
    right(
        "BatchNormFunction",
        """
def _standard(x, eps):
    dims = (0, *range(2, x.dim()))
    c = x - x.mean(dims, keepdim=True)
    inv = (c.pow(2).mean(dims, keepdim=True) + eps).pow(-0.5)
    return c * inv, inv, dims
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(x, gamma, beta, eps):
        up = (...,) + (None,) * (x.dim() - 2)
        return torch.addcmul(beta[up], gamma[up], _standard(x, eps)[0])
    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.eps = inputs[3]
        ctx.save_for_backward(*inputs[:2])
    @staticmethod
    def backward(ctx, dy):
        x, gamma = ctx.saved_tensors
        z, inv, dims = _standard(x, ctx.eps)
        n = x.numel() / x.shape[1]
        dg, db = (dy * z).sum(dims, keepdim=True), dy.sum(dims, keepdim=True)
        dx = gamma.view_as(dg[0, ..., None].flatten()).view(dg.shape) * inv * (dy - (db + z * dg) / n)
        return dx, dg.flatten(), db.flatten(), None
""",
    ),
]
