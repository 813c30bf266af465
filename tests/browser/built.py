"""The site as files: built as `make site` builds it, read by a parser, served to a browser."""

import functools
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

ROOT = Path(__file__).resolve().parents[2]
SITE = "https://site.example/"  # where a test imagines the site to be


def build(folder):
    """Build the site in `folder`; returns where it is. A warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-c", "docs", "-W", "--keep-going", "-q"]
    command += ["-d", str(folder / "doctrees"), ".", str(folder / "site")]
    environment = {name: value for name, value in os.environ.items() if name != "GITHUB_REPOSITORY"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "site"


class Page(HTMLParser):
    """What a page loads, links to, can be linked at, and asks."""

    def __init__(self, file, site):
        super().__init__()
        self.url = urljoin(SITE, file.relative_to(site).as_posix())
        self.text = file.read_text(encoding="utf-8")
        self.loads, self.links, self.ids, self.alts, self.asked = [], [], set(), [], []
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "link" and given["rel"] not in ("index", "search", "next", "prev"):
            self.loads.append(urljoin(self.url, given["href"]))
        elif given.get("src") and not given["src"].startswith("data:"):
            self.loads.append(urljoin(self.url, given["src"]))
        if "data-letters" in given:
            self.asked.append((given["data-name"], given["data-letters"]))
        if tag == "img":
            self.alts.append(given.get("alt") or "")


def file_of(url, site):
    path = site / unquote(urlsplit(url).path).lstrip("/")
    return path / "index.html" if path.is_dir() else path


def visit(context, url, errors):
    """A new page at `url`; what it asks of another host, cannot load or complains of goes to `errors`."""
    page = context.new_page()
    host = urlsplit(url).netloc
    page.on("request", lambda r: urlsplit(r.url).netloc in (host, "") or errors.append(r.url))
    page.on("response", lambda r: r.ok or r.status == 304 or errors.append(f"{r.status} {r.url}"))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    return page


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """The address of a plain static server on loopback."""
    handler = functools.partial(Handler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
