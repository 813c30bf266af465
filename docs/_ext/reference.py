"""The API reference: which names a package has, for autodoc to fill with their docstrings."""

import inspect
import pkgutil
from importlib import import_module

AUTODOC = "```{eval-rst}\n.. auto%s:: %s\n%s```\n"
OPTIONS = {
    "class": "   :members:\n",
    "module": "   :no-index:\n",  # bn_course.norms.adain is a function's name too
}


def package(name):
    """Markdown for one package: its own docstring, then its modules with their public names."""
    owner = import_module(name)
    modules = [import_module(f"{name}.{found.name}") for found in pkgutil.iter_modules(owner.__path__)
               if not found.ispkg and found.name.isidentifier() and not found.name.startswith("_")]
    return "\n".join([directive("module", name), *(section(module, owner) for module in modules)])


def section(module, owner):
    stem = module.__name__.rpartition(".")[2]
    names = [directive(kind(value), f"{home(value, owner, module)}.{value.__name__}")
             for value in public(module, owner)]
    return "\n".join([f"## {stem}\n", directive("module", module.__name__), *names])


def names(module):
    """Markdown for the names that a module lists in `__all__`."""
    owner = import_module(module)
    return "\n".join(directive(kind(getattr(owner, name)), f"{module}.{name}") for name in owner.__all__)


def public(module, owner):
    """What a module offers, in the order of the file: its classes and functions that are explained.

    Where the package exports some of its functions, the others are helpers and are left out.
    """
    own = [value for name, value in vars(module).items() if not name.startswith("_") and kind(value)
           and value.__module__ == module.__name__ and value.__doc__]
    exported = [value for value in own if home(value, owner, module) == owner.__name__]
    return [value for value in own if inspect.isclass(value) or value in exported or not exported]


def home(value, owner, module):
    """The package where it exports the name, since that is how it is imported; else the module."""
    name = value.__name__
    exported = name in getattr(owner, "__all__", ()) and getattr(owner, name) is value
    return (owner if exported else module).__name__


def kind(value):
    """What autodoc calls it; "" for what is neither a class nor a function."""
    if inspect.isclass(value):
        return "exception" if issubclass(value, BaseException) else "class"
    return "function" if inspect.isfunction(inspect.unwrap(value)) else ""  # a cached one is wrapped


def directive(kind, name):
    return AUTODOC % (kind, name, OPTIONS.get(kind, ""))
