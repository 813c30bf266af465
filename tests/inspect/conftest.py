"""The model that most tests of the kit look at."""

import pytest

from bn_course.nets import mlp, seeded


@pytest.fixture
def model():
    with seeded(0):
        return mlp([64, 32, 32, 10])
