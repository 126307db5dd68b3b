"""Step, action, reward and return in a corner of every frame, for any environment that renders frames.

    env = Overlay(gymnasium.make("CartPole-v1", render_mode="rgb_array"))
    env = Overlay(gymnasium.make("CartPole-v1", render_mode="rgb_array"), human=True)  # in a window of the kit's

It stands around the environment and writes on the frame that `render` returns: neither the episode nor the
environment's generator notice. The environment is made with render_mode="rgb_array" in both cases, as a frame is drawn
within `step`, when the reward of that step is not known outside.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import gymnasium
import numpy as np
from gymnasium.utils import RecordConstructorArgs

from envkit.authoring.arguments import one_of, several
from envkit.authoring.canvas import Canvas, Frame
from envkit.authoring.palette import NIGHT, SILVER, WHITE
from envkit.authoring.window import Window
from envkit.core.show import number, show

ObsT = TypeVar("ObsT")
ActT = TypeVar("ActT")

LINES = ("step", "action", "reward", "return")
CORNERS = ("topleft", "topright", "bottomleft", "bottomright")
FPS = 30  # where the environment does not say
LONGEST = 28  # characters of an action
OPACITY = 205  # of the panel, of 255


class Overlay(gymnasium.Wrapper[ObsT, ActT, ObsT, ActT], RecordConstructorArgs):
    """Writes how the episode goes on its frames.

    Args:
      env: made with render_mode="rgb_array".
      lines: what to write, of step, action, reward and return, in this order.
      corner: topleft, topright, bottomleft or bottomright.
      human: show every frame in a window, as in the render mode `human`.

    Raises:
      ValueError: for another render mode, line or corner.
    """

    def __init__(
        self,
        env: gymnasium.Env[ObsT, ActT],
        *,
        lines: Sequence[str] = LINES,
        corner: str = "topleft",
        human: bool = False,
    ):
        RecordConstructorArgs.__init__(self, lines=lines, corner=corner, human=human)
        super().__init__(env)
        if env.render_mode != "rgb_array":
            raise ValueError(
                f"an overlay is written on frames, and {type(env.unwrapped).__name__} was made with "
                f"render_mode={env.render_mode!r}; make it with render_mode='rgb_array'"
            )
        self.lines = tuple(one_of("a line of the overlay", line, LINES) for line in several("lines", lines))
        self.corner = one_of("corner", corner, CORNERS)
        self.human = human
        self._told: dict[str, str] = {}
        self._steps, self._return = 0, 0.0
        self._window: Window | None = None

    @property
    def render_mode(self) -> str | None:  # type: ignore[override]  # a property in Gymnasium's wrappers too
        return "human" if self.human else super().render_mode

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[ObsT, dict[str, Any]]:
        result = super().reset(seed=seed, options=options)
        self._steps, self._return = 0, 0.0
        self._told = {"step": "0", "action": "", "reward": "", "return": "0"}
        self._show(wait=True)
        return result

    def step(self, action: ActT) -> tuple[ObsT, Any, bool, bool, dict[str, Any]]:
        told = _short(action)  # before the step: the array may be the caller's to change
        result = super().step(action)
        reward = float(result[1])
        self._steps += 1
        self._return += reward
        self._told = {
            "step": str(self._steps),
            "action": told,
            "reward": number(round(reward, 4)),
            "return": number(round(self._return, 4)),
        }
        self._show(wait=True)
        return result

    def render(self) -> Any:
        """The environment's frame with the panel on it, a new array; None with a window."""
        if not self.human:
            return self._frame()
        self._show(wait=False)
        return None

    def close(self) -> None:
        if self._window is not None:
            self._window.close()
            self._window = None
        super().close()

    def _show(self, *, wait: bool) -> None:
        if not self.human:
            return
        if self._window is None:
            title = self.spec.id if self.spec else type(self.unwrapped).__name__
            self._window = Window(title, float(self.metadata.get("render_fps") or FPS))
        if not self._window.dismissed:
            if wait:
                self._window.wait()
            frame = self._frame()
            self._window.show(Canvas(frame.shape[1], frame.shape[0], frame=frame))

    def _frame(self) -> Frame:
        frame = np.array(super().render(), order="C")
        canvas = Canvas(frame.shape[1], frame.shape[0], frame=frame)
        rows = [(line, self._told[line]) for line in self.lines if self._told.get(line)]
        if rows:
            _panel(canvas, rows, self.corner)
        return canvas.frame


def _panel(canvas: Canvas, rows: Sequence[tuple[str, str]], corner: str) -> None:
    """Writes names and values in two columns on a dark ground."""
    size = min(max(round(canvas.height / 28), 10), 22)
    margin, height = size // 2, round(size * 1.35)
    names = max(Canvas.text_width(name, size) for name, _ in rows) + size
    width = names + max(max(Canvas.text_width(value, size) for _, value in rows), 4 * size) + 2 * margin
    deep = height * len(rows) + margin
    x = canvas.width - width - margin if corner.endswith("right") else margin
    y = canvas.height - deep - margin if corner.startswith("bottom") else margin
    canvas.image(np.full((deep, width, 4), (*NIGHT, OPACITY), np.uint8), x, y)
    for place, (name, value) in enumerate(rows):
        middle = y + margin / 2 + height * (place + 0.5)
        canvas.text(name, x + margin, middle, size=size, colour=SILVER, anchor="left")
        canvas.text(value, x + margin + names, middle, size=size, colour=WHITE, anchor="left")


def _short(action: Any) -> str:
    """A few characters for an action, numbers of an array to two digits."""
    if isinstance(action, np.ndarray) and action.ndim == 1 and action.size <= 4 and action.dtype.kind == "f":
        return " ".join(f"{part:.2f}" for part in action)
    return show(action, most=LONGEST)
