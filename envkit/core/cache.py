"""Where envkit keeps what it can make again."""

import os
from pathlib import Path


def cache_root() -> Path:
    """`$XDG_CACHE_HOME/envkit`, or `~/.cache/envkit`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path(os.path.expanduser("~/.cache"))) / "envkit"  # noqa: PTH111 - never raises
