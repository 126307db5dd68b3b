"""Extension points are folders: every module of a package that defines a given constant.

So a new rule, solver, reporter, command or environment is one new file, and nothing is listed by hand.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def modules(package: str) -> Iterator[ModuleType]:
    """Imports and yields every module below a package, sub-packages included, in the order of their names."""
    root = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(root.__path__), key=lambda info: info.name):
        name = f"{package}.{info.name}"
        if info.ispkg:
            yield from modules(name)
        else:
            yield importlib.import_module(name)


def constants(package: str, constant: str, kind: type[T]) -> dict[str, T]:
    """{module name: value} of every module of the package that defines the constant."""
    found = {}
    for module in modules(package):
        value = getattr(module, constant, None)
        if isinstance(value, kind):
            found[module.__name__] = value
    return found
