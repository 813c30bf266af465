"""Two learners in a real hub, in two real browsers, at once; `make hub-test` runs this.

Each test has a room of its own, with accounts, homes, a repository and a hub that nobody has used.
"""

import subprocess
import time
from types import SimpleNamespace

import nbformat
import psutil
import pytest
import room as rooms
from lab import Lab, launch, new_context
from playwright.sync_api import sync_playwright
from test_02 import ANSWER, report, write

LESSON = "bn-course/notebooks/02_forward_pass.ipynb"
EXERCISE = "bn-course/exercises/02_forward_pass.ipynb"
UNTOUCHED = "notebooks/03_backward_pass.ipynb"
NEWS = "A sentence that the instructor added."

SAY = """async code => {
    const kernel = window.bnPanel.sessionContext.session.kernel;
    let said = '';
    const run = kernel.requestExecute({code, store_history: false});
    run.onIOPub = message => {
        if (message.header.msg_type === 'stream') said += message.content.text;
        if (message.header.msg_type === 'error') said += message.content.ename;
    };
    await run.done;
    return said;
}"""


class Seat:
    """A learner in front of a browser of their own."""

    def __init__(self, browser, room, learner):
        self.room, self.learner = room, learner
        self.context = new_context(browser, viewport={"width": 1200, "height": 900})
        self.page = self.context.new_page()
        self.lab = Lab(self.page, SimpleNamespace(url=f"{room.url}/user/{learner.name}"))

    def fill_in(self):
        self.page.goto(self.room.url)
        self.page.fill("#username_input", self.learner.name)
        self.page.fill("#password_input", self.learner.password)

    def sign_in(self):
        self.page.click("#login_submit", no_wait_after=True)

    def arrive(self):
        self.page.wait_for_url("**/lab/tree/**")
        self.page.locator(".jp-Notebook").get_by_text("Start here").first.wait_for(state="attached")

    def say(self, code):
        """What the kernel of the open notebook prints, or the name of its error."""
        return self.page.evaluate(SAY, code).strip()

    def save(self):
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")


@pytest.fixture
def room():
    with rooms.room("bn-ada", "bn-bela") as running:
        yield running
        print(running.log())


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def seats(browser, room):
    """Both learners, who sign in at once."""
    both = [Seat(browser, room, learner) for learner in room.learners]
    for act in (Seat.fill_in, Seat.sign_in, Seat.arrive):
        for seat in both:
            act(seat)
    yield both
    for seat in both:
        seat.context.close()


@pytest.fixture
def working(seats):
    """Both have an exercise open, answered it, one rightly, and saved; with what each was told."""
    for seat, variance in zip(seats, ("x.var(axis=0)", "x.var(axis=0, ddof=1)"), strict=True):
        seat.lab.open(EXERCISE).run_cell(1)
        cell = write(seat.lab, "batch_norm_forward", ANSWER.format(variance=variance))
        seat.told = report(seat.lab, cell)
        seat.save()
    return seats


def test_both_arrive_at_the_first_lesson_in_homes_of_their_own(seats):
    for seat in seats:
        assert seat.page.url.endswith(
            f"/user/{seat.learner.name}/lab/tree/bn-course/notebooks/00_start_here.ipynb"
        )
        assert seat.learner.home.stat().st_mode & 0o777 == 0o700
        assert (seat.learner.work / "exercises/02_forward_pass.ipynb").stat().st_uid == seat.learner.uid
    assert seats[0].page.get_by_text("notified about official Jupyter news").count() == 0


def test_each_runs_a_lesson_and_moves_its_figure(seats):
    for seat in seats:
        seat.lab.open(LESSON).run_all()
    for seat in seats:
        figure = seat.lab.explorer("Batch normalisation, entry by entry")
        figure.changes(lambda f=figure: f.press(f.slider("input mean μ"), times=3))
        assert figure.alert() == ""
        seat.say("pass")  # the kernel's cells are through
        assert seat.lab.errors() == []
        seat.save()


def test_each_is_graded_and_has_progress_of_their_own(working):
    ada, bela = working
    assert "passed, 3 of 3 points" in ada.told
    assert "You divide the sum of squares by N − 1." in bela.told
    first, second = (seat.learner.progress()["batch_norm_forward"] for seat in working)
    assert first["passed"]
    assert not second["passed"]
    assert second["diagnoses"] == {"sample-variance": 1}


def test_the_hub_shows_nobody_anothers_work(seats):
    ada, bela = seats
    own, other = (f"{ada.room.url}/user/{seat.learner.name}/api/contents/{EXERCISE}" for seat in (ada, bela))
    assert ada.context.request.get(own).status == 200
    assert ada.context.request.get(other).status in (403, 404)
    assert ada.context.request.get(f"{ada.room.url}/hub/api/users/{bela.learner.name}").status in (403, 404)


def test_the_system_shows_nobody_anothers_work(working):
    ada, bela = working
    home = bela.learner.home
    server = bela.learner.server()
    port = next(c.laddr.port for c in server.net_connections() if c.status == psutil.CONN_LISTEN)
    hub = ada.room.folder / "hub"
    assert ada.say("import os, urllib.request; print(os.getlogin)") != "PermissionError"  # the kernel answers
    for refused in (
        f"os.listdir({str(home)!r})",
        f"open({str(home / EXERCISE)!r})",
        f"open({str(home / '.local/share/bn-course/progress.json')!r})",
        f"open({str(home / 'bn-course/mine')!r}, 'w')",
        f"open('/proc/{server.pid}/environ')",
        f"os.kill({server.pid}, 9)",
        f"open({str(hub / 'jupyterhub.sqlite')!r})",
        f"open({str(hub / 'jupyterhub_cookie_secret')!r})",
    ):
        assert ada.say(refused) == "PermissionError", refused
    # Behind the hub's back, on the port of the other's server:
    address = f"http://127.0.0.1:{port}/user/{bela.learner.name}/api/contents"
    assert ada.say(f"urllib.request.urlopen({address!r})") == "HTTPError"


def test_nobody_hears_anothers_kernel(working):
    """Any account may connect to a port of the machine, and a kernel publishes what it prints."""
    ada, bela = working
    ports = [
        connection.laddr.port
        for process in bela.learner.processes()
        if "ipykernel" in " ".join(process.cmdline())
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert ports
    ada.say(
        "import zmq; ear = zmq.Context().socket(zmq.SUB); ear.subscribe(b''); ear.RCVTIMEO = 1000\n"
        f"for port in {ports}: ear.connect(f'tcp://127.0.0.1:{{port}}')"
    )
    time.sleep(1)  # a subscription takes a moment
    assert bela.say("print('my answer')") == "my answer"
    assert ada.say("print(ear.recv_multipart())") == "Again"  # ZeroMQ's name for: nothing came


def test_nobody_changes_the_course(working):
    ada = working[0]
    assert ada.say("import os, bn_course; open(bn_course.__file__, 'a')") == "PermissionError"
    assert ada.say("open(os.path.dirname(bn_course.__file__) + '/mine', 'w')") == "PermissionError"
    assert ada.say("print(bn_course.__file__)").startswith(str(ada.room.environment))


def test_who_takes_too_much_memory_is_told_and_goes_on(working):
    ada, bela = working
    assert ada.say("import numpy; greedy = numpy.ones(2 ** 28)") in ("MemoryError", "_ArrayMemoryError")
    assert ada.say("print('still here')") == "still here"
    assert bela.say("print('I too')") == "I too"


def test_servers_have_the_courses_settings(working):
    ada = working[0]
    assert ada.say("import os; print(os.environ['OMP_NUM_THREADS'])") == "1"
    given = ada.learner.run(
        *(str(ada.room.environment / "bin/python"), "-c"),
        "from jupyter_server.serverapp import ServerApp; app = ServerApp(); app.load_config_file(); "
        "print(app.kernel_websocket_connection_class.__name__)",
        env=ada.learner.server().environ(),
        cwd=ada.learner.home,
    )
    assert given.strip() == "PromptConnection"


def test_an_update_brings_what_is_new_and_keeps_what_is_theirs(working):
    """One exercise answered, one deleted, one lesson run, one untouched: the instructor changes them all."""
    room, ada = working[0].room, working[0]
    ada.lab.open(LESSON).run_all()
    ada.say("pass")  # the kernel's cells are through
    ada.save()
    kept = {path: (ada.learner.home / path).read_bytes() for path in (LESSON, EXERCISE)}
    assert kept[LESSON] != (room.source / LESSON.removeprefix("bn-course/")).read_bytes()
    deleted = "exercises/01_why_normalise.ipynb"
    (ada.learner.work / deleted).unlink()
    for file in room.source.rglob("*.ipynb"):
        notebook = nbformat.read(file, as_version=4)
        notebook.cells.append(nbformat.v4.new_markdown_cell(NEWS, id="news"))
        notebook.cells[1].source += f"\n\n{NEWS}"
        nbformat.write(notebook, file)
    (room.source / "notebooks/15_ours.ipynb").write_bytes((room.source / UNTOUCHED).read_bytes())
    room.update("Between two sessions")

    ada.page.goto(room.url)
    ada.arrive()
    for path, content in kept.items():
        assert (ada.learner.home / path).read_bytes() == content, path
    for path in (UNTOUCHED, deleted, "notebooks/15_ours.ipynb"):
        assert NEWS in (ada.learner.work / path).read_text(encoding="utf-8"), path
    for file in (ada.learner.work / "notebooks").glob("*.ipynb"):
        nbformat.validate(nbformat.read(file, as_version=4))


def test_reset_works_in_a_room_and_outlives_an_update(working):
    room, ada = working[0].room, working[0]
    mine = (ada.learner.home / EXERCISE).read_bytes()
    command = (str(room.environment / "bin/bn-course"), "reset", "02")
    said = ada.learner.run(*command, cwd=ada.learner.home)
    assert "as it came" in said
    (beside,) = ada.learner.work.glob("exercises/02_forward_pass.20*.ipynb")
    assert beside.read_bytes() == mine
    ada.page.goto(room.url)
    ada.arrive()
    assert beside.read_bytes() == mine


def test_a_room_without_its_repository_still_opens(seats):
    room, ada = seats[0].room, seats[0]
    room.repository.rename(room.folder / "away.git")
    ada.page.goto(room.url)
    ada.page.get_by_text("Proceed without syncing").last.click()
    ada.arrive()


def test_an_idle_server_goes_and_its_work_stays(working):
    room, bela = working[0].room, working[1]
    answered = bela.learner.progress()
    for seat in working:
        seat.page.close()
    room.stop()
    rooms.until(lambda: not any(learner.processes() for learner in room.learners), "the servers stay")
    room.start(cull_after=4)
    room.ask(f"/hub/api/users/{bela.learner.name}/server", {}, "POST")
    rooms.until(lambda: room.is_ready(bela.learner), "the server does not start")
    rooms.until(lambda: not room.is_ready(bela.learner), "the idle server stays")
    rooms.until(lambda: not bela.learner.processes(), "its processes stay")
    assert bela.learner.progress() == answered
    assert "ddof=1" in (bela.learner.home / EXERCISE).read_text(encoding="utf-8")


def test_only_learners_may_come_in(browser, room):
    stranger = "bn-stranger"
    subprocess.run(["userdel", stranger], capture_output=True)
    rooms.run("useradd", "--no-create-home", stranger)
    try:
        rooms.run("chpasswd", input=f"{stranger}:pass-{stranger}\n")
        page = new_context(browser).new_page()
        page.goto(room.url)
        page.fill("#username_input", stranger)
        page.fill("#password_input", f"pass-{stranger}")
        page.click("#login_submit")
        page.wait_for_load_state()
        assert "/hub/login" in page.url
    finally:
        rooms.run("userdel", stranger)
