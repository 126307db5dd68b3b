"""The frame shows the picture of the observation, but transposed, mirrored, with other colours, or a step late.

Why: people judge by the frame what the agent does; one that shows something else than the agent sees misleads them. The
axes get swapped where pygame's arrays, which are [x, y], are handed out as they are.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 255, (8, 8, 3), np.uint8)
        def observe(self):
            picture = np.zeros((8, 8, 3), np.uint8)
            picture[2, : int(8 * self.bright)] = picture[7, : self.steps // 3] = 200, 90, 20
            return picture
        def render(self):
            return self.observe().transpose(1, 0, 2) if self.render_mode == "rgb_array" else super().render()

Passes:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Box(0, 255, (8, 8, 3), np.uint8)
        def observe(self):
            picture = np.zeros((8, 8, 3), np.uint8)
            picture[2, : int(8 * self.bright)] = picture[7, : self.steps // 3] = 200, 90, 20
            return picture
        def render(self):
            return self.observe() if self.render_mode == "rgb_array" else super().render()

Limits: only where the observation is a picture, or has exactly one in it, and every frame is this picture changed in
one of these ways, enlarged perhaps; a view of something else is no finding.
Source: pygame.surfarray; OpenCV's order of colours.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from envkit.check.judging import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.check.probes.tampering import leaves
from envkit.core.trace import Trace

ENOUGH = 4  # different pictures
Picture = np.ndarray
CHANGES: dict[str, tuple[Callable[[Picture], Picture], str]] = {
    "with rows and columns swapped": (lambda p: p.transpose(1, 0, 2), "transpose it: frame.transpose(1, 0, 2)"),
    "with red and blue swapped": (lambda p: p[..., ::-1], "turn the colours round: frame[..., ::-1]"),
    "upside down": (lambda p: p[::-1], "turn the rows round: frame[::-1]"),
    "mirrored": (lambda p: p[:, ::-1], "turn the columns round: frame[:, ::-1]"),
    "with rows and columns, and red and blue, swapped": (
        lambda p: p.transpose(1, 0, 2)[..., ::-1],
        "transpose it, and turn the colours round: frame.transpose(1, 0, 2)[..., ::-1]",
    ),
}
BEFORE = "draw in render, or after the move: the frame is to show the state as it is now"


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        rows = list(_rows(shown.rendered))
        if len({picture.tobytes() for _, picture, _, _ in rows}) < ENOUGH:
            continue
        if all(np.array_equal(picture, frame) for _, picture, _, frame in rows):
            continue
        how, fix = _told(rows)
        if how:
            found = at_call(shown.rendered, rows[-1][0], f"all {len(rows)} frames are the observation {how}", fix)
            yield replace(found, kind=mode)


Row = tuple[int, Picture, Picture | None, Picture]  # index of the call, what is seen, what was seen before, frame


def _told(rows: list[Row]) -> tuple[str, str]:
    """How all frames differ from what is seen, and what to do; empty where nothing explains it."""
    for how, (change, fix) in CHANGES.items():
        if all(np.array_equal(change(picture), frame) for _, picture, _, frame in rows):
            return how, fix
    late = [(picture, before, frame) for _, picture, before, frame in rows if before is not None]
    moved = {before.tobytes() for picture, before, _ in late if not np.array_equal(picture, before)}
    if len(moved) >= ENOUGH and all(np.array_equal(before, frame) for _, before, frame in late):
        return "of the step before", BEFORE
    return "", ""


def _rows(trace: Trace) -> Iterator[Row]:
    """Every frame that could be the picture that was seen."""
    seen: Picture | None = None
    before: Picture | None = None
    for index, call in enumerate(trace.calls):
        if call.method in ("reset", "step") and isinstance(call.copy, tuple) and call.copy:
            before, seen = (None if call.method == "reset" else seen), _picture(call.copy[0])
        elif call.method == "render" and call.error is None and seen is not None:
            frame = _shrunk(_picture(call.copy), seen)
            if frame is not None:
                yield index, seen, before, frame


def _shrunk(frame: Picture | None, picture: Picture) -> Picture | None:
    """The frame with a pixel for each of the picture; None where it is not that, each made a square."""
    if frame is None or not picture.size:
        return None
    side = math.isqrt(frame.size // picture.size)
    small = frame[::side, ::side] if side else frame
    fits = small.size == picture.size and np.array_equal(small.repeat(side, axis=0).repeat(side, axis=1), frame)
    return small if fits else None


def _picture(value: object) -> Picture | None:
    """The only picture in an observation: uint8 [height, width, 3]."""
    found = [part for _, part in leaves(value) if part.dtype == np.uint8 and part.ndim == 3 and part.shape[2] == 3]
    return found[0] if len(found) == 1 else None


RULE = Rule("EK710", "frame-disagrees-with-observation", Severity.WARNING, check, whole=True)
