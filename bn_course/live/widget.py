"""What every figure is: anywidget's widget or, where there is no Jupyter, as in a page, its traits alone."""

from contextlib import nullcontext

import traitlets

try:
    from anywidget import AnyWidget
except ModuleNotFoundError as error:
    if error.name != "anywidget":
        raise

    class AnyWidget(traitlets.HasTraits):
        """Traits that `bn_course.explorers.worker` takes to the page."""

        def hold_sync(self):
            """Nothing is sent from here, so nothing is held back."""
            return nullcontext()

        def on_msg(self, heard):
            """Nobody sends messages: the worker calls the figure."""


__all__ = ["AnyWidget"]
