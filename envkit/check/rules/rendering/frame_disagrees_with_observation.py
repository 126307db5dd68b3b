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
from dataclasses import dataclass, replace

import numpy as np

from envkit.check.judging.pairs import make_text, playing
from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rendering import Rendering
from envkit.check.probes.tampering import leaves
from envkit.core.case import case_of
from envkit.core.trace import Trace

ENOUGH = 4  # different pictures that show it
Picture = np.ndarray


@dataclass(frozen=True)
class Row:
    """A frame beside what was seen: `index` of the call, the observation's picture, and the one of the step before."""

    index: int
    picture: Picture
    before: Picture | None
    frame: Picture


Change = Callable[[Row], Picture | None]  # what the frame shows; None where that is not known
CHANGES: dict[str, tuple[Change, str]] = {
    "with rows and columns swapped": (
        lambda row: row.picture.transpose(1, 0, 2),
        "transpose it: frame.transpose(1, 0, 2)",
    ),
    "with red and blue swapped": (lambda row: row.picture[..., ::-1], "turn the colours round: frame[..., ::-1]"),
    "with rows and columns, and red and blue, swapped": (
        lambda row: row.picture.transpose(1, 0, 2)[..., ::-1],
        "transpose it, and turn the colours round: frame.transpose(1, 0, 2)[..., ::-1]",
    ),
    "upside down": (lambda row: row.picture[::-1], "turn the rows round: frame[::-1]"),
    "mirrored": (lambda row: row.picture[:, ::-1], "turn the columns round: frame[:, ::-1]"),
    "of the step before": (
        lambda row: row.before,
        "draw in render, or after the move: the frame is to show the state as it is now",
    ),
}


def check(rendering: Rendering) -> Iterator[Finding]:
    for mode, shown in rendering.shown.items():
        rows = list(_rows(shown.rendered))
        for how, (change, fix) in CHANGES.items():
            telling = _telling(rows, change)
            if telling:
                known = sum(change(row) is not None for row in rows)
                message = f"all {known} frames are the observation {how}"
                found = at_call(shown.rendered, telling[0].index, message, fix)
                yield replace(found, kind=mode, program=_program(shown.rendered, telling[0].index))
                break


def _telling(rows: list[Row], change: Change) -> list[Row]:
    """The rows that tell this change from none; empty where they are too few, or another frame is not so changed."""
    changed = [(row, shows) for row in rows if (shows := change(row)) is not None]
    if not all(np.array_equal(shows, row.frame) for row, shows in changed):
        return []
    telling = [row for row, shows in changed if not np.array_equal(shows, row.picture)]
    return telling if len({row.frame.tobytes() for row in telling}) >= ENOUGH else []


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
                yield Row(index, seen, before, frame)


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


def _program(trace: Trace, index: int) -> str:
    """Prints what is seen, and the frame."""
    case = case_of(trace.calls[: index + 1], trace.beginning(index))
    lines = [*(playing(case.episodes) if case else []), "print(result[0])", "print(env.render())"]
    return "\n".join(["import envkit", "", f"env = {make_text(trace.calls[0])}", *lines])


RULE = Rule("EK710", "frame-disagrees-with-observation", Severity.WARNING, check, whole=True)
