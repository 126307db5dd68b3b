"""Frames to a file that moves: GIF by Pillow, MP4 by ffmpeg as imageio-ffmpeg brings it.

Nothing is left behind where writing fails, and a file that was there is replaced only by a whole one.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.errors import UsageError
from envkit.core.optional import need
from envkit.runs.atomic import replacing

Frame = npt.NDArray[np.uint8]  # [H, W, 3]
KINDS = (".gif", ".mp4")
SLOWEST, FASTEST = 1, 100  # frames a second; a GIF counts hundredths of seconds


def check_path(path: Path) -> None:
    """Refuses what could not be written, before any work is done.

    Raises:
      UsageError: another ending than .gif or .mp4, or no such folder.
      MissingExtra: when what encodes it is not installed.
    """
    if path.suffix.lower() not in KINDS:
        ending = f"ends with {path.suffix!r}" if path.suffix else "has no ending"
        raise UsageError(f"{path} {ending}; a recording is a .gif or an .mp4")
    if not path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.parent}")
    if path.suffix.lower() == ".gif":
        need("PIL", extra="video", purpose="a GIF")
    else:
        need("imageio_ffmpeg", extra="video", purpose="an MP4")


def write_video(path: Path, frames: Iterable[Frame], *, fps: float) -> int:
    """Writes all frames, which are of one size; returns how many they were.

    Args:
      fps: frames a second.

    Raises:
      UsageError: as of `check_path`, or where there is no frame.
      StorageFailed: when it cannot be written.
    """
    check_path(path)
    fps = min(max(fps, SLOWEST), FASTEST)
    write = _gif if path.suffix.lower() == ".gif" else _mp4
    with replacing(path) as temporary:
        count = write(temporary, iter(frames), fps)
        if not count:
            raise UsageError(f"there is no frame to write into {path}")
    return count


def _gif(path: Path, frames: Iterator[Frame], fps: float) -> int:
    from PIL import Image

    pictures = [Image.fromarray(frame).quantize(256, dither=Image.Dither.NONE) for frame in frames]
    if pictures:
        duration = round(1000 / fps)
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=duration, loop=0, optimize=False)
    return len(pictures)


def _mp4(path: Path, frames: Iterator[Frame], fps: float) -> int:
    imageio_ffmpeg = need("imageio_ffmpeg", extra="video", purpose="an MP4")
    writer: Any = None
    count = 0
    try:
        for frame in frames:
            # The usual encoding halves the colours' resolution, so both sides have to be even.
            height, width = (side + side % 2 for side in frame.shape[:2])
            margin = ((0, height - frame.shape[0]), (0, width - frame.shape[1]), (0, 0))
            whole = np.pad(frame, margin, mode="edge")
            if writer is None:
                writer = imageio_ffmpeg.write_frames(
                    str(path), (width, height), fps=fps, macro_block_size=2, quality=8, ffmpeg_log_level="error"
                )
                writer.send(None)
            writer.send(whole)
            count += 1
    finally:
        if writer is not None:
            writer.close()
    return count
