from corpus import right, wrong

ANSWERS = [
    right(
        "double",
        """
def double(x):
    return np.add(x, x)
""",
    ),
    right(
        "double",
        """
double = lambda arr: np.array(arr) << 1 if arr.dtype.kind == "i" else np.array(arr) * 2.0
""",
    ),
    wrong(
        "double",
        """
def double(x):
    return np.exp2(x)
""",
        "Two to the power of x is returned, not two times x.",
        "np.exp2(x)",
    ),
    wrong(
        "double",
        """
def double(x):
    # concatenate with itself -> twice as much
    return np.concatenate([x, x])
""",
        "The array is repeated, so it is twice as long and no entry is doubled.",
        "np.concatenate([x, x])",
    ),
    wrong(
        "double",
        """
def double(x):
    out = x
    out += x
    return out
""",
        "out is x itself, so the caller's array is changed in place.",
        "out = x",
        keys="mutates-input",
    ),
    wrong(
        "double",
        """
def double(x):
    res = np.zeros(x.shape, dtype=int)
    it = np.nditer(x, flags=["multi_index"])
    for v in it:
        res[it.multi_index] = 2 * v
    return res
""",
        "The result is an array of whole numbers, so fractions are cut off.",
        "dtype=int",
    ),
    wrong(
        "double",
        """
def double(x):
    return 2 * np.abs(x)
""",
        "The sign of negative numbers is lost.",
        "np.abs(x)",
    ),
]
