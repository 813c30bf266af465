"""What runs in JupyterLab runs in `bn-course grade`: a kernel beside the sandbox, the same scores."""

import re

import pytest
from jupyter_client.manager import start_new_kernel

from bn_course.drivers.shell import FRONT_END
from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge
from bn_course.workshop.grading import grade_file
from bn_course.workshop.sandbox import Limits
from bn_course.workshop.session import Session

ANSWER = "def double(x):\n    return factor * x"

# name → cells before ANSWER, which is right where they set `factor` to 2, and the score in JupyterLab.
CELLS = {
    "%%time": (["%%time\nfactor = 2"], 1),
    "%%capture": (["%%capture said\nprint(2)", "factor = int(said.stdout)"], 1),
    "%%timeit": (["factor = 2", "%%timeit -n1 -r1\nfactor + 1"], 1),
    "a trailing display": (["factor = 2\ny = factor\ndisplay(y)"], 1),
    "display of HTML": (["factor = 2\nfrom IPython.display import HTML\ndisplay(HTML('<b>2</b>'))"], 1),
    "await": (["import asyncio\nfactor = await asyncio.sleep(0, 2)"], 1),
    "async for": (
        ["async def numbers():\n    yield 2", "async for n in numbers():\n    factor = n"],
        1,
    ),
    "a task that goes on": (
        ["import asyncio\ntask = asyncio.create_task(asyncio.sleep(0, 2))", "factor = await task"],
        1,
    ),
    "a loop in the loop": (["import asyncio\nfactor = asyncio.run(asyncio.sleep(0, 2))"], 0),
    "names = !ls": (["names = !ls /", "factor = 2 if 'usr' in names else 0"], 1),
    "a variable in a command": (["n = 2\nsaid = !echo {n}", "factor = int(said[0])"], 1),
    "a command that is not there": (["!no-such-command", "factor = 2 if _exit_code else 0"], 1),
    "%%bash": (["%%bash --out said\necho 2", "factor = int(said)"], 1),
    "%%bash that fails": (["factor = 2", "%%bash\nexit 3"], 1),
    "In": (["factor = 2 if 'the last' in In[-1] else 0  # the last"], 1),
    "Out": (["1 + 1", "factor = Out[max(Out)]"], 1),
    "_": (["1 + 1", "factor = _"], 1),
    "_i": (["2", "factor = int(_i)"], 1),
    "a semicolon": (["factor = 2\nfactor;"], 1),
    "run_line_magic": (["folder = get_ipython().run_line_magic('pwd', '')\nfactor = 2 if folder else 0"], 1),
    "run_cell_magic": (["get_ipython().run_cell_magic('time', '', 'factor = 2')"], 1),
    "get_ipython": (["from IPython import get_ipython\nfactor = 2 if get_ipython() else 0"], 1),
    "help": (["len?", "factor = 2\nfactor?"], 1),
    "%matplotlib inline": (
        ["%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nfactor = 2"],
        1,
    ),
    "%config": (["%config InlineBackend.figure_format = 'retina'\nfactor = 2"], 1),
    "%autoreload": (["%load_ext autoreload\n%autoreload 2\nfactor = 2"], 1),
    "%load_ext": (["%load_ext no_such_extension\nfactor = 2"], 0),
    "%writefile": (["%%writefile helper.py\nfactor = 2", "from helper import factor"], 1),
    "%run": (["%%writefile script.py\nfactor = 2", "%run script.py"], 1),
    "%store": (["factor = 2\n%store factor", "del factor\n%store -r factor"], 1),
    "%autosave": (["%autosave 60\nfactor = 2"], 1),
    "a magic that is not there": (["%no_such_magic\nfactor = 2"], 0),
    "a syntax error": (["factor = 2", "def broken(:"], 1),
    "an unfinished magic": (["factor = 2", "%%capture\ndef broken(:"], 1),
    "pickle": (
        ["import pickle\nclass Two:\n    n = 2", "factor = pickle.loads(pickle.dumps(Two())).n"],
        1,
    ),
    "the source of a function": (
        ["import inspect\ndef two():\n    return 2", "factor = 2 if '2' in inspect.getsource(two) else 0"],
        1,
    ),
    "processes": (
        ["from concurrent.futures import ProcessPoolExecutor\ndef two(_):\n    return 2",
         "with ProcessPoolExecutor(1) as pool:\n    (factor,) = pool.map(two, [0])"],
        1,
    ),
    "a cell that raises": (["factor = 2\n1 / 0"], 1),
    "no network": (
        ["factor = 2", "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=1)"],
        1,
    ),
    "no answer": (["factor = 2\ninput()"], 1),
    "a widget": (["import ipywidgets\nfactor = ipywidgets.IntSlider(2).value"], 1),
    "sys.exit": (["factor = 2\nimport sys\nsys.exit()"], 1),
}  # fmt: skip

# The answer itself uses the shell.
ANSWERS = {
    "a command in the answer": ("def double(x):\n    said = !echo 2\n    return int(said[0]) * x", 1),
    "a magic in the answer": ("def double(x):\n    %precision 3\n    return 2 * x", 1),
    "a loop in the answer": (
        "import asyncio\ndef double(x):\n    return asyncio.run(asyncio.sleep(0, 2)) * x",
        0,
    ),
    "an answer that prints": ("def double(x):\n    print(x)\n    display(x)\n    return 2 * x", 1),
}
TABLE = {name: ([*cells, ANSWER], score) for name, (cells, score) in CELLS.items()}
TABLE |= {name: ([cell], score) for name, (cell, score) in ANSWERS.items()}


def row(number, cells):
    """The cells of a row with names of its own, so that nothing of another row helps or harms."""
    return [re.sub(r"double|factor", rf"\g<0>_{number}", cell) for cell in cells]


@pytest.fixture(scope="module")
def in_jupyterlab(tmp_path_factory):
    """The scores that `grade` gives in an ordinary kernel: one for the whole table."""
    folder = tmp_path_factory.mktemp("kernel")
    manager, client = start_new_kernel(
        cwd=str(folder), extra_arguments=["--log-level=ERROR", f"--IPKernelApp.ipython_dir={folder}"]
    )
    shown = {}

    def note(message):
        if message["msg_type"] == "execute_result":
            shown["last"] = message["content"]["data"]["text/plain"]

    def run(cell):
        client.execute_interactive(cell, allow_stdin=False, output_hook=note, timeout=60)

    def score(number, cells):
        for cell in row(number, cells):
            run(cell)
        shown["last"] = "0"
        run(f"from bn_course import grade as judge\njudge('double', double_{number}).score")
        return float(shown["last"])

    yield {name: score(number, cells) for number, (name, (cells, _)) in enumerate(TABLE.items())}
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def in_the_sandbox():
    """The scores of the same cells where strangers' cells run: one process for the whole table."""
    question = catalogue()["double"]
    cells = [cell for number, (cells, _) in enumerate(TABLE.values()) for cell in row(number, cells)]
    names = [f"double_{number}" for number in range(len(TABLE))]
    with Session(cells, names, Limits(total=600)) as session:
        session.start()
        runners = [lambda probe, name=name: session.call(name, probe) for name in names]
        yield {row: judge(question, run).score for row, run in zip(TABLE, runners, strict=True)}


@pytest.mark.parametrize("name", TABLE)
def test_the_scores_are_the_same(name, in_jupyterlab, in_the_sandbox):
    print(f"\n{name:30} in JupyterLab {in_jupyterlab[name]:g}, graded {in_the_sandbox[name]:g}")
    assert in_jupyterlab[name] == in_the_sandbox[name] == TABLE[name][1]


def test_the_magics_of_a_kernel_for_its_front_end_are_known():
    from ipykernel.zmqshell import KernelMagics

    assert set(FRONT_END) == set(KernelMagics.magics["line"])
    assert KernelMagics.magics["cell"] == {}


def test_what_cannot_be_had_fails_as_that_cells_own_error(submit):
    cells = ["factor = 2", "import socket\nsocket.create_connection(('192.0.2.1', 9), timeout=1)", ANSWER]
    result = grade_file(submit(*cells, name="00_start_here.ipynb"), Limits())
    assert len(result.cell_errors) == 1
    assert result.cell_errors[0].startswith("cell 2: OSError") or "Timeout" in result.cell_errors[0]
    assert "create_connection" in result.cell_errors[0]
    assert result.score == 1


def test_time_that_is_up_is_said_even_where_a_magic_catches_it(submit):
    cells = ["%%time\nwhile True:\n    pass", "import asyncio\nawait asyncio.sleep(60)", "factor = 2", ANSWER]
    result = grade_file(submit(*cells, name="00_start_here.ipynb"), Limits(cell=1))
    assert result.cell_errors == tuple(f"cell {n}: TimeoutError: it took longer than 1 s" for n in (1, 2))
    assert result.score == 1
