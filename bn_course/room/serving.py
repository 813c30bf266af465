"""How uvicorn serves rooms: quietly, without its name, and ending the streams when it stops."""

import contextlib
import socket

import uvicorn
from starlette.applications import Starlette


class Server(uvicorn.Server):
    """A server of `application(...)`. Streams never end by themselves: they are ended, not cut off.

    What a proxy says of the address and the scheme is not believed: anybody could say it.
    """

    def __init__(self, app: Starlette):
        quiet = {"log_level": "warning", "access_log": False, "server_header": False, "proxy_headers": False}
        waits = {"timeout_graceful_shutdown": 10, "timeout_keep_alive": 65, "backlog": 2048}
        super().__init__(uvicorn.Config(app, **quiet, **waits))
        self._rooms = app.state.rooms

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._rooms.stop()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """A socket of this machine; OSError where the port is taken."""
    return socket.create_server((host, port), backlog=2048)


def allow_many_connections() -> None:
    """A stream for every learner is a file each, and many systems begin with 1024."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
