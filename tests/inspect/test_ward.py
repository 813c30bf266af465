"""The ward: no warning on a healthy model, the planted faults found and rightly explained, no crash.

`make test` inspects every healthy model at two of the batch sizes, drawn by its place in the list; the
variable BN_COURSE_WARD=all inspects it at all of them, with two seeds.
"""

import os
import re

import pytest

from bn_course.inspect.ward.cases import SIZES, complaints, inspected, missed
from bn_course.inspect.ward.held_out import HELD_OUT_FAULTS, HELD_OUT_HEALTHY
from bn_course.inspect.ward.register import FAULTS
from bn_course.inspect.ward.roster import HEALTHY

ALL = os.environ.get("BN_COURSE_WARD") == "all"
SEEDS = (0, 1) if ALL else (0,)


def sizes_of(name):
    return SIZES if ALL else (SIZES[list(HEALTHY).index(name) % len(SIZES)], 32)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_model_gives_no_warning_whatever_the_batch(name, seed):
    assert complaints(name, sizes_of(name), seed) == []


def test_nine_faults_in_ten_are_found_and_none_is_explained_wrongly():
    for names in (set(FAULTS) - set(HELD_OUT_FAULTS), set(HELD_OUT_FAULTS)):
        results = {name: missed(name, seed) for name in sorted(names) for seed in SEEDS}
        unseen = [name for name, (found, _) in results.items() if not found]
        assert len(unseen) <= 0.1 * len(results), unseen
        assert {name: wrong for name, (_, wrong) in results.items() if wrong} == {}


def test_the_ward_is_large_enough_and_the_third_set_aside_is_of_it():
    assert len(HEALTHY) >= 40
    assert len(FAULTS) >= 40
    assert set(HELD_OUT_HEALTHY) < set(HEALTHY)
    assert set(HELD_OUT_FAULTS) < set(FAULTS)
    assert all(re.compile(fault.said) for fault in FAULTS.values())


def test_models_of_torchvision_where_it_is_installed():
    models = pytest.importorskip("torchvision.models")
    import torch

    from bn_course.inspect import inspect_batch_norm

    for name in ("resnet18", "mobilenet_v3_small", "shufflenet_v2_x0_5", "squeezenet1_1"):
        model = models.get_model(name, weights=None)
        model.train()
        seen = inspect_batch_norm(model, torch.randn(16, 3, 64, 64))
        assert seen.warnings == [], name
        assert all(layer.calls for layer in seen.layers), name


def test_inspected_is_what_a_user_would_do():
    seen = inspected("MLP", "evaluation", 32, 0)
    assert [layer.calls for layer in seen.layers] == [2, 2]
