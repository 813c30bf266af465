"""Lesson 06: items that come back in review."""

import numpy as np

from bn_course.review.item import RIGHT, ask, item


def _layer(**options):
    import torch

    return torch.nn.BatchNorm1d(2, **options)


def _batch(draw, rows=6):
    import torch

    return torch.from_numpy(draw.normal(3, 2, size=(rows, 2))).float()


@item("06-momentum-zero", idea="modes")
def momentum_zero(draw):
    layer, steps = _layer(momentum=0.0), int(draw.integers(3, 12))
    for _ in range(steps):
        layer(_batch(draw))
    return ask(
        f"`nn.BatchNorm1d(2, momentum=0.0)` sees {steps} training batches. Its running mean is then",
        layer.running_mean.numpy(),
        {
            RIGHT: ("what it was at the start: 0", np.zeros(2)),
            "running-replaced": ("the mean of the last batch", "last"),
            "zero-momentum-replaced": ("the plain average of all batches", "average"),
        },
        why="In PyTorch the momentum is the weight of the new batch. None asks for the plain average.",
    )


@item("06-untracked", idea="modes")
def untracked(draw):
    import torch

    layer, x = _layer(track_running_stats=False).eval(), _batch(draw)
    batch = torch.allclose(layer(x).mean(0), torch.zeros(2), atol=1e-5)
    return ask(
        "A layer made with `track_running_stats=False` is switched to evaluation. It normalises with",
        "batch" if batch else "start",
        {
            RIGHT: ("the statistics of the batch that it is given", "batch"),
            "untracked-not-normalised": ("mean 0 and variance 1", "start"),
            "untracked-raises": ("nothing: it raises an error", "raises"),
        },
        why="It has nothing else: without running statistics it does at inference what it does in training.",
    )


@item("06-none", idea="modes")
def none(draw):
    layer, n = _layer(momentum=None), int(draw.integers(3, 7))
    batches = [_batch(draw) for _ in range(n)]
    for x in batches:
        layer(x)
    means = np.array([x.numpy().mean(0) for x in batches])
    kinds = {"average": means.mean(0), "last": means[-1], "tenth": np.zeros(2) + sum(0.1 * 0.9 ** (n - 1 - i) * m for i, m in enumerate(means))}
    found = [k for k, v in kinds.items() if np.allclose(v, layer.running_mean.numpy(), atol=1e-4)]
    return ask(
        f"`nn.BatchNorm1d(2, momentum=None)` sees {n} training batches. Its running mean is then",
        found[0] if len(found) == 1 else "unknown",
        {
            RIGHT: ("the plain average of their means", "average"),
            "running-replaced": ("the mean of the last batch", "last"),
            "cumulative-ignored": ("as with the default momentum, 0.1", "tenth"),
        },
        why="The k-th batch gets the weight 1/k.",
    )


@item("06-parity", idea="rounding")
def parity(draw):
    import torch

    x = torch.from_numpy(draw.normal(1, 3, size=(64, 8)))
    ours = (x - x.mean(0)) / torch.sqrt(x.var(0, correction=0) + 1e-5)
    apart = (torch.nn.BatchNorm1d(8).double()(x) - ours).abs().max().item()
    return ask(
        "The formula, written in torch operations, and `nn.BatchNorm1d` get the same float64 batch. Their outputs",
        "bits" if apart < 1e-12 else "eps",
        {
            RIGHT: ("agree to the last bits", "bits"),
            "eps-differs": ("differ by about 10⁻⁵, as ε does", "eps"),
            "library-is-exact": ("differ by about 10⁻³: the library is more exact", "much"),
        },
        why="The same sums in another order round otherwise, and that is all.",
    )


@item("06-second-derivative", idea="paths")
def second_derivative(draw):
    import torch

    class Saving(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.slope = 3 * x.detach() ** 2  # saved as a number, cut off from x
            return x**3

        @staticmethod
        def backward(ctx, dy):
            return dy * ctx.slope

    x = torch.from_numpy(draw.uniform(1, 2, size=3)).requires_grad_()
    passes = [
        check(Saving.apply, x, raise_exception=False) for check in (torch.autograd.gradcheck, torch.autograd.gradgradcheck)
    ]
    return ask(
        "An autograd Function saves a quantity computed from x in `forward`, as a constant, and uses it in `backward`. Of `gradcheck` and `gradgradcheck`",
        {(True, False): "first", (True, True): "both", (False, False): "none"}[tuple(passes)],
        {
            RIGHT: ("the first passes, the second fails", "first"),
            "saved-intermediates": ("both pass", "both"),
            "saving-forbidden": ("both fail", "none"),
        },
        why="Its value is right; how it depends on x is lost for the next derivative.",
    )


@item("06-crossings", idea="rounding")
def crossings(draw):
    from bn_course.gpu import traffic

    n, c, h = (int(draw.choice(values)) for values in ([8, 16, 32], [32, 64], [28, 56]))
    moved = traffic.bytes_moved((n, c, h, h), "float32", "training")
    mega = 4 * n * c * h * h / 1e6
    return ask(
        f"A float32 tensor of {n} × {c} × {h} × {h}, {mega:.1f} MB. Batch norm in training, two passes: how many MB cross the bus at least?",
        moved / 1e6,
        {RIGHT: 3 * mega, "writes-not-counted": 2 * mega, "read-once": mega, "backward-counted": 8 * mega},
        why="Read for the statistics, read again to normalise, written: three times the tensor.",
    )


@item("06-idle", idea="rounding")
def idle(draw):
    channels = int(draw.choice([16, 32, 64, 96]))
    busy = [channel % 132 for channel in range(channels)]
    return ask(
        f"An H200 has 132 processors. A kernel gives each channel one program, and the layer has {channels} channels. Which share of the processors has nothing to do?",
        1 - len(set(busy)) / 132,
        {RIGHT: 1 - channels / 132, "channels-share-processors": 0.0, "share-turned-round": channels / 132},
        why="One program runs on one processor. Splitting the sum of a channel keeps more of them busy.",
    )


@item("06-merge", idea="rounding")
def merge(draw):
    mean = int(draw.choice([10_000, 20_000]))
    x = draw.normal(mean, 1, size=(64, 256)).astype(np.float32)
    parts, spread = x.mean(1, dtype=np.float32), x.var(1, dtype=np.float32)
    merged = spread.mean() + ((parts - parts.mean()) ** 2).mean()
    one_pass = (x * x).mean(dtype=np.float32) - x.mean(dtype=np.float32) ** 2
    right = x.astype(float).var()
    good = abs(merged - right) < 0.01 < abs(one_pass - right)
    return ask(
        f"Numbers of mean {mean} and deviation 1, float32, in 64 parts. Each part's mean and variance are made in two passes, and merged. The variance that comes out is",
        "good" if good else "bad",
        {
            RIGHT: ("about as good as two passes over everything", "good"),
            "merging-is-one-pass": ("about as bad as E[x²] − E[x]²", "bad"),
            "merging-loses-half": ("half-way between the two", "between"),
        },
        why="Only distances from means are squared, and these are small.",
    )


@item("06-limit", idea="rounding")
def limit(draw):
    flops, bandwidth, per_number = 60e12, 4.8e12, 10
    numbers = int(draw.choice([10**7, 10**8]))
    memory, arithmetic = 3 * 4 * numbers / bandwidth, per_number * numbers / flops
    return ask(
        f"A GPU moves 4.8 TB a second and computes 60 T operations a second. Batch norm of {numbers:.0e} float32 numbers moves three times the tensor and does about 10 operations a number. Compared with the arithmetic, the memory needs",
        "15" if 10 < memory / arithmetic < 20 else "1",
        {
            RIGHT: ("about 15 times the time", "15"),
            "arithmetic-limits": ("less time: the arithmetic is the limit", "less"),
            "alike": ("about the same time", "1"),
        },
        why="12 bytes a number at 4.8 TB/s take 2.5 ps; 10 operations at 60 T/s take 0.17 ps.",
    )


@item("ask-bytes-moved", idea="rounding")
def bytes_moved(draw):
    from bn_course.gpu import traffic

    op = str(draw.choice(["inference", "training", "backward"]))
    times = traffic.bytes_moved((8, 4, 2, 2), "float32", op) / (4 * 8 * 4 * 2 * 2)
    most = {"inference": 2, "training": 3, "backward": 5}
    keys = {"inference": "inference-like-training", "training": "writes-not-counted", "backward": "read-once"}
    wrong = {keys[other]: float(most[other]) for other in most if other != op}
    return ask(
        f"Batch norm, two passes, {op}. How many times does the tensor cross the bus at least, reading and writing counted?",
        times,
        {RIGHT: float(most[op]), **wrong, "x-hat-stored": 4.0},
        why="Inference knows its statistics: read, write. Training reads twice. Backward reads x and dy twice, and writes dx.",
    )


@item("ask-batch-norm-function", idea="paths")
def saved(draw):
    import torch

    x = torch.from_numpy(draw.normal(size=5)).requires_grad_()
    centred = (x - x.mean()).detach()
    (found,) = torch.autograd.grad((centred * 2).sum() + 0 * x.sum(), x)
    return ask(
        "In `forward` of an autograd Function x̂ is computed and saved. In `backward`, for the second derivative, what does autograd take the saved x̂ for?",
        "constant" if not found.any() else "function",
        {
            RIGHT: ("a constant", "constant"),
            "saved-intermediates": ("a function of x", "function"),
            "saving-forbidden": ("nothing: it raises an error", "error"),
        },
        why="What depends on x has to be computed from the saved x, by operations that autograd sees.",
    )


@item("ask-batch-norm-2d", idea="modes")
def state(draw):
    import torch

    affine = bool(draw.integers(2))
    keys = list(torch.nn.BatchNorm2d(3, affine=affine).state_dict())
    count, own = len(keys), 5 if affine else 3
    return ask(
        f"How many entries has the `state_dict()` of `nn.BatchNorm2d(3, affine={affine})`?",
        count,
        {
            RIGHT: (f"{own}", own),
            "batches-not-counted": (f"{own - 1}: it counts no batches", own - 1),
            "buffers-not-in-state": (f"{own - 3 if affine else 2}: parameters alone" if affine else "0: it has no parameters", own - 3),
        },
        why="γ and β where it has them, running mean and variance, and how many batches it has seen.",
    )


@item("06-cached", idea="rounding")
def cached(draw):
    lines = int(draw.choice([8, 16, 32]))
    room, x = lines // 2, range(lines)
    plans = {
        "both passes go forwards": [*x, *x],
        "pass 2 goes backwards": [*x, *reversed(x)],
        "half of x goes through both passes, then the other half": [*x[:room], *x[:room], *x[room:], *x[room:]],
    }
    plan = str(draw.choice(list(plans)))
    times = {name: _fetched(order, room) / lines for name, order in plans.items()}
    wrong = {"cache-helps-anyway": 1.5, "cache-never-helps": 2.0, "cache-always-helps": 1.0}
    return ask(
        f"x is {lines} lines of memory, and the cache keeps the {room} that were used last. Two passes read x; {plan}. How many times does x come from memory?",
        times[plan],
        {RIGHT: times[plan], **{key: value for key, value in wrong.items() if value != times[plan]}},
        why="What was used last is still there: nothing of use forwards, the last half backwards, all of a half that comes again at once.",
    )


def _fetched(order, room):
    """How many lines come from memory where the cache keeps the `room` that were used last."""
    kept, count = [], 0
    for line in order:
        count += line not in kept
        kept = [*(other for other in kept if other != line), line][-room:]
    return count
