"""Lesson 14: Mend the batching: every example once an epoch, and no batch that batch norm cannot use."""

from bn_course.checks._shared import own
from bn_course.grading.question import Probe, Question


# --- clinic_last_batch ------------------------------------------------------------------------
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
    task="Mend the batching: every example once an epoch, and no batch that batch norm cannot use.",
    ask=(
        "897 examples in batches of 128: how large is the last? Five in batches of two?",
        "1, so it joins the one before: 129. Five are 2 and 3. Nobody is left out, nobody comes twice, and x and y stay together.",
    ),
    reference=clinic_last_batch,
    variant=_last_batch_variant,
    returns=(
        "how often each example occurs",
        "examples with another's y",
        "batches of fewer than two",
        "batches of more than batch_size + 1",
    ),
    probes=_last_batch_probes,
    examples=(
        _last_batch_probe("5 examples, batches of 4", 5, 4),
        _last_batch_probe("6 examples, batches of 4", 6, 4),
        _last_batch_probe("3 examples, batches of 2", 3, 2),
    ),
    call="clinic_last_batch(x, y, batch_size)",
    misconceptions=(
        own(
            "batch-of-one",
            "The last batch can hold a single example.",
            "It is its own mean: x − μ is 0, and β comes out whatever the example was. PyTorch raises "
            "'Expected more than 1 value per channel', at the end of the first epoch.",
            last="alone",
        ),
        own(
            "drop-last",
            "You drop the last batch.",
            "Nothing is shuffled here, so the same examples are never seen. (With a new order each epoch, "
            "`drop_last=True` is a fair choice for training; for evaluation it never is.)",
            {"last": "dropped"},
            {"last": "dropped if alone"},
        ),
        own(
            "same-example-twice",
            "You put the last example into its batch twice.",
            "Two equal examples have variance 0: both come out as β, as one alone would. No error is raised any "
            "more, and that is all.",
            last="twice",
        ),
        own(
            "filled-up",
            "You fill the last batch up with examples from the beginning.",
            "They are seen twice an epoch, and count double in the loss.",
            last="filled up",
        ),
        own(
            "always-joins",
            "You add the last batch to the one before it whatever its size.",
            "That batch can be nearly twice as large, and the memory was chosen for batch_size. Only an example "
            "that is alone has to join.",
            last="always joins",
        ),
        own(
            "one-left-over",
            "With batches of two, your rule leaves an example alone.",
            "Taking one from the batch before leaves that one with a single example, and an odd number cannot be "
            "cut into parts of two. Of 3 examples, only one batch of 3 will do.",
            {"last": "takes one"},
            {"last": "even"},
        ),
        own(
            "pairs-torn",
            "x and y of an example do not come together any more.",
            "Whatever is done to the rows of x has to be done to those of y.",
            pairs="torn",
        ),
    ),
    hints=(
        "For which numbers of examples does the last batch hold one? What does batch norm make of it?",
        "Every example once, at least two in a batch, at most batch_size + 1. Try your rule on 3 examples with "
        "batches of 2.",
        "If the last batch holds one example, `torch.cat` it to the batch before; leave all else as it is.",
    ),
)
