"""One reporter a file, named as `--format` names it: it defines `REPORTER`, reports -> text."""

from collections.abc import Callable, Sequence
from typing import Any

from envkit.core import scan


def reporters() -> dict[str, Callable[[Sequence[Any]], str]]:
    """{name: function}, scanned."""
    found = {}
    for module in scan.modules(__name__):
        if hasattr(module, "REPORTER"):
            found[module.__name__.rpartition(".")[2]] = module.REPORTER
    return found
