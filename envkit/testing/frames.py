"""Golden frames: a picture is held to the one that was looked at once.

    envkit.testing.golden_frame(env.render(), "golden/start.png")

`pytest --envkit-update` writes it. Where the two differ, the picture as it is now and one of the differences are saved
beside it, to be looked at.
"""

import contextlib
import unittest
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from envkit.core.errors import ArtifactRefused
from envkit.core.show import a, show
from envkit.runs.atomic import replacing
from envkit.testing.places import beside_the_caller
from envkit.testing.profiles import updating

__tracebackhide__ = True  # from pytest, which then shows the message alone
MEANT = "; if that is meant: pytest --envkit-update"


def golden_frame(frame: npt.NDArray[np.uint8], path: str | Path, *, tolerance: int = 0, share: float = 0.0) -> None:
    """Compares a frame with the PNG at `path`, or records it there where that is asked for.

    Args:
      frame: uint8 [height, width, 3].
      path: a relative one is meant from the folder of the file that calls this.
      tolerance: no channel of any pixel may differ by more, of 255.
      share: of the pixels, 0 to 1, so many may differ by more all the same: other versions of a library draw text and
        smooth edges otherwise.

    Raises:
      AssertionError: the frame differs, by how much and where the pictures are; or nothing is recorded yet.
      ArtifactRefused: the file is no picture.
      unittest.SkipTest: it was recorded just now, and so nothing was compared; pytest shows it as a skip.
    """
    file = beside_the_caller(path)
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        given = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else a(type(frame).__name__)
        raise AssertionError(f"a frame is uint8 [height, width, 3], not {given}; {show(frame)}")
    actual, marked = (file.with_name(f"{file.stem}.{kind}.png") for kind in ("actual", "difference"))
    if updating():
        file.parent.mkdir(parents=True, exist_ok=True)
        _save(frame, file)
        for old in (actual, marked):
            old.unlink(missing_ok=True)
        raise unittest.SkipTest(f"{file} was recorded: look at it and commit it; nothing was compared")
    if not file.exists():
        raise AssertionError(f"{file} is not there; record it with pytest --envkit-update, look at it and commit it")
    wanted = _load(file)
    if wanted.shape != frame.shape:
        _save(frame, actual)
        sizes = f"{wanted.shape[1]} x {wanted.shape[0]} as recorded and {frame.shape[1]} x {frame.shape[0]} now"
        raise AssertionError(f"the frame of {file.name} is {sizes}; it is saved as {actual}{MEANT}")
    apart = np.abs(wanted.astype(np.int16) - frame.astype(np.int16)).max(axis=2)  # [height, width]
    wrong = apart > tolerance
    if wrong.mean() <= share:
        for old in (actual, marked):  # of an earlier failure
            with contextlib.suppress(OSError):
                old.unlink(missing_ok=True)
        return
    _save(frame, actual)
    _save(_marked(frame, wrong), marked)
    row, column = (int(i) for i in np.argwhere(wrong)[0])
    was, now = wanted[row, column].tolist(), frame[row, column].tolist()
    raise AssertionError(
        f"the frame is no longer that of {file.name}: {wrong.sum()} of {wrong.size} pixels differ, by up to "
        f"{apart.max()} of 255; the first, in row {row}, column {column}, was {was} and is {now}; "
        f"look at {actual} and {marked}{MEANT}"
    )


def _marked(frame: Any, wrong: Any) -> Any:
    """The frame in faint grey, and what differs in red."""
    grey = (0.25 * frame.mean(axis=2, keepdims=True) + 180).clip(0, 255).astype(np.uint8).repeat(3, axis=2)
    grey[wrong] = (220, 0, 0)
    return grey


def _save(frame: Any, path: Path) -> None:
    with replacing(path) as temporary:
        Image.fromarray(frame).save(temporary, format="PNG")


def _load(path: Path) -> Any:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError) as error:  # Pillow's word for a broken PNG
        raise ArtifactRefused(f"{path} is no picture ({error}); record it anew with pytest --envkit-update") from error
