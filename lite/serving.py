"""A plain static server on loopback that counts what goes over the wire: for the browser edition's tests."""

import gzip
import threading
from contextlib import contextmanager
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PACKED = (".js", ".mjs", ".json", ".html", ".css", ".wasm", ".ipynb", ".svg")
TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".whl": "application/zip"}
ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


@cache
def packed(path: Path, changed: int) -> bytes:
    """A file as gzip sends it; `changed` is when it was, so that another one is packed anew."""
    return gzip.compress(path.read_bytes(), 6)


class Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.server.gone:
            self.close_connection = True
            return None
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        edition = f'"{path.stat().st_mtime_ns:x}"'
        if self.headers["If-None-Match"] == edition:  # as every server for the web does
            self.send_response(304)
            return self.end_headers()
        content = path.read_bytes()
        self.send_response(200)
        self.send_header("ETag", edition)
        if self.server.compress and path.suffix in PACKED:
            content = packed(path, path.stat().st_mtime_ns)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-cache")
        for name, value in ISOLATION.items() if self.server.isolated else ():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.server.sent.append((self.path, len(content)))


@contextmanager
def served(folder: Path, compress: bool = True, isolated: bool = False):
    """Serve `folder`; yields the server, with its `address` and `sent`: path and bytes of each answer."""

    def handler(*arguments):
        return Handler(*arguments, directory=str(folder))

    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.compress, server.isolated, server.sent, server.gone = compress, isolated, [], False
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        unplug(server)
        thread.join()


def unplug(server: ThreadingHTTPServer) -> None:
    """Let nothing answer any more, not even on connections that are open."""
    server.gone = True
    server.shutdown()
    server.server_close()
