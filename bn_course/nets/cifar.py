"""CIFAR-10, as its authors publish it for programs in C: plain bytes, and nothing that is unpickled."""

import hashlib
import shutil
import tarfile
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import torch

from bn_course.nets.data import Data, Split

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"  # 162 MB
SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
FOLDER = "cifar-10-batches-bin"  # within the archive
FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
RECORD = 1 + 3 * 32 * 32  # bytes: the class, then red, green and blue, row by row
HELD = 10_000  # examples to validate, the last of the training images


def cifar10(folder: Path | None = None) -> Data:
    """CIFAR-10, 3×32×32: 40 000 to train, 10 000 to validate, 10 000 to test.

    Pixels are shifted and scaled by the mean and deviation of all training pixels together. The archive is
    looked for in `folder`, the course's own cache unless told otherwise, and fetched where it is missing.

    Raises ValueError where the archive is not the published one.

    Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009).
    """
    archive = _fetched(folder)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"{archive} is not the archive that was published; remove it to fetch it anew")
    with tarfile.open(archive) as packed:
        records = [_records(packed.extractfile(f"{FOLDER}/{name}").read()) for name in FILES]
    cut = sum(map(len, records[:-1])) - HELD
    y, x = np.split(np.concatenate(records), [1], axis=1)
    scaled = torch.from_numpy(x).float().view(-1, 3, 32, 32)
    mean, std = scaled[:cut].mean(), scaled[:cut].std()
    scaled.sub_(mean).div_(std)
    whole = Split(scaled, torch.from_numpy(y[:, 0]).long())
    parts = (slice(0, cut), slice(cut, cut + HELD), slice(cut + HELD, None))
    return Data("CIFAR-10", *(whole[rows] for rows in parts), classes=10)


def _records(content: bytes) -> np.ndarray:
    """The examples of a file: (N, 3073) bytes."""
    return np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)


def _fetched(folder: Path | None) -> Path:
    if folder is None:
        from platformdirs import user_cache_path

        folder = user_cache_path("bn-course")
    Path(folder).mkdir(parents=True, exist_ok=True)
    archive = Path(folder) / URL.rsplit("/", 1)[1]
    if not archive.exists():
        partial = archive.with_suffix(".part")
        with urlopen(URL, timeout=60) as source, partial.open("wb") as target:
            shutil.copyfileobj(source, target)
        partial.replace(archive)
    return archive
