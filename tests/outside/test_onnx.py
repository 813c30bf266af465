"""ONNX's own test cases: for each an operator, its attributes, its inputs and the outputs it must have.

They run on `bn_course.norms` and on the layers of `bn_course.nets`. ONNX's conventions differ from the
course's, which are PyTorch's, in two places: its momentum weighs the old value, and its running variance
takes the batch's ÷ M. `batch_norm` below converts both.
"""

import re
from importlib.util import find_spec
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

from bn_course import norms
from bn_course.nets import norms as layers
from bn_course.nets.batch_norm import BatchNorm2d

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(find_spec("onnx").origin).parent / "backend" / "test" / "data"
NORM = re.compile("norm|mvn|lrn", re.IGNORECASE)
LEFT_OUT = {  # the first pattern that is found in the name gives the reason
    "strnorm": "about text",
    "lrn": "local response norm: not in the course",
    "l1norm": "L1 norm: not in the course",
    "_expanded": "hold the arrays of another case, compared in a test",
}
OPERATORS = {
    "batchnorm": "BatchNormalization",
    "layer_norm": "LayerNormalization",
    "instancenorm": "InstanceNormalization",
    "group_norm": "GroupNormalization",
    "rms_norm": "RMSNormalization",
    "mvn": "MeanVarianceNormalization",
    "l2norm|lpnorm": "LpNormalization",
}


def find(patterns, name):
    return next((said for pattern, said in patterns.items() if re.search(pattern, name, re.IGNORECASE)), None)


FOLDERS = sorted(folder for folder in DATA.glob("*/test_*") if NORM.search(folder.name))
CASES = [folder for folder in FOLDERS if find(LEFT_OUT, folder.name) is None]


# --- each operator, in NumPy and in PyTorch; both give a list of its outputs ----------------------


def batch_norm(x, gamma, beta, mean, var, epsilon=1e-5, momentum=0.9, training_mode=0, **_):
    if not training_mode:
        return [norms.batch_norm_inference(x, gamma, beta, mean, var, epsilon)]
    y = norms.batch_norm(x, gamma, beta, epsilon)
    # ONNX's momentum is the weight of the old value, ours that of the batch.
    new_mean, new_var = norms.update_running_stats(mean, var, x, momentum=1 - momentum)
    return [y, new_mean, of_the_population(new_var, var, momentum, x)]


def of_the_population(new_var, var, momentum, x):
    """Our new running variance, with the batch's share ÷ M in place of ÷ (M − 1)."""
    m = x.size // x.shape[1]
    return momentum * var + (new_var - momentum * var) * (m - 1) / m


def batch_norm_layer(x, gamma, beta, mean, var, epsilon=1e-5, momentum=0.9, training_mode=0, **_):
    images = x.reshape(*x.shape[:2], -1, 1)  # (N, C, …) as (N, C, H, W)
    layer = BatchNorm2d(x.shape[1], epsilon, momentum=1 - momentum)
    state = {"weight": gamma, "bias": beta, "running_mean": mean, "running_var": var}
    layer.load_state_dict({name: torch.tensor(a) for name, a in state.items()}, strict=False)
    layer.train(bool(training_mode))
    outputs = [layer(torch.tensor(images)).detach().numpy().reshape(x.shape)]
    if training_mode:
        new_var = of_the_population(layer.running_var.numpy(), var, momentum, x)
        outputs += [layer.running_mean.numpy(), new_var]
    return outputs


def rows(x, axis):
    """x as (rows, features): ONNX normalises over `axis` and all that follow it, together."""
    lead = x.shape[: axis % x.ndim]
    return x.reshape(int(np.prod(lead)), -1)


def layer_norm(x, gamma, beta, axis=-1, epsilon=1e-5):
    y = norms.layer_norm(rows(x, axis), gamma.ravel(), beta.ravel(), epsilon)
    mean, var = norms.statistics(x, range(axis % x.ndim, x.ndim))
    return [y.reshape(x.shape), mean, 1 / np.sqrt(var + epsilon)]


def layer_norm_layer(x, gamma, beta, axis=-1, epsilon=1e-5):
    y = with_parameters(layers.LayerNorm(gamma.size, epsilon), rows(x, axis), gamma, beta)
    return [y.reshape(x.shape)]


def rms_norm(x, gamma, axis=-1, epsilon=1e-5):
    return [norms.rms_norm(rows(x, axis), gamma.ravel(), epsilon).reshape(x.shape)]


def rms_norm_layer(x, gamma, axis=-1, epsilon=1e-5):
    return [with_parameters(layers.RMSNorm(gamma.size, epsilon), rows(x, axis), gamma).reshape(x.shape)]


def instance_norm(x, gamma, beta, epsilon=1e-5):
    return [norms.instance_norm(x, gamma, beta, epsilon)]


def instance_norm_layer(x, gamma, beta, epsilon=1e-5):
    return [with_parameters(layers.InstanceNorm(x.shape[1], epsilon), x, gamma, beta)]


def group_norm(x, gamma, beta, num_groups, epsilon=1e-5):
    return [norms.group_norm(x, gamma, beta, num_groups, epsilon)]


def group_norm_layer(x, gamma, beta, num_groups, epsilon=1e-5):
    return [with_parameters(layers.GroupNorm(num_groups, x.shape[1], epsilon), x, gamma, beta)]


def mean_variance(x, axes=(0, 2, 3)):
    return [norms.standardize(x, axes, eps=0)]


def mean_variance_layer(x, axes=(0, 2, 3)):
    return [layers.standardize(torch.tensor(x), axes, eps=0).numpy()]


def unit_length(x, axis=-1, p=2):
    """Weight norm with every length 1; ONNX leaves a vector of zeros as it is, and ours refuses it."""
    assert p == 2
    last = np.moveaxis(x, axis, -1)
    y = np.zeros_like(last)
    some = last.any(axis=-1)
    y[some] = norms.weight_norm(last[some], np.ones(some.sum()))
    return [np.moveaxis(y, -1, axis)]


def with_parameters(layer, x, gamma, beta=None):
    layer.weight.data = torch.tensor(gamma.ravel())
    if beta is not None:
        layer.bias.data = torch.tensor(beta.ravel())
    return layer(torch.tensor(x)).detach().numpy()


OURS = {
    "BatchNormalization": (batch_norm, batch_norm_layer),
    "LayerNormalization": (layer_norm, layer_norm_layer),
    "InstanceNormalization": (instance_norm, instance_norm_layer),
    "GroupNormalization": (group_norm, group_norm_layer),
    "RMSNormalization": (rms_norm, rms_norm_layer),
    "MeanVarianceNormalization": (mean_variance, mean_variance_layer),
    "LpNormalization": (unit_length,),
}


def read(folder):
    """(operator, attributes, inputs, outputs): inputs that the model holds come after those of the file."""
    import onnx

    model = onnx.load(folder / "model.onnx")
    (node,) = model.graph.node
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}

    def arrays(kind, names):
        files = sorted((folder / "test_data_set_0").glob(f"{kind}_*.pb"))
        found = [onnx.numpy_helper.to_array(onnx.load_tensor(file)) for file in files]
        return found + [held[name] for name in names if name in held]

    return node.op_type, attributes, arrays("input", node.input), arrays("output", ())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder, count):
    operator, attributes, inputs, outputs = read(folder)
    assert operator == find(OPERATORS, folder.name)
    norm, *layer = OURS[operator]
    found = norm(*inputs, **attributes)
    assert len(found) == len(outputs)
    for ours, theirs in zip(found, outputs, strict=True):
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    for function in layer:
        for ours, theirs in zip(function(*inputs, **attributes), outputs, strict=False):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    count(f"ONNX {operator}")


@pytest.mark.parametrize("name", ["batchnorm_example", "batchnorm_epsilon"])
def test_lesson_04_s_three_lines_are_right(name):
    lesson = nbformat.read(ROOT / "notebooks" / "04_training_and_inference.ipynb", as_version=4)
    (cell,) = (cell for cell in lesson.cells if cell.id == "onnx")
    written = {}
    exec(cell.source, written)
    *_, (x, _, _, mean, var), outputs = read(DATA / "node" / f"test_{name}_training_mode")
    rows = np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])
    for ours, theirs in zip(written["onnx_update"](mean, var, rows), outputs[1:], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("momentum", [0.8, 0.1])
def test_pytorch_s_exporter_converts_momentum_and_copies_the_variance(tmp_path, momentum):
    import onnx

    layer = torch.nn.BatchNorm2d(2, momentum=momentum)
    images = torch.arange(16.0).square().reshape(2, 2, 2, 2)
    layer(images)
    torch.onnx.export(layer.eval(), (images,), tmp_path / "model.onnx", dynamo=False)
    graph = onnx.load(tmp_path / "model.onnx").graph
    (node,) = graph.node
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    assert attributes["momentum"] == pytest.approx(1 - momentum)
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    np.testing.assert_array_equal(held[node.input[4]], layer.running_var)


def test_a_running_variance_without_the_conversion_is_found_out():
    *_, inputs, outputs = read(DATA / "node" / "test_batchnorm_example_training_mode")
    x, _, _, mean, var = inputs
    as_pytorch = norms.update_running_stats(mean, var, x, momentum=0.1)
    np.testing.assert_allclose(as_pytorch[0], outputs[1], rtol=1e-6)
    assert not np.allclose(as_pytorch[1], outputs[2], rtol=1e-4)
    swapped = norms.update_running_stats(mean, var, x, momentum=0.9)
    assert not np.allclose(swapped[0], outputs[1], rtol=1e-4)


def test_every_case_is_run_or_left_out_for_a_reason(count):
    for folder in FOLDERS:
        operator = find(OPERATORS, folder.name)
        reason = find(LEFT_OUT, folder.name)
        assert operator or reason, f"{folder.name}: a new case, of no operator known here"
        if reason:
            count(f"ONNX {operator}" if operator else "ONNX, other norms", reason)
    numbers = {said: 0 for said in [*OPERATORS.values(), *LEFT_OUT.values()]}
    for folder in FOLDERS:
        numbers[find(LEFT_OUT, folder.name) or find(OPERATORS, folder.name)] += 1
    assert list(numbers.values()) == EXPECTED


EXPECTED = [9, 19, 2, 2, 19, 1, 3, 12, 2, 3, 61]


def test_expanded_cases_hold_the_same_arrays():
    for folder in FOLDERS:
        if find(LEFT_OUT, folder.name) == LEFT_OUT["_expanded"]:
            same = folder.with_name(re.sub("_expanded.*", "", folder.name))
            files = sorted((folder / "test_data_set_0").iterdir())
            assert files
            for file in files:
                assert file.read_bytes() == (same / "test_data_set_0" / file.name).read_bytes()
