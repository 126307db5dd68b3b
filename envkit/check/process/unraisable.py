"""Exceptions that nobody can catch: Python prints those of destructors and callbacks, and goes on."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from envkit.core.show import error_line

MOST = 100


@contextmanager
def heard() -> Iterator[list[tuple[str, str]]]:
    """Meanwhile they are put into this list, as (name of the function, exception), and not printed."""
    found: list[tuple[str, str]] = []

    def hear(told: Any) -> None:
        if len(found) < MOST:
            name = getattr(told.object, "__qualname__", type(told.object).__qualname__)
            found.append((name, error_line(told.exc_value) if told.exc_value else told.exc_type.__name__))

    gc.collect()  # so that nothing of what was before is heard
    before, sys.unraisablehook = sys.unraisablehook, hear
    try:
        yield found
    finally:
        sys.unraisablehook = before
