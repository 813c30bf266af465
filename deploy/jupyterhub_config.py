"""A JupyterHub for a room, on one Linux machine. Its learners are accounts of that machine.

    /opt/bn-course/bin/jupyterhub -f deploy/jupyterhub_config.py

`README.md` beside this file has the steps before that. Run it as root, in a folder of its own: it keeps its
database there, and starts each learner's server as that learner.
"""

import grp
import os
import pwd
import resource
import sys
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner

BIN = Path(sys.prefix) / "bin"
HOUR = 3600

load_subconfig(str(Path(__file__).resolve().with_name("course_config.py")))  # noqa: F821 - JupyterHub's
c = get_config()  # noqa: F821

# What the hub and the learners' servers write, only its owner reads.
os.umask(0o077)

# Only this machine sees the hub, until something with HTTPS stands before it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.ConfigurableHTTPProxy.command = [str(BIN / "configurable-http-proxy")]

# The machine's own accounts and passwords. Members of these groups may come in; the latter run the hub.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"learners"}
c.PAMAuthenticator.admin_groups = {"sudo"}


class RoomSpawner(LocalProcessSpawner):
    """Local processes, each with a limit: who asks for more gets a MemoryError, and the room goes on."""

    def make_preexec_fn(self, name):
        become_learner = super().make_preexec_fn(name)
        limit = self.mem_limit or resource.RLIM_INFINITY

        def preexec():
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
            become_learner()

        return preexec


def close_home(spawner):
    """Nobody but the learner looks into their home, whatever the system's default is."""
    Path(pwd.getpwnam(spawner.user.name).pw_dir).chmod(0o700)


c.JupyterHub.spawner_class = RoomSpawner
c.Spawner.pre_spawn_hook = close_home
c.Spawner.mem_limit = "2G"  # for one process, so for one kernel
c.Spawner.cmd = [str(BIN / "jupyterhub-singleuser")]
c.Spawner.environment["PATH"] = f"{BIN}:/usr/local/bin:/usr/bin:/bin"

# A server that nobody uses goes after an hour. Files and progress stay.
c.JupyterHub.services = [
    {"name": "cull", "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={HOUR}"]},
]
c.JupyterHub.load_roles = [
    {
        "name": "cull",
        "services": ["cull"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    },
]

# The live room, under Services, for the machine's group `instructors`; where there is none, there is no room.
instructors = [group.gr_mem for group in grp.getgrall() if group.gr_name == "instructors"]
if instructors:
    c.JupyterHub.load_groups = {"instructors": {"users": sorted(instructors[0])}}
    c.JupyterHub.services.append(
        {
            "name": "room",
            "url": "http://127.0.0.1:8765",
            "command": [sys.executable, "-m", "bn_course.room.hub"],
            # of the hub's own environment a service is handed nothing else
            "environment": {n: v for n, v in os.environ.items() if n.startswith("BN_COURSE_ROOM_")},
            "oauth_no_confirm": True,
        }
    )
    c.JupyterHub.load_roles.append(
        {"name": "room", "groups": ["instructors"], "scopes": ["access:services!service=room"]}
    )
    c.Spawner.environment["BN_COURSE_ROOM"] = "http://127.0.0.1:8000/services/room/r/CLASS"
