"""What an inspection is shown as: a dictionary, a table in HTML, a picture; and what a finding carries."""

import json

import numpy as np
import pytest
import torch
from looking import inputs
from torch import nn

from bn_course.course import folder
from bn_course.inspect import findings, inspect_batch_norm, watch_batch_norm
from bn_course.inspect.finding import NOTES, WARNINGS
from bn_course.live import COLOURS
from bn_course.nets import digits, mlp, seeded


@pytest.fixture(scope="module")
def ill():
    with seeded(0):
        model = nn.Sequential(nn.LayerNorm(64), *mlp([64, 32, 32, 10]))
        for _ in range(30):
            model(digits().train.x[:100])
    model[2].running_mean += 5
    model[5].running_var[3] = torch.nan
    return inspect_batch_norm(model.eval(), digits().test.x)


def test_a_dictionary_is_ready_for_json_and_says_everything(ill):
    told = json.loads(json.dumps(ill.to_dict(), allow_nan=False))
    assert [layer["name"] for layer in told["layers"]] == ["0", "2", "5"]
    assert len(told["layers"][1]["mean_distance"]) == 32
    assert told["layers"][2]["var_ratio"][3] is None
    assert len(told["warnings"]) == len(ill.warnings)
    assert all(warning["do"] and warning["lesson"] for warning in told["warnings"])


def test_evidence_is_a_number_with_its_interval(ill):
    (finding,) = (found for found in ill["2"].warnings if "not those of its input" in found.text)
    low, high = finding.interval
    assert low < finding.value < high
    few = inspect_batch_norm(mlp([64, 32, 10]).eval(), digits().test.x[:2])
    assert few.warnings  # never trained


def test_too_few_examples_are_told_how_many_would_do():
    with seeded(0):
        model = mlp([64, 32, 10])
        for _ in range(60):
            model(digits().train.x[:200])
    seen = inspect_batch_norm(model.eval(), digits().test.x[:1])
    assert seen.warnings == []
    ((_, note),) = seen.notes
    assert "too few examples" in note.text
    assert inspect_batch_norm(model, digits().test.x[: note.examples]).notes == []


def test_html_is_a_table_with_what_to_do_and_takes_no_colour_for_text(ill):
    html = ill._repr_html_()
    assert html.count("<tr") == 4
    assert all(finding.do.split("`")[0] in html for _, finding in ill.warnings)
    assert " color:" not in html  # the page's own, in a light and in a dark theme
    assert "background" not in html
    assert "nothing to inspect" in inspect_batch_norm(nn.Linear(64, 2), digits().test.x)._repr_html_()


def test_html_escapes_what_a_model_is_called():
    model = nn.ModuleDict({"<b>": nn.BatchNorm1d(64)})
    seen = inspect_batch_norm(model, digits().test.x, call=lambda m, x: m["<b>"](x))
    assert "<b>" not in seen._repr_html_()


def test_in_the_picture_a_sick_layer_sticks_out(ill):
    fig = ill.plot()
    off, ratio, gamma = fig.axes
    colours = [label.get_color() for label in gamma.get_xticklabels()]
    assert colours[1:] == [COLOURS["none"]] * 2
    assert colours[0] != COLOURS["none"]
    dots = [line for line in off.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(dots[0].get_ydata(), np.sort(ill["2"].mean_distance))
    assert len([line for line in ratio.lines if line.get_marker() == "o"]) == 2  # a layer norm keeps nothing
    assert "2, 5" in off.get_title(loc="left")


def test_the_picture_is_in_the_order_of_the_forward_pass():
    class Backwards(nn.Module):
        def __init__(self):
            super().__init__()
            self.late, self.early, self.idle = (nn.BatchNorm1d(64) for _ in range(3))

        def forward(self, x):
            return self.late(self.early(x))

    seen = inspect_batch_norm(Backwards(), digits().train.x[:64])
    assert [label.get_text() for label in seen.plot().axes[2].get_xticklabels()] == ["early", "late"]
    assert [layer.name for layer in seen.layers] == ["late", "early", "idle"]


def test_history_is_of_so_many_moments_however_long_the_run():
    model = mlp([64, 8, 10])
    for steps in (5, 200):
        with watch_batch_norm(model) as seen:
            for _ in range(steps):
                model(digits().train.x[:16]).sum().backward()
        taken = [moment.step for moment in seen.history]
        assert len(taken) <= 32
        assert len(set(np.diff(taken))) == 1
        assert taken[-1] > steps / 2
    assert seen.history[0].layers["1"].gamma.shape == (8,)


def test_every_finding_is_entered_once_and_its_lesson_exists():
    assert findings.__doc__
    assert len({find.__name__ for find in [*WARNINGS, *NOTES]}) == len(WARNINGS) + len(NOTES) > 25
    lessons = {path.name[:2] for path in folder("notebooks").glob("*.ipynb")}
    sources = [
        path.read_text(encoding="utf-8")
        for path in folder("notebooks").parent.glob("bn_course/inspect/findings/*.py")
    ]
    import re

    named = {lesson for source in sources for lesson in re.findall(r'"(\d\d)"', source)}
    assert named
    assert named <= lessons


def test_the_table_names_layers_and_units(model):
    shown = str(inspect_batch_norm(model.eval(), inputs()))
    assert shown.splitlines()[0].split()[:3] == ["layer", "kind", "mode"]
    assert "BatchNorm1d" in shown
    assert "σ" in shown
    assert "! 1, 4: " in shown  # one line for what is true of both
    assert all(len(line) < 200 for line in shown.splitlines())
    assert "nothing to inspect" in str(inspect_batch_norm(nn.Linear(64, 2), inputs()))


def test_a_layer_that_is_not_there_is_named_with_those_that_are(model):
    with pytest.raises(KeyError, match="there are: 1, 4"):
        inspect_batch_norm(model, inputs())["2"]
