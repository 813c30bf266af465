"""Open the course in JupyterLab."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bn_course import course

FIRST = "notebooks/00_start_here.ipynb"

# Defaults for JupyterLab's settings (no question about news), and an extension of it, for figures. The
# folder is added to those that Jupyter reads: the learner's own configuration is not touched.
_DEFAULTS = Path(__file__).resolve().parent / "_jupyter"


def open_lab(browser: bool = True, extra: Sequence[str] = ()) -> None:
    """Run JupyterLab on the learner's notebooks until it is stopped. `extra` goes to Jupyter as it is.

    Where its port is taken JupyterLab looks for another by itself.
    """
    home = course.workspace()
    if not course.in_checkout():
        new = course.start(home)
        print(f"The course is in {home} ({new} new files; yours are as you left them).")
    _keep_elsewhere_if_need_be()
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
        read = os.environ.get(name)
        os.environ[name] = os.pathsep.join(filter(None, [str(_DEFAULTS), read]))
    arguments = [f"--ServerApp.root_dir={home}", f"--LabApp.default_url=/lab/tree/{FIRST}"]
    if not browser:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in a container; Jupyter refuses otherwise
        arguments.append("--allow-root")
    from jupyterlab.labapp import LabApp  # here: it takes a second, and no other command needs it

    LabApp.launch_instance([*arguments, *extra])


def _keep_elsewhere_if_need_be() -> None:
    """Jupyter wants to write where it keeps its files; where it cannot, they go to a temporary folder."""
    from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir

    places = {
        "JUPYTER_CONFIG_DIR": jupyter_config_dir(),
        "JUPYTER_DATA_DIR": jupyter_data_dir(),
        "JUPYTER_RUNTIME_DIR": jupyter_runtime_dir(),
    }
    try:
        for place in places.values():
            Path(place).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                pass
    except OSError as error:
        folder = tempfile.mkdtemp(prefix="bn-course-jupyter-")
        os.environ |= {name: str(Path(folder, name)) for name in (*places, "IPYTHONDIR")}
        print(f"{place} cannot be written ({error.strerror}): Jupyter keeps its own files in {folder}.")
