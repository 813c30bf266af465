"""On Colab a cell installs the course; nowhere else is there one."""

import nbformat
import pytest
import stored


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    target = tmp_path_factory.mktemp("colab")
    stored.tool("colab").main(["someone/their-fork", "--to", str(target)])
    return target


@pytest.mark.parametrize("folder", ["notebooks", "exercises"])
def test_every_notebook_is_there_with_the_installing_cell_on_top(published, folder):
    here = sorted((stored.REPOSITORY / folder).glob("*.ipynb"))
    assert [file.name for file in sorted((published / folder).iterdir())] == [file.name for file in here]
    for file in here:
        ours, theirs = stored.read(file), stored.read(published / folder / file.name)
        nbformat.validate(theirs)
        install, *rest = theirs.cells
        assert [cell for cell in rest if cell.cell_type == "code"] == stored.code_cells(ours)
        assert '%pip install -q "bn-course @ git+https://github.com/someone/their-fork"' in install.source
        assert not any("google.colab" in cell.source for cell in ours.cells)


def test_links_lead_from_notebook_to_notebook_on_colab(published):
    prose = stored.prose(stored.read(published / "notebooks" / "02_forward_pass.ipynb"))
    address = "https://colab.research.google.com/github/someone/their-fork/blob/colab"
    assert f"]({address}/exercises/02_forward_pass.ipynb)" in prose
    assert f"]({address}/notebooks/03_backward_pass.ipynb)" in prose
    assert "](../" not in prose
