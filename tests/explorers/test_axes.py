"""The cube of cells: its arithmetic against NumPy's, its JavaScript against its Python, its picture."""

import json
import os
import shutil
import subprocess
from dataclasses import asdict

import numpy as np
import pytest

from bn_course import norms
from bn_course.explorers.axes import (
    NORMS,
    AxesExplorer,
    NormAxesExplorer,
    Params,
    compute,
    describe,
    facts,
    peers_index,
)

CASES = [
    Params(*shape, layout=layout, norm=norm, num_groups=groups, cell=cell)
    for shape in [(3, 4, 3, 2), (2, 6, 1, 4), (1, 1, 1, 1), (4, 6, 4, 4), (4, 1, 2, 3)]
    for layout in ("NCHW", "NHWC")
    for norm in NORMS
    for groups in ([1, 2, 3, 6] if norm == "group" else [2])
    if norm != "group" or shape[1] % groups == 0
    for cell in [None, tuple(size - 1 for size in shape), (9, 0, 0, 0)]
]


def in_layout(array, layout):
    """What is indexed [n, c, h, w], as it is indexed in the layout."""
    return array if layout == "NCHW" else array.transpose(0, 2, 3, 1)


@pytest.mark.parametrize("params", CASES, ids=str)
def test_the_expression_gives_the_means_that_the_cells_share(params):
    result = compute(params)
    x = np.random.default_rng(0).normal(size=params.shape)
    means = eval(result.numpy, {"x": in_layout(x, params.layout)})
    assert means.shape == result.mean_shape
    expected = [x[result.statistic == i].mean() for i in range(result.count)]
    np.testing.assert_allclose(means.ravel(), expected, atol=1e-12)


@pytest.mark.parametrize("norm", NORMS)
def test_cells_that_share_a_statistic_are_those_of_the_norm(norm):
    """Standardising each set of peers by itself is the norm with γ = 1 and β = 0."""
    params = Params(3, 4, 2, 3, norm=norm, num_groups=2)
    result = compute(params)
    x = np.random.default_rng(1).normal(size=params.shape)
    y = np.empty_like(x)
    for i in range(result.count):
        own = result.statistic == i
        y[own] = (x[own] - x[own].mean()) / np.sqrt(x[own].var() + 1e-5)
    one, zero = np.ones(4), np.zeros(4)
    expected = {
        "batch": lambda: norms.batch_norm(x, one, zero),
        "layer": lambda: norms.group_norm(x, one, zero, 1),
        "pointwise layer": lambda: np.moveaxis(norms.layer_norm(np.moveaxis(x, 1, -1), one, zero), -1, 1),
        "instance": lambda: norms.instance_norm(x, one, zero),
        "group": lambda: norms.group_norm(x, one, zero, 2),
    }[norm]()
    np.testing.assert_allclose(y, expected, atol=1e-9)


@pytest.mark.parametrize("params", CASES, ids=str)
def test_addresses_are_those_of_an_array_in_that_layout(params):
    result = compute(params)
    assert in_layout(result.address, params.layout).ravel().tolist() == list(range(result.address.size))


@pytest.mark.parametrize("params", [p for p in CASES if p.selected], ids=str)
def test_the_index_of_the_peers_selects_them_all_and_no_other(params):
    result = compute(params)
    chosen = np.zeros(params.shape, bool)
    exec(f"{peers_index(params)} = True", {"x": in_layout(chosen, params.layout)})
    np.testing.assert_array_equal(chosen, result.peers)


def test_one_hue_and_tone_to_a_statistic():
    for params in CASES:
        if params.norm == "pointwise layer":
            continue  # more statistics than colours: tested below
        result = compute(params)
        looks = {
            i: set(zip(result.hue[result.statistic == i], result.tone[result.statistic == i], strict=True))
            for i in range(result.count)
        }
        assert all(len(look) == 1 for look in looks.values())
        assert len(set.union(*looks.values())) == result.count


def test_positions_have_a_hue_and_tone_of_their_own_within_an_image():
    for params in CASES:
        if params.norm == "pointwise layer":
            result = compute(params)
            look = 10 * result.hue + result.tone
            assert (look == look[:1, :1]).all()  # the same in every channel, and in every image
            assert len(np.unique(look)) == params.H * params.W


def test_pieces_of_memory():
    assert compute(Params(3, 4, 3, 3)).runs == 3
    assert compute(Params(3, 4, 3, 3, layout="NHWC")).runs == 27
    assert compute(Params(3, 1, 3, 3, layout="NHWC")).runs == 1
    assert compute(Params(3, 6, 3, 3, norm="group", num_groups=2)).runs == 1
    assert compute(Params(3, 4, 3, 3, norm="pointwise layer")).runs == 4
    assert compute(Params(3, 4, 3, 3, layout="NHWC", norm="pointwise layer")).runs == 1


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="2 groups do not divide 3 channels"):
        Params(C=3, norm="group", num_groups=2)
    with pytest.raises(ValueError, match="'weight'"):
        Params(norm="weight")


def test_a_cell_outside_the_cube_is_not_selected():
    assert Params(N=2, cell=(2, 0, 0, 0)).selected is None
    assert compute(Params(N=2, cell=(2, 0, 0, 0))).peers.all()


def test_the_cube_stays_in_the_picture():
    for params in CASES:
        result = compute(params)
        assert result.corner[..., 0].min() > 40
        assert (result.corner[..., 0] + result.unit).max() <= 700
        assert result.corner[..., 1].min() >= 0
        assert (result.corner[..., 1] + result.unit).max() <= 330


def test_the_picture_dims_all_but_the_peers():
    explorer = AxesExplorer(cell=(0, 1, 0, 0))
    explorer.view.still(explorer.result)
    colours = explorer.view.memory.get_facecolor()[:, :3].reshape(*explorer.params.shape, 3)
    saturation = colours.max(axis=-1) - colours.min(axis=-1)
    peers = explorer.result.peers
    assert saturation[peers].min() > 2 * saturation[~peers].max()


# ---- the JavaScript ----------------------------------------------------------------------------------

HARNESS = """
import { readFileSync } from "node:fs";
const plain = (params) => {
  try {
    const result = compute(params);
    return { ...result, facts: facts(result), described: describe(result) };
  } catch (error) {
    return { error: error.message };
  }
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(plain)));
"""


def in_javascript(every, folder):
    """What the explorer's JavaScript says of every set of parameters."""
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("node is not installed")
        pytest.skip("node is not installed")
    module = folder / "axes.mjs"
    module.write_text(str(AxesExplorer._esm) + HARNESS, encoding="utf-8")
    given = json.dumps([asdict(params) if isinstance(params, Params) else params for params in every])
    done = subprocess.run([node, module], input=given, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_javascript_computes_what_python_computes(tmp_path):
    for params, found in zip(CASES, in_javascript(CASES, tmp_path), strict=True):
        result = compute(params)
        for name in ("statistic", "hue", "tone", "address"):
            assert found[name] == getattr(result, name).ravel().tolist(), (name, params)
        np.testing.assert_allclose(found["corner"], result.corner.reshape(-1, 2), atol=1e-9)
        assert found["unit"] == pytest.approx(result.unit)
        assert found["runs"] == result.runs
        assert found["numpy"] == result.numpy
        assert [tuple(pair) for pair in found["facts"]] == facts(result)
        assert found["described"] == describe(result)


def test_javascript_refuses_in_the_same_words(tmp_path):
    wrong = asdict(Params(C=3)) | {"norm": "group", "num_groups": 2}
    (found,) = in_javascript([wrong], tmp_path)
    with pytest.raises(ValueError, match="do not divide") as refused:
        Params(**wrong)
    assert found["error"] == str(refused.value)


def test_the_browser_is_given_what_has_no_control():
    assert AxesExplorer(cell=(0, 1, 2, 0)).data == {"norm": "batch", "num_groups": 2, "cell": (0, 1, 2, 0)}
    assert NormAxesExplorer().data == {"cell": None}
