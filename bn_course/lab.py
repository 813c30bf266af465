"""Open the course in JupyterLab."""

import os
from collections.abc import Sequence
from pathlib import Path

from bn_course import course

FIRST = "notebooks/00_start_here.ipynb"

# Defaults for JupyterLab's settings (no question about news). The folder is added to those that Jupyter
# reads, so the learner's own configuration is neither changed nor overruled.
_DEFAULTS = Path(__file__).resolve().parent / "_jupyter"


def open_lab(browser: bool = True, extra: Sequence[str] = ()) -> None:
    """Run JupyterLab on the learner's notebooks until it is stopped. `extra` goes to Jupyter as it is.

    Where its port is taken JupyterLab looks for another by itself.
    """
    home = course.workspace()
    if not course.in_checkout():
        new = course.start(home)
        print(f"The course is in {home} ({new} new files; yours are as you left them).")
    read = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(_DEFAULTS), read]))
    arguments = [f"--ServerApp.root_dir={home}", f"--LabApp.default_url=/lab/tree/{FIRST}"]
    if not browser:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in a container; Jupyter refuses otherwise
        arguments.append("--allow-root")
    from jupyterlab.labapp import LabApp  # here: it takes a second, and no other command needs it

    LabApp.launch_instance([*arguments, *extra])
