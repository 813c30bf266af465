"""Strangers' answers to lesson 00, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "double",
        """
def double(x):
    out = np.array(x, copy=True)
    flat = out.reshape(-1)
    for i in range(1, flat.size):
        flat[i] = flat[i] + flat[i]
    return out
""",
        "The first entry is left as it was: the loop starts at 1.",
        "range(1, flat.size)",
    ),
    wrong(
        "double",
        """
double = lambda x: np.array([*x, *x])
""",
        "The rows are put one after the other, so the result is twice as long, and no number is doubled.",
        "[*x, *x]",
    ),
    wrong(
        "double",
        '''
def double(x):
    """Doubles the input array."""
    result = x * x
    return result
''',
        "It multiplies x by itself, so it squares.",
        "x * x",
        keys="squared",
    ),
    wrong(
        "double",
        """
def double(x):
    np.add(x, x, out=x)
    return x.copy()
""",
        "np.add writes into x, so that the caller's array is changed.",
        "out=x",
        keys="mutates-input",
    ),
    wrong(
        "double",
        """
def double(x):
    y = x.T
    return y + y
""",
        "x.T is added to the wrong orientation: what comes back is twice the transpose.",
        "x.T",
    ),
    wrong(
        "double",
        """
def double(x):
    if not isinstance(x, np.ndarray):
        raise TypeError("x must be an array")
    result = np.add(x, 2)
    assert result.shape == x.shape
    return result
""",
        "It adds 2 to every entry and does not multiply.",
        "np.add(x, 2)",
        keys="adds-two",
    ),
    right(
        "double",
        """
def double(x):
    y = np.empty_like(x)
    for index, value in np.ndenumerate(x):
        y[index] = value + value
    return y
""",
    ),
    right(
        "double",
        """
from functools import partial
_times = lambda k, a: np.multiply(k, a)
double = partial(_times, 2)
""",
    ),
    wrong(
        "double",
        """
def double(x):
    x *= x
    return x
""",
        "It squares, and does so in the caller's array.",
        "x *= x",
        keys="mutates-input squared",
        kind="promise",
    ),
]
