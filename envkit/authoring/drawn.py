"""An environment that can be seen: the author writes `draw(canvas)`, and every render mode follows from it.

A frame is a copy of the background, which is drawn once, with `draw` on top of it. Drawing reads the environment's
state and changes nothing, so a rendered episode is the same episode; rendering twice gives the same picture, and
every frame is the caller's to keep. `rgb_array` needs no display. `rgb_array_list` and `ansi_list` come with their
single modes and need not be declared: reset and step collect what is to be seen, and `render` hands it out. Neither
window nor pygame surface stays in the environment's state, so it can be copied and pickled at any time.
"""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import gymnasium
import numpy as np
import numpy.typing as npt

from envkit.authoring.canvas import Canvas, Frame, Pieces
from envkit.authoring.palette import WHITE
from envkit.authoring.window import Window

LISTS = {"rgb_array_list": "rgb_array", "ansi_list": "ansi"}  # a mode of lists -> that of its entries

ObsT = TypeVar("ObsT")
ActT = TypeVar("ActT")


@dataclass(frozen=True, eq=False)
class Background:
    """A picture to be copied often, kept as its distinct rows of pixels.

    Copying is what a frame costs, and the memory read is half of it; a drawn background has far fewer distinct rows
    than rows, and those stay in the processor's cache.

    Args:
      rows: uint8 [distinct rows, width, 3].
      order: int64 [height], which of them each row is.
      pieces: what sprites make of it where they were stamped.
    """

    rows: Frame
    order: npt.NDArray[np.int64]
    pieces: Pieces = field(default_factory=dict)

    @classmethod
    def of(cls, frame: Frame) -> "Background":
        first: dict[bytes, int] = {}  # a row's bytes -> where it occurs first
        places = [first.setdefault(row.tobytes(), number) for number, row in enumerate(frame)]
        distinct = list(first.values())
        return cls(frame[distinct], np.searchsorted(distinct, places))

    def copy(self) -> Frame:
        return self.rows.take(self.order, axis=0)


class DrawnEnv(gymnasium.Env[ObsT, ActT]):
    """A gymnasium.Env with a picture.

    Class attributes for the author to set: `canvas_size` as (width, height) in pixels, and Gymnasium's `metadata` where
    the modes or the frames a second differ. Methods to write: `draw`, and where they help `draw_background` and `ansi`.
    `reset` begins with `super().reset(seed=seed)`; `reset` and `step` end with `self.show()`.

    Args:
      render_mode: one of metadata's render_modes, the list of one, or None.
    """

    metadata: dict[str, Any] = {"render_modes": ["human", "rgb_array"], "render_fps": 4}  # noqa: RUF012
    canvas_size: tuple[int, int] = (512, 512)
    _background: Background | None = None
    _window: Window | None = None

    def __init__(self, *, render_mode: str | None = None):
        modes = self.metadata["render_modes"]
        if render_mode is not None and render_mode not in modes and LISTS.get(render_mode) not in modes:
            raise ValueError(
                f"render_mode {render_mode!r} is not one that {type(self).__name__} offers: {', '.join(modes)} or None"
            )
        self.render_mode = render_mode
        self._collected: list[Any] = []  # frames or texts since the last reset or render(), in a mode of lists

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[ObsT, dict[str, Any]]:
        """Seeds the generator as Gymnasium's does, and forgets the frames of the episode before."""
        self._collected = []
        return super().reset(seed=seed, options=options)

    def draw(self, canvas: Canvas) -> None:
        """Draws what may change from step to step, on top of the background."""
        raise NotImplementedError(f"{type(self).__name__} has to define draw(self, canvas)")

    def draw_background(self, canvas: Canvas) -> None:
        """Draws what stays the same; `forget_background` has it drawn anew."""
        canvas.fill(WHITE)

    def ansi(self) -> str:
        """The state as text, for the render mode `ansi`."""
        raise NotImplementedError(f"{type(self).__name__} declares the render mode 'ansi': define ansi(self) -> str")

    def render(self) -> Frame | str | list[Any] | None:
        """A frame, uint8 [height, width, 3], or a text, or those since the last call in a mode of lists.

        In human mode None; it is on the screen instead.
        """
        if self.render_mode in LISTS:
            collected, self._collected = self._collected, []
            return collected
        if self.render_mode == "human":
            self._open_window().show(self._paint())
        elif self.render_mode is not None:
            return self._picture(self.render_mode)
        else:
            gymnasium.logger.warn(
                f"render() of {type(self).__name__} shows nothing, as it was made with render_mode=None; "
                "make it with render_mode='rgb_array'"
            )
        return None

    def show(self) -> None:
        """Shows the new state in human mode, no faster than metadata's render_fps, and adds it to the list in a mode of
        lists; does nothing in other modes."""
        if self.render_mode == "human":
            window = self._open_window()
            if not window.dismissed:
                window.wait()
                window.show(self._paint())
        elif self.render_mode in LISTS:
            self._collected.append(self._picture(LISTS[self.render_mode]))

    def forget_background(self) -> None:
        """Has the background drawn anew for the next frame."""
        self._background = None

    def close(self) -> None:
        """Closes the window, if there is one. May be called at any time, and again."""
        if self._window is not None:
            self._window.close()
            self._window = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_background", "_window")}

    def _picture(self, mode: str) -> Frame | str:
        if mode == "rgb_array":
            return self._paint().frame
        if mode == "ansi":
            return self.ansi()
        raise NotImplementedError(
            f"{type(self).__name__} declares the render mode {mode!r}: define what render() gives"
        )

    def _paint(self) -> Canvas:
        width, height = self.canvas_size
        if self._background is None:
            empty = Canvas(width, height)
            self.draw_background(empty)
            self._background = Background.of(empty.frame)
        canvas = Canvas(width, height, frame=self._background.copy(), pieces=self._background.pieces)
        self.draw(canvas)
        return canvas

    def _open_window(self) -> Window:
        if self._window is None:
            title = self.spec.id if self.spec else type(self).__name__
            self._window = Window(title, self.metadata["render_fps"])
        return self._window
