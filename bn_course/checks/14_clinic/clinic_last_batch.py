"""Lesson 14: Mend the batching: every example once an epoch, and no batch that batch norm cannot use."""

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question


def clinic_last_batch(x, y, batch_size):
    """A last example that would be alone joins the batch before it."""
    return _last_batch_variant(x, y, batch_size)


def _last_batch_variant(x, y, batch_size, *, last="joins", pairs="kept"):
    import torch

    n = len(x)
    rows = [torch.arange(i, min(i + batch_size, n)) for i in range(0, n, batch_size)]
    short, alone = len(rows[-1]) < batch_size, len(rows[-1]) == 1
    if last == "joins" and alone:
        rows[-2:] = [torch.cat(rows[-2:])]
    elif (last == "dropped" and short) or (last == "dropped if alone" and alone):
        rows.pop()
    elif last == "twice" and alone:
        rows[-1] = rows[-1].repeat(2)
    elif last == "filled up" and short:
        rows[-1] = torch.cat([rows[-1], torch.arange(batch_size - len(rows[-1]))])
    elif last == "always joins" and short:
        rows[-2:] = [torch.cat(rows[-2:])]
    elif last == "takes one" and alone:
        rows[-2:] = [rows[-2][:-1], torch.cat([rows[-2][-1:], rows[-1]])]
    elif last in ("fewer", "fewer, at least one"):  # tensor_split raises for no part at all
        rows = list(torch.arange(n).tensor_split(max(n // batch_size, int(last != "fewer"))))
    elif last == "even":
        rows = list(torch.arange(n).tensor_split(len(rows)))
    partner = torch.arange(n) if pairs == "kept" else torch.arange(n).flip(0)
    return [(x[r], y[partner[r]]) for r in rows]


def _last_batch_probe(label, n, batch_size):
    shown = f"{n} examples, batch_size = {batch_size}"
    return Probe(label, (n, batch_size), driver="14_clinic:last_batch", shown=shown)


def _last_batch_probes(rng):
    batch_size = int(rng.integers(5, 9))
    many = batch_size * int(rng.integers(3, 6)) + 1
    return [
        _last_batch_probe(f"{many} examples, batches of {batch_size}", many, batch_size),
        _last_batch_probe("18 examples, batches of 6", 18, 6),
        _last_batch_probe("22 examples, batches of 6", 22, 6),
        _last_batch_probe("9 examples, batches of 2", 9, 2),
        _last_batch_probe("4 examples, batches of 8", 4, 8),
    ]


QUESTION = Question(
    name="clinic_last_batch",
    points=2,
    level=1,
    reference=clinic_last_batch,
    variant=_last_batch_variant,
    returns=(
        "how often each example occurs",
        "examples with another's y",
        "batches of fewer than two",
        "how many too many the largest batch holds",
    ),
    probes=_last_batch_probes,
    examples=(
        _last_batch_probe("5 examples, batches of 4", 5, 4),
        _last_batch_probe("6 examples, batches of 4", 6, 4),
        _last_batch_probe("3 examples, batches of 2", 3, 2),
        _last_batch_probe("11 examples, batches of 4", 11, 4),
    ),
    call="clinic_last_batch(x, y, batch_size)",
    misconceptions=(
        mistake("batch-of-one", last="alone"),
        mistake("drop-last", {"last": "dropped"}, {"last": "dropped if alone"}),
        mistake("same-example-twice", last="twice"),
        mistake("filled-up", last="filled up"),
        mistake("always-joins", last="always joins"),
        mistake("too-few-batches", {"last": "fewer"}, {"last": "fewer, at least one"}),
        mistake("one-left-over", {"last": "takes one"}, {"last": "even"}),
        mistake("pairs-torn", pairs="torn"),
    ),
)
