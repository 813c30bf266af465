"""CIFAR-10's published format, on an archive made here; nothing is fetched."""

import hashlib
import io
import tarfile

import numpy as np
import pytest
import torch

from bn_course.nets import cifar

COUNT = 40  # images a file


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Six files of random images; image i of the whole has class i mod 10."""
    rng = np.random.default_rng(0)
    path = tmp_path / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        for name in cifar.FILES:
            records = rng.integers(0, 256, (COUNT, cifar.RECORD), dtype=np.uint8)
            records[:, 0] = np.arange(COUNT) % 10
            info = tarfile.TarInfo(f"{cifar.FOLDER}/{name}")
            info.size = records.nbytes
            packed.addfile(info, io.BytesIO(records.tobytes()))
    monkeypatch.setattr(cifar, "HELD", 50)
    monkeypatch.setattr(cifar, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_images_come_channels_first_and_scaled_by_the_training_part(archive):
    data = cifar.cifar10(archive.parent)
    assert tuple(map(len, data.parts)) == (150, 50, 40)
    assert data.shape == (3, 32, 32)
    assert data.train.x.dtype == torch.float32
    assert data.train.x.mean().abs() < 1e-4
    assert abs(data.train.x.std() - 1) < 1e-4
    assert data.test.y.tolist() == [i % 10 for i in range(COUNT)]


def test_the_first_pixels_are_the_first_row_of_red(archive):
    with tarfile.open(archive) as packed:
        first = packed.extractfile(f"{cifar.FOLDER}/{cifar.FILES[0]}").read()[1:33]
    row = cifar.cifar10(archive.parent).train.x[0, 0, 0]
    pixels = torch.tensor(list(first), dtype=torch.float32)
    assert torch.corrcoef(torch.stack([row, pixels]))[0, 1] > 0.9999


def test_another_archive_is_refused(archive, monkeypatch):
    monkeypatch.setattr(cifar, "SHA256", "0" * 64)
    with pytest.raises(ValueError, match="is not the archive that was published"):
        cifar.cifar10(archive.parent)


def test_what_is_missing_is_fetched_once(archive, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(cifar, "urlopen", lambda url, timeout: asked.append(url) or archive.open("rb"))
    for _ in range(2):
        assert len(cifar.cifar10(tmp_path / "elsewhere").test) == COUNT
    assert asked == [cifar.URL]
