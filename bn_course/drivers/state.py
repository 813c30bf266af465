"""A session's state, which must not leak into a verdict: clean while an answer is judged, then given back."""

import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np

_SEED = 0
_PRINTING = {  # NumPy's own defaults
    "precision": 8,
    "threshold": 1000,
    "edgeitems": 3,
    "linewidth": 75,
    "suppress": False,
    "nanstr": "nan",
    "infstr": "inf",
    "sign": "-",
    "formatter": None,
    "floatmode": "maxprec",
    "legacy": False,
}


@contextmanager
def clean_state() -> Iterator[None]:
    """NumPy, torch and Python as a fresh session has them, with one thread and a fixed random state.

    No warning is shown. Whatever the learner had set, and whatever is set meanwhile, is put back.
    torch is looked at only where something has loaded it.
    """
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(np.printoptions(**_PRINTING))
        stack.callback(random.setstate, random.getstate())
        stack.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002 - the session's own
        random.seed(_SEED)
        np.random.seed(_SEED)  # noqa: NPY002
        if hasattr(torch := sys.modules.get("torch"), "inference_mode"):  # not while it is being loaded
            _clean_torch(torch, stack)
        yield


def _clean_torch(torch, stack: ExitStack) -> None:
    for read, write, clean in (
        (torch.get_default_dtype, torch.set_default_dtype, torch.float32),
        (torch.get_num_threads, torch.set_num_threads, 1),
        (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "highest"),
        (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 0),
        (torch.get_default_device, _default_device, torch.device("cpu")),
    ):
        _set(read, write, clean, stack)
    generator = torch.default_generator  # of the CPU: to seed all would wake CUDA
    stack.callback(generator.set_state, generator.get_state())
    generator.manual_seed(_SEED)
    anomaly = torch.autograd.set_detect_anomaly
    stack.callback(anomaly, torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
    anomaly(False)
    stack.enter_context(torch.autocast("cpu", enabled=False))
    stack.enter_context(torch.inference_mode(False))
    stack.enter_context(torch.enable_grad())


def _default_device(device) -> None:
    """Only None takes torch's own hook away again, which looks at every call."""
    sys.modules["torch"].set_default_device(None if device.type == "cpu" else device)


def _set(read, write, clean, stack: ExitStack) -> None:
    before = read()
    stack.callback(lambda: read() == before or write(before))
    if before != clean:
        write(clean)
