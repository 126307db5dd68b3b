"""Where an environment is written, so that a finding can be shown beside the line that it is about."""

import inspect
from typing import Any

METHODS = {"make": "__init__", "reset": "reset", "step": "step", "render": "render", "close": "close"}


def source_of(env: Any) -> dict[str, Any]:
    """{"file": ..., "lines": {"": of the class, "step": ...}}; empty for what was not written in a file."""
    try:
        kind = type(env.unwrapped)
        file = inspect.getsourcefile(kind)
        if not file or file.startswith("<"):
            return {}
        lines = {"": inspect.getsourcelines(kind)[1]}
    except Exception:  # noqa: BLE001 - a class of a notebook has no file, and a foreign object may raise anything
        return {}
    for call, method in METHODS.items():
        code = getattr(getattr(kind, method, None), "__code__", None)
        if code is not None and code.co_filename == file:
            lines[call] = code.co_firstlineno
    return {"file": file, "lines": lines}
