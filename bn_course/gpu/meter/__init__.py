"""Run a Triton kernel on a CPU and count what it does to memory. (lesson 06)

`Meter().launch(kernel, grid, *arguments)` runs the kernel program by program in Triton's interpreter and
returns a `Launch`: the bytes by tensor and by program, how often each element was read and written, the
sectors of 32 bytes that were fetched, masked lanes, accesses beyond a tensor's end, races, and reads of
memory that nobody wrote. The same kernel gives the same counts on every machine.

This package names no kernel of the course: a stranger's process, which must not have them, has it.
"""

from bn_course.gpu.meter.cache import from_memory
from bn_course.gpu.meter.launch import SECTOR, Access, Launch
from bn_course.gpu.meter.meter import Meter

__all__ = ["SECTOR", "Access", "Launch", "Meter", "from_memory"]
