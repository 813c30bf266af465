"""Other people's ways of being right and wrong: answers as a stranger would type them.

A lesson has one file in each half, `first/NN_name.py` and `second/NN_name.py` (a long one a second file,
`NN_name_more.py`). It defines `ANSWERS`, a list made of two calls and nothing else:

    from corpus import right, wrong

    ANSWERS = [
        right("batch_stats", '''
    def batch_stats(x):
        return np.einsum("nd->d", x) / len(x), np.var(x, 0)
    '''),
        wrong("batch_stats", '''
    def batch_stats(X):
        mu = X.mean(0)
        return mu, ((X - mu) ** 2).sum(0) / (len(X) - 1)
    ''', "The squares are divided by N − 1.", "len(X) - 1", keys="sample-variance"),
    ]

- The source runs in a namespace that holds `np`, `torch`, `nn`, `F`, `math`; it imports whatever else it
  needs, and defines the question's name. It needs no other answer.
- `truth` is one sentence: what is wrong. `at` is the smallest wrong text, to the letter as in the source; for
  two mistakes, or one that is made twice, a list. Where something is *missing*, `at` is the text of the line that lacks it.
- `keys` are names of misconceptions of the shared list that would be fair to say, separated by blanks; leave
  it out where none fits. It is what a person would accept, not what the checks say.
- `kind` is "single", "pair" (two mistakes) or "promise" (a mistake, and beside it a promise of the task broken).

Which answers are right is decided by `oracle.py`, not by this list: a test compares the two.
"""

import importlib.util
import linecache
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Answer:
    question: str
    source: str
    right: bool
    truth: str = ""
    at: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    kind: str = "single"
    name: str = ""

    def build(self):
        """The function or class, from its source, which `inspect` finds too."""
        file = f"<stranger {self.name}>"
        linecache.cache[file] = (len(self.source), None, self.source.splitlines(keepends=True), file)
        namespace = {"np": np, "torch": torch, "nn": nn, "F": F, "math": math, "__name__": "stranger"}
        exec(compile(self.source, file, "exec"), namespace)
        return namespace[self.question]


def right(question, source):
    return Answer(question, source.lstrip("\n"), True)


def wrong(question, source, truth, at, keys="", kind="single"):
    at = (at,) if isinstance(at, str) else tuple(at)
    return Answer(question, source.lstrip("\n"), False, truth, at, tuple(keys.split()), kind)


def answers(half):
    """All answers of `half`, "first" or "second", each named by file, question and number."""
    found = []
    for file in sorted((HERE / half).glob("[0-9]*.py")):
        spec = importlib.util.spec_from_file_location(f"strangers_{half}_{file.stem}", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for number, answer in enumerate(module.ANSWERS):
            name = f"{half}-{file.stem[:2]}-{answer.question}-{file.stem[3:]}-{number}"
            found.append(Answer(**{**answer.__dict__, "name": name}))
    return found
