"""Where golden files lie: beside the test that asks for them."""

import sys
from pathlib import Path
from types import FrameType


def beside_the_caller(path: str | Path) -> Path:
    """The path, from the folder of the first file on the stack that is none of the kit's; of a prompt, from here."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("envkit.testing"):
        frame = frame.f_back
    file = frame.f_globals.get("__file__") if frame else None
    return (Path(file).parent if file else Path.cwd()) / path
