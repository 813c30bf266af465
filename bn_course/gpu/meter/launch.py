"""What one launch of a kernel did to memory: a list of its loads and stores, and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

SECTOR = 32  # bytes: the least that a GPU's memory hands out; CUDA C++ Best Practices Guide, coalesced access


@dataclass(frozen=True, eq=False)
class Access:
    """One load, store or atomic of one program.

    Attributes:
        program: its number, counted along the grid's first axis last: (x, y) is x·ny + y.
        tensor: what the kernel calls it, without `_ptr`; empty where no lane was on.
        kind: "read", "write" or "atomic".
        elements: which elements of the tensor, as it lies in memory, one for each lane.
        itemsize: bytes of an element.
        address: of the tensor, in bytes.
        masked: lanes that the mask left out.
        beyond: lanes whose address lies outside the tensor.
        unwritten: elements read that nobody had written.
    """

    program: int
    tensor: str
    kind: str
    elements: np.ndarray
    itemsize: int
    address: int = 0
    masked: int = 0
    beyond: int = 0
    unwritten: int = 0

    @cached_property
    def sectors(self) -> np.ndarray:
        """The tensor's sectors that this access touches, each once: the lanes of a program ask together."""
        return np.unique((self.address % SECTOR + self.elements * self.itemsize) // SECTOR)

    @property
    def bytes(self) -> int:
        """Bytes asked for; those of an element that several lanes share count once."""
        return len(np.unique(self.elements)) * self.itemsize


@dataclass(eq=False)
class Launch:
    """One launch of a kernel over a grid of programs.

    Attributes:
        sizes: elements of each tensor.
        half_sums: additions and sums whose numbers were float16 or bfloat16.
    """

    kernel: str
    grid: tuple[int, ...]
    sizes: dict[str, int]
    accesses: list[Access] = field(default_factory=list)
    half_sums: int = 0

    @property
    def programs(self) -> int:
        """How many programs there were."""
        return int(np.prod(self.grid))

    def of(self, tensor: str | None = None, kind: str | None = None) -> Iterator[Access]:
        """The accesses to `tensor` of that kind; None stands for all."""
        return (a for a in self.accesses if tensor in (None, a.tensor) and kind in (None, a.kind))

    def bytes(self, tensor: str | None = None, kind: str | None = None) -> int:
        """Bytes that the programs asked for. An atomic reads and writes: it counts twice."""
        return sum(a.bytes * (2 if a.kind == "atomic" else 1) for a in self.of(tensor, kind))

    def fetched(self, tensor: str | None = None, kind: str | None = None) -> int:
        """Bytes that cross the bus for it: whole sectors, those of each access anew (there is no cache)."""
        return SECTOR * sum(len(a.sectors) * (2 if a.kind == "atomic" else 1) for a in self.of(tensor, kind))

    def by_program(self, tensor: str | None = None, kind: str | None = None) -> np.ndarray:
        """Bytes that each program asked for, (programs,)."""
        counts = np.zeros(self.programs, np.int64)
        for a in self.of(tensor, kind):
            counts[a.program] += a.bytes
        return counts

    def times(self, tensor: str, kind: str) -> np.ndarray:
        """How often each element of `tensor` was accessed so, as it lies in memory, (size,)."""
        counts = np.zeros(self.sizes[tensor], np.int64)
        for a in self.of(tensor, kind):
            counts[np.unique(a.elements)] += 1
        return counts

    @property
    def masked(self) -> int:
        """Lanes that a mask left out."""
        return sum(a.masked for a in self.accesses)

    @property
    def beyond(self) -> int:
        """Lanes whose address lay outside its tensor."""
        return sum(a.beyond for a in self.accesses)

    @property
    def unwritten(self) -> int:
        """Elements that were read before anybody had written them."""
        return sum(a.unwritten for a in self.accesses)

    @cached_property
    def races(self) -> dict[str, int]:
        """Elements of each tensor whose value depends on which program comes first.

        One program writes it and another one reads or writes it, not both by an atomic. The order of
        programs within a launch is nobody's promise.
        """
        found = {name: len(np.unique(at)) for name, at in self._raced().items()}
        return {name: count for name, count in found.items() if count}

    def _raced(self) -> dict[str, np.ndarray]:
        users = {name: _Users(size) for name, size in self.sizes.items()}
        for a in self.accesses:
            if len(a.elements):
                users[a.tensor].add(a)
        return {name: u.raced() for name, u in users.items()}


class _Users:
    """Which programs use each element of a tensor, and how."""

    def __init__(self, size: int):
        self.first = {kind: np.full(size, -1) for kind in ("read", "write", "atomic")}
        self.several = {kind: np.zeros(size, bool) for kind in self.first}

    def add(self, access: Access) -> None:
        first, at = self.first[access.kind], access.elements
        self.several[access.kind][at] |= (first[at] >= 0) & (first[at] != access.program)
        first[at] = np.where(first[at] < 0, access.program, first[at])

    def raced(self) -> np.ndarray:
        return np.flatnonzero(
            self.several["write"] | self._apart("write", "read")
            | self._apart("write", "atomic") | self._apart("atomic", "read")
        )  # fmt: skip

    def _apart(self, one: str, other: str) -> np.ndarray:
        a, b = self.first[one], self.first[other]
        return (a >= 0) & (b >= 0) & ((a != b) | self.several[one] | self.several[other])
