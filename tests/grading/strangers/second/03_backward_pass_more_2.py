"""Strangers' answers to lesson 03, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    f0 = f(x.copy())
    grad = np.zeros(x.shape)
    for idx in np.ndindex(*x.shape):
        xp = x.copy()
        xp[idx] += h
        grad[idx] = (f(xp) - f0) / h
    return grad
""",
        "It takes forward differences; the error is of order h.",
        "(f(xp) - f0) / h",
        keys="forward-differences",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        old = x[ix]
        x[ix] = old + h
        fp = f(x)
        x[ix] = old - h
        fm = f(x)
        x[ix] = old
        grad[ix] = (fp - fm) / (2 * h)
        it.iternext()
    return grad
""",
        "Gradient and point take x's own type, so that whole numbers are rounded.",
        "np.zeros_like(x)",
        keys="integers-rounded",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    if not np.issubdtype(np.asarray(x).dtype, np.floating):
        x = np.asarray(x, dtype=float)
    g = np.zeros(x.shape)
    for ix in np.ndindex(x.shape):
        x[ix] += h
        up = f(x)
        x[ix] -= 2 * h
        g[ix] = (up - f(x)) / (2 * h)
    return g
""",
        "The last change of each entry is not undone, so that x stays shifted by −h.",
        "x[ix] -= 2 * h",
        keys="not-restored",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    x = np.asarray(x, dtype=np.float64)
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[i] = h
        grad[i] = (f(x + e) - f(x - e)) / h
    return grad
""",
        "The difference over two steps is divided by one.",
        "/ h",
        keys="divides-by-h",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    g = np.zeros(np.shape(x))
    for i in np.ndindex(*np.shape(x)):
        z = np.array(x, dtype=complex)
        z[i] += 1j * h
        g[i] = np.imag(f(np.real(z))) / h
    return g
""",
        "The real part of the complex point is passed on, so the complex step reaches nothing: the "
        "gradient is zero.",
        "np.real(z)",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    return np.ones_like(x) * (f(x + h) - f(x - h)) / (2 * h)
""",
        "All entries move at once, so that each entry gets the derivative along the vector of ones.",
        "f(x + h)",
        keys="all-at-once",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    p = np.array(x, dtype=float, order="C")
    flat, g = p.reshape(-1), np.zeros(p.size)
    for k in range(p.size):
        old = flat[k]
        flat[k] = old + h
        hi = f(p)
        flat[k] = old - h
        lo = f(p)
        flat[k] = old
        g[k] = (hi - lo) / 2 * h
    return g.reshape(p.shape)
""",
        "Without parentheses it divides by 2 and multiplies by h.",
        "/ 2 * h",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    point = np.array(x, dtype=float)
    grad = np.zeros(point.size)
    for k, idx in enumerate(np.ndindex(point.shape)):
        e = np.zeros(point.shape)
        e[idx] = h / 2
        grad[k] = (f(point + e) - f(point - e)) / (2 * h)
    return grad
""",
        "It returns a flat vector, and moves by h/2 while it divides by 2h.",
        ["h / 2", "np.zeros(point.size)"],
        keys="flat-result half-a-step",
        kind="pair",
    ),
    right(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    base = np.array(x, dtype=np.float64)
    units = np.eye(base.size).reshape(base.size, *base.shape) * h
    slopes = [(f(base + e) - f(base - e)) / (2 * h) for e in units]
    return np.array(slopes, dtype=np.float64).reshape(base.shape)
""",
    ),
    right(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    p = np.array(x, dtype=float, order="C")
    flat, g = p.reshape(-1), np.empty(p.size)
    k = 0
    while k < p.size:
        old = flat[k].copy()
        flat[k] = old + h
        hi = f(p)
        flat[k] = old - h
        lo = f(p)
        flat[k] = old
        g[k] = (hi - lo) / h / 2
        k += 1
    return g.reshape(p.shape)
""",
    ),
    wrong(
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    if np.asarray(x).dtype.kind != "f":
        x = np.array(x, dtype=float)
    g = np.zeros(np.shape(x))
    for i in np.ndindex(x.shape):
        old = x[i].copy()
        x[i] = old + h
        plus = f(x)
        x[i] = old - h
        minus = f(x)
        g[i] = (minus - plus) / (2 * h)
    return g
""",
        "The difference has the wrong sign, and x is not put back.",
        ["(minus - plus)", "x[i] = old - h"],
        keys="not-restored wrong-sign",
        kind="promise",
    ),
]
