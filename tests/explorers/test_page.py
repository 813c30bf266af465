"""Pages without a kernel: the stored picture, and a figure that comes alive by itself."""

import nbformat
import pytest

from bn_course.explorers import TransformExplorer
from bn_course.explorers.page import static_html, with_live_figures
from bn_course.live.plot import STATE_MIME


@pytest.fixture
def output():
    data, metadata = TransformExplorer(mu=3.0)._repr_mimebundle_()
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)


def test_holds_everything_and_loads_nothing(output):
    page = static_html(output["data"], output["metadata"], "here")
    assert 'id="here"' in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    assert "import " not in page.split("<script", 1)[1].split("compute", 1)[0]
    assert page.count("</script>") == 1


def test_notebook_s_other_outputs_stay(output):
    other = nbformat.v4.new_output("stream", text="3.14")
    cell = nbformat.v4.new_code_cell("explorer", outputs=[other, output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    alive = with_live_figures(notebook)
    assert alive.cells[0].outputs[0] == other
    assert set(alive.cells[0].outputs[1]["data"]) == {"text/html", "text/plain"}
    assert STATE_MIME in notebook.cells[0].outputs[1]["data"]  # the notebook given is untouched
    nbformat.validate(alive)
