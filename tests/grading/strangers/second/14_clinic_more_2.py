"""Strangers' answers to lesson 14, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "clinic_last_batch",
        """
from torch.utils.data import DataLoader, TensorDataset
def clinic_last_batch(x, y, batch_size):
    return [tuple(b) for b in DataLoader(TensorDataset(x, y), batch_size, drop_last=True)]
""",
        "The last batch is dropped where it is not full, so examples are missing.",
        "drop_last=True",
        keys="drop-last",
    ),
    wrong(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    xs = list(x[torch.randperm(len(x))].split(batch_size))
    ys = list(y[torch.randperm(len(y))].split(batch_size))
    if len(xs) > 1 and len(xs[-1]) == 1:
        a, b = xs.pop(), ys.pop()
        xs[-1], ys[-1] = torch.cat([xs[-1], a]), torch.cat([ys[-1], b])
    return list(zip(xs, ys))
""",
        "Examples and labels are shuffled apart, so that labels belong to others.",
        "y[torch.randperm(len(y))]",
        keys="pairs-torn",
    ),
    wrong(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    chunks = max(1, len(x) // batch_size)
    return list(zip(torch.tensor_split(x, chunks), torch.tensor_split(y, chunks)))
""",
        "Batches are equal pieces of n // batch_size chunks, of which some hold more than batch_size + 1.",
        "torch.tensor_split(x, chunks)",
    ),
    wrong(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    out = []
    for i in range(0, len(x), batch_size):
        bx, by = x[i : i + batch_size], y[i : i + batch_size]
        if len(bx) == 1:
            bx, by = torch.cat([bx, bx]), torch.cat([by, by])
        out.append((bx, by))
    return out
""",
        "A last example is doubled so that it is not alone: it comes twice.",
        "torch.cat([bx, bx])",
        keys="filled-up",
    ),
    right(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    out, i, n = [], 0, len(x)
    while i < n:
        left = n - i
        take = min(batch_size, left)
        if left - take == 1:
            take = take - 1 if take > 2 else take + 1
        out.append((x[i : i + take], y[i : i + take]))
        i += take
    return out
""",
    ),
    wrong(
        "clinic_last_batch",
        """
def clinic_last_batch(x, y, batch_size):
    y = y.sort().values
    missing = -len(x) % batch_size
    xs, ys = torch.cat([x, x[:missing]]), torch.cat([y, y[:missing]])
    return list(zip(xs.split(batch_size), ys.split(batch_size)))
""",
        "The last batch is filled up with the first examples, and labels are sorted.",
        ["torch.cat([x, x[:missing]])", "y.sort().values"],
        keys="filled-up pairs-torn",
        kind="pair",
    ),
    wrong(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    mu = x.mean(dim=0)
    sigma = torch.sqrt(x.data.var(dim=0, unbiased=False) + eps)
    return gamma * (x - mu) / sigma + beta
""",
        "The variance is taken from x.data and is a constant for the backward pass.",
        "x.data.var",
        keys="var-detached",
    ),
    wrong(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    mean = torch.tensor(x.mean(0).tolist(), dtype=x.dtype)
    var = ((x - x.mean(0)) ** 2).mean(0)
    return gamma * (x - mean) * (var + eps) ** -0.5 + beta
""",
        "The mean is made anew from numbers, so that no gradient goes through it.",
        "torch.tensor(x.mean(0).tolist()",
        keys="mean-detached",
    ),
    wrong(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    var, mean = torch.var_mean(x, dim=0)
    return torch.addcmul(beta, gamma, (x - mean) / (var + eps).sqrt())
""",
        "torch.std_mean divides by N − 1.",
        "torch.var_mean(x, dim=0)",
        keys="sample-variance",
    ),
    wrong(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    if x.dim() != 2:
        raise ValueError("x must be (N, D)")
    z = x - x.mean(0)
    return gamma.detach() * z / torch.sqrt((z * z).mean(0) + eps) + beta
""",
        "γ is detached: the output is right, and γ gets no gradient.",
        "gamma.detach()",
    ),
    right(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(0, keepdim=True)
    scale = torch.einsum("nd,nd->d", centred, centred).div(len(x)).add(eps).pow(-0.5)
    return torch.einsum("nd,d,d->nd", centred, scale, gamma) + beta
""",
    ),
    wrong(
        "clinic_detached",
        """
def clinic_detached(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / (x.std(0) + eps) + beta
""",
        "torch's std is ÷ (N − 1), and ε is outside the root.",
        ["x.std(0)", "+ eps"],
        keys="sample-variance eps-outside-sqrt",
        kind="pair",
    ),
]
