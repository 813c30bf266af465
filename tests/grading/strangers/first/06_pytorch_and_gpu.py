from corpus import right, wrong

ANSWERS = [
    right(
        "bytes_moved",
        """
def bytes_moved(shape, dtype, op):
    name = str(dtype).replace("torch.", "") if not isinstance(dtype, type) else dtype.__name__
    bits = int("".join(ch for ch in name if ch.isdigit()))
    n = 1
    for s in shape:
        n *= int(s)
    return n * bits // 8 * dict(inference=2, training=3, backward=5)[op]
""",
    ),
    wrong(
        "bytes_moved",
        """
def bytes_moved(shape, dtype, op):
    size = torch.empty(0, dtype=getattr(torch, str(np.dtype(dtype)) if not isinstance(dtype, (str, torch.dtype)) else str(dtype).split(".")[-1])).element_size()
    factor = {"inference": 2, "training": 3, "backward": 4}[op]
    return factor * size * int(np.prod(shape))
""",
        "The backward pass moves the tensor five times, not four: x and dy are both read twice and dx is written.",
        '"backward": 4',
    ),
    wrong(
        "bytes_moved",
        """
def bytes_moved(shape, dtype, op):
    if isinstance(dtype, str):
        dtype = getattr(torch, dtype)
    w = dtype.itemsize if isinstance(dtype, torch.dtype) else np.dtype(dtype).itemsize
    passes = 2 if op == "inference" else 3
    if op == "backward":
        passes = 5
    return passes * np.prod(shape[1:]) * w
""",
        "The first axis, the batch, is left out of the count.",
        "shape[1:]",
        keys="one-example",
    ),
    wrong(
        "bytes_moved",
        """
def bytes_moved(shape, dtype, op):
    k = {"inference": 2, "training": 3, "backward": 5}
    size = {"float64": 8, "float32": 4, "float16": 2}.get(str(dtype), 4)
    return k[op] * math.prod(shape) * size
""",
        "Any type whose name is not one of three strings counts as four bytes.",
        ".get(str(dtype), 4)",
        keys="float32-assumed",
    ),
    wrong(
        "bytes_moved",
        """
def bytes_moved(shape, dtype, op):
    d = getattr(torch, dtype) if isinstance(dtype, str) else dtype
    w = d.itemsize if isinstance(d, torch.dtype) else np.dtype(d).itemsize
    return {"inference": 2, "training": 3, "backward": 5}[op] * sum(shape) * w
""",
        "The sizes of the axes are added instead of multiplied.",
        "sum(shape)",
        keys="shape-added",
    ),
    right(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.eps = eps
        ctx.save_for_backward(x, gamma)
        dims = tuple(d for d in range(x.ndim) if d != 1)
        shp = [1, x.size(1)] + [1] * (x.ndim - 2)
        v, m = torch.var_mean(x, dims, correction=0, keepdim=True)
        return (x - m) / (v + eps).sqrt() * gamma.reshape(shp) + beta.reshape(shp)

    @staticmethod
    def backward(ctx, g):
        x, gamma = ctx.saved_tensors
        dims = tuple(d for d in range(x.ndim) if d != 1)
        shp = [1, x.size(1)] + [1] * (x.ndim - 2)
        M = x.numel() / x.size(1)
        v, m = torch.var_mean(x, dims, correction=0, keepdim=True)
        r = (v + ctx.eps).pow(-0.5)
        xh = (x - m) * r
        dg, db = (g * xh).sum(dims), g.sum(dims)
        dx = gamma.reshape(shp) * r * (g - (db.reshape(shp) + xh * dg.reshape(shp)) / M)
        return dx, dg, db, None
""",
    ),
    wrong(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        dims = [0] + list(range(2, x.dim()))
        shape = [1, -1] + [1] * (x.dim() - 2)
        m = x.mean(dims, keepdim=True)
        rstd = (x.var(dims, unbiased=False, keepdim=True) + eps).rsqrt()
        ctx.save_for_backward(x, gamma, m, rstd)
        return gamma.view(shape) * (x - m) * rstd + beta.view(shape)

    @staticmethod
    def backward(ctx, dy):
        x, gamma, m, rstd = ctx.saved_tensors
        dims = [0] + list(range(2, x.dim()))
        shape = [1, -1] + [1] * (x.dim() - 2)
        xh = (x - m) * rstd
        a = dy.mean(dims, keepdim=True)
        b = (dy * xh).mean(dims, keepdim=True)
        return gamma.view(shape) * rstd * (dy - a - xh * b), (dy * xh).sum(dims), dy.sum(dims), None
""",
        "Mean and rstd are saved in forward without a graph, so a second derivative takes them for constants.",
        "ctx.save_for_backward(x, gamma, m, rstd)",
        keys="saved-intermediates",
    ),
    wrong(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.save_for_backward(x, gamma); ctx.eps = eps
        dims = [0] + list(range(2, x.dim())); s = [1, -1] + [1] * (x.dim() - 2)
        c = x - x.mean(dims, keepdim=True)
        return gamma.view(s) * c / torch.sqrt((c * c).mean(dims, keepdim=True) + eps) + beta.view(s)

    @staticmethod
    def backward(ctx, dy):
        x, gamma = ctx.saved_tensors
        dims = [0] + list(range(2, x.dim())); s = [1, -1] + [1] * (x.dim() - 2)
        N = x.size(0)
        c = x - x.mean(dims, keepdim=True)
        iv = torch.rsqrt((c * c).mean(dims, keepdim=True) + ctx.eps)
        xh = c * iv
        dgamma, dbeta = (dy * xh).sum(dims), dy.sum(dims)
        dx = gamma.view(s) * iv * (dy - dbeta.view(s) / N - xh * dgamma.view(s) / N)
        return dx, dgamma, dbeta, None
""",
        "The sums are divided by N where N·H·W values share them.",
        "N = x.size(0)",
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
        dims = [0] + list(range(2, x.dim())); s = [1, -1] + [1] * (x.dim() - 2)
        c = x - x.mean(dims, keepdim=True)
        return gamma.view(s) * c / torch.sqrt((c * c).mean(dims, keepdim=True) + eps) + beta.view(s)

    @staticmethod
    def backward(ctx, dy):
        x, gamma = ctx.saved_tensors
        dims = [0] + list(range(2, x.dim())); s = [1, -1] + [1] * (x.dim() - 2)
        c = x - x.mean(dims, keepdim=True)
        iv = torch.rsqrt((c * c).mean(dims, keepdim=True) + ctx.eps)
        xh = c * iv
        d = dy - dy.mean(dims, keepdim=True) - xh * (dy * xh).mean(dims, keepdim=True)
        return iv * d, (dy * xh).sum(dims), dy.sum(dims), None
""",
        "γ is missing in dx.",
        "return iv * d",
        keys="gamma-not-in-dx",
    ),
    wrong(
        "BatchNormFunction",
        """
class BatchNormFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        with torch.enable_grad():
            xx = x.detach().requires_grad_(); g = gamma.detach().requires_grad_(); b = beta.detach().requires_grad_()
            y = F.batch_norm(xx, None, None, g, b, training=True, eps=eps)
        ctx.parts = xx, g, b, y
        return y.detach()

    @staticmethod
    def backward(ctx, dy):
        xx, g, b, y = ctx.parts
        return (*torch.autograd.grad(y, (xx, g, b), dy, retain_graph=True), None)
""",
        "The inner graph hangs on detached copies, so the gradient cannot be differentiated again.",
        "x.detach().requires_grad_()",
        keys="not-twice-differentiable",
    ),
]
