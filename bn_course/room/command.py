"""`bn-course room`: the server of a room, on this machine."""

import argparse
import socket
import sys
import threading
import webbrowser
from pathlib import Path

PORT = 8765


def add_to(commands) -> None:
    """The command's place among the others."""
    room = commands.add_parser(
        "room",
        help="see live what a room of learners predicts, and who is stuck on what",
        epilog="Without CODE a new room is opened, with it that one again. A proxy that speaks HTTPS in "
        "front of it is named by --at.",
    )
    room.add_argument("room", nargs="?", metavar="CODE")
    room.add_argument("--host", default="0.0.0.0", help="(0.0.0.0: the network; 127.0.0.1: this machine)")
    room.add_argument("--port", type=int, default=PORT, metavar="N", help=f"({PORT}; 0: any)")
    room.add_argument("--db", metavar="FILE_OR_URL", help="SQLite or PostgreSQL (rooms.db, by your progress)")
    room.add_argument("--at", metavar="URL", help="the address of learners, where that is another")
    room.add_argument("--lite", type=Path, metavar="DIR", help="with the browser edition, from `make lite`")
    room.add_argument("--names", action="store_true", help="ask learners for a nickname")
    room.add_argument("--forget", action="store_true", help="delete the room and all that was sent to it")
    room.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    room.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open a room and serve it until it is interrupted, or forget one. Returns the exit code."""
    try:
        from bn_course.grading.kept import home
        from bn_course.room.store import Store, UnavailableError
    except ModuleNotFoundError as error:
        print(f"bn-course: {error.name} is missing: pip install 'bn-course[teach]'", file=sys.stderr)
        return 1
    try:
        store = Store(arguments.db or home() / "rooms.db")
        return _forget(store, arguments) if arguments.forget else _serve(store, arguments)
    except (UnavailableError, ValueError) as error:
        print(f"bn-course: {error}", file=sys.stderr)
        return 1


def _forget(store, arguments: argparse.Namespace) -> int:
    code = (arguments.room or "").upper()
    if store.room(code) is None:
        return _unknown(store, code)
    store.forget(code)
    print(f"Room {code} and all that was sent to it are deleted.")
    return 0


def _serve(store, arguments: argparse.Namespace) -> int:
    from bn_course.room.server import application
    from bn_course.room.serving import Server, allow_many_connections, listen
    from bn_course.room.tokens import instructor_secret

    code = (arguments.room or "").upper()
    room = store.room(code) if code else store.make_room(arguments.names)
    if room is None:
        return _unknown(store, code)
    listening = listen(arguments.host, arguments.port)
    port = listening.getsockname()[1]
    at = (arguments.at or f"http://{_address(arguments.host)}:{port}").rstrip("/")
    mine = f"http://{'127.0.0.1' if arguments.host == '0.0.0.0' else arguments.host}:{port}"
    page = f"{mine}/r/{room.code}/?secret={instructor_secret(room.key)}"
    print(f"Learners: {at}/r/{room.code}")
    print(f"You:      {page}")
    print(f"Later:    bn-course room {room.code} opens it again, with --forget deletes it.", flush=True)
    if not arguments.no_browser:
        threading.Timer(1.0, webbrowser.open, [page]).start()
    allow_many_connections()
    Server(application(store, at=at, lite=arguments.lite)).run(sockets=[listening])
    return 0


def _address(host: str) -> str:
    """This machine's address for others: where the route to a distant machine begins. Nothing is sent."""
    if host != "0.0.0.0":
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that nobody has (RFC 5737)
            return probe.getsockname()[0]
        except OSError:  # no network
            return "127.0.0.1"


def _unknown(store, code: str) -> int:
    known = ", ".join(sorted(store.codes())) or "none"
    print(f"bn-course: there is no room {code or 'named'}; there are: {known}", file=sys.stderr)
    return 1
