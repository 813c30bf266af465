"""The shell in which a stranger's cells run: IPython's own, as in a Jupyter kernel, without the kernel."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

# What a kernel adds for its front end: nothing looks at a notebook that is being graded.
FRONT_END = ("autosave", "clear", "connect_info", "edit", "less", "man", "more", "qtconsole", "subshell")


class _Compiler(CachingCompiler):
    """Names a cell in tracebacks by its count."""

    def get_code_name(self, raw_code, transformed_code, number):
        return f"<cell {number}>"


class Shell(InteractiveShell):
    """Runs cells one after another in a running event loop, as a kernel does; prints no traceback."""

    def __init__(self, **options):
        no_history = Config({"HistoryManager": {"enabled": False}})  # no database on the disk
        super().__init__(config=no_history, compiler_class=_Compiler, **options)
        self.extension_manager.load_extension("storemagic")
        for name in FRONT_END:
            self.register_magic_function(lambda line: None, magic_name=name)
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)

    def run(self, source: str) -> BaseException | None:
        """Run a cell; what it raised, or None."""
        return self.inside(lambda: self._cell(source))

    def inside(self, work: Callable[[], Any]) -> Any:
        """Do `work` in the loop, and wait for it where it is something to be waited for."""

        async def step():
            found = work()
            return await found if asyncio.iscoroutine(found) else found

        task = self.loop.create_task(step())
        try:
            return self.loop.run_until_complete(task)
        finally:
            task.cancel()  # where its time was up while it waited

    async def _cell(self, source: str) -> BaseException | None:
        malformed, transformed = None, source
        try:
            transformed = self.transform_cell(source)
        except Exception:  # a syntax error that IPython's own syntax has
            malformed = sys.exc_info()
        result = await self.run_cell_async(
            source, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=malformed
        )
        self.events.trigger("post_execute")
        self.events.trigger("post_run_cell", result)
        return result.error_before_exec or result.error_in_exec

    def enable_gui(self, gui=None):
        """There is no screen, and `%matplotlib` asks for one."""

    def ask_exit(self):
        """`exit` and `quit` end a kernel; here the cells that follow are still worth something."""

    def showtraceback(self, *args, **kwargs):
        """What a cell raised is told by its result."""

    showsyntaxerror = showtraceback
