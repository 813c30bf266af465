from corpus import right, wrong

ANSWERS = [
    right(
        "affine_backward",
        """
def affine_backward(dout, xhat, gamma):
    N, D = dout.shape
    dbeta = np.ones(N) @ dout
    dgamma = np.einsum("nd,nd->d", dout, xhat)
    dxhat = dout @ np.diag(gamma)
    return dxhat, dgamma, dbeta
""",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    return gamma * dy, np.sum(dy * x_hat * gamma, axis=0), dy.sum(0)
""",
        "dγ has a factor γ too many.",
        "dy * x_hat * gamma",
        keys="gamma-in-dgamma",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    dbeta = np.mean(dy, axis=0)
    dgamma = np.mean(dy * x_hat, axis=0)
    dx_hat = dy * gamma
    return dx_hat, dgamma, dbeta
""",
        "dγ and dβ are averaged over the batch instead of summed.",
        ["np.mean(dy, axis=0)", "np.mean(dy * x_hat, axis=0)"],
        keys="mean-not-sum",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    t = torch.tensor(x_hat, requires_grad=True)
    g = torch.tensor(gamma, requires_grad=True)
    b = torch.zeros_like(g, requires_grad=True)
    y = t * g + b
    y.sum().backward()
    return t.grad.numpy(), g.grad.numpy(), b.grad.numpy()
""",
        "The sum is differentiated, so dy takes no part.",
        "y.sum().backward()",
        keys="dy-ignored",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    dgamma = np.sum(dy, axis=0) * np.sum(x_hat, axis=0)
    dbeta = np.sum(dy, axis=0)
    return dy * gamma, dgamma, dbeta
""",
        "dγ is the product of two sums instead of the sum of the products.",
        "np.sum(dy, axis=0) * np.sum(x_hat, axis=0)",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    dxh = np.empty_like(dy)
    dg = np.zeros(gamma.shape); db = np.zeros(gamma.shape)
    for i in range(len(dy)):
        dxh[i] = gamma * dy[i]
        dg = dy[i] * x_hat[i]
        db += dy[i]
    return dxh, dg, db
""",
        "dγ is set anew in every turn of the loop, so only the last example counts.",
        "dg = dy[i] * x_hat[i]",
    ),
    right(
        "standardize_backward",
        """
def standardize_backward(dxhat, x, eps=1e-5):
    N, D = x.shape
    mu = x.mean(0)
    xmu = x - mu
    var = np.mean(xmu ** 2, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1. / sqrtvar
    divar = np.sum(dxhat * xmu, axis=0)
    dsqrtvar = -1. / (sqrtvar ** 2) * divar
    dvar = 0.5 * dsqrtvar * ivar
    dsq = np.ones((N, D)) / N * dvar
    dx1 = dxhat * ivar + 2 * xmu * dsq
    dmu = -dx1.sum(0)
    return dvar, dmu, dx1 + dmu / N
""",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    N, D = x.shape
    mu, var = x.mean(0), x.var(0)
    xc = x - mu
    std = np.sqrt(var + eps)
    xhat = xc / std
    dvar = np.sum(dx_hat * xhat * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(dx_hat * -1 / std, axis=0)
    dx = dx_hat / std + dvar * 2 * xc / N + dmean / N
    return dvar, dmean, dx
""",
        "dσ² is formed with x̂ where x − μ belongs.",
        "dx_hat * xhat",
        keys="dvar-uses-x-hat",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    m = x.shape[0]
    mu = np.mean(x, axis=0)
    var = np.var(x, axis=0)
    dvar = np.sum(dx_hat * (x - mu), 0) * -.5 * var ** (-3/2)
    dmean = np.sum(-dx_hat / np.sqrt(var + eps), 0) + dvar * np.mean(-2 * (x - mu), 0)
    dx = dx_hat / np.sqrt(var + eps) + 2 * dvar * (x - mu) / m + dmean / m
    return dvar, dmean, dx
""",
        "ε is missing in the power −3/2 of dσ².",
        "var ** (-3/2)",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    N, D = x.shape
    xmu = x - x.mean(0)
    v = (xmu ** 2).mean(0) + eps
    dvar = (dx_hat * xmu).sum(0) * (-0.5) * v ** -1.5
    dmean = -(dx_hat / np.sqrt(v)).sum(0)
    dx = dx_hat / np.sqrt(v) + dvar * 2 * xmu / D + dmean / D
    return dvar, dmean, dx
""",
        "The two indirect paths are divided by D, the number of features, instead of N.",
        "dvar * 2 * xmu / D + dmean / D",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    N = len(x)
    c = x - x.mean(0)
    s = (np.mean(c**2, 0) + eps) ** -0.5
    dvar = -1/2 * s**3 * (dx_hat * c).sum(0)
    dmean = -s * dx_hat.sum(0)
    dx = s * dx_hat + dvar * 2 * c + dmean
    return dvar, dmean, dx
""",
        "The paths through σ² and μ lack their 1/N.",
        "dvar * 2 * c + dmean",
        keys="sum-not-mean",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    N = len(x)
    c = x - x.mean(0)
    s = 1 / np.sqrt(np.mean(c**2, 0) + eps)
    dvar = -0.5 * s ** 3 * np.sum(dx_hat * c)
    dmean = -s * np.sum(dx_hat, axis=0)
    return dvar, dmean, dx_hat * s + dvar * 2 * c / N + dmean / N
""",
        "The sum in dσ² has no axis, so every feature gets the sum of all.",
        "np.sum(dx_hat * c)",
    ),
    right(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    xt = torch.tensor(x, dtype=torch.double, requires_grad=True)
    g = torch.tensor(gamma, dtype=torch.double, requires_grad=True)
    b = torch.zeros(g.shape, dtype=torch.double, requires_grad=True)
    c = xt - xt.mean(0)
    out = g * c / torch.sqrt((c * c).mean(0) + eps) + b
    return tuple(t.numpy() for t in torch.autograd.grad(out, (xt, g, b), torch.tensor(dy, dtype=torch.double)))
""",
    ),
    right(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    # the Jacobian of every feature, written out
    N, D = x.shape
    I, J = np.eye(N), np.ones((N, N)) / N
    dx = np.zeros((N, D)); dg = np.zeros(D)
    for k in range(D):
        xc = (I - J) @ x[:, k]
        iv = 1 / np.sqrt(xc @ xc / N + eps)
        xh = xc * iv
        dx[:, k] = gamma[k] * iv * (I - J - np.outer(xh, xh) / N) @ dy[:, k]
        dg[k] = dy[:, k] @ xh
    return dx, dg, dy.sum(0)
""",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N, D = x.shape
    mu = x.mean(0); var = x.var(0)
    inv = 1 / np.sqrt(var + eps)
    x_hat = (x - mu) * inv
    # d x_hat_i / d x_i
    diag = inv * (1 - 1 / N - x_hat ** 2 / N)
    return dy * gamma * diag, (dy * x_hat).sum(0), dy.sum(0)
""",
        "Only the diagonal of the Jacobian is kept: the other examples' dy does not reach an example's dx.",
        "dy * gamma * diag",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dout, x, gamma, eps=1e-5):
    mu, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mu) / np.sqrt(var + eps)
    dgamma = np.sum(dout * x_hat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dx = gamma * dout
    return dx, dgamma, dbeta
""",
        "dx is passed straight through: standardising is treated as if it had the derivative 1.",
        "gamma * dout",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N = x.shape[0]
    std = np.sqrt(x.var(0) + eps)
    xc = x - x.mean(0)
    x_hat = xc / std
    dxh = dy * gamma
    dx = (1. / N) / std * (N * dxh - dxh.sum(0) - xc * (dxh * x_hat).sum(0))
    return dx, (dy * x_hat).sum(0), dy.sum(0)
""",
        "The term of the spread has x − μ where x̂ belongs.",
        "xc * (dxh * x_hat).sum(0)",
        keys="spread-not-scaled",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N, D = dy.shape
    x_mu = x - x.mean(axis=0)
    inv_var = 1. / np.sqrt(x.var(axis=0) + eps)
    x_hat = x_mu * inv_var
    dxhat = dy * gamma
    dx = (1. / D) * inv_var * (D * dxhat - np.sum(dxhat, axis=0) - x_hat * np.sum(dxhat * x_hat, axis=0))
    return dx, np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)
""",
        "D, the number of features, stands where N, the number of examples, belongs.",
        "(1. / D) * inv_var * (D * dxhat",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N = len(x)
    s = 1 / np.sqrt(x.var(0) + eps)
    xh = (x - x.mean(0)) * s
    dg = (dy * xh).sum(0)
    db = dy.sum(0)
    dx = s / N * (N * gamma * dy - db - xh * dg)
    return dx, dg, db
""",
        "γ multiplies the direct term alone; the sums subtracted from it lack it.",
        "N * gamma * dy - db - xh * dg",
        keys="gamma-in-some-terms",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    xt = torch.from_numpy(x).requires_grad_()
    gt = torch.from_numpy(gamma).requires_grad_()
    mean, var = xt.mean(0), xt.var(0, unbiased=False)
    out = gt * (xt - mean.data) / (var.data + eps).sqrt()
    out.backward(torch.from_numpy(dy))
    return xt.grad.numpy(), gt.grad.numpy(), dy.sum(0)
""",
        "Mean and variance are cut off the graph by .data, as if they were constants.",
        ["mean.data", "var.data"],
        keys="detached",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N = x.shape[0]
    mu, var = x.mean(0), x.var(0)
    std = np.sqrt(var + eps)
    xhat = (x - mu) / std
    dxhat = dy * gamma
    dvar = np.sum(dxhat * (x - mu), axis=0) * -0.5 * (var + eps) ** (-1.5)
    dmu = np.sum(dxhat * -1 / std, axis=0)
    dx = dxhat / std + dvar * (x - mu) / N + dmu / N
    return dx, np.sum(dy * xhat, axis=0), np.sum(dy, axis=0)
""",
        "The derivative of the square lacks its factor 2.",
        "dvar * (x - mu) / N",
        keys="half-missing two-missing",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    s = 1 / np.sqrt(x.var(0) + eps)
    xh = (x - x.mean(0)) * s
    dgamma = (dy * x).sum(0)
    d = gamma * dy
    dx = s * (d - d.mean(0) + xh * (d * xh).mean(0))
    return dx, dgamma, dy.sum(0)
""",
        "dγ uses x where x̂ belongs, and the term of the spread has the wrong sign.",
        ["(dy * x).sum(0)", "+ xh * (d * xh).mean(0)"],
        keys="dgamma-uses-x spread-added",
        kind="pair",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N, D = x.shape
    dy *= gamma
    s = (x.var(0) + eps) ** -0.5
    xh = (x - x.mean(0)) * s
    dx = s * (dy - dy.mean(0) - xh * np.mean(dy * xh, 0))
    return dx, (dy * xh).sum(0), dy.sum(0)
""",
        "dy is multiplied by γ in place, so the caller's array is changed and dγ and dβ have a factor γ too many.",
        "dy *= gamma",
        keys="mutates-input gamma-in-dgamma",
        kind="promise",
    ),
    right(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    base = np.asarray(x, dtype=float)
    g = []
    for k in range(base.size):
        e = np.zeros(base.size); e[k] = h
        e = e.reshape(base.shape)
        g.append((f(base + e) - f(base - e)) / 2 / h)
    return np.reshape(g, base.shape)
""",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=['multi_index'], op_flags=['readwrite'])
    while not it.finished:
        i = it.multi_index
        old = x[i]
        x[i] = old + h; p = f(x)
        x[i] = old - h; m = f(x)
        x[i] = old
        grad[i] = (p - m) / 2 * h
        it.iternext()
    return grad
""",
        "For want of parentheses the difference is halved and multiplied by h.",
        "(p - m) / 2 * h",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, float)
    fx = f(x)
    out = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        y = x.copy()
        y[i] += h
        out[i] = (f(y) - fx) / h
    return out
""",
        "Forward differences are taken; central ones are asked for.",
        "(f(y) - fx) / h",
        keys="forward-differences",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    g = np.empty_like(x)
    for i in np.ndindex(x.shape):
        a = x.copy(); a[i] += h
        b = x.copy(); b[i] -= h
        g[i] = f(a) - f(b) / (2 * h)
    return g
""",
        "Only f(x − h) is divided, for want of parentheses.",
        "f(a) - f(b) / (2 * h)",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x, dtype=float)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            p, m = x.astype(float), x.astype(float)
            p[i, j] += h; m[i, j] -= h
            grad[i, j] = (f(p) - f(m)) / (2 * h)
    return grad
""",
        "Two axes are taken for granted; any shape is asked for.",
        "for j in range(x.shape[1]):",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    z = x.copy()
    g = np.zeros(x.shape)
    for idx in np.ndindex(*x.shape):
        keep = z[idx]
        z[idx] = keep + h
        up = f(z)
        z[idx] = keep - h
        down = f(z)
        z[idx] = keep
        g[idx] = (up - down) / (2 * h)
    return g
""",
        "The copy keeps the type of x, so a step on whole numbers is cut off.",
        "x.copy()",
        keys="integers-rounded",
    ),
]
