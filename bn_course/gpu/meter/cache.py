"""What a cache spares: a model of the L2 cache, under the accesses that the meter wrote down."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from bn_course.gpu.meter.launch import SECTOR, Access, Launch


def from_memory(launches: Iterable[Launch], cache_bytes: int) -> int:
    """Bytes that cross the bus when a cache of `cache_bytes` stands before the memory.

    A model: all programs of a launch go side by side, an access each in turn, and the cache throws out what
    was not used for longest. What is written crosses once, and stays in the cache as what is read does.
    """
    cache: OrderedDict[int, None] = OrderedDict()
    crossed = 0
    for access in (access for launch in launches for access in _side_by_side(launch)):
        for sector in (access.sectors + access.address // SECTOR).tolist():
            missed = sector not in cache
            crossed += SECTOR * (missed or access.kind != "read")
            cache[sector] = None
            cache.move_to_end(sector)
            if len(cache) * SECTOR > cache_bytes:
                cache.popitem(last=False)
    return crossed


def _side_by_side(launch: Launch) -> Iterator[Access]:
    turns: dict[int, int] = {}
    numbered = []
    for access in launch.accesses:
        turns[access.program] = turn = turns.get(access.program, -1) + 1
        numbered.append((turn, access.program, access))
    return (access for *_, access in sorted(numbered, key=lambda entry: entry[:2]))
