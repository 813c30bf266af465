"""What says that one is in a room: what it sees, a button to raise one's hand and one to leave."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from bn_course.grading.show import in_notebook
from bn_course.live.plot import SHELL_CSS, module_text
from bn_course.room.member import Member

_SEES = (
    "Room {room} sees your predictions and how sure you are, what a check makes of your answers (with the "
    "smallest example that fails), which section you are in and your raised hand, {name}; no code and no "
    "file leaves this machine, and leave() ends it."
)


def sentence(me: Member) -> str:
    """What is sent, in one sentence."""
    name = f"under the name {me.name} if it asks for names" if me.name else "without your name"
    return _SEES.format(room=me.room, name=name)


class JoinBox(anywidget.AnyWidget):
    """`said` is how it stands; `hand` whether the learner's is up; `left` ends it all."""

    _esm = module_text(Path(__file__).with_suffix(".js"))
    _css = SHELL_CSS

    sees = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    hand = traitlets.Bool(False).tag(sync=True)
    left = traitlets.Bool(False).tag(sync=True)
    _room = traitlets.Unicode().tag(sync=True)

    def __init__(self, me: Member):
        super().__init__(sees=sentence(me), _room=me.room)
        self.on_msg(self._asked)

    def _asked(self, _widget: Any, message: dict, _buffers: list) -> None:
        from bn_course.room import client

        if "hand" in message and not self.left:
            self.hand = bool(message["hand"])
            client.tell("hand", state="up" if self.hand else "down")
        elif "leave" in message and not self.left:
            self.said = client.left(keep=False)
            self.left, self.hand = True, False

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        return {**data, "text/plain": f"{self.said} {self.sees}".strip()}, metadata


def show(me: Member) -> Callable[[str], None]:
    """Show the sentence, before anything is sent. Returns what then says how it stands."""
    if not in_notebook():
        print(sentence(me))
        return print
    from IPython.display import display

    box = JoinBox(me)
    display(box)
    return lambda words: setattr(box, "said", words)
