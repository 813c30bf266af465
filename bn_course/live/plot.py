"""The shell of every explorer: controls, a picture, and a box that says what went wrong."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import traitlets

from bn_course.live.controls import Control
from bn_course.live.style import CSS_DPI, SCALE, figure, in_style, picture_bundle
from bn_course.live.widget import AnyWidget

HERE = Path(__file__).parent
STATE_MIME = "application/vnd.bn-course.explorer+json"


def module_text(path: Path, among: set[Path] | None = None) -> str:
    """A JavaScript module as one text: `import … from "./file"` is replaced by that file, once.

    anywidget takes one module; in the repository the shell is a file of its own, so that node can
    import and test each alone. Only names that the file exports may be imported, and unrenamed.
    `among` are the files that the text has already.
    """
    among = set() if among is None else among

    def inline(match: re.Match) -> str:
        file = (path.parent / match[1]).resolve()
        if file in among:
            return ""
        among.add(file)
        return re.sub(r"^export (default )?", "", module_text(file, among), flags=re.M)

    text = path.read_text(encoding="utf-8")
    return re.sub(r'^import \{[^}]*\} from "([^"]+)";\n', inline, text, flags=re.M)


SHELL_CSS = (HERE / "shell.css").read_text(encoding="utf-8")


class LivePlot(AnyWidget):
    """A figure that the kernel draws, with its controls.

    A subclass sets

    - `label`: the explorer's name, for screen readers;
    - `Params`: a frozen dataclass with defaults; its `__post_init__` may refuse with ValueError;
    - `compute`: `staticmethod` of a pure function of params;
    - `View`: a subclass of `View`, built once, on a figure `height` inches high;
    - `describe`: `staticmethod` of a function of the result: the alternative text, a sentence;
    - `controls`: a dict from a field of `Params` to its `Control`;
    - `needs_torch`: whether it trains networks, which no browser can do.

    Keyword arguments set fields of `Params`; those without a control stay as they were given.
    What fails while a control moves is shown in the explorer, kept in `.error`, and gone again at
    the next good value. `.params` and `.result` are what the figure shows.
    """

    label: str
    Params: type
    View: type
    controls: ClassVar[dict[str, Control]]
    height = 3.2
    needs_torch = False

    _esm = module_text(HERE / "shell.js")
    _css = SHELL_CSS

    at = traitlets.Dict().tag(sync=True, echo_update=False)  # name -> index into its values
    scale = traitlets.Int(SCALE, min=1, max=SCALE).tag(sync=True, echo_update=False)
    background = traitlets.Bytes().tag(sync=True)
    png = traitlets.Bytes().tag(sync=True)  # what differs from the background
    alt = traitlets.Unicode().tag(sync=True)
    alert = traitlets.Unicode().tag(sync=True)
    _label = traitlets.Unicode().tag(sync=True)
    _controls = traitlets.List().tag(sync=True)
    _start = traitlets.Dict().tag(sync=True)
    _width = traitlets.Int(1).tag(sync=True)

    def __init__(self, **params: Any):
        self._given = self.Params(**params)
        start = self._indices({name: getattr(self._given, name) for name in self.controls})
        self.result = None
        self.error: Exception | None = None
        self._turn = threading.Lock()  # held by the one thread that answers changes
        self._waiting = False  # a change came that is not yet drawn
        self._canvas = threading.Lock()  # held while the view's artists move
        fig = figure(self.height)
        with in_style():
            self.view = self.View(fig)
        super().__init__(
            at=start,
            _start=start,
            _label=self.label,
            _controls=[{"name": name, **c.spec()} for name, c in self.controls.items()],
            _width=round(fig.get_figwidth() * CSS_DPI),
        )
        self._refresh()
        self.observe(self._refresh, ["at", "scale"])
        self.on_msg(self._picked)

    @staticmethod
    def compute(params: Any) -> Any:
        """What the figure shows, from the parameters alone."""
        raise NotImplementedError

    @staticmethod
    def describe(result: Any) -> str:
        """The figure in a sentence, with its numbers rounded."""
        raise NotImplementedError

    @property
    def params(self) -> Any:
        """The parameters as the controls stand; raises what `Params` raises."""
        values = {name: control.values[self.at[name]] for name, control in self.controls.items()}
        return replace(self._given, **values)

    def set(self, **params: Any) -> None:
        """Move controls, as a reader would: `explorer.set(mu=2.0)`."""
        self.at = {**self.at, **self._indices(params)}

    def reset(self) -> None:
        """Put every control back to where it started."""
        self.at = dict(self._start)

    def _indices(self, params: dict[str, Any]) -> dict[str, int]:
        unknown = sorted(set(params) - set(self.controls))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no such control; {', '.join(self.controls)}")
        return {name: self.controls[name].index(value) for name, value in params.items()}

    def _refresh(self, _change: Any = None) -> None:
        # JupyterLab may call this from two threads. One draws; the other leaves word and goes.
        # The loop outside catches word left between the last look and the release.
        self._waiting = True
        while self._waiting and self._turn.acquire(blocking=False):
            try:
                while self._waiting:
                    self._waiting = False
                    self._draw()
            finally:
                self._turn.release()

    def _draw(self) -> None:
        try:
            result = self.compute(self.params)
            drawn = self._drawn(result)
        except Exception as error:
            self._warn(error)
        else:
            self.error, self.result = None, result
            with self.hold_sync():  # one message for picture, text and box
                self.alert = ""
                for trait, value in drawn.items():
                    setattr(self, trait, value)

    def _warn(self, error: Exception) -> None:
        self.error = error
        name = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        self.alert = f"{name}{error}"

    def _drawn(self, result: Any) -> dict[str, Any]:
        with self._canvas:
            png = self.view.png(result, self.scale)
            return {"background": self.view.background, "png": png, "alt": self.describe(result)}

    def _picked(self, _widget: Any, message: dict, _buffers: list) -> None:
        if "pick" not in message or self.result is None:
            return
        x, y = message["pick"]  # fractions of the picture, from its top left
        width, height = self.view.fig.canvas.get_width_height()
        try:
            with self._canvas:
                params = self.view.pick(x * width, (1 - y) * height)
            if params:
                self.set(**params)
        except Exception as error:
            self._warn(error)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        """The live widget, and a PNG for readers who have no kernel or do not trust the file."""
        data, metadata = super()._repr_mimebundle_(**options)
        result = self.result  # another thread may put a new one there
        if result is None:
            return {**data, "text/plain": self.label}, metadata
        with self._canvas:
            png = self.view.still(result)
        still, still_metadata = picture_bundle(png, self.describe(result), self._width)
        return {**data, **still}, {**metadata, **still_metadata}


class BrowserPlot(LivePlot):
    """A figure that the browser computes and draws; the kernel is its oracle and its fallback.

    A subclass sets `_esm = module_text(Path(__file__).with_suffix(".js"))`, a module that imports
    the shell and exports `compute(params, data)`, `describe(result)`, `render` and
    `default { render }`, and may add to `_css`.
    `shared()` gives what both sides need alike, such as random draws. Besides the widget and the
    PNG, its output carries the state under `STATE_MIME`, from which `static_html` makes a figure
    that works in a page without a kernel.
    """

    data = traitlets.Dict().tag(sync=True)

    def __init__(self, **params: Any):
        super().__init__(**params)
        self.data = self.shared()

    def shared(self) -> dict[str, Any]:
        """What `compute` needs besides the parameters, ready for JSON."""
        return {}

    def _drawn(self, result: Any) -> dict[str, Any]:
        return {}

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        return {**data, STATE_MIME: self.state()}, metadata

    def state(self) -> dict[str, Any]:
        """What a page without a kernel needs, ready for JSON."""
        module = type(self).__module__.rsplit(".", 1)[-1]  # its name in EXPLORERS
        shared = {key: getattr(self, key) for key in ("at", "data")}
        own = {key: getattr(self, key) for key in ("_label", "_controls", "_start", "_width")}
        return {"module": module, **shared, **own}
