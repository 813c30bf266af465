"""The data sets: what is in them, that they stay the same, and that their parts do not overlap."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from bn_course.nets import Split, digits, mnist, mnist_1d, with_label_noise

SIZES = {digits: (1000, 297, 500), mnist_1d: (3000, 1000, 1000)}


@pytest.mark.parametrize("load", SIZES, ids=lambda load: load.__name__)
def test_parts_are_whole_apart_and_scaled_by_the_training_part(load):
    data = load()
    assert tuple(map(len, data.parts)) == SIZES[load]
    assert [part.x.dtype for part in data.parts] == [torch.float32] * 3
    assert data.train.x.mean().abs() < 1e-5
    assert abs(data.train.x.std(correction=0) - 1) < 1e-5
    assert set(data.test.y.tolist()) == set(range(data.classes))
    rows = [tuple(row) for part in data.parts for row in part.x.tolist()]
    assert len(set(rows)) == len(rows)  # no example is in two parts


def test_many_more_curves_to_test_on_are_like_the_few():
    few, many = mnist_1d(), mnist_1d(many=True)
    assert torch.equal(few.train.x, many.train.x)
    assert torch.equal(few.validation.y, many.validation.y)
    assert torch.bincount(many.test.y).tolist() == [1000] * 10
    assert abs(many.test.x.mean() - few.test.x.mean()) < 0.02
    assert abs(many.test.x.std() - few.test.x.std()) < 0.02
    known = {tuple(row) for part in few.parts for row in part.x.tolist()}
    assert not known & {tuple(row) for row in many.test.x.tolist()}


def test_every_class_is_in_each_part_in_its_proportion():
    shares = [torch.bincount(part.y) / len(part) for part in digits().parts]
    assert (shares[0] - shares[2]).abs().max() < 0.01


def test_digits_as_images_are_the_same_digits():
    assert digits(image=True).shape == (1, 8, 8)
    assert torch.equal(digits(image=True).test.x.flatten(1), digits().test.x)


def test_loading_leaves_the_global_generator_alone():
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.rand()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    mnist_1d.__wrapped__()
    assert np.random.rand() == expected  # noqa: NPY002


def test_label_noise_changes_that_share_of_the_training_labels_alone():
    clean, noisy = digits(), with_label_noise(digits(), 0.3, seed=1)
    assert (clean.train.y != noisy.train.y).float().mean() == pytest.approx(0.3)
    assert noisy.train.y.max() < 10
    assert noisy.test is clean.test
    with pytest.raises(ValueError, match="between 0 and 1"):
        with_label_noise(clean, 30)


def test_a_split_refuses_labels_of_another_number():
    with pytest.raises(ValueError, match="x has 3 examples and y has 2"):
        Split(torch.zeros(3, 1), torch.zeros(2))


def test_without_torchvision_the_message_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(ImportError, match="MNIST is fetched by torchvision"):
        mnist()


def test_with_torchvision_images_come_channels_first(monkeypatch, tmp_path):
    """torchvision is not needed here: what it would give stands in for it, with fewer examples."""

    def fetch(folder, train, download):
        assert (folder, download) == (str(tmp_path), True)
        count = 10_100 if train else 60
        x = np.random.default_rng(train).integers(0, 256, (count, 28, 28), dtype=np.uint8)
        return SimpleNamespace(data=x, targets=list(np.arange(count) % 10))

    torchvision = ModuleType("torchvision")
    torchvision.datasets = SimpleNamespace(MNIST=fetch)
    monkeypatch.setitem(sys.modules, "torchvision", torchvision)
    data = mnist(tmp_path)
    assert tuple(map(len, data.parts)) == (100, 10_000, 60)
    assert data.shape == (1, 28, 28)
    assert data.train.x.mean().abs() < 1e-3
