"""`bn-course inspect module:make_model --batches module:loader`: the kit for a script or a CI job."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


class NameNotFoundError(ValueError):
    """A name on the command line that leads nowhere; the message says why."""


def run(model: str, batches: str, as_json: bool = False) -> int:
    """Inspect the model called so on the batches called so, and print what is found; 1 if there are warnings.

    Both are `module:name`, the module as Python would import it from here. The name is the thing itself or a
    function without arguments that makes it. The model is inspected in the mode that it comes in.

    Raises:
        NameNotFoundError: there is no such module or name, or it is no model.
    """
    from torch import nn

    from bn_course.inspect import inspect_batch_norm
    from bn_course.inspect.table import advice

    made = found(model)
    made = made() if callable(made) and not isinstance(made, nn.Module) else made
    if not isinstance(made, nn.Module):
        raise NameNotFoundError(
            f"{model} is {type(made).__name__}; it must be a torch module, or a function that makes one"
        )
    given = found(batches)
    seen = inspect_batch_norm(made, given() if callable(given) else given)
    print(json.dumps(seen.to_dict(), ensure_ascii=False, indent=1) if as_json else seen)
    if seen.warnings and not as_json:
        print(f"\n{advice(seen)}")
    return 1 if seen.warnings else 0


def found(place: str) -> Any:
    """What `module:name` stands for, the working folder being on the path."""
    module, _, name = place.partition(":")
    if not name or module.endswith(".py"):
        raise NameNotFoundError(
            f"{place!r}: write the module and a name in it, such as net:make_model for net.py"
        )
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0] and error.name != module:
            raise
        raise NameNotFoundError(
            f"there is no module {module!r} here, in {Path.cwd().name}/, nor among the packages"
        ) from None
    if not hasattr(loaded, name):
        raise NameNotFoundError(f"{module} has no {name!r}")
    return getattr(loaded, name)
