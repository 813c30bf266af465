"""What the course asks of a JupyterHub whose learners share a machine.

`jupyterhub_config.py` beside this file loads it. The Littlest JupyterHub does where it lies in
/opt/tljh/config/jupyterhub_config.d/.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlencode

FOLDER = "bn-course"  # in each learner's home
LESSON = f"lab/tree/{FOLDER}/notebooks/00_start_here.ipynb"
# What learners work on: their copies follow this repository, and keep what they changed.
REPOSITORY = os.environ.get("BN_COURSE_REPOSITORY", "file:///srv/bn-course.git")
MINUTE = 60

# The course is installed where learners' servers are: beside this hub, or in The Littlest JupyterHub's user/.
installed = [
    path
    for environment in (Path(sys.prefix), Path("/opt/tljh/user"))
    for path in environment.glob("lib/python3*/site-packages/bn_course/_jupyter")
]
if not installed:
    raise FileNotFoundError("bn-course is not installed for this hub: see the course's deploy/README.md")

c = get_config()  # noqa: F821 - JupyterHub's

# Whoever arrives gets what is new in the room's repository, and then the first lesson.
pull = urlencode({"repo": REPOSITORY, "targetpath": FOLDER, "urlpath": LESSON})
c.JupyterHub.default_url = f"/hub/user-redirect/git-pull?{pull}"
c.Spawner.default_url = f"/{LESSON}"

c.Spawner.environment = {
    "OMP_NUM_THREADS": "1",  # a learner, a core: more threads than cores make everybody slow
    "JUPYTER_CONFIG_PATH": str(installed[0]),  # what `bn-course lab` gives JupyterLab
    "JUPYTER_PATH": str(installed[0]),
}
c.Spawner.args = [
    # Kernels listen on ports of the machine; without this, who listens there too hears what they print.
    "--KernelManager.transport_encryption=required",
    # A kernel whose lesson is closed goes after half an hour.
    f"--MappingKernelManager.cull_idle_timeout={30 * MINUTE}",
    f"--MappingKernelManager.cull_interval={5 * MINUTE}",
]
