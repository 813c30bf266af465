"""What the small networks learn from: a training part, a validation part to choose by, a test part.

Digits and MNIST-1D need no network. MNIST is fetched by torchvision, where it is
installed; CIFAR-10 is in cifar.py.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Split:
    """Examples `x` (N, …), float32, and their classes `y` (N,), int64."""

    x: Tensor
    y: Tensor

    def __post_init__(self):
        if len(self.x) != len(self.y):
            raise ValueError(f"x has {len(self.x)} examples and y has {len(self.y)}; they must be as many")

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, rows) -> "Split":
        return Split(self.x[rows], self.y[rows])


@dataclass(frozen=True)
class Data:
    """A data set in three parts. Choose by `validation`; `test` is for what is reported."""

    name: str
    train: Split
    validation: Split
    test: Split
    classes: int

    @property
    def parts(self) -> tuple[Split, Split, Split]:
        return self.train, self.validation, self.test

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example."""
        return tuple(self.train.x.shape[1:])


@lru_cache
def digits(image: bool = False) -> Data:
    """Handwritten digits, 8×8 pixels: 1000 to train, 297 to validate, 500 to test, always the same ones.

    Pixels are shifted and scaled by the mean and deviation of all training pixels together.
    `x` is (N, 64), or (N, 1, 8, 8) where `image` is true.

    Source: Alpaydın and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository (1998), as it comes with scikit-learn.
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = x.reshape(-1, 1, 8, 8) if image else x
    return _three_parts("digits", x, y, test=500, validation=297)


@lru_cache
def mnist_1d(many: bool = False) -> Data:
    """MNIST-1D: ten classes of noisy, shifted curves of 40 points: 3000 to train, 1000 and 1000.

    Harder than digits. `x` is (N, 40), scaled as in `digits`. Where `many` is true, the test part is 10 000
    others, made by the same generator from another seed; training and validation are the same.

    Source: Greydanus and Kobak, Scaling Down Deep Learning with MNIST-1D (2020), arXiv:2011.14439.
    """
    others = _curves(seed=1, num_samples=10_000) if many else None
    return _three_parts("MNIST-1D", *_curves(), test=1000, validation=1000, others=others)


def _curves(**changes) -> tuple[np.ndarray, np.ndarray]:
    """What MNIST-1D's generator makes of its own arguments, with some of them changed."""
    from mnist1d.data import get_dataset_args, make_dataset

    arguments = get_dataset_args()
    vars(arguments).update(changes)
    state = np.random.get_state()  # noqa: NPY002 - make_dataset seeds the global generator
    try:
        made = make_dataset(arguments)
    finally:
        np.random.set_state(state)  # noqa: NPY002
    return np.concatenate([made["x"], made["x_test"]]), np.concatenate([made["y"], made["y_test"]])


def mnist(folder: Path | None = None) -> Data:
    """MNIST, 28×28: 50 000, 10 000, 10 000. Needs torchvision, and the network the first time."""
    try:
        from torchvision import datasets
    except ImportError as error:
        raise ImportError("MNIST is fetched by torchvision, which is not installed here") from error
    if folder is None:
        from platformdirs import user_cache_path

        folder = user_cache_path("bn-course")
    parts = [datasets.MNIST(str(folder), train=train, download=True) for train in (True, False)]
    x = np.concatenate([np.asarray(part.data, dtype=np.float32) for part in parts])[:, None]
    y = np.concatenate([np.asarray(part.targets) for part in parts])
    train = len(parts[0].targets) - 10_000
    x = (x - x[:train].mean()) / x[:train].std()
    cuts = np.split(np.arange(len(y)), [train, train + 10_000])
    splits = (Split(torch.from_numpy(x[rows]), torch.from_numpy(y[rows]).long()) for rows in cuts)
    return Data("MNIST", *splits, classes=10)


def with_label_noise(data: Data, share: float, seed: int = 0) -> Data:
    """`data` with this share of the training labels replaced by a wrong class, drawn evenly."""
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; it must be between 0 and 1")
    generator = torch.Generator().manual_seed(seed)
    y = data.train.y.clone()
    rows = torch.randperm(len(y), generator=generator)[: round(share * len(y))]
    shift = torch.randint(1, data.classes, (len(rows),), generator=generator)
    y[rows] = (y[rows] + shift) % data.classes
    return replace(data, train=Split(data.train.x, y))


def _three_parts(
    name: str,
    x: np.ndarray,
    y: np.ndarray,
    test: int,
    validation: int,
    others: tuple[np.ndarray, np.ndarray] | None = None,
) -> Data:
    """Split at random, the same way each time, every class in its proportion; test on `others`, if given."""
    from sklearn.model_selection import train_test_split

    rest, held = train_test_split(np.arange(len(y)), test_size=test, random_state=0, stratify=y)
    train, chosen = train_test_split(rest, test_size=validation, random_state=0, stratify=y[rest])
    mean, std = x[train].mean(), x[train].std()
    parts = [(x[train], y[train]), (x[chosen], y[chosen]), others or (x[held], y[held])]
    scaled = [(torch.tensor((x - mean) / std, dtype=torch.float32), torch.tensor(y)) for x, y in parts]
    return Data(name, *(Split(x, y.long()) for x, y in scaled), classes=10)
