import numpy as np
import pytest

from bn_course.norms import batch_norm, instance_norm


@pytest.mark.parametrize("shape", [(4, 3, 6), (4, 3, 5, 2), (4, 3, 2, 2, 3)])
def test_the_batch_takes_no_part(rng, shape):
    x, gamma, beta = rng.normal(size=shape), rng.normal(size=3), rng.normal(size=3)
    alone = [instance_norm(example[None], gamma, beta)[0] for example in x]
    np.testing.assert_array_equal(instance_norm(x, gamma, beta), alone)


def test_on_one_example_it_is_batch_norm(rng):
    x, gamma, beta = rng.normal(size=(1, 3, 4, 5)), rng.normal(size=3), rng.normal(size=3)
    np.testing.assert_allclose(instance_norm(x, gamma, beta), batch_norm(x, gamma, beta), atol=1e-14)


def test_contrast_and_brightness_of_an_image_are_forgotten(rng):
    x, gamma, beta = rng.normal(size=(4, 3, 5, 5)), rng.normal(size=3), rng.normal(size=3)
    contrast, brightness = rng.uniform(0.5, 2, (4, 3, 1, 1)), rng.normal(0, 9, (4, 3, 1, 1))
    np.testing.assert_allclose(
        instance_norm(contrast * x + brightness, gamma, beta, eps=0), instance_norm(x, gamma, beta, eps=0)
    )
