"""The memory that a metered kernel sees: every tensor far from all others, so that no address is in doubt."""

from dataclasses import dataclass

import numpy as np
import torch
import triton.language as tl

from bn_course.gpu.meter.launch import SECTOR

TYPES = {
    torch.float16: tl.float16, torch.bfloat16: tl.bfloat16, torch.float32: tl.float32,
    torch.float64: tl.float64, torch.int32: tl.int32, torch.int64: tl.int64, torch.bool: tl.int1,
}  # fmt: skip
_APART = 2**40  # bytes between the middles of two tensors' stretches: a wrong index stays in its own


@dataclass(eq=False)
class Region:
    """One tensor: its numbers as they lie in memory, its address, and which of them somebody has written."""

    tensor: torch.Tensor
    values: np.ndarray
    written: np.ndarray
    address: int

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return self.values.itemsize

    @property
    def type(self) -> tl.dtype:
        """Triton's name for the type of the elements."""
        return TYPES[self.tensor.dtype]


def stretch(address: int) -> int:
    """The number of the stretch of memory, one for each tensor, in which an address lies."""
    return address // _APART


class Memory:
    """The tensors that kernels have been given; one that comes again is the same as before."""

    def __init__(self):
        self.regions: dict[tuple, Region] = {}
        self.placed = 0

    def place(self, name: str, tensor: torch.Tensor, fresh: bool = False) -> Region:
        """The region of `tensor`; `fresh`: nobody has written it yet.

        Raises:
            TypeError: its type is none that the meter knows.
            ValueError: it has gaps in memory.
        """
        key = tensor.data_ptr(), tensor.numel(), tensor.dtype
        if key not in self.regions or fresh:
            self.regions[key] = self._region(name, tensor, fresh)
        return self.regions[key]

    def _region(self, name: str, tensor: torch.Tensor, fresh: bool) -> Region:
        if tensor.dtype not in TYPES:
            raise TypeError(f"{name} is {tensor.dtype}; the meter knows {', '.join(map(str, TYPES))}")
        span = 1 + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride(), strict=True))
        if tensor.numel() != span:
            raise ValueError(f"{name} has gaps in memory; the meter takes dense tensors")
        flat = torch.as_strided(tensor.detach(), (tensor.numel(),), (1,))
        bits = tensor.dtype == torch.bfloat16  # which NumPy does not know
        values = flat.view(torch.int16).numpy().view(np.uint16) if bits else flat.numpy()
        written = np.full(tensor.numel(), not fresh)
        self.placed += 1
        offset = tensor.storage_offset() * tensor.element_size() % SECTOR
        return Region(tensor, values, written, self.placed * _APART + _APART // 2 + offset)
